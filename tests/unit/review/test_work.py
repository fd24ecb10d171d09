"""A review's work: what is missing, what contradicts, where two differ, what an appeal changes; which review counts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from heyue.errors import BadInput
from heyue.names import name_of
from heyue.review.deadlines import deadlines, load_deadlines
from heyue.review.labels import Flag
from heyue.review.records import (
    ADJUDICATION,
    APPEAL,
    APPEALED,
    ASKED,
    CALIBRATION,
    CLAIMED,
    DISAGREEMENT,
    DONE,
    FIRST,
    GRANTED,
    OPEN,
    QUEUED,
    ROUNDS,
    SECOND,
    UPHELD,
    Review,
    counted,
    final_at,
)
from heyue.review.scorecard import NO, YES, Answer, Quote, default_scorecard
from heyue.review.work import FlagVerdict, ReviewWork, agreed, contradictions, differences
from heyue.settings import ZONE

AT = datetime(2026, 11, 24, 10, tzinfo=ZONE)
CARD = default_scorecard()
HIT = FlagVerdict(2, "abuse", True)
WORK = ReviewWork(
    (Answer("empathy", NO, (Quote(3, "别说了"),), "冷淡"), Answer("no_abuse", NO)), (HIT,), {3: "可以先安慰"},
    {"debtor_type": "victim", "reason": None, "promises": []}, "总评",
)  # fmt: skip


def test_work_survives_being_written_down() -> None:
    assert ReviewWork.from_dict(json.loads(json.dumps(WORK.as_dict()))) == WORK
    assert ReviewWork.from_dict({}) == ReviewWork()


def test_what_is_missing_and_what_contradicts_is_named() -> None:
    missing = WORK.missing(CARD, [Flag(2, "abuse"), Flag(4, "harassment")])
    assert "says_who" in missing.items
    assert missing.flags == (Flag(4, "harassment"),)
    assert contradictions(WORK, CARD) == []
    assert contradictions(replace(WORK, answers=(Answer("no_abuse", YES),)), CARD) == ["no_abuse"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"note": "别的话", "comments": {}}, []),
        ({"answers": WORK.answers[:1]}, ["no_abuse"]),
        ({"answers": (replace(WORK.answers[0], verdict=YES), WORK.answers[1])}, ["empathy"]),
        ({"labels": {**WORK.labels, "debtor_type": "evasive"}}, ["debtor_type"]),
        ({"labels": {**WORK.labels, "promises": [{"start": "2026-12-01"}]}}, ["promises"]),
        ({"verdicts": (HIT._replace(is_confirmed=False),)}, ["flags"]),
    ],
)
def test_differences_are_named(change: dict[str, object], found: list[str]) -> None:
    assert differences(WORK, replace(WORK, **change)) == found  # type: ignore[arg-type]


def test_common_ground_holds_only_what_both_say() -> None:
    other = replace(WORK, answers=(replace(WORK.answers[0], verdict=YES), WORK.answers[1]), verdicts=())
    ground = agreed(WORK, other)
    assert [each.item for each in ground.answers] == ["no_abuse"]
    assert (ground.verdicts, ground.labels["debtor_type"]) == ((), "victim")


def test_a_changed_answer_clears_the_flags_against_it() -> None:
    changed = WORK.with_answers({"no_abuse": YES}, CARD)
    assert {each.item: each.verdict for each in changed.answers} == {"empathy": NO, "no_abuse": YES}
    assert not changed.verdicts[0].is_confirmed


def review(round_: str, state: str = DONE, hours: int = 0) -> Review:
    saved = AT + timedelta(hours=hours) if state == DONE else None
    return Review(hours, "t", round_, "flagged", state, "zhou", AT, saved_at=saved)


@pytest.mark.parametrize(
    ("reviews", "counts"),
    [
        ([review(FIRST, QUEUED)], None),
        ([review(FIRST)], FIRST),
        ([review(FIRST), review(SECOND, CLAIMED)], None),
        ([review(FIRST), review(SECOND)], FIRST),
        ([review(FIRST), review(SECOND), review(ADJUDICATION, QUEUED)], None),
        ([review(FIRST), review(SECOND), review(ADJUDICATION)], ADJUDICATION),
        ([review(FIRST), review(APPEAL)], APPEAL),
        ([review(FIRST), review(CALIBRATION, CLAIMED)], FIRST),
        ([review(CALIBRATION)], None),
    ],
)
def test_the_review_that_counts_is_the_last_that_had_a_say(reviews: list[Review], counts: str | None) -> None:
    found = counted(reviews)
    assert (found.round if found else None) == counts


def test_a_score_is_final_with_the_last_review_before_any_appeal() -> None:
    reviews = [review(FIRST), review(SECOND, hours=2), review(APPEAL, hours=9), review(CALIBRATION, hours=8)]
    assert final_at(reviews) == AT + timedelta(hours=2)


def test_every_word_of_the_records_has_a_name() -> None:
    for kind, words in {
        "review_round": ROUNDS, "review_state": (QUEUED, CLAIMED, DONE), "appeal_state": (OPEN, UPHELD, GRANTED),
        "review_cause": (DISAGREEMENT, APPEALED, ASKED),
    }.items():  # fmt: skip
        assert all(name_of(kind, word) for word in words)


def test_deadlines_are_read_from_their_file(tmp_path: Path) -> None:
    assert (deadlines().claim, deadlines().appeal) == (timedelta(days=1), timedelta(days=7))
    wrong = tmp_path / "deadlines.yml"
    wrong.write_text("claim_hours: 24\nappeal_days: 0\nruling_days: 7\n", encoding="utf-8")
    with pytest.raises(BadInput, match="appeal_days"):
        load_deadlines(wrong)
