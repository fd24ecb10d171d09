"""Refusals in the words of the screen."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from heyue.errors import Refused


@cache
def words() -> dict[str, str]:
    """What to say, by the name of the error."""
    found: dict[str, str] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return found


def in_chinese(refusal: Refused) -> str:
    """What the screen says to this refusal; one that has its own words brings them along as `says`."""
    if says := getattr(refusal, "says", None):
        return str(says)
    name, why = type(refusal).__name__, getattr(refusal, "why", None)
    return words().get(f"{name}.{why}" if why else name, words()["Refused"])
