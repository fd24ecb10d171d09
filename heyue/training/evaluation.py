"""Each model judged on voices never seen, several tasks at a time, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from threadpoolctl import threadpool_limits

from heyue.coaching.talk_training import read_talks
from heyue.conduct.line_training import read_lines, read_turns
from heyue.training.alternatives import ALTERNATIVES, BY_TALK, Alternative
from heyue.training.kinds import OfVoice
from heyue.training.line_evaluation import JudgedLine, judge_lines
from heyue.training.reading_evaluation import (
    JudgedPromises,
    judge_promises,
    judge_reasons,
    judge_talk_promises,
    judge_talk_reasons,
    read_messages,
    read_reason_talks,
)
from heyue.training.rotation import rotation
from heyue.training.scores import Judged
from heyue.training.situation_evaluation import judge_situations, read_situation_talks
from heyue.training.talks import Talks
from heyue.training.type_evaluation import TypeEvaluation, judge_held_out, judge_with


class Extent(NamedTuple):
    """How much is measured: groups of voices for talks and messages, how many of them are held out in turn, how many
    voices of lines and moves are, sizes of the learning curve."""

    groups: int = 5
    judged_groups: int = 5
    line_voices: int | None = None
    sizes: tuple[int, ...] = (4, 8, 12)

    def rotation(self, voices: Sequence[str]) -> list[tuple[list[str], list[str]]]:
        """The groups of voices held out in turn, with the voices that may be trained on."""
        return list(rotation(voices, self.groups))[: self.judged_groups]


QUICK = Extent(judged_groups=2, line_voices=3, sizes=(4,))


class ReasonEvaluation(NamedTuple):
    """Reasons of messages and of whole talks."""

    messages: list[Judged]
    talks: list[Judged]


class PromiseEvaluation(NamedTuple):
    """Promises of messages and of whole talks."""

    messages: list[JudgedPromises]
    talks: list[JudgedPromises]


Task = Callable[[], Any]


def evaluate_types(data: Path, extent: Extent, jobs: int) -> TypeEvaluation:
    """Debtor types: every alternative, and the learning curve of the model of whole talks.

    Args:
        data: a folder laid out as nlu_data. jobs: processes to work with. So too below.
    """
    labelled = read_talks(data / "types")
    talks = Talks(labelled)
    _ = talks.turn_table  # counted before the processes part
    return judge_types(talks, extent.rotation([talk.voice for talk in labelled]), extent.sizes, jobs)


def evaluate_situations(data: Path, extent: Extent, jobs: int) -> list[Judged]:
    """Situations of whole talks."""
    known = read_situation_talks(data)
    return judge_groups("situations", partial(judge_situations, known), known.labelled, extent, jobs)


def evaluate_lines(data: Path, extent: Extent, jobs: int) -> list[JudgedLine]:
    """Rules broken by collector lines, one voice held out at a time."""
    lines, turns = read_lines(data / "lines"), read_turns(data / "types")
    voices = sorted({line.voice for line in lines})[: extent.line_voices]
    tasks = [partial(judge_lines, lines, turns, [voice]) for voice in voices]
    return flat(run_all("collector lines", tasks, jobs))


def evaluate_reasons(data: Path, extent: Extent, jobs: int) -> ReasonEvaluation:
    """Reasons of messages and of whole talks."""
    messages, read, known = read_messages(data / "messages"), read_reason_talks(data), read_situation_talks(data)
    return ReasonEvaluation(
        judge_groups("reasons", partial(judge_reasons, data), messages, extent, jobs),
        judge_groups("reasons of talks", partial(judge_talk_reasons, read, known), known.labelled, extent, jobs),
    )


def evaluate_promises(data: Path, extent: Extent, jobs: int) -> PromiseEvaluation:
    """Promises of messages and of whole talks."""
    messages, talks = read_messages(data / "messages"), read_messages(data / "types")
    known = read_situation_talks(data)
    return PromiseEvaluation(
        judge_groups("promises", partial(judge_promises, messages, talks), messages, extent, jobs),
        judge_groups("promises of talks", partial(judge_talk_promises, messages, talks, known), talks, extent, jobs),
    )


def judge_groups(
    what: str, judge: Callable[[Sequence[str]], Any], written: Sequence[OfVoice], extent: Extent, jobs: int
) -> list[Any]:
    """What `judge` gives for each group of the voices who wrote these texts, held out in turn."""
    groups = extent.rotation([each.voice for each in written])
    return flat(run_all(what, [partial(judge, held_out) for held_out, _ in groups], jobs))


def judge_types(
    talks: Talks, groups: Sequence[tuple[list[str], list[str]]], sizes: Sequence[int], jobs: int
) -> TypeEvaluation:
    """Every alternative on every group, then the model of whole talks trained on fewer voices."""
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
        (size, partial(judge_with, talks, by_talk(), held_out, known[:: len(known) // size][:size],
                       outer.settings, outer.temperature))
        for size in sizes
        for (held_out, known), outer in zip(groups, found.outers[BY_TALK], strict=True)
        if size < len(known)
    ]  # fmt: skip
    for (size, _), outer in zip(
        smaller, run_all("learning curve", [task for _, task in smaller], jobs), strict=True
    ):
        found.by_size.setdefault(size, []).append(outer)
    return found


def by_talk() -> Alternative:
    """The model of whole talks."""
    return next(alternative for alternative in ALTERNATIVES if alternative.name == BY_TALK)


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
