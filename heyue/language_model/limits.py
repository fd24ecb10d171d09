"""What one call to the language model may take (limits.yml)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml


class Limits(NamedTuple):
    """The entries of limits.yml."""

    tokens: int
    bytes: int
    at_once: int
    faults: int
    rest_seconds: float


@cache
def limits() -> Limits:
    """The limits."""
    source = (files("heyue.language_model") / "limits.yml").read_text(encoding="utf-8")
    return Limits(**yaml.safe_load(source))
