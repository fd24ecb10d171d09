"""The table of all models that read texts, and the training of all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from heyue.coaching import debtor_types, reading, situations
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
    promise_model.trained_model, reasons.reason_model, reason_talks.talk_model, reading.read_turn, debtor_types.type_model,
    situations.situation_model, line_check.line_model, line_check.known_lines, moves.move_model, moves.known_moves,
)  # fmt: skip


class Savable(Protocol):
    """A trained model."""

    def save(self, path: Path) -> None: ...


class Model(NamedTuple):
    """One model: its name, the folders of nlu_data it is made from, how it is trained, the file it is kept in."""

    name: str
    made_from: tuple[str, ...]
    train: Callable[[Path], Savable]
    file: Path


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


def _situations(data: Path) -> Savable:
    from heyue.coaching.talk_training import read_talks, train_situations

    return train_situations(read_talks(data / "types"))


def _moves(data: Path) -> Savable:
    from heyue.practice.move_training import read_move_lines, train_moves

    return train_moves(read_move_lines(data / "moves"))


# In the order of training: the models of talks see the promises and reasons that the first ones read.
MODELS = (
    Model("promises", ("messages", "types"), _promises, promise_model.MODEL_FILE),
    Model("reasons", ("messages", "nlu", "reasons"), _reasons, reasons.MODEL_FILE),
    Model("reasons of talks", ("types",), _talk_reasons, reason_talks.TALK_MODEL_FILE),
    Model("collector lines", ("lines", "types"), _lines, line_check.MODEL_FILE),
    Model("debtor types", ("types",), _types, debtor_types.MODEL_FILE),
    Model("situations", ("types",), _situations, situations.MODEL_FILE),
    Model("moves", ("moves",), _moves, moves.MODEL_FILE),
)


def train_models(data: Path = CHECKOUT_DATA, models: Sequence[Model] = MODELS, quiet: bool = False) -> None:
    """Train each model and keep it in its file; the same data give the same files.

    Args:
        data: a folder laid out as nlu_data. quiet: show nothing.

    Raises:
        BadInput: data are missing or not as nlu_data/README.md says.
    """
    need_data(data, models)
    console = Console(quiet=quiet)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("training", total=len(models))
        for model in models:
            progress.update(task, description=f"training {model.name} …")
            begun = time.perf_counter()
            model.train(data).save(model.file)
            forget_old_models()
            progress.advance(task)
            console.print(f"trained {model.name} in {time.perf_counter() - begun:.1f} s", highlight=False)


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
