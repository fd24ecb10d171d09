"""Trains the model of collectors' moves from nlu_data/moves. Never imported where lines are read."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from heyue.errors import BadInput
from heyue.practice.moves import LEARNT, move_model_moves, move_text
from heyue.understanding.linear_text import LinearText, Scales
from heyue.understanding.linear_training import Example, Settings, fit_questions

# Chosen on held-out voices (docs/practice.md, "What reads the trainee's lines").
SETTINGS = Settings(inverse_penalty=20.0, rarest=2, scales=Scales(concepts=1.0, flags=0.5, meaning=1.5))
YES, NO = "yes", "no"


class MovedLine(NamedTuple):
    """A collector's line with the moves it makes, and who wrote it."""

    voice: str
    text: str
    moves: frozenset[str]


class JudgedMoves(NamedTuple):
    """A line of a held-out voice: its moves, and those read."""

    voice: str
    text: str
    right: frozenset[str]
    given: frozenset[str]


def read_moved_lines(folder: Path) -> list[MovedLine]:
    """The lines of every <voice>.jsonl in `folder` (nlu_data/moves).

    Raises:
        BadInput: a line is not labelled as heyue/practice/moves.yml says; the message names file and line.
    """
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                found.append(_moved_line(path.stem, json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise BadInput(f"{path}, line {number}: not labelled with moves ({error!r})") from error
    return found


def _moved_line(voice: str, row: dict[str, Any]) -> MovedLine:
    if unknown := set(row["moves"]) - set(LEARNT) - {"other"}:
        raise ValueError(f"no move to be learnt: {', '.join(sorted(unknown))}")
    return MovedLine(voice, row["text"], frozenset(row["moves"]) - {"other"})


def train_moves(lines: Sequence[MovedLine], settings: Settings = SETTINGS) -> LinearText:
    """The model of labelled lines; the same lines in the same order give the same model."""
    examples = [Example(move_text(line.text), (), "") for line in lines]
    answers = {move: [YES if move in line.moves else NO for line in lines] for move in LEARNT}
    return fit_questions(examples, answers, settings)


def judge_moves(
    lines: Sequence[MovedLine], held_out: Collection[str], settings: Settings = SETTINGS
) -> list[JudgedMoves]:
    """The lines of the held-out voices, read by a model of the others."""
    model = train_moves([line for line in lines if line.voice not in held_out], settings)
    own = [line for line in lines if line.voice in held_out]
    given = move_model_moves(model, [line.text for line in own])
    return [JudgedMoves(*line, moves) for line, moves in zip(own, given, strict=True)]
