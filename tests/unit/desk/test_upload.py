"""Finished transcripts from files: stored once, read like others, without times where none are known."""

from __future__ import annotations

import json

import pytest

from heyue.desk import Desk
from heyue.desk.base import NotAllowed
from heyue.intake.transcript_file import ReadTranscript, read_transcripts
from heyue.records import TalkFilter
from tests.unit.desk.conftest import COLLECTOR, NOW, REVIEWER

TURNS = [
    {"speaker": "collector", "text": "您好，我是云山消费金融的客服小王，工号1024", "at": "2026-11-20T23:12:00+08:00"},
    {"speaker": "borrower", "text": "周六还两千", "at": "2026-11-20T23:13:00+08:00"},
]


def talks(*raw: dict[str, object]) -> list[ReadTranscript]:
    data = "\n".join(json.dumps(each, ensure_ascii=False) for each in raw).encode()
    return [each for each in read_transcripts("a.jsonl", data) if isinstance(each, ReadTranscript)]


def timeless() -> list[dict[str, str]]:
    return [{"speaker": turn["speaker"], "text": turn["text"]} for turn in TURNS]


def test_a_transcript_goes_in_once(desk: Desk) -> None:
    read = talks({"id": "a", "channel": "wechat", "case": {"broken_promises": 2}, "turns": TURNS})
    assert (desk.take_transcripts(REVIEWER, read, NOW), desk.take_transcripts(REVIEWER, read, NOW)) == (1, 0)
    with desk.store.reading() as tx:
        (talk,) = tx.talks(TalkFilter(origin="upload"), 10)
        turns = tx.turns(talk.conversation.conversation_id)
    assert (talk.conversation.channel, talk.conversation.facts) == ("wechat", {"broken_promises": 2})
    assert [(turn.speaker, turn.at.isoformat()) for turn in turns] == [
        (turn["speaker"], turn["at"]) for turn in TURNS
    ]


def test_it_is_read_and_its_days_count_from_its_own_time(desk: Desk) -> None:
    desk.take_transcripts(REVIEWER, talks({"id": "a", "channel": "phone", "turns": TURNS}), NOW)
    ((here, _),) = desk.unread_talks()
    reading = desk.read_talk(here, NOW)
    assert [(each["start"], each["amount"]) for each in reading.details["promises"]] == [("2026-11-21", "2000.00")]
    assert [each["rule"] for each in reading.details["violations"]] == ["quiet_hours"]


def test_no_night_is_made_up_for_a_transcript_without_times(desk: Desk) -> None:
    desk.take_transcripts(REVIEWER, talks({"id": "a", "turns": timeless()}), NOW.replace(hour=23))
    ((here, _),) = desk.unread_talks()
    assert desk.read_talk(here, NOW).details["violations"] == []


def test_only_who_may_upload_does(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.take_transcripts(COLLECTOR, talks({"id": "a", "turns": TURNS}), NOW)
