"""Options that several subcommands take."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from heyue.settings import ZONE, moment_of


class EngineName(str, Enum):
    """What reads the texts."""

    process = "process"
    spark = "spark"


Database = Annotated[
    Optional[str],  # noqa: UP045  typer reads the annotation at run time
    typer.Option(
        "--database",
        metavar="URL",
        help="A SQLAlchemy URL. Default: HEYUE_DATABASE_URL, else SQLite in the data folder.",
    ),
]
Now = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="Time of what has none of its own (ISO 8601 with offset). Default: the clock."),
]
Data = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        exists=True, file_okay=False, help="Folder of the training data. Default: nlu_data of the checkout."
    ),
]
Engine = Annotated[
    EngineName, typer.Option("--engine", help="process: standard input; spark: whole archives, from files.")
]
Source = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--from",
        metavar="PATH",
        help="With --engine spark: a folder, file or pattern, Parquet or JSON Lines.",
    ),
]
Target = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--to", metavar="FOLDER", help="With --engine spark: where the answers go, as Parquet."),
]
Master = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        metavar="URL",
        help="With --engine spark: such as local[4]. Default: what spark-submit says, else all cores.",
    ),
]
Jobs = Annotated[int, typer.Option(min=1, max=256, help="Processes to work with.")]


def moment(said: Any) -> datetime:
    """An ISO time with offset, in Asia/Shanghai.

    Raises:
        ValueError: anything else.
    """
    at = moment_of(said)
    if at is None:
        raise ValueError(f"now must be an ISO 8601 time with an offset, not {said!r}")
    return at


def moment_or_clock(said: str | None) -> datetime:
    """The time of an option, or that of the clock."""
    return moment(said) if said else datetime.now(ZONE)
