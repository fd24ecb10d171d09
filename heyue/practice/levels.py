"""How much skill an exercise takes (levels.yml)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

import yaml

from heyue.errors import BadInput

LEVELS = ("easy", "medium", "hard")


class Level(NamedTuple):
    """One level; the fields are told in levels.yml. `name` and `what` are Chinese words for a screen."""

    name: str
    what: str
    soothing: float
    pressing: float
    tiring: float
    ready_at: float
    skills: int
    calmer: float
    resists: int
    opening_share: float
    warnings: int
    hints: int
    rule_warnings: bool


@cache
def levels() -> Mapping[str, Level]:
    """Every level by identifier, the easiest first."""
    raw = yaml.safe_load((files("heyue.practice") / "levels.yml").read_text(encoding="utf-8"))
    return MappingProxyType({name: Level(**raw[name]) for name in LEVELS})


def level_of(identifier: str) -> Level:
    """The level of this identifier.

    Raises:
        BadInput: there is none.
    """
    if identifier not in levels():
        raise BadInput(f"level: {identifier!r} does not exist; take one of {', '.join(LEVELS)}")
    return levels()[identifier]
