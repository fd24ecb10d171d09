"""What an import says in the terminal, and its exit status."""

from __future__ import annotations

import sys

import typer

from heyue.intake.importing import ImportReport

MOST_SHOWN = 50


def finish(report: ImportReport) -> None:
    """Print the report; exit status 1 when rows were refused."""
    for kind, findings in (("refused", report.refusals), ("warning", report.warnings)):
        for finding in findings[:MOST_SHOWN]:
            print(f"{kind}: {finding}", file=sys.stderr)
        if len(findings) > MOST_SHOWN:
            print(f"{kind}: and {len(findings) - MOST_SHOWN} more", file=sys.stderr)
    print(
        f"added {report.added}, updated {report.updated}, unchanged {report.unchanged}, refused {report.refused}"
    )
    if report.refused:
        raise typer.Exit(1)
