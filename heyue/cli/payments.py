"""`heyue payments FILE`: payments into the store, promises brought up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from heyue.cli.options import Database
from heyue.cli.reports import finish
from heyue.intake.importing import import_payments
from heyue.policy import load_policy
from heyue.settings import Settings
from heyue.store import open_store


def payments(
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX with case_id, paid_at, amount (negative: taken back)")
    ],
    database: Database = None,
) -> None:
    """Take in payments and settle the promises of their cases, first in, first out."""
    settings = Settings.from_environment(database)
    finish(import_payments(file, open_store(settings), load_policy(settings.policy_path)))
