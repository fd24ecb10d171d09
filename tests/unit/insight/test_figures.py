"""Shares, weeks, and the choice of talks."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from heyue.insight.breaks import RuleBreak
from heyue.insight.choice import talks_to_look_at
from heyue.insight.contact import ContactFact
from heyue.insight.figures import Share, Week
from heyue.settings import ZONE

AT = datetime(2026, 11, 24, 10, tzinfo=ZONE)


def fact(
    key: str, tension: float = 0.1, promise: str | None = None, confidence: float = 0.9, *marks: str
) -> ContactFact:
    return ContactFact(
        key, AT, "sms", "bot", None, "middle", "promiser", "cooperative", None, "right_party", promise, None, confidence,
        tension, marks,
    )  # fmt: skip


def test_of_fewer_than_five_no_share_is_told() -> None:
    assert Share(2, 4).value is None
    assert Share(2, 4).interval is None
    assert Share(0, 0).value is None
    assert Share(2, 5).value == 0.4


def test_the_interval_is_wilsons() -> None:
    low, high = Share(0, 10).interval or (1, 0)  # Newcombe 1998, table I: 0 to 0.2775
    assert (round(low, 4), round(high, 4)) == (0.0, 0.2775)


@pytest.mark.parametrize(
    ("this", "other", "expected"),
    [
        (Share(90, 100), Share(50, 100), True), (Share(9, 10), Share(5, 10), False), (Share(4, 4), Share(0, 100), False),
    ],
)  # fmt: skip
def test_a_difference_that_chance_explains_is_none(this: Share, other: Share, expected: bool) -> None:
    assert this.differs_from(other) is expected
    assert other.differs_from(this) is expected


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 11, 23), "2026年第48周（11月23日–11月29日）"),
        (date(2026, 11, 29), "2026年第48周（11月23日–11月29日）"),
        (
            date(2027, 1, 1),
            "2026年第53周（12月28日–1月3日）",
        ),  # ISO 8601: the week belongs to the year of its Thursday
    ],
)
def test_a_week_runs_from_monday_to_sunday(day: date, name: str) -> None:
    assert Week.of(day).name == name


def test_a_week_begins_and_ends_in_shanghai() -> None:
    since, until = Week.of(date(2026, 11, 24)).bounds
    assert (since.isoformat(), until.isoformat()) == (
        "2026-11-23T00:00:00+08:00",
        "2026-11-30T00:00:00+08:00",
    )
    assert Week.of(date(2026, 11, 24)).before.bounds[1] == since


def test_every_cause_gives_its_strongest_talk_before_any_gives_its_second() -> None:
    facts = [
        fact("mild"), fact("hot", 0.8), fact("hotter", 0.9), fact("turned", 0.7, "open"),
        fact("complained", 0.1, None, 0.9, "COMPLAINT_OPEN"), fact("puzzling", 0.1, None, 0.3), fact("threat"), fact("rejected"),
    ]  # fmt: skip
    breaks = [RuleBreak("threat", 0, "violence_threat", None), RuleBreak("rejected", 0, "abuse", False)]
    found = [(each.conversation_id, cause) for each, cause in talks_to_look_at(facts, breaks)]
    assert found == [
        ("complained", "complaint"), ("threat", "rule"), ("turned", "turned"), ("hotter", "heat"), ("puzzling", "unsure"),
    ]  # fmt: skip
    assert len(talks_to_look_at(facts, breaks, most=9)) == 6


def test_a_cause_whose_strongest_talk_is_taken_gives_the_next() -> None:
    facts = [fact("a", 0.9, "open", 0.9, "COMPLAINT_OPEN"), fact("b", 0.8, "open"), fact("c", 0.1, None, 0.2)]
    found = [(each.conversation_id, cause) for each, cause in talks_to_look_at(facts, [])]
    assert found == [("a", "complaint"), ("b", "turned"), ("c", "unsure")]


def test_a_talk_comes_once() -> None:
    both = fact("both", 0.9, None, 0.3, "COMPLAINT_OPEN")
    assert talks_to_look_at([both], []) == [(both, "complaint")]


def test_a_quiet_week_has_nothing_to_look_at() -> None:
    assert talks_to_look_at([fact("mild")], []) == []
