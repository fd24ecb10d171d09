"""`heyue classify`: debtor type, situation, reason, promises, broken rules and suggestions for whole talks."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Any

import typer

from heyue.cli.engines import Work, answer_by
from heyue.cli.json_lines import Reader
from heyue.cli.options import Engine, EngineName, Jobs, Master, Now, Source, Target, moment_or_clock
from heyue.coaching.transcript import Transcript, transcript_from_dict

# the fields of an answer as an archive keeps them
COLUMNS = (
    "debtor_type string, probabilities struct<{shares}>, situation string, reason string, "
    "promises array<struct<start: string, end: string, amount: string, certainty: string, text: string>>, "
    "violations array<struct<turn: int, rule: string, text: string>>, "
    "suggestions array<struct<text: string, technique: string>>"
)
EXPLAINED_COLUMNS = (
    ", state string, tension array<double>, "
    "evidence array<struct<turn: int, text: string, span: array<int>, weight: double>>"
)


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
    engine: Engine = EngineName.process,
    source: Source = None,
    target: Target = None,
    master: Master = None,
) -> None:
    """Read transcripts as JSON Lines from stdin, or an archive of them, and write what each shows."""
    answer = partial(classified, each_turn=each_turn, explain=explain, now=moment_or_clock(now))
    work = Work(engine, jobs, source, target, master)
    answer_by(work, Reader(transcript_from_dict, answer), columns_of(each_turn, explain))


def columns_of(each_turn: bool, explain: bool) -> str:
    """The columns of an archive's answers."""
    from heyue.coaching.debtor_types import TYPES  # loads numpy

    shares = ", ".join(f"{name}: double" for name in TYPES)
    return (
        ("turn int, " if each_turn else "")
        + COLUMNS.format(shares=shares)
        + (EXPLAINED_COLUMNS if explain else "")
    )


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
