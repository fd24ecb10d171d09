"""Transcripts as JSON Lines (contracts.md section 3); labels (`gold`) are left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from heyue.intake.raw_talk import RawTalk
from heyue.intake.transcript_bytes import MOST_LINE, clean
from heyue.intake.transcript_problem import RowProblem, problem

CASE_FACTS = ("days_overdue", "amount_due", "broken_promises")


def json_talks(lines: Iterable[str]) -> Iterator[RawTalk | RowProblem]:
    """One talk, or what is wrong with it, for each line that is not empty."""
    for number, line in enumerate(lines, start=1):
        if len(line) >= MOST_LINE:
            yield problem("line_too_long", number, most=MOST_LINE)
        elif line.strip():
            yield json_talk(line, number)


def json_talk(line: str, number: int) -> RawTalk | RowProblem:
    """The talk in one line."""
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError) as error:
        return problem("not_json", number, detail=getattr(error, "msg", "嵌套太深"))
    turns = raw.get("turns") if isinstance(raw, dict) else None
    if not isinstance(turns, list) or not turns:
        return problem("not_a_talk", number, "turns")
    talk = RawTalk(number, written(raw.get("id")), facts_of(raw))
    for place, turn in enumerate(turns):
        if not is_turn(turn):
            return problem("bad_turn", number, f"turns[{place}]", number=place + 1)
        at = talk.clock.moment(written(turn.get("at")), number)
        talk.say(number, turn["speaker"], turn["text"], at)
    return talk


def is_turn(turn: Any) -> bool:
    return (
        isinstance(turn, dict)
        and isinstance(turn.get("text"), str)
        and isinstance(turn.get("speaker"), str)
        and bool(turn["speaker"].strip())
    )


def facts_of(raw: dict[str, Any]) -> dict[str, str]:
    """Channel, collector and case facts as written."""
    case = raw.get("case")
    case = case if isinstance(case, dict) else {}
    facts = {"channel": written(raw.get("channel")), "collector": written(raw.get("collector"))}
    return facts | {name: written(case.get(name)) for name in CASE_FACTS}


def written(value: Any) -> str:
    """A value of a field as a table would hold it; "" for none."""
    return "" if value is None else clean(str(value))
