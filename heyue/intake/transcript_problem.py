"""What is wrong in an uploaded transcript file, told so that a reviewer can mend it (transcript_problems.yml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from heyue.errors import BadInput

LONGEST_QUOTE = 30  # characters of the file's own text in a message


@dataclass(frozen=True)
class RowProblem:
    """Something odd in a file: where, what, and what to do about it, in the words of the page.

    `line`: in the file, from 1; None where the whole file is meant. `taken`: it was read all the same.
    """

    code: str
    line: int | None
    column: str | None
    reason: str
    remedy: str
    taken: bool


def problem(code: str, line: int | None = None, column: str | None = None, **values: object) -> RowProblem:
    """The problem named `code` with its wording filled in; a field of ColumnMapping becomes the page's word for it."""
    worded = wording()["rows"][code]
    said = {name: brief(value) for name, value in (values | {"line": line}).items()}
    where = wording()["fields"].get(column, column)
    return RowProblem(
        code, line, where, worded["reason"].format(**said), worded["remedy"].format(**said), worded["taken"]
    )


def refusal(code: str, **values: object) -> BadInput:
    """The error that refuses a whole file; its message may be shown."""
    return BadInput(
        wording()["refusals"][code].format(**{name: brief(value) for name, value in values.items()})
    )


def field_name(field: str) -> str:
    """What a field of ColumnMapping is called on the page."""
    return str(wording()["fields"][field])


def brief(value: object) -> str:
    """A value in one line of LONGEST_QUOTE characters."""
    said = " ".join(str(value).split())
    return said if len(said) <= LONGEST_QUOTE else said[: LONGEST_QUOTE - 1] + "…"


@cache
def wording() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(
        (files("heyue.intake") / "transcript_problems.yml").read_text(encoding="utf-8")
    )
    return raw
