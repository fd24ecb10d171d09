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

    TYPES = "types"
    SITUATIONS = "situations"
    LINES = "lines"
    REASONS = "reasons"
    PROMISES = "promises"
    CONDUCT = "conduct"
    MOVES = "moves"


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
        Optional[list[Part]],  # noqa: UP045
        typer.Option(
            help="Measure this part alone (may be given several times): debtor types, situations, lines of collectors, reasons, "
            "promises, conduct (rules broken in whole talks) or moves (of collectors in practice)."
        ),
    ] = None,
    jobs: Jobs = 2,
) -> None:
    """Measure the models on held-out voices; each part is written to docs/models.md as it is done (needs matplotlib)."""
    from heyue.training.evaluation import QUICK, Extent
    from heyue.training.models import CHECKOUT_DATA
    from heyue.training.parts import measure

    begun, target = time.perf_counter(), docs or CHECKOUT_DOCS
    wanted = [part.value for part in only or Part]
    measure(wanted, data or CHECKOUT_DATA, target, QUICK if quick else Extent(), jobs)
    print(f"{time.perf_counter() - begun:.0f} s; written to {target / 'models.md'}")
