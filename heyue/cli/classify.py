"""`heyue classify`: debtor type, situation, reason, promises, broken rules and suggestions for whole talks."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Any

import typer

from heyue.cli.json_lines import answer_lines
from heyue.cli.options import Jobs, Now, moment_or_clock


def classify(
    each_turn: Annotated[
        bool,
        typer.Option("--each-turn", help="One answer after every turn of the borrower, with its number."),
    ] = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Add the evidence for the type, the tension curve and the state."),
    ] = False,
    now: Now = None,
    jobs: Jobs = 1,
) -> None:
    """Read transcripts as JSON Lines from stdin and write what each shows."""
    answer_lines(partial(classified, each_turn=each_turn, explain=explain, now=moment_or_clock(now)), jobs)


def classified(raw: dict[str, Any], each_turn: bool, explain: bool, now: datetime) -> list[dict[str, Any]]:
    """What one transcript shows: one answer, or one for each of its beginnings.

    Raises:
        BadInput: it is not a transcript.
    """
    from heyue.coaching.assessment import assess, explanation
    from heyue.coaching.transcript import transcript_from_dict

    whole = transcript_from_dict(raw)
    parts = list(whole.beginnings()) if each_turn else [(None, whole)]
    answers = []
    for turn, part in parts:
        found = assess(part, now)
        more = explanation(part, found) if explain else {}
        answers.append(({"turn": turn} if each_turn else {}) | found.as_dict() | more)
    return answers
