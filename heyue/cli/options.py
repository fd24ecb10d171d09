"""Options that several subcommands take."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

Database = Annotated[
    Optional[str],  # noqa: UP045  typer reads the annotation at run time
    typer.Option(
        "--database",
        metavar="URL",
        help="A SQLAlchemy URL. Default: HEYUE_DATABASE_URL, else SQLite in the data folder.",
    ),
]
