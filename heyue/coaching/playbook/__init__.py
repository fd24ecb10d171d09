"""What a collector may say next: handwritten lines by state of the talk (one YAML file each), and their techniques."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from heyue.errors import BadInput

STATES = ("opening", "verifying", "venting", "reason", "negotiating", "confirming", "closing")
ALL = "all"


class Line(NamedTuple):
    """One line: what is said, by which technique, for which types and situations, and what it must not be used for."""

    text: str
    technique: str
    types: frozenset[str]
    situations: frozenset[str]
    not_for: str

    def fits(self, debtor_type: str, situation: str) -> bool:
        """Whether it may be said to such a debtor in such a situation."""
        return (ALL in self.types or debtor_type in self.types) and (
            ALL in self.situations or situation in self.situations
        )


class Technique(NamedTuple):
    """One way of the craft. `verdict`: lawful, adapted (`idea` gives the form allowed) or forbidden (`instead` what to do)."""

    name: str
    verdict: str
    idea: str
    instead: str | None = None


@cache
def techniques() -> dict[str, Technique]:
    """Every technique by its identifier (techniques.yml)."""
    return {name: Technique(**fields) for name, fields in _load("techniques").items()}


@cache
def lines(state: str) -> tuple[Line, ...]:
    """The lines for one state of a talk.

    Raises:
        BadInput: a line lacks a field or names one that does not exist.
    """
    try:
        return tuple(_line(**raw) for raw in _load(state))
    except TypeError as error:
        raise BadInput(f"playbook/{state}.yml: {error}") from error


def _line(text: str, technique: str, types: Any, situations: Any, not_for: str) -> Line:
    return Line(text, technique, _names(types), _names(situations), not_for)


def _names(listed: str | list[str]) -> frozenset[str]:
    return frozenset([listed] if isinstance(listed, str) else listed)


def _load(name: str) -> Any:
    source = (files("heyue.coaching.playbook") / f"{name}.yml").read_text(encoding="utf-8")
    return yaml.load(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
