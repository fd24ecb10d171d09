"""The policy of outreach (outreach.yml), read once into frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from heyue.errors import BadInput

COURTESY, REMINDER, PROMISE = "courtesy", "reminder", "promise"
PURPOSES = (COURTESY, REMINDER, PROMISE)


@dataclass(frozen=True)
class SilenceRules:
    tries_an_address: int
    most_tries: int


@dataclass(frozen=True)
class PromiseRules:
    thanks_days: int
    ask_why_days: int
    ask_again_days: int
    asks: int
    undated_days: int
    broken_to_human: int


@dataclass(frozen=True)
class HourRules:
    """When people answer. `prior`: the share of messages of each hour that is answered, before anything is learnt."""

    prior: Mapping[int, float]
    prior_weight: float
    own_weight: float
    answer_hours: int
    learn_days: int
    apart: int


@dataclass(frozen=True)
class Reason:
    """Why nothing is sent or a person is called: the rule's id and what a screen says."""

    rule: str
    says: str


@dataclass(frozen=True)
class OutreachPolicy:
    version: str
    purposes: frozenset[str]
    courtesy_days_before: tuple[int, ...]
    demonstration: bool
    stages: Mapping[str, int]
    after_answer_days: int
    channels: tuple[str, ...]
    silence: SilenceRules
    promise: PromiseRules
    hours: HourRules
    spread_minutes: int
    reasons: Mapping[str, Reason]


def load_outreach_policy(path: Path | None = None) -> OutreachPolicy:
    """The policy of `path`, or the one shipped with the package.

    Raises:
        BadInput: the file cannot be read, misses a field or has one that does not exist.
    """
    source = path if path is not None else files("heyue.outreach") / "outreach.yml"
    try:
        policy = _policy(yaml.safe_load(source.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{source}: the outreach policy cannot be read: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"{source}: outreach policy field missing or not known: {error!r}") from error
    if unknown := policy.purposes - set(PURPOSES):
        raise BadInput(f"{source}: purposes must be of {', '.join(PURPOSES)}, not {', '.join(sorted(unknown))}")
    return policy


@cache
def default_outreach_policy() -> OutreachPolicy:
    """The shipped policy, read once."""
    return load_outreach_policy()


def _policy(raw: dict[str, Any]) -> OutreachPolicy:
    nested = {
        "purposes": frozenset(raw["purposes"]),
        "courtesy_days_before": tuple(map(int, raw["courtesy_days_before"])),
        "channels": tuple(raw["channels"]),
        "silence": SilenceRules(**raw["silence"]),
        "promise": PromiseRules(**raw["promise"]),
        "hours": HourRules(**raw["hours"]),
        "reasons": {name: Reason(**fields) for name, fields in raw["reasons"].items()},
    }
    return OutreachPolicy(**(raw | nested))
