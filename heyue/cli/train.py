"""`heyue train`: all models that read texts, from the handwritten data."""

from __future__ import annotations

from typing import Annotated

import typer

from heyue.cli.options import Data


def train(
    data: Data = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Train the models of promises, reasons, collector lines and moves, debtor types and situations."""
    from heyue.training.models import CHECKOUT_DATA, train_models

    train_models(data or CHECKOUT_DATA, quiet=quiet)
