"""The policy of the contact gate (contact_gate.yml), read once into frozen records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from heyue.errors import BadInput
from heyue.settings import ZONE


@dataclass(frozen=True)
class Hours:
    """A span of the day in Asia/Shanghai, the end not included; it may go over midnight."""

    begin: time
    end: time

    def hold(self, at: datetime) -> bool:
        """Whether a moment is inside."""
        now = at.astimezone(ZONE).time()
        if self.begin <= self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end

    def next_begin(self, at: datetime) -> datetime:
        """The first moment after `at` at which they begin."""
        here = at.astimezone(ZONE)
        today = datetime.combine(here.date(), self.begin, ZONE)
        return today if today > here else today + timedelta(days=1)

    def end_after(self, at: datetime) -> datetime:
        """The first moment after `at` at which they end."""
        return Hours(self.end, self.begin).next_begin(at)


@dataclass(frozen=True)
class ChannelRules:
    """What one channel allows. `window_hours`, `quota`: free words after the borrower wrote, where that is limited.

    `most_segments`: how long an answer by SMS is meant to be at most; a longer one goes out, and the log says so.
    """

    per_day: int
    per_7_days: int | None = None
    window_hours: int | None = None
    quota: int | None = None
    bot_quota: int | None = None
    needs_template: bool = False
    labels_all: bool = False
    most_segments: int | None = None


@dataclass(frozen=True)
class Kind:
    """What a message is for (contact_gate.yml says what the fields mean)."""

    by: str
    answers: bool = False
    to_stranger: bool = False
    on_plan: bool = False
    on_promise: bool = False
    when_settled: bool = False
    amounts: str = "ledger"


@dataclass(frozen=True)
class StopRule:
    """A state that stops messages."""

    rule: str
    says: str
    of_debtor: bool = False
    human: bool = False
    is_plan: bool = False
    days: int | None = None

    def has_ended(self, since: datetime, at: datetime) -> bool:
        """Whether the state, set at `since`, no longer counts."""
        return self.days is not None and at - since >= timedelta(days=self.days)


@dataclass(frozen=True)
class CheckRule:
    """A check of the gate: its rule id (compliance.md) and what a screen says when it refuses."""

    rule: str
    says: str


@dataclass(frozen=True)
class ContactPolicy:
    version: str
    wall: Hours
    window: Hours
    no_demand: Hours
    answer_hours: int
    opt_out_days: int
    barred_years: int
    per_day: Mapping[str, int]
    channels: Mapping[str, ChannelRules]
    kinds: Mapping[str, Kind]
    approved_templates: Mapping[str, frozenset[str]]
    stop_states: Mapping[str, StopRule]
    checks: Mapping[str, CheckRule]
    label: str
    night_line: str
    words: Mapping[str, re.Pattern[str]]

    def rule_of(self, check: str) -> str:
        """The rule id behind a check or stop state."""
        return (self.stop_states.get(check) or self.checks[check]).rule

    def says(self, check: str) -> str:
        """What a screen says when this check or stop state refuses."""
        return (self.stop_states.get(check) or self.checks[check]).says


def load_contact_policy(path: Path | None = None) -> ContactPolicy:
    """The policy of `path`, or the one shipped with the package.

    Raises:
        BadInput: the file cannot be read, misses a field, or lets messages out beyond the wall.
    """
    source = path if path is not None else files("heyue.conduct") / "contact_gate.yml"
    try:
        policy = _policy(yaml.safe_load(source.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{source}: the contact policy cannot be read: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise BadInput(f"{source}: contact policy field missing or not known: {error!r}") from error
    if not policy.wall.begin <= policy.window.begin < policy.window.end <= policy.wall.end:
        raise BadInput(f"{source}: the window must lie inside the wall (T-01)")
    return policy


@cache
def default_contact_policy() -> ContactPolicy:
    """The shipped policy, read once."""
    return load_contact_policy()


def _policy(raw: dict[str, Any]) -> ContactPolicy:
    return ContactPolicy(
        version=raw["version"],
        wall=_hours(raw["wall"]), window=_hours(raw["window"]), no_demand=_hours(raw["no_demand"]),
        answer_hours=int(raw["answer_hours"]), opt_out_days=int(raw["opt_out_days"]),
        barred_years=int(raw["barred_years"]), per_day={name: int(raw["per_day"][name]) for name in ("bot", "all")},
        channels={name: ChannelRules(**fields) for name, fields in raw["channels"].items()},
        kinds={name: Kind(**fields) for name, fields in raw["kinds"].items()},
        approved_templates={name: frozenset(found) for name, found in raw["approved_templates"].items()},
        stop_states={name: StopRule(**fields) for name, fields in raw["stop_states"].items()},
        checks={name: CheckRule(**fields) for name, fields in raw["checks"].items()},
        label=raw["label"], night_line=raw["night_line"],
        words={name: re.compile(re.sub(r"\s", "", words)) for name, words in raw["words"].items()},
    )  # fmt: skip


def _hours(said: list[str]) -> Hours:
    begin, end = (time.fromisoformat(each) for each in said)
    return Hours(begin, end)
