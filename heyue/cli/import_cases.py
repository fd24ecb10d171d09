"""`heyue import FILE`: a lender's case file into the store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from heyue.cli.options import Database
from heyue.cli.reports import finish
from heyue.intake.importing import import_cases as bring_in
from heyue.settings import Settings
from heyue.store import open_store


def import_cases(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030) or XLSX")], database: Database = None
) -> None:
    """Bring a case file into the store. Good rows go in, bad ones are refused with line, column and reason."""
    store = open_store(Settings.from_environment(database))
    lines = count_lines(file)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(file=sys.stderr), transient=True, disable=not sys.stderr.isatty(),
    ) as bar:  # fmt: skip
        task = bar.add_task("rows", total=lines)
        report = bring_in(file, store, lambda rows: bar.advance(task, rows))
    finish(report)


def count_lines(file: Path) -> int | None:
    """About how many rows a CSV file has, for the progress bar; None for other files."""
    if file.suffix.lower() != ".csv" or not file.is_file():
        return None
    with file.open("rb") as source:
        return max(sum(chunk.count(b"\n") for chunk in iter(lambda: source.read(1 << 20), b"")) - 1, 0)
