"""What became of a contact, by table."""

from __future__ import annotations

from datetime import datetime

import pytest

from heyue.insight.contact import (
    NO_ANSWER,
    NOT_VERIFIED,
    RIGHT_PARTY,
    UNTRACKED,
    WRONG_PARTY,
    ContactRow,
    outcome_of,
    promise_of,
)
from heyue.settings import ZONE

AT = datetime(2026, 11, 24, 10, tzinfo=ZONE)


def row(
    origin: str = "bot", state: str | None = "reason", situation: str | None = "cooperative", turns: int = 4, made: int = 0
) -> ContactRow:  # fmt: skip
    return ContactRow(
        "c", "C-1", AT, "sms", origin, None, turns, None, None, None, situation, None, state, None, None, made
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "attempts", "expected"),
    [
        (row(), ["right_party"], RIGHT_PARTY),
        (row(), ["not_verified", "right_party"], RIGHT_PARTY),  # a wrong answer first, then the right one
        (row(), ["wrong_party"], WRONG_PARTY),
        (row(), [], NOT_VERIFIED),  # who writes to the bot has been reached, whoever it is
        (row(situation="unreachable"), [], NOT_VERIFIED),
        (row(situation="deceased", state="closing"), [], WRONG_PARTY),
        (row(state="opening"), [], NO_ANSWER),  # the bot wrote, nobody answered
        (row(state=None, situation=None, turns=1), [], NO_ANSWER),
        (row(state=None, situation=None, turns=2), [], NOT_VERIFIED),  # unread as yet
        (row("upload"), [], RIGHT_PARTY),
        (row("upload", state="verifying"), [], NOT_VERIFIED),
        (row("upload", situation="unreachable"), [], NO_ANSWER),  # only announcements, or others who answer
        (row("upload", situation="wrong_party", state="closing"), [], WRONG_PARTY),
        (row("upload", state="opening", situation="wrong_party"), [], NO_ANSWER),
        (row("feed", state=None, situation=None), [], NOT_VERIFIED),
    ],
)
def test_outcome(given: ContactRow, attempts: list[str], expected: str) -> None:
    assert outcome_of(given, attempts) == expected


@pytest.mark.parametrize(
    ("given", "states", "expected"),
    [
        (row(), [], None),
        (
            row(made=1),
            [],
            None,
        ),  # the bot records what it is promised; what only the reader saw was not confirmed
        (row(), ["kept"], "kept"),
        (row(), ["kept", "broken"], "broken"),  # instalments: all of them have to be kept
        (row(), ["superseded", "kept"], "kept"),  # made anew in the same contact
        (row(), ["superseded"], "superseded"),
        (row(), ["kept", "open"], "open"),
        (row("upload", made=1), [], UNTRACKED),
        (row("upload", made=0), [], None),
    ],
)
def test_promise(given: ContactRow, states: list[str], expected: str | None) -> None:
    assert promise_of(given, outcome_of(given, []), states) == expected


def test_whoever_has_a_promise_in_the_ledger_was_the_borrower() -> None:
    assert (
        outcome_of(row(), [], has_promised=True) == RIGHT_PARTY
    )  # contacts of before attempts knew their conversation


def test_what_somebody_else_promises_is_no_promise_of_the_borrower() -> None:
    assert promise_of(row("upload", made=1), WRONG_PARTY, []) is None
