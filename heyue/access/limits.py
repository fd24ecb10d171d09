"""The numbers of access.yml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class PasswordLimits:
    shortest: int
    longest: int
    hashed_at_once: int


@dataclass(frozen=True)
class LockoutLimits:
    wrong_passwords: int
    minutes: int
    wrong_a_minute: int


@dataclass(frozen=True)
class SessionLimits:
    idle_hours: int
    longest_hours: int
    provider_minutes: int
    noted_minutes: int


@dataclass(frozen=True)
class Limits:
    password: PasswordLimits
    lockout: LockoutLimits
    session: SessionLimits


@cache
def limits() -> Limits:
    """The limits, read once."""
    raw = yaml.safe_load((files("heyue.access") / "access.yml").read_text(encoding="utf-8"))
    return Limits(
        PasswordLimits(**raw["password"]), LockoutLimits(**raw["lockout"]), SessionLimits(**raw["session"])
    )
