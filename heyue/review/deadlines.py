"""The deadlines of deadlines.yml."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from heyue.review.data_file import DataFile

_MOST = 365


class Deadlines(NamedTuple):
    """How long a claim holds, a score may be appealed against, and a ruling may take."""

    claim: timedelta
    appeal: timedelta
    ruling: timedelta


def load_deadlines(path: Path | None = None) -> Deadlines:
    """The deadlines of `path`, or those shipped with the package.

    Raises:
        BadInput: the file cannot be read or a field is wrong; the message names file and field.
    """
    data = DataFile.read(path if path is not None else files("heyue.review") / "deadlines.yml")
    data.only("claim_hours", "appeal_days", "ruling_days")
    return Deadlines(
        timedelta(hours=data.count("claim_hours", 1, 24 * _MOST)),
        timedelta(days=data.count("appeal_days", 1, _MOST)),
        timedelta(days=data.count("ruling_days", 1, _MOST)),
    )


@cache
def deadlines() -> Deadlines:
    """The shipped deadlines, read once."""
    return load_deadlines()
