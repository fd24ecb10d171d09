"""What a trainee can do after his exercises, what he should practise next, and when he has done enough (skills.yml)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from heyue.practice.levels import LEVELS
from heyue.practice.records import PracticeTalk
from heyue.practice.report import Report
from heyue.review.scorecard import default_scorecard


class Goal(NamedTuple):
    """What a certificate asks for."""

    level: str
    exercises: int
    kinds: int


class Skills(NamedTuple):
    """The rules of skills.yml."""

    training: Mapping[str, tuple[str, ...]]
    first: str
    latest: int
    passed_for_more: int
    failed_for_less: int
    certificate: Goal


class Advice(NamedTuple):
    """What to practise next, and the section of the scorecard that it trains (None at the beginning)."""

    kind: str
    level: str
    section: str | None


@cache
def skills() -> Skills:
    """The shipped rules."""
    raw = yaml.safe_load((files("heyue.practice") / "skills.yml").read_text(encoding="utf-8"))
    training = {section: tuple(kinds) for section, kinds in raw.pop("training").items()}
    return Skills(training, certificate=Goal(**raw.pop("certificate")), **raw)


def is_passed(report: Report) -> bool:
    """Whether an exercise is passed: the points reach the scorecard's line, and a promise with day and sum stands."""
    points, promise = report.score.points, report.outcome.promise
    is_good = points is not None and points >= default_scorecard().pass_points
    return is_good and promise is not None and promise.day is not None and promise.amount_fen is not None


def profile(talks: Sequence[PracticeTalk]) -> dict[str, float]:
    """The mean points of each section over the latest exercises that count and in which it was judged.

    Args:
        talks: in the order in which they were finished.
    """
    found = {}
    for section in default_scorecard().sections:
        judged = [each.sections.get(section) for each in talks if each.counts]
        latest = [points for points in judged if points is not None][-skills().latest :]
        if latest:
            found[section] = round(sum(latest) / len(latest), 1)
    return found


def advise(talks: Sequence[PracticeTalk]) -> Advice:
    """The weakest section decides the kind, the least practised of those that train it; the latest results the level."""
    counted = [each for each in talks if each.counts]
    by_section = profile(counted)
    if not by_section:
        return Advice(skills().first, counted[-1].level if counted else LEVELS[0], None)
    section = min(by_section, key=by_section.__getitem__)
    practised = [each.kind for each in counted]
    return Advice(min(skills().training[section], key=practised.count), _level(counted), section)


def _level(counted: Sequence[PracticeTalk]) -> str:
    """The level of the last exercise, or the one after or before it."""
    here = LEVELS.index(counted[-1].level)
    latest = [each.is_passed for each in counted if each.level == LEVELS[here]]
    if sum(map(bool, latest[-skills().latest :])) >= skills().passed_for_more:
        return LEVELS[min(here + 1, len(LEVELS) - 1)]
    last = latest[-skills().failed_for_less :]
    has_failed = len(last) == skills().failed_for_less and not any(last)
    return LEVELS[max(here - 1, 0)] if has_failed else LEVELS[here]


def is_certified(talks: Sequence[PracticeTalk]) -> bool:
    """Whether the exercises come to what a certificate asks for."""
    goal = skills().certificate
    hard_enough = LEVELS[LEVELS.index(goal.level) :]
    passed = [each for each in talks if each.counts and each.is_passed and each.level in hard_enough]
    return len(passed) >= goal.exercises and len({each.kind for each in passed}) >= goal.kinds


def finished_in_order(talks: Sequence[PracticeTalk]) -> list[PracticeTalk]:
    """The finished ones, in the order in which they were finished."""
    done = [each for each in talks if each.finished_at is not None]
    return sorted(done, key=lambda each: each.finished_at or each.started_at)
