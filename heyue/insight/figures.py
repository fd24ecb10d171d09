"""Shares and weeks: how figures are told."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from heyue.review.rule_health import wilson_interval
from heyue.settings import ZONE

FEWEST = 5  # of fewer no percentage is told: one more or less would turn it over


class Share(NamedTuple):
    """`hits` of `total`."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None of fewer than FEWEST."""
        return self.hits / self.total if self.total >= FEWEST else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true share lies with 95 % (Wilson); None of fewer than FEWEST."""
        return wilson_interval(self.hits, self.total) if self.total >= FEWEST else None

    def differs_from(self, other: Share) -> bool:
        """Whether the two are so far apart that it is hardly chance: their intervals do not meet."""
        mine, others = self.interval, other.interval
        return mine is not None and others is not None and (mine[0] > others[1] or others[0] > mine[1])


class Week(NamedTuple):
    """An ISO week in Asia/Shanghai: Monday to Sunday (contracts.md section 2)."""

    monday: date

    @staticmethod
    def of(day: date) -> Week:
        """The week of this day."""
        return Week(day - timedelta(days=day.weekday()))

    @property
    def before(self) -> Week:
        return Week(self.monday - timedelta(days=7))

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Its first moment, and the first moment after it."""
        return midnight(self.monday), midnight(self.monday + timedelta(days=7))

    @property
    def name(self) -> str:
        """2026年第48周（11月23日–11月29日）"""
        year, number, _ = self.monday.isocalendar()
        first, last = self.monday, self.monday + timedelta(days=6)
        return f"{year}年第{number}周（{first.month}月{first.day}日–{last.month}月{last.day}日）"


def midnight(day: date) -> datetime:
    """The first moment of a day in Asia/Shanghai."""
    return datetime.combine(day, time(), ZONE)
