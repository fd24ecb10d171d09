"""What is a transcript and what is refused, by name."""

from __future__ import annotations

from typing import Any

import pytest

from heyue.coaching.transcript import transcript_from_dict
from heyue.errors import BadInput

TURN = {"speaker": "borrower", "text": "周五还", "at": "2026-11-24T10:00:00+08:00"}


def test_a_whole_one() -> None:
    raw = {
        "channel": "sms",
        "case": {"days_overdue": 3, "amount_due": "12.50", "broken_promises": 0},
        "turns": [TURN],
    }
    transcript = transcript_from_dict(raw)
    assert transcript.channel == "sms"
    assert transcript.case.amount_due == "12.50"
    assert [turn.text for turn in transcript.borrower_turns] == ["周五还"]


def test_case_channel_and_times_may_be_missing() -> None:
    transcript = transcript_from_dict({"turns": [{"speaker": "collector", "text": "您好"}]})
    assert transcript.case.days_overdue is None
    assert transcript.turns[0].at is None


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({}, "turns"),
        ({"turns": []}, "turns"),
        ({"turns": "x"}, "turns"),
        ({"turns": [1]}, "turn 0"),
        ({"turns": [{"speaker": "bot", "text": "x"}]}, "speaker"),
        ({"turns": [{"speaker": "borrower"}]}, "text"),
        ({"turns": [TURN | {"at": "yesterday"}]}, "at"),
        ({"turns": [TURN | {"at": "2026-11-24T10:00:00"}]}, "at"),
        ({"turns": [TURN], "channel": "fax"}, "channel"),
        ({"turns": [TURN], "case": []}, "case"),
        ({"turns": [TURN], "case": {"broken_promises": "2"}}, "broken_promises"),
        ({"turns": [TURN], "case": {"days_overdue": True}}, "days_overdue"),
        ({"turns": [TURN], "case": {"amount_due": 12}}, "amount_due"),
        ({"turns": [TURN], "case": {"amount_due": "much"}}, "much"),
        ({"turns": [TURN] * 5001}, "5001"),
        ({"turns": [TURN | {"text": "x" * 100_001}]}, "100000"),
    ],
    ids=range(16),
)
def test_refused(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        transcript_from_dict(raw)


def test_beginnings_end_with_each_turn_of_the_borrower() -> None:
    turns = [
        {"speaker": who, "text": who}
        for who in ("collector", "borrower", "borrower", "collector", "borrower")
    ]
    parts = list(transcript_from_dict({"turns": turns}).beginnings())
    assert [number for number, _ in parts] == [1, 2, 4]
    assert [len(part.turns) for _, part in parts] == [2, 3, 5]


def test_facts_of_the_case_come_with_the_talk() -> None:
    raw = {"turns": [{"speaker": "collector", "text": "您好"}], "case": {"amount_due": "8.00", "role": "other"}}
    assert transcript_from_dict(raw).facts.may_not_hear
    with pytest.raises(BadInput, match="role"):
        transcript_from_dict(raw | {"case": {"role": "wife"}})
