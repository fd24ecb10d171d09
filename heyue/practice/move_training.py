"""Trains the model of collectors' moves from nlu_data/moves. Never imported where lines are read.

Settings were chosen by rotation over voices (`heyue evaluate --only moves`, docs/models.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from heyue.errors import BadInput
from heyue.practice.move_cues import move_flags
from heyue.practice.moves import OTHER, learnt_moves, masked_line, move_blocks
from heyue.understanding.linear_text import LinearText, Scales
from heyue.understanding.linear_training import Example, Settings, fit_heads

PENALTY = 1.0
SETTINGS = Settings(scales=Scales(concepts=0.7, flags=0.3, meaning=1.0))
CANDIDATES = np.linspace(-0.9, 0.3, 49)  # thresholds that are tried for all moves together
# What a move's own best threshold counts against the one for all: some 60 lines tell it only roughly.
OWN_SHARE = 0.5


class MoveLine(NamedTuple):
    """A collector's line: who wrote it, and the moves it holds (none for "other")."""

    voice: str
    text: str
    moves: frozenset[str]


def read_move_lines(folder: Path) -> list[MoveLine]:
    """The lines of every <voice>.jsonl in `folder` (nlu_data/moves), in order of file and line.

    Raises:
        BadInput: a line is not labelled as nlu_data/moves/README.md says; the message names file and line.
    """
    return list(_read(folder))


def _read(folder: Path) -> Iterator[MoveLine]:
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                yield _line(path.stem, json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise BadInput(
                    f"{path}, line {number}: not labelled as nlu_data/moves/README.md says ({error!r})"
                ) from error


def _line(voice: str, row: dict[str, object]) -> MoveLine:
    text, listed = row["text"], row["moves"]
    if not isinstance(text, str) or not isinstance(listed, list):
        raise TypeError("text and a list of moves are wanted")
    if unknown := set(listed) - {*learnt_moves(), OTHER}:
        raise ValueError(f"no such move: {', '.join(sorted(unknown))}")
    if not listed or (OTHER in listed and len(listed) > 1):
        raise ValueError("some move, or other alone")
    return MoveLine(voice, text, frozenset(listed) - {OTHER})


def train_moves(lines: Sequence[MoveLine]) -> LinearText:
    """The model of labelled lines, with the threshold of each move taken off its bias.

    The thresholds are those that judge best each voice by a model of the others. The same lines in the same order give
    the same model.

    Raises:
        BadInput: the lines are of fewer than two voices.
    """
    model = _fitted(lines)
    thresholds = _thresholds(_holds(lines), _held_out_scores(lines)).astype(np.float32)
    return LinearText(
        model.labels, model.vocabulary, model.idf, model.weights, model.bias - thresholds, model.scales
    )


def _fitted(lines: Sequence[MoveLine]) -> LinearText:
    heads = dict(zip(learnt_moves(), _holds(lines).T, strict=True))
    return fit_heads([_example(line.text) for line in lines], heads, PENALTY, SETTINGS)


def _example(text: str) -> Example:
    masked = masked_line(text)
    return Example(masked, move_flags(masked), OTHER)


def _holds(lines: Sequence[MoveLine]) -> np.ndarray:
    """One row a line, one column a move: whether it holds."""
    return np.array([[move in line.moves for move in learnt_moves()] for line in lines])


def _held_out_scores(lines: Sequence[MoveLine]) -> np.ndarray:
    """The scores of each voice's lines by a model of the others'."""
    voices = sorted({line.voice for line in lines})
    if len(voices) < 2:
        raise BadInput("the model of moves needs the lines of two voices at least: one judges the other's")
    scores = np.zeros((len(lines), len(learnt_moves())))
    for voice in voices:
        model = _fitted([line for line in lines if line.voice != voice])
        rows = [row for row, line in enumerate(lines) if line.voice == voice]
        scores[rows] = model.scores_of_all([move_blocks(lines[row].text) for row in rows])
    return scores


def _thresholds(holds: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """For each move the threshold between the one best for it and the one best for all."""
    for_all = max(CANDIDATES, key=lambda at: _f1(holds, scores > at))
    own = np.array([_best(holds[:, move], scores[:, move], for_all) for move in range(holds.shape[1])])
    return np.asarray(OWN_SHARE * own + (1 - OWN_SHARE) * for_all)


def _best(holds: np.ndarray, scores: np.ndarray, otherwise: float) -> float:
    """The threshold with the best F1, midway to the next lower score; `otherwise` where nothing holds."""
    if not holds.any():
        return otherwise
    order = np.argsort(-scores, kind="stable")
    both = np.cumsum(holds[order])
    place = int((2 * both / (np.arange(1, len(order) + 1) + holds.sum())).argmax())
    following = order[min(place + 1, len(order) - 1)]
    return float(scores[order[place]] + scores[following]) / 2


def _f1(holds: np.ndarray, given: np.ndarray) -> float:
    return float(2 * (holds & given).sum() / max(holds.sum() + given.sum(), 1))
