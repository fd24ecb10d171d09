"""`heyue classify`: debtor type, situation, reason, promises, broken rules and suggestions for whole talks."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Any

import typer

from heyue.cli.json_lines import Reader, answer_lines
from heyue.cli.options import Jobs, Now, moment_or_clock
from heyue.coaching.transcript import Transcript, transcript_from_dict


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
    answer = partial(classified, each_turn=each_turn, explain=explain, now=moment_or_clock(now))
    answer_lines(Reader(transcript_from_dict, answer), jobs)


def classified(
    talks: list[Transcript], each_turn: bool, explain: bool, now: datetime
) -> list[list[dict[str, Any]]]:
    """What each transcript shows: one answer, or one for each of its beginnings."""
    from heyue.coaching.assessment import assess_all, explanation  # the models load at the first talk

    parts = [list(talk.beginnings()) if each_turn else [(None, talk)] for talk in talks]
    found = iter(assess_all([part for talk in parts for _, part in talk], now))

    def answer(turn: int | None, part: Transcript) -> dict[str, Any]:
        assessment = next(found)
        more = explanation(part, assessment) if explain else {}
        return ({} if turn is None else {"turn": turn}) | assessment.as_dict() | more

    return [[answer(*part) for part in talk] for talk in parts]
