"""The table of all models that read texts, and the training of all of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from threadpoolctl import threadpool_limits

from heyue.coaching import debtor_types, situations, turn_reading
from heyue.coaching.playbook import STATES, lines
from heyue.conduct import line_check
from heyue.errors import BadInput, Broken
from heyue.practice import moves
from heyue.understanding import promise_model, reason_talks, reasons

if TYPE_CHECKING:
    from heyue.conduct.line_training import LabelledLine

CHECKOUT_DATA = Path(__file__).resolve().parents[2] / "nlu_data"
# What readers remember of the models they loaded: forgotten as soon as a new model is there.
_REMEMBERED = (
    promise_model.trained_model, reasons.reason_model, reason_talks.talk_model, reason_talks.collector_model, turn_reading.read_turn,
    debtor_types.type_model, debtor_types.turn_model, situations.situation_model, situations.collector_model, line_check.line_model,
    line_check.known_lines, moves.move_model, moves.known_moves,
)  # fmt: skip


class Savable(Protocol):
    """A trained model."""

    def save(self, path: Path) -> None: ...


class Model(NamedTuple):
    """One model: its name, the folders of nlu_data it is made from, how it is trained, the file it is kept in.

    Attributes:
        sees_readings: it learns from what the models of promises and reasons read, so that these must be trained before.
    """

    name: str
    made_from: tuple[str, ...]
    train: Callable[[Path], Savable]
    file: Path
    sees_readings: bool = False


def _promises(data: Path) -> Savable:
    from heyue.training.talk_messages import talk_messages
    from heyue.understanding.promise_training import read_messages, train_promises

    return train_promises([*read_messages(data / "messages"), *talk_messages(data / "types")])


def _reasons(data: Path) -> Savable:
    from heyue.understanding.reason_training import train_reasons

    return train_reasons(data)


def _talk_reasons(data: Path) -> Savable:
    from heyue.understanding.reason_training import train_talk_reasons

    messages = reasons.reason_model()
    if messages is None:
        raise Broken("the model of reasons must be trained before that of reasons of talks")
    return train_talk_reasons(data, messages)


def _reasons_by_collector(data: Path) -> Savable:
    from heyue.understanding.reason_training import train_reasons_by_collector

    return train_reasons_by_collector(data)


def _lines(data: Path) -> Savable:
    from heyue.conduct.line_training import read_lines, read_turns, train_lines

    return train_lines([*read_lines(data / "lines"), *read_turns(data / "types"), *playbook_lines()])


def playbook_lines() -> list[LabelledLine]:
    """What the playbook lets collectors say: lawful, every line of it."""
    from heyue.conduct.line_training import LabelledLine

    return [LabelledLine("playbook", line.text, ()) for state in STATES for line in lines(state)]


def _types(data: Path) -> Savable:
    from heyue.coaching.talk_training import read_talks, train_types

    return train_types(read_talks(data / "types"))


def _type_turns(data: Path) -> Savable:
    from heyue.coaching.talk_training import read_talks, train_type_turns

    return train_type_turns(read_talks(data / "types"))


def _situations(data: Path) -> Savable:
    from heyue.coaching.talk_training import read_talks, situation_examples, train_situations

    return train_situations(map(situation_examples, read_talks(data / "types")))


def _situations_by_collector(data: Path) -> Savable:
    from heyue.coaching.talk_training import read_talks, situation_examples, train_situations_by_collector

    return train_situations_by_collector(map(situation_examples, read_talks(data / "types")))


def _moves(data: Path) -> Savable:
    from heyue.practice.move_training import read_move_lines, train_moves

    return train_moves(read_move_lines(data / "moves"))


# Among those that can be trained at the same time the longest first.
MODELS = (
    Model("promises", ("messages", "types"), _promises, promise_model.MODEL_FILE),
    Model("reasons", ("messages", "nlu", "reasons"), _reasons, reasons.MODEL_FILE),
    Model("collector lines", ("lines", "types"), _lines, line_check.MODEL_FILE),
    Model("moves", ("moves",), _moves, moves.MODEL_FILE),
    Model("debtor types", ("types",), _types, debtor_types.MODEL_FILE, sees_readings=True),
    Model("debtor types by turn", ("types",), _type_turns, debtor_types.TURN_MODEL_FILE, sees_readings=True),
    Model("reasons of talks", ("types",), _talk_reasons, reason_talks.TALK_MODEL_FILE, sees_readings=True),
    Model("reasons by collector", ("types",), _reasons_by_collector, reason_talks.COLLECTOR_MODEL_FILE),
    Model("situations", ("types",), _situations, situations.MODEL_FILE, sees_readings=True),
    Model("situations by collector", ("types",), _situations_by_collector, situations.COLLECTOR_MODEL_FILE, sees_readings=True),
)


def train_models(data: Path = CHECKOUT_DATA, models: Sequence[Model] = MODELS, quiet: bool = False) -> None:
    """Train each model and keep it in its file, on all cores; the same data give the same files.

    Args:
        data: a folder laid out as nlu_data. quiet: show nothing.

    Raises:
        BadInput: data are missing or not as nlu_data/README.md says.
    """
    need_data(data, models)
    console = Console(quiet=quiet)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    # forked before the bar runs, a thread whose locks no other process should get
    with (
        get_context("fork").Pool(min(os.cpu_count() or 1, len(models)), threadpool_limits, (1,)) as pool,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        task = progress.add_task("training", total=len(models))
        for stage in (False, True):
            at_once = [model for model in models if model.sees_readings == stage]
            progress.update(task, description=f"training {', '.join(model.name for model in at_once)} …")
            for name, seconds in pool.imap_unordered(partial(_train, data), at_once):
                progress.advance(task)
                console.print(f"trained {name} in {seconds:.1f} s", highlight=False)
    forget_old_models()


def _train(data: Path, model: Model) -> tuple[str, float]:
    """Train one model in a process that may have trained others.

    Returns:
        Its name, and the seconds that it took.
    """
    begun = time.perf_counter()
    forget_old_models()
    model.train(data).save(model.file)
    return model.name, time.perf_counter() - begun


def need_data(data: Path, models: Sequence[Model]) -> None:
    """Every folder that the models are made from is there and not empty.

    Raises:
        BadInput: one is not; the message names it.
    """
    for folder in sorted({data / part for model in models for part in model.made_from}):
        if not folder.is_dir() or not any(folder.iterdir()):
            raise BadInput(f"no training data in {folder}: name a folder laid out as nlu_data")


def forget_old_models() -> None:
    """Let every reader load its model anew."""
    for remembered in _REMEMBERED:
        remembered.cache_clear()
