"""Loads the words that the understanding reads by (heyue/understanding/data/*.yml)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def load_data(name: str) -> dict[str, Any]:
    """The contents of one data file, read once."""
    source = (files("heyue.understanding") / "data" / name).read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = yaml.load(source, Loader=loader)
    return data
