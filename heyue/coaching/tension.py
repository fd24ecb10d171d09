"""How tense a talk is after each turn, from 0 (calm) to 1: an exponential average of what each turn heats or calms.

The weights are data (tension.yml), so that a lead can read why a curve rises.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from heyue.coaching.behaviour import cues

_EXCLAMATION = re.compile(r"[！!？?]{2,}")
MOST_EXCLAMATIONS = 3


@cache
def _weights() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(
        (files("heyue.coaching") / "tension.yml").read_text(encoding="utf-8")
    )
    return raw


def tension_curve(by_borrower: Sequence[bool], masked: Sequence[str], broken: frozenset[int]) -> list[float]:
    """The tension after each turn, rounded to two digits.

    Args:
        by_borrower: whether the borrower says it, masked: the masked text; one a turn. broken: the numbers of the
            turns that break a rule.
    """
    curve: list[float] = []
    level = _weights()["calm"]
    for number, (borrower, text) in enumerate(zip(by_borrower, masked, strict=True)):
        if borrower:
            keep = _weights()["keep"]
            level = keep * level + (1 - keep) * heat_of(text)
        else:
            level = _bounded(level + _pressure(text, number in broken))
        curve.append(round(level, 2))
    return curve


def heat_of(masked: str) -> float:
    """What one turn of the borrower is worth by itself, 0 to 1."""
    weights = _weights()
    heat = weights["calm"] + _cued(masked, weights["borrower"])
    marks = max((len(run) for run in _EXCLAMATION.findall(masked)), default=0)
    return _bounded(heat + weights["exclamation"] * min(marks, MOST_EXCLAMATIONS))


def _pressure(masked: str, breaks_rule: bool) -> float:
    weights = dict(_weights()["collector"])
    rule = weights.pop("broken_rule")
    return (rule if breaks_rule else 0.0) + _cued(masked, weights)


def _cued(masked: str, weights: dict[str, float]) -> float:
    return sum(weight for name, weight in weights.items() if cues()[name].search(masked))


def _bounded(level: float) -> float:
    return min(max(level, 0.0), 1.0)
