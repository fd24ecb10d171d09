"""All models judged on voices never seen, several at a time, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from threadpoolctl import threadpool_limits

from heyue.coaching.talk_training import read_talks
from heyue.conduct.line_training import read_lines, read_turns
from heyue.training.alternatives import ALTERNATIVES, KEPT, Alternative
from heyue.training.line_evaluation import JudgedLine, judge_lines
from heyue.training.models import MODELS, need_data
from heyue.training.reading_evaluation import (
    JudgedPromises,
    judge_promises,
    judge_reasons,
    judge_situations,
    judge_talk_promises,
    judge_talk_reasons,
    read_messages,
    read_reason_talks,
)
from heyue.training.rotation import rotation
from heyue.training.scores import Judged
from heyue.training.talks import Talks
from heyue.training.type_evaluation import TypeEvaluation, judge_held_out, judge_with


class Extent(NamedTuple):
    """How much is measured: groups of voices for talks and messages, how many of them are held out in turn, how many
    voices of lines are, sizes of the learning curve."""

    groups: int = 5
    judged_groups: int = 5
    line_voices: int | None = None
    sizes: tuple[int, ...] = (4, 8, 12)


QUICK = Extent(judged_groups=2, line_voices=3, sizes=(4,))


@dataclass(frozen=True)
class Evaluation:
    """Everything that was judged."""

    types: TypeEvaluation
    situations: list[Judged]
    lines: list[JudgedLine]
    message_reasons: list[Judged]
    talk_reasons: list[Judged]
    message_promises: list[JudgedPromises]
    talk_promises: list[JudgedPromises]


Task = Callable[[], Any]


def evaluate(data: Path, extent: Extent = Extent(), jobs: int = 2) -> Evaluation:  # noqa: B008 (immutable)
    """Judge everything on voices held out.

    Args:
        data: a folder laid out as nlu_data. jobs: processes to work with.

    Raises:
        BadInput: data are missing.
    """
    need_data(data, MODELS)
    labelled = read_talks(data / "types")
    talks, lines, messages = Talks(labelled), read_lines(data / "lines"), read_messages(data / "messages")
    turns = read_turns(data / "types")
    raw_talks, reasons = read_messages(data / "types"), read_reason_talks(data)
    _ = talks.turn_table  # counted before the processes part
    talk_groups = list(rotation([talk.voice for talk in labelled], extent.groups))[: extent.judged_groups]
    message_groups = list(rotation([each.voice for each in messages], extent.groups))[: extent.judged_groups]
    line_voices = sorted({line.voice for line in lines})[: extent.line_voices]
    run = partial(run_all, jobs=jobs)
    types = judge_types(talks, talk_groups, extent.sizes, jobs)
    return Evaluation(
        types,
        flat(run("situations", [partial(judge_situations, labelled, *groups) for groups in talk_groups])),
        flat(run("collector lines", [partial(judge_lines, lines, turns, [voice]) for voice in line_voices])),
        flat(run("reasons", [partial(judge_reasons, data, held_out) for held_out, _ in message_groups])),
        flat(
            run(
                "reasons of talks",
                [partial(judge_talk_reasons, reasons, labelled, held_out) for held_out, _ in talk_groups],
            )
        ),
        flat(
            run(
                "promises",
                [partial(judge_promises, messages, raw_talks, held_out) for held_out, _ in message_groups],
            )
        ),
        flat(
            run(
                "promises of talks",
                [partial(judge_talk_promises, messages, raw_talks, labelled, held_out) for held_out, _ in talk_groups],
            )
        ),
    )


def judge_types(
    talks: Talks, groups: Sequence[tuple[list[str], list[str]]], sizes: Sequence[int], jobs: int
) -> TypeEvaluation:
    """Every alternative on every group, then the kept one trained on fewer voices."""
    every = [(alternative, pair) for pair in groups for alternative in ALTERNATIVES]
    outers = run_all(
        "debtor types",
        [partial(judge_held_out, talks, alternative, *pair) for alternative, pair in every],
        jobs,
    )
    found = TypeEvaluation(talks)
    for (alternative, _), outer in zip(every, outers, strict=True):
        found.outers.setdefault(alternative.name, []).append(outer)
    smaller = [
        (size, partial(judge_with, talks, kept(), held_out, known[:: len(known) // size][:size],
                       outer.settings, outer.temperature))
        for size in sizes
        for (held_out, known), outer in zip(groups, found.outers[KEPT], strict=True)
        if size < len(known)
    ]  # fmt: skip
    for (size, _), outer in zip(
        smaller, run_all("learning curve", [task for _, task in smaller], jobs), strict=True
    ):
        found.by_size.setdefault(size, []).append(outer)
    return found


def kept() -> Alternative:
    """The alternative that heyue/coaching uses."""
    return next(alternative for alternative in ALTERNATIVES if alternative.name == KEPT)


def flat(parts: Sequence[list[Any]]) -> list[Any]:
    """The parts in one list."""
    return [each for part in parts for each in part]


_at_work: Sequence[
    Task
] = ()  # what forked processes find where they were forked, so that nothing large is sent


def run_all(what: str, tasks: Sequence[Task], jobs: int) -> list[Any]:
    """The results of the tasks, in their order."""
    global _at_work
    _at_work = tasks
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns) as progress, _results(len(tasks), min(jobs, len(tasks))) as results:
        return list(progress.track(results, total=len(tasks), description=what))


@contextmanager
def _results(count: int, jobs: int) -> Iterator[Iterator[Any]]:
    if jobs <= 1:
        with threadpool_limits(
            1
        ):  # on a busy machine threads wait for each other far longer than they compute
            yield map(_run_task, range(count))
        return
    with get_context("fork").Pool(jobs, initializer=threadpool_limits, initargs=(1,)) as pool:
        yield pool.imap(_run_task, range(count), chunksize=1)


def _run_task(number: int) -> Any:
    return _at_work[number]()
