"""The policy file: numbers and names that a lead may change, read once into frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from heyue.errors import BadInput


@dataclass(frozen=True)
class PromisePolicy:
    horizon_days: int
    grace_days: int
    tolerance_fen: int
    narrowing_attempts: int
    max_instalments: int


@dataclass(frozen=True)
class IdentityPolicy:
    wrong_answers: int
    unanswered: int


@dataclass(frozen=True)
class ConductPolicy:
    insults: int
    bot_label: str
    idle_minutes_reopen: int
    idle_hours_continue: int
    turns_per_session: int


@dataclass(frozen=True)
class ServicePolicy:
    complaint_phone: str
    crisis_phone: str
    pay_ways: str
    human_hours: str
    complaint_days: int


@dataclass(frozen=True)
class Policy:
    version: str
    promise: PromisePolicy
    identity: IdentityPolicy
    conduct: ConductPolicy
    service: ServicePolicy
    stages: dict[str, tuple[int, int]]

    def stage(self, days_overdue: int) -> str:
        """early, middle, late or handover, by days overdue (domain.md, stages)."""
        for name, (_, last) in self.stages.items():
            if days_overdue <= last:
                return name
        return "handover"


def load_policy(path: Path | None = None) -> Policy:
    """The policy of `path`, or the one shipped with the package.

    Raises:
        BadInput: the file cannot be read, misses a section or has a field that does not exist.
    """
    source = path if path is not None else files("heyue") / "policy.yml"
    try:
        raw: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{source}: the policy file cannot be read: {error}") from error
    try:
        return Policy(
            version=raw["version"],
            promise=PromisePolicy(**raw["promise"]),
            identity=IdentityPolicy(**raw["identity"]),
            conduct=ConductPolicy(**raw["conduct"]),
            service=ServicePolicy(**raw["service"]),
            stages={name: (first, last) for name, (first, last) in raw["stages"].items()},
        )
    except (KeyError, TypeError) as error:
        raise BadInput(f"{source}: policy field missing or not known: {error}") from error


@cache
def default_policy() -> Policy:
    """The shipped policy, read once."""
    return load_policy()
