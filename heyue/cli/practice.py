"""`heyue practice`: the simulated debtors, judged."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from heyue.cli.options import Now, moment_or_clock

practice = typer.Typer(
    no_args_is_help=True, help="Simulated debtors: let scripted collectors talk with them."
)


@practice.callback()
def _group() -> None:
    """Simulated debtors: let scripted collectors talk with them."""


@practice.command("referee")
def referee(
    talks: Annotated[int, typer.Option(min=1, help="How many talks to play.")] = 3000,
    seed: Annotated[int, typer.Option(help="The first seed.")] = 0,
    output: Annotated[
        Optional[Path],  # noqa: UP045  typer reads the annotation at run time
        typer.Option(dir_okay=False, help="File for the figures as JSON."),
    ] = None,
    now: Now = None,
) -> None:
    """Play scripted collectors against every persona at every level; exit status 1 where something must not be."""
    from heyue.practice.referee_report import figures_of, passes, table
    from heyue.practice.referee_run import play_all

    at: datetime = moment_or_clock(now)
    figures = figures_of(play_all(talks, seed, at))
    if output is not None:
        output.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(table(figures))
    if not passes(figures):
        raise typer.Exit(1)
