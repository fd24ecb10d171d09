"""`heyue evaluate`: every model on voices never seen, written to docs/models.md and docs/figures."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Optional

import typer

from heyue.cli.options import Data, Jobs

CHECKOUT_DOCS = Path(__file__).resolve().parents[2] / "docs"


def evaluate(
    data: Data = None,
    docs: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(file_okay=False, help="Folder to write to. Default: docs of the checkout."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Hold out fewer voices: rough figures in a few minutes.")
    ] = False,
    jobs: Jobs = 2,
) -> None:
    """Measure the models on held-out voices and write docs/models.md and its figures (needs matplotlib)."""
    from heyue.training.figures import need_matplotlib

    need_matplotlib()
    from heyue.training import evaluation, report
    from heyue.training.models import CHECKOUT_DATA

    begun = time.perf_counter()
    extent = evaluation.QUICK if quick else evaluation.Extent()
    found = evaluation.evaluate(data or CHECKOUT_DATA, extent, jobs)
    written = report.write(found, extent, docs or CHECKOUT_DOCS, time.perf_counter() - begun)
    print(f"{time.perf_counter() - begun:.0f} s; written to {written}")
