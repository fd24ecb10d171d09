"""What becomes of a case: kept as it is, restricted, or deleted, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from heyue.retention.policy import CasePolicy, Reason, days_before, years_after

KEEP, RESTRICT, RELEASE, DELETE = "keep", "restrict", "release", "delete"


@dataclass(frozen=True)
class CaseFacts:
    """What the periods of a case count from. `stops`: states that stop its reminders."""

    case_id: str
    is_settled: bool
    last_record_at: datetime
    stops: tuple[str, ...] = ()
    has_hold: bool = False
    has_open_appeal: bool = False
    restricted_at: datetime | None = None


@dataclass(frozen=True)
class Ruling:
    """What to do with a case. `until`: when its last period ends, where only time stands against deleting it."""

    action: str
    why: tuple[Reason, ...]
    until: datetime | None = None


def judge_case(facts: CaseFacts, policy: CasePolicy, now: datetime) -> Ruling:
    """Restrict first, delete later (PIPL art. 47: while a legal period runs, only store and protect).

    A contact is a record and an activity at once: the longer of the two periods counts.
    """
    obstacles = _obstacles(facts, policy)
    if not facts.is_settled:
        return Ruling(RELEASE if facts.restricted_at else KEEP, obstacles)
    periods = (policy.years_after_last_record, policy.years_after_last_activity)
    running = [each for each in periods if years_after(facts.last_record_at, each.value) > now]
    until = max(years_after(facts.last_record_at, each.value) for each in periods)
    if not obstacles and not running:
        return Ruling(DELETE, periods, until)
    why = (*obstacles, *running)
    is_open = facts.restricted_at is None or facts.restricted_at < facts.last_record_at  # written to again since
    if is_open and not facts.has_open_appeal and facts.last_record_at <= days_before(now, policy.restrict_after_days.value):
        return Ruling(RESTRICT, (policy.restrict_after_days, *why), until)
    return Ruling(KEEP, why, None if obstacles else until)


def _obstacles(facts: CaseFacts, policy: CasePolicy) -> tuple[Reason, ...]:
    found = (
        (not facts.is_settled, policy.not_settled),
        (facts.has_hold, policy.held),
        (facts.has_open_appeal, policy.open_appeal),
        (any(state in policy.stopped_by for state in facts.stops), policy.stopped),
    )
    return tuple(reason for stands, reason in found if stands)
