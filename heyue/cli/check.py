"""`heyue check`: the rules that collectors' lines break, JSON Lines in and out."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from heyue.cli.engines import Work, answer_by
from heyue.cli.json_lines import Reader, text_of
from heyue.cli.options import Engine, EngineName, Jobs, Master, Source, Target
from heyue.conduct.line_facts import LineFacts, facts_of

MOST_CHARACTERS = 100_000
# the fields of an answer as an archive keeps them
COLUMNS = "violations array<struct<rule: string, text: string{more}>>"
EXPLAINED_FIELDS = ", name: string, severity: string, source: string, instead: string"


def check(
    explain: Annotated[
        bool, typer.Option("--explain", help="Add each rule's name, source, and what may be said instead.")
    ] = False,
    jobs: Jobs = 1,
    engine: Engine = EngineName.process,
    source: Source = None,
    target: Target = None,
    master: Master = None,
) -> None:
    """Read lines that collectors say as JSON Lines ({"id", "text"}) from stdin, or an archive, and write the rules they break.

    A line may carry "at" and an object "case" with facts that decide beside its words: role (debtor, guarantor, other), verified_identity,
    suit_filed, judgment_effective, lender_reports, staff_is_lawyer (true or false), ledger_amounts, whitelisted_channels (lists of strings),
    creditor, product, id_last4. What is not known decides nothing.
    """
    reader = Reader(line_of, explained if explain else checked)
    columns = COLUMNS.format(more=EXPLAINED_FIELDS if explain else "")
    answer_by(Work(engine, jobs, source, target, master), reader, columns)


def line_of(raw: dict[str, Any]) -> tuple[str, LineFacts]:
    """The line that a JSON object holds, and what is known of its case."""
    return text_of(raw, MOST_CHARACTERS), facts_of(raw.get("case"), raw.get("at"))


def checked(lines: list[tuple[str, LineFacts]]) -> list[list[dict[str, Any]]]:
    """The rules that each line breaks, with the words that break them."""
    from heyue.conduct.fact_check import check_lines_of  # the model loads at the first line

    return [
        [{"violations": [{"rule": each.rule, "text": each.text} for each in found]}]
        for found in check_lines_of(lines)
    ]


def explained(lines: list[tuple[str, LineFacts]]) -> list[list[dict[str, Any]]]:
    """The same with what rules.yml says of each rule."""
    from heyue.conduct.rules import rules

    answers = checked(lines)
    for (answer,) in answers:
        for violation in answer["violations"]:
            violation.update(rules()[violation["rule"]]._asdict())
    return answers
