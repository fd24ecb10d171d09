"""Promises of whole talks against the table tests/data/talk_promises.jsonl."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from heyue.coaching.reading import read_talk
from heyue.coaching.talk_promises import talk_promises
from heyue.coaching.transcript import BORROWER, COLLECTOR, Said, Transcript
from heyue.settings import ZONE

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=ZONE)
TABLE = Path(__file__).parents[2] / "data" / "talk_promises.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


def said(speaker: str, at: str, text: str) -> Said:
    moment = at if "T" in at else f"2026-11-24T{at}"
    return Said(BORROWER if speaker == "b" else COLLECTOR, text, datetime.fromisoformat(f"{moment}:00+08:00"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_talk_promises(case: dict[str, Any]) -> None:
    transcript = Transcript(tuple(said(*turn) for turn in case["given"]))
    found = talk_promises(transcript.turns, read_talk(transcript, NOW).turns, NOW)
    assert [list(each.promise.terms().as_dict().values()) for each in found] == case["expect"], case["why"]
