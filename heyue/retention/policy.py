"""The retention policy (retention.yml) and the inventory of tables with personal data (tables.yml), as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from heyue.errors import BadInput

ONLY = (None, "without_case", "case_gone", "address_gone")


@dataclass(frozen=True)
class Reason:
    """A rule of the compliance notes, and what it says to people."""

    rule: str
    says: str


@dataclass(frozen=True)
class Period(Reason):
    """So many days or years (the unit is its place in the policy)."""

    value: int


@dataclass(frozen=True)
class CasePolicy:
    """How long a case is kept with all that belongs to it."""

    restrict_after_days: Period
    years_after_last_record: Period
    years_after_last_activity: Period
    not_settled: Reason
    held: Reason
    open_appeal: Reason
    stopped: Reason
    stopped_by: tuple[str, ...]


@dataclass(frozen=True)
class RowPolicy(Reason):
    """How long rows that belong to no case are kept, counted from the moment in the column `since`."""

    name: str
    table: str
    since: str
    only: str | None = None
    years: int = 0
    days: int = 0

    def before(self, now: datetime) -> datetime:
        """Rows from before this moment go."""
        return days_before(years_before(now, self.years), self.days)


@dataclass(frozen=True)
class RetentionPolicy:
    version: str
    case: CasePolicy
    rows: tuple[RowPolicy, ...]
    audit_years: Period


@dataclass(frozen=True)
class PersonalTable:
    """A table with personal data. `not_given`: why a person's copy leaves it out."""

    name: str
    belongs: str
    ends: str
    also: str | None = None
    not_given: str | None = None


def years_before(now: datetime, years: int) -> datetime:
    """The same day so many years ago; of 29 February the 28th."""
    return _in_year(now, now.year - years)


def years_after(then: datetime, years: int) -> datetime:
    """The same day so many years later; of 29 February the 28th."""
    return _in_year(then, then.year + years)


def _in_year(moment: datetime, year: int) -> datetime:
    try:
        return moment.replace(year=year)
    except ValueError:
        return moment.replace(year=year, day=28)


def days_before(now: datetime, days: int) -> datetime:
    """So many days ago."""
    return now - timedelta(days=days)


def load_retention_policy(path: Path | None = None) -> RetentionPolicy:
    """The policy of `path`, or the one shipped with the package.

    Raises:
        BadInput: the file cannot be read, misses a field or has one that does not exist.
    """
    source = path if path is not None else files("heyue.retention") / "retention.yml"
    try:
        raw: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
        return _policy_of(raw)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{source}: the retention policy cannot be read: {error}") from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadInput(f"{source}: retention field missing, not known or out of range: {error}") from error


def _policy_of(raw: dict[str, Any]) -> RetentionPolicy:
    case: dict[str, Any] = {
        name: tuple(field) if name == "stopped_by" else (Period if "value" in field else Reason)(**field)
        for name, field in raw["case"].items()
    }
    rows = tuple(RowPolicy(name=name, **fields) for name, fields in raw["rows"].items())
    if wrong := [each.name for each in rows if each.only not in ONLY or each.years < 0 or each.days < 0]:
        raise ValueError(f"rows: {', '.join(wrong)}")
    return RetentionPolicy(str(raw["version"]), CasePolicy(**case), rows, Period(**raw["audit"]["years"]))


@cache
def default_retention_policy() -> RetentionPolicy:
    """The shipped policy, read once."""
    return load_retention_policy()


@cache
def personal_tables() -> dict[str, PersonalTable]:
    """Every table with personal data by its name in the store."""
    raw = yaml.safe_load((files("heyue.retention") / "tables.yml").read_text(encoding="utf-8"))
    return {table: PersonalTable(**fields) for table, fields in raw.items()}
