"""A reviewed talk becomes a line of training data, or is refused with the field that is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from heyue.coaching.assessment import Assessment, assess
from heyue.coaching.transcript import Transcript, transcript_from_dict
from heyue.errors import BadInput
from heyue.review.labels import Flag, ReviewDecision, labelled_transcript
from heyue.settings import ZONE

RAW: dict[str, Any] = {
    "id": "t-1",
    "channel": "wechat",
    "case": {"days_overdue": 12, "amount_due": "5320.00"},
    "turns": [
        {
            "speaker": "collector",
            "text": "您好，云山消费金融小林，您的账单到期了。",
            "at": "2026-11-20T10:12:00+08:00",
        },
        {"speaker": "borrower", "text": "厂里没发工资，下周五还两千", "at": "2026-11-20T10:13:05+08:00"},
        {"speaker": "collector", "text": "好的，11月27日两千元。", "at": "2026-11-20T10:14:00+08:00"},
    ],
}
TALK: Transcript = transcript_from_dict(RAW)
READ: Assessment = assess(TALK, datetime(2026, 11, 20, 10, tzinfo=ZONE))
PROMISE = {
    "start": "2026-11-27",
    "end": "2026-11-27",
    "amount": "2000.00",
    "certainty": "firm",
    "text": "下周五还两千",
}


def line(decision: ReviewDecision) -> dict[str, Any]:
    return labelled_transcript("t-1", TALK, READ, decision)


def test_the_line_is_a_transcript_again() -> None:
    found = line(ReviewDecision())
    assert {name: found[name] for name in RAW} == RAW
    assert transcript_from_dict(found) == TALK


def test_without_corrections_the_labels_are_the_machines_and_no_flag_stands_unconfirmed() -> None:
    flagged = replace(READ, violations=[])
    gold = labelled_transcript("t-1", TALK, flagged, ReviewDecision())["gold"]
    assert (gold["debtor_type"], gold["reason"]) == (READ.debtor_type, READ.reason)
    assert gold["promises"][0]["start"] == "2026-11-27"
    assert gold["violations"] == []


def test_corrections_go_before_the_machine() -> None:
    labels = {"debtor_type": "victim", "situation": "unable_long", "reason": None, "promises": [PROMISE]}
    assert line(ReviewDecision(labels=labels))["gold"] == labels | {"violations": []}


def test_confirmed_and_added_flags_stand_once_in_the_order_of_turns() -> None:
    decision = ReviewDecision([Flag(2, "abuse")], [Flag(0, "no_identity"), Flag(2, "abuse")])
    assert line(decision)["gold"]["violations"] == [
        {"turn": 0, "rule": "no_identity"},
        {"turn": 2, "rule": "abuse"},
    ]


def test_a_talk_without_times_case_and_channel_gets_none() -> None:
    bare = transcript_from_dict({"turns": [{"speaker": "collector", "text": "您好"}]})
    found = labelled_transcript("t-2", bare, READ, ReviewDecision())
    assert set(found) == {"id", "turns", "gold"}
    assert found["turns"] == [{"speaker": "collector", "text": "您好"}]


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (ReviewDecision(labels={"debtor_type": "angry"}), "debtor_type: 'angry' is not known; take one of provocative"),
        (ReviewDecision(labels={"situation": None}), "situation: None"),
        (ReviewDecision(labels={"reason": "none"}), "reason: 'none'"),
        (ReviewDecision(labels={"type": "victim"}), "type: no such label"),
        (ReviewDecision(labels={"promises": None}), "promises: must be a list"),
        (ReviewDecision(labels={"promises": ["周五"]}), "promises, 0"),
        (ReviewDecision(labels={"promises": [PROMISE | {"end": "27.11."}]}), "promises, 0"),
        (ReviewDecision(labels={"promises": [PROMISE | {"amount": "两千"}]}), "promises, 0"),
        (ReviewDecision(labels={"promises": [PROMISE | {"certainty": "sure"}]}), "promises, 0, certainty"),
        (ReviewDecision(labels={"promises": [PROMISE | {"end": "2026-11-26"}]}), "promises, 0, end"),
        (ReviewDecision(added=[Flag(0, "rude")]), "violations, rule: 'rude'"),
        (ReviewDecision(added=[Flag(1, "abuse")]), "violations, turn: 1 is no turn of the collector"),
        (ReviewDecision(confirmed=[Flag(9, "abuse")]), "violations, turn: 9"),
    ],
)  # fmt: skip
def test_what_the_contracts_do_not_know_is_refused(decision: ReviewDecision, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        line(decision)
    assert str(refused.value).startswith(said)
