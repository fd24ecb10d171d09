"""Standings for tests, from the rows of tests/data/outreach.jsonl."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from heyue.outreach.plan import Rules
from heyue.outreach.policy import default_outreach_policy
from heyue.outreach.standing import Notice, Standing, Way
from heyue.policy import default_policy
from heyue.records import Case, PromiseTerms, RecordedPromise
from heyue.settings import ZONE

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=ZONE)
TODAY = NOW.date()
WAYS = [["sms", True], ["wechat", True]]


def rules(purposes: list[str] | None = None) -> Rules:
    return Rules(default_outreach_policy(), default_policy(), purposes or ["reminder", "promise"])


def standing(given: dict[str, Any]) -> Standing:
    """A standing of which only what matters is given; days count from today."""
    due = TODAY - timedelta(days=given.get("overdue", -given.get("due_in", 0)))
    case_id = given.get("case_id", "C-1")
    case = Case(
        case_id, "赵明远", "云山消费金融", 320_000, due, broken_promises=given.get("broken", 0), status=given.get("status", "active")
    )
    return Standing(
        case,
        given.get("owed", 320_000),
        [promise(n, *each) for n, each in enumerate(given.get("promises", []), 1)],
        [Way(channel, f"{channel}-1", usable) for channel, usable in given.get("ways", WAYS)],
        [notice(due, *each) for each in given.get("notices", [])],
        [NOW + timedelta(days=day) for day in given.get("heard", [])],
        NOW + timedelta(days=given["paid"]) if "paid" in given else None,
    )


def promise(number: int, day: int | None, state: str, made: int) -> RecordedPromise:
    end = None if day is None else TODAY + timedelta(days=day)
    terms = PromiseTerms(end, end, "2000.00")
    return RecordedPromise(str(number), "C-1", terms, 200_000, state, NOW + timedelta(days=made))


def notice(due: date, message_id: str, kind: str, channel: str, day: int, is_counted: bool = True) -> Notice:
    at = NOW + timedelta(days=day)
    return Notice(message_id.replace("DUE", due.isoformat()), kind, channel, at, is_counted)
