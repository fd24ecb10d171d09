"""What identifiers are called on a screen, in Chinese (names.yml)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from heyue.errors import Unknown


def name_of(kind: str, identifier: str | None) -> str:
    """The Chinese name of an identifier; of None, what is said where nothing is known.

    Args:
        kind: a section of names.yml, such as "debtor_type".

    Raises:
        Unknown: there is no such kind, or no such identifier in it.
    """
    names = _names().get(kind, {})
    if identifier not in names:
        raise Unknown(f"{kind} {identifier!r} has no name in names.yml")
    return names[identifier]


def names_of(kind: str) -> Mapping[str, str]:
    """Every identifier of a kind with its name, in the order of the contracts: what a choice on a screen offers.

    Raises:
        Unknown: there is no such kind.
    """
    if kind not in _names():
        raise Unknown(f"{kind!r} is no kind of names.yml; take one of {', '.join(_names())}")
    return MappingProxyType({key: name for key, name in _names()[kind].items() if key is not None})


def channel_name(channel: str | None, segments: int | None = None) -> str:
    """A channel as people read it, nothing where there is none; of an SMS also as how many it is paid."""
    name = name_of("channel", channel) if channel else ""
    return f"{name}（计费 {segments} 条）" if segments else name


@cache
def _names() -> dict[str, dict[str | None, str]]:
    raw: dict[str, dict[str | None, str]] = yaml.safe_load(
        (files("heyue") / "names.yml").read_text(encoding="utf-8")
    )
    return raw
