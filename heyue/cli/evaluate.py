"""`heyue evaluate`: every model on voices never seen, written to docs/models.md and docs/figures."""

from __future__ import annotations

import time
from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer

from heyue.cli.options import Data, Jobs

CHECKOUT_DOCS = Path(__file__).resolve().parents[2] / "docs"


class Part(str, Enum):
    """A part of the evaluation that can be run alone."""

    MOVES = "moves"
    CONDUCT = "conduct"


def evaluate(
    data: Data = None,
    docs: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(file_okay=False, help="Folder to write to. Default: docs of the checkout."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Hold out fewer voices: rough figures in a few minutes.")
    ] = False,
    only: Annotated[
        Optional[Part],  # noqa: UP045
        typer.Option(help="Measure this part alone: moves (of collectors in practice) or conduct (rules broken in whole talks); a minute."),
    ] = None,
    jobs: Jobs = 2,
) -> None:
    """Measure the models on held-out voices and write docs/models.md and its figures (needs matplotlib)."""
    from heyue.training import move_evaluation, talk_check_evaluation
    from heyue.training.models import CHECKOUT_DATA

    begun = time.perf_counter()
    source, target = data or CHECKOUT_DATA, docs or CHECKOUT_DOCS
    if only is None:
        _evaluate_readers(source, target, quick, jobs, begun)
    if only in (None, Part.CONDUCT):
        talk_check_evaluation.write_conduct(talk_check_evaluation.evaluate_conduct(source, jobs), target)
    if only in (None, Part.MOVES):
        move_evaluation.write_moves(move_evaluation.evaluate_moves(source, jobs), target)
    print(f"{time.perf_counter() - begun:.0f} s; written to {target / 'models.md'}")


def _evaluate_readers(data: Path, docs: Path, quick: bool, jobs: int, begun: float) -> None:
    """What reads talks, lines and messages."""
    from heyue.training.figures import need_matplotlib

    need_matplotlib()
    from heyue.training import evaluation, report

    extent = evaluation.QUICK if quick else evaluation.Extent()
    found = evaluation.evaluate(data, extent, jobs)
    report.write(found, extent, docs, time.perf_counter() - begun)
