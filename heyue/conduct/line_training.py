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
from sklearn.linear_model import LogisticRegression

from heyue.conduct.line_check import UNLAWFUL, line_ngrams
from heyue.conduct.line_flags import line_flags
from heyue.conduct.rules import LINE_RULES
from heyue.errors import BadInput
from heyue.understanding.linear_text import LinearText, Scales, mask

INVERSE_PENALTY = 10.0
RAREST = 2  # texts in which an n-gram or a flag must occur
SCALES = Scales(flags=0.12)
RULE_WEIGHT = 3.0  # what a line that breaks a rule counts for that rule's head, for most lines do not
TURN_WEIGHT = (
    0.3  # what a turn of a talk counts against a line: turns are many, nearly all lawful, and everyday
)


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
    """The model of labelled lines; the same lines in the same order give the same model."""
    masked = [mask(line.text) for line in lines]
    grams = [Counter(line_ngrams(each)) for each in masked]
    flags = [line_flags(each) for each in masked]
    vocabulary, idf = _vocabulary(grams, flags)
    matrix = _matrix(grams, flags, {token: place for place, token in enumerate(vocabulary)}, idf)
    counts = np.array([line.weight for line in lines])
    heads = [_head(matrix, [bool(line.rules) for line in lines], counts, 1.0)]
    heads += [
        _head(matrix, [rule in line.rules for line in lines], counts, RULE_WEIGHT) for rule in LINE_RULES
    ]
    weights, bias = zip(*heads, strict=True)
    return LinearText((UNLAWFUL, *LINE_RULES), vocabulary, idf, np.array(weights).T, np.array(bias), SCALES)


def _vocabulary(
    grams: Sequence[Counter[str]], flags: Sequence[tuple[str, ...]]
) -> tuple[list[str], np.ndarray]:
    """N-grams and flags (after "#", as LinearText looks them up), and how telling each is for being rare."""
    spread = Counter(gram for counts in grams for gram in counts)
    raised = Counter("#" + flag for raised in flags for flag in raised)
    kept = sorted(gram for gram, count in spread.items() if count >= RAREST)
    known = sorted(flag for flag, count in raised.items() if count >= RAREST)
    idf = [float(np.log((1 + len(grams)) / (1 + spread[gram]))) + 1 for gram in kept] + [1.0] * len(known)
    return kept + known, np.array(idf)


def _matrix(
    grams: Sequence[Counter[str]], flags: Sequence[tuple[str, ...]], index: dict[str, int], idf: np.ndarray
) -> csr_matrix:
    """One row a line, weighed as LinearText weighs it."""
    starts, columns, values = [0], [], []
    for counts, raised in zip(grams, flags, strict=True):
        known = [(index[gram], count) for gram, count in counts.items() if gram in index]
        places = [place for place, _ in known]
        row = (1 + np.log([count for _, count in known])) * idf[places] if known else np.zeros(0)
        standing = [index["#" + flag] for flag in raised if "#" + flag in index]
        columns += places + standing
        values += [*(row / np.linalg.norm(row)), *[SCALES.flags] * len(standing)]
        starts.append(len(columns))
    return csr_matrix((values, columns, starts), shape=(len(grams), len(index)))


def _head(
    matrix: csr_matrix, labels: Sequence[bool], counts: np.ndarray, weight: float
) -> tuple[np.ndarray, float]:
    """Weights and bias that tell the lines with the label from those without; never the label when none has it."""
    if not any(labels) or all(labels):
        return np.zeros(matrix.shape[1]), 9.0 if any(labels) else -9.0
    model = LogisticRegression(
        C=INVERSE_PENALTY, solver="liblinear", class_weight={False: 1.0, True: weight}, random_state=0
    )
    model.fit(matrix, labels, sample_weight=counts)
    return model.coef_[0], float(model.intercept_[0])
