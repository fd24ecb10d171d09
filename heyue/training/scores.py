"""Figures over judged texts: accuracy, F1, calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

BINS = 10


class Judged(NamedTuple):
    """One text of a held-out voice: its right label, the label given and how sure that was (0 to 1)."""

    voice: str
    text: str
    right: str
    given: str
    confidence: float


class Bin(NamedTuple):
    """What was given with about the same confidence: the share of all texts, mean confidence, share of right ones."""

    share: float
    confidence: float
    accuracy: float


def accuracy(judged: Sequence[Judged]) -> float:
    """Share of right labels; 0 for no texts."""
    return sum(each.right == each.given for each in judged) / max(len(judged), 1)


def f1_by_label(judged: Sequence[Judged]) -> dict[str, float]:
    """F1 of each label that is right somewhere."""
    right, given = Counter(each.right for each in judged), Counter(each.given for each in judged)
    both = Counter(each.right for each in judged if each.right == each.given)
    return {label: 2 * both[label] / (right[label] + given[label]) for label in sorted(right)}


def macro_f1(judged: Sequence[Judged]) -> float:
    """Mean F1 of the labels, each counting the same; 0 for no texts."""
    by_label = f1_by_label(judged)
    return sum(by_label.values()) / max(len(by_label), 1)


def reliability(judged: Sequence[Judged]) -> list[Bin]:
    """Confidence against accuracy in equal bins of confidence, empty bins left out."""
    confidence = np.array([each.confidence for each in judged])
    right = np.array([each.right == each.given for each in judged])
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(float(inside.mean()), float(confidence[inside].mean()), float(right[inside].mean()))
        for inside in (place == number for number in sorted(set(place)))
    ]


def calibration_error(judged: Sequence[Judged]) -> float:
    """Expected calibration error (ECE): mean distance of confidence and accuracy over the bins."""
    return sum(each.share * abs(each.confidence - each.accuracy) for each in reliability(judged))


def precision_and_recall(right: Sequence[bool], given: Sequence[bool]) -> tuple[float, float]:
    """Share of the given that are right, share of the right that are given; 1 where there are none."""
    both = sum(r and g for r, g in zip(right, given, strict=True))
    return (both / sum(given) if any(given) else 1.0), (both / sum(right) if any(right) else 1.0)


def f1_of_sets(right: Sequence[frozenset[str]], given: Sequence[frozenset[str]]) -> dict[str, float]:
    """F1 of each label where a text can have several or none."""
    pairs = list(zip(right, given, strict=True))
    return {
        label: 2 * sum(label in r and label in g for r, g in pairs)
        / sum((label in r) + (label in g) for r, g in pairs)
        for label in sorted({label for labels in right for label in labels})
    }  # fmt: skip
