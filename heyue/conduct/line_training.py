"""Trains the model of collectors' lines from nlu_data. Never imported where lines are read.

Settings were chosen by rotation over voices (`heyue evaluate`, docs/models.md).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from heyue.conduct.line_check import UNLAWFUL, line_ngrams, outline_ngrams
from heyue.conduct.line_flags import line_flags
from heyue.conduct.rules import LINE_RULES
from heyue.errors import BadInput
from heyue.understanding.linear_text import LinearText, Scales, mask
from heyue.understanding.linear_training import least_squares

PENALTY = 0.5
RAREST = 2  # texts in which an n-gram or a flag must occur
SCALES = Scales(concepts=1.0, flags=0.06)  # the block of concepts is that of the outline
TURN_WEIGHT = 0.3  # what a turn of a talk counts against a line: turns are many and nearly all lawful


class LabelledLine(NamedTuple):
    """Something a collector says: who wrote it, the rules it breaks, how much it counts."""

    voice: str
    text: str
    rules: tuple[str, ...]
    weight: float = 1.0


Row = dict[str, Any]


def read_lines(folder: Path) -> list[LabelledLine]:
    """The lines of every <voice>.jsonl in `folder` (nlu_data/lines), in order of file and line.

    Raises:
        BadInput: a line is not labelled as nlu_data/README.md says; the message names file and line.
    """
    return list(_read(folder, _line))


def read_turns(folder: Path) -> list[LabelledLine]:
    """What collectors say in the talks of every <voice>.jsonl in `folder` (nlu_data/types), each sentence once.

    Raises:
        BadInput: a line is not a labelled talk; the message names file and line.
    """
    return list({turn.text: turn for turn in _read(folder, _turns)}.values())


def _read(folder: Path, parse: Callable[[str, Row], list[LabelledLine]]) -> Iterator[LabelledLine]:
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                yield from parse(path.stem, json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise BadInput(
                    f"{path}, line {number}: not labelled as nlu_data/README.md says ({error!r})"
                ) from error


def _line(voice: str, row: Row) -> list[LabelledLine]:
    if unknown := set(row["gold"]) - set(LINE_RULES):
        raise ValueError(f"no such rule: {', '.join(sorted(unknown))}")
    return [LabelledLine(voice, row["text"], tuple(row["gold"]))]


def _turns(voice: str, row: Row) -> list[LabelledLine]:
    broken: dict[int, list[str]] = {}
    for each in row["gold"]["violations"]:
        if each["rule"] in LINE_RULES:
            broken.setdefault(each["turn"], []).append(each["rule"])
    return [
        LabelledLine(voice, turn["text"], tuple(broken.get(number, ())), TURN_WEIGHT)
        for number, turn in enumerate(row["turns"])
        if turn["speaker"] == "collector"
    ]


def train_lines(lines: Sequence[LabelledLine]) -> LinearText:
    """The model of labelled lines; the same lines in the same order give the same model.

    By least squares, which errs less on voices never seen than logistic regression.
    """
    seen = [_seen(mask(line.text)) for line in lines]
    vocabulary, idf = _vocabulary(seen)
    matrix = _matrix(seen, {token: place for place, token in enumerate(vocabulary)}, idf)
    holds = np.array([[bool(line.rules), *(rule in line.rules for rule in LINE_RULES)] for line in lines])
    weights, bias = least_squares(matrix, holds, [line.weight for line in lines], PENALTY)
    return LinearText((UNLAWFUL, *LINE_RULES), vocabulary, idf, weights, bias, SCALES)


class _Seen(NamedTuple):
    """What the model sees of a line; flags after "#", as LinearText looks them up."""

    ngrams: Counter[str]
    outline: Counter[str]
    flags: list[str]


def _seen(masked: str) -> _Seen:
    flags = ["#" + flag for flag in line_flags(masked)]
    return _Seen(Counter(line_ngrams(masked)), Counter(outline_ngrams(masked)), flags)


def _vocabulary(seen: Sequence[_Seen]) -> tuple[list[str], np.ndarray]:
    """The tokens of enough lines in a fixed order, and how telling each n-gram is for being rare."""
    spread = Counter(token for line in seen for tokens in line for token in tokens)
    kept = sorted(token for token, count in spread.items() if count >= RAREST)
    flags = {flag for line in seen for flag in line.flags}
    idf = [1.0 if token in flags else _rarity(spread[token], len(seen)) for token in kept]
    return kept, np.array(idf)


def _rarity(count: int, texts: int) -> float:
    return float(np.log((1 + texts) / (1 + count))) + 1


def _matrix(seen: Sequence[_Seen], index: dict[str, int], idf: np.ndarray) -> csr_matrix:
    """One row a line, weighed as LinearText weighs it."""
    rows = [
        {
            **_block(line.ngrams, index, idf, 1.0),
            **_block(line.outline, index, idf, SCALES.concepts),
            **{index[flag]: SCALES.flags for flag in line.flags if flag in index},
        }
        for line in seen
    ]
    starts = np.cumsum([0] + [len(row) for row in rows])
    columns = np.array([place for row in rows for place in row], dtype=np.int64)
    values = np.array([value for row in rows for value in row.values()], dtype=np.float64)
    return csr_matrix((values, columns, starts), shape=(len(rows), len(index)))


def _block(counts: Counter[str], index: dict[str, int], idf: np.ndarray, scale: float) -> dict[int, float]:
    known = {index[token]: count for token, count in counts.items() if token in index}
    values = {place: (1 + np.log(count)) * idf[place] for place, count in known.items()}
    norm = np.sqrt(sum(value * value for value in values.values()))
    return {place: scale * value / norm for place, value in values.items()}
