"""What a trainee can do, what he should practise next, when it comes to a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from heyue.practice.persona import KINDS
from heyue.practice.records import BY_KIND, PracticeTalk
from heyue.practice.report import Report, report
from heyue.practice.skills import (
    Advice,
    advise,
    finished_in_order,
    is_certified,
    is_passed,
    profile,
    skills,
)
from heyue.practice.state import Agreed
from heyue.review.scorecard import default_scorecard
from tests.unit.practice.talks import AT, informed, of_kind

GOOD = dict.fromkeys(default_scorecard().sections, 90.0)


def done(
    kind: str = "evasive",
    level: str = "easy",
    passed: bool = True,
    minutes: int = 0,
    **sections: float | None,
) -> PracticeTalk:
    at = AT + timedelta(minutes=minutes)
    return PracticeTalk(
        f"{minutes}", "sun", f"{kind}-01", kind, level, 1, BY_KIND, True, at, at.date(), how="promise", points=90.0,
        is_passed=passed, sections=GOOD | sections, finished_at=at,
    )  # fmt: skip


def test_every_section_is_trained_by_kinds_that_exist() -> None:
    assert set(skills().training) == set(default_scorecard().sections)
    assert {kind for kinds in skills().training.values() for kind in kinds} <= set(KINDS)
    assert skills().first in KINDS
    assert skills().certificate.kinds <= len(KINDS)


def test_the_profile_is_the_mean_of_the_latest_five_in_which_a_section_was_judged() -> None:
    talks = [done(reason=points) for points in (0.0, 50.0, 60.0, None, 70.0, 80.0, 90.0)]
    assert profile(talks)["reason"] == 70.0
    assert profile([done(reason=None)]) == {name: 90.0 for name in GOOD if name != "reason"}
    assert profile([replace(done(), is_rehearsal=True), replace(done(), finished_at=None)]) == {}


@pytest.mark.parametrize(
    ("talks", "expected"),
    [
        ([], Advice("cooperative", "easy", None)),
        ([done(listening=10.0)], Advice("provocative", "easy", "listening")),
        ([done("provocative", listening=10.0)], Advice("victim", "easy", "listening")),
        ([done(confirming=0.0)] * 3, Advice("promiser", "medium", "confirming")),
        ([done(confirming=0.0)] * 2 + [done(passed=False)], Advice("promiser", "easy", "confirming")),
        ([done(level="medium", passed=False, closing=0.0)] * 3, Advice("cooperative", "easy", "closing")),
        ([done(level="medium", passed=False, closing=0.0)] * 2, Advice("cooperative", "medium", "closing")),
        ([done(level="hard", closing=0.0)] * 5, Advice("cooperative", "hard", "closing")),
        ([done(passed=False, closing=0.0)] * 5, Advice("cooperative", "easy", "closing")),
    ],
)
def test_the_weakest_section_decides_the_kind_and_the_results_the_level(
    talks: Sequence[PracticeTalk], expected: Advice
) -> None:
    assert advise(talks) == expected


@pytest.mark.parametrize(
    ("talks", "certified"),
    [
        ([done(kind, "medium") for kind in (*KINDS[:4], KINDS[0])], True),
        ([done(kind, "hard") for kind in (*KINDS[:4], KINDS[0])], True),
        ([done(kind, "medium") for kind in KINDS[:4]], False),  # too few
        ([done(kind, "medium") for kind in KINDS[:3] * 3], False),  # too few kinds
        ([done(kind, "easy") for kind in KINDS], False),
        ([done(kind, "medium", passed=False) for kind in KINDS], False),
        ([replace(done(kind, "medium"), is_rehearsal=True) for kind in KINDS], False),
    ],
)
def test_a_certificate_asks_for_passed_exercises_with_several_kinds(
    talks: list[PracticeTalk], certified: bool
) -> None:
    assert is_certified(talks) is certified


def test_exercises_stand_in_the_order_in_which_they_were_finished() -> None:
    first, second, third = done(minutes=30), done(minutes=9), replace(done(minutes=50), finished_at=None)
    assert finished_in_order([first, third, second]) == [second, first]


@pytest.mark.parametrize(
    ("points", "promise", "passed"),
    [
        (75.0, Agreed(AT.date(), 50_000), True),
        (74.9, Agreed(AT.date(), 50_000), False),
        (100.0, Agreed(AT.date(), None), False),
        (100.0, Agreed(None, 50_000), False),
        (100.0, None, False),
        (None, Agreed(AT.date(), 50_000), False),
    ],
)
def test_an_exercise_is_passed_by_points_and_a_promise(
    points: float | None, promise: Agreed | None, passed: bool
) -> None:
    assert is_passed(_with(report(informed(of_kind("evasive")[0])), points, promise)) is passed


def _with(found: Report, points: float | None, promise: Agreed | None) -> Report:
    score, outcome = replace(found.score, points=points), replace(found.outcome, promise=promise)
    return replace(found, score=score, outcome=outcome)
