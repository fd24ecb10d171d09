"""`heyue export-labels`: reviewed talks as labelled transcripts, for retraining."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer

from heyue.cli.json_lines import written
from heyue.cli.operating import account
from heyue.cli.options import Database
from heyue.desk import open_desk
from heyue.settings import ZONE, Settings


def export_labels(
    database: Database = None,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="Leave names and numbers as they were said.")
    ] = False,
) -> None:
    """Write every talk whose review is final as a labelled transcript (JSON Lines). That it was done is audited."""
    desk = open_desk(Settings.from_environment(database))
    for line in desk.labelled_talks(account(), datetime.now(ZONE), is_masked=not unmasked):
        sys.stdout.write(written(line) + "\n")
