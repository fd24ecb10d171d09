"""The calendar of promises: months, weeks, lunar days and solar terms, always the next one to come."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import NamedTuple

LENGTH = {"b": 30, "s": 29}


class LunarYear(NamedTuple):
    """One lunar year. `months`: (month, is leap) in order; `firsts`: their first days; `lengths` in days."""

    months: tuple[tuple[int, bool], ...]
    firsts: tuple[date, ...]
    lengths: tuple[int, ...]


def day_in(year: int, month: int, day: int) -> date:
    """That day, or the month's last day when the month is shorter. `month` may lie outside 1-12.

    Raises:
        ValueError: the year lies outside 1-9999.
    """
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def months_later(day: date, months: int) -> date:
    """The same day of the month, so many months later."""
    return day_in(day.year, day.month + months, day.day)


def monday_of(day: date) -> date:
    """The Monday of the week (Monday to Sunday) in which `day` lies."""
    return day - timedelta(days=day.weekday())


def nth_weekday(year: int, month: int, nth: int, weekday: int) -> date:
    """The nth Monday (0) … Sunday (6) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


@cache
def lunar_years() -> dict[int, LunarYear]:
    """The lunar years 1999-2051 (data/lunar_years.txt)."""
    source = (files("heyue.understanding") / "data/lunar_years.txt").read_text(encoding="utf-8")
    rows = (line.split() for line in source.splitlines() if not line.startswith("#"))
    return {int(year): _lunar_year(first, int(leap), sizes) for year, first, leap, sizes in rows}


def _lunar_year(first: str, leap: int, sizes: str) -> LunarYear:
    months = [(month, is_leap) for month in range(1, 13) for is_leap in (False, True)]
    kept = tuple((month, is_leap) for month, is_leap in months if not is_leap or month == leap)
    lengths = tuple(LENGTH[size] for size in sizes)
    starts = accumulate(lengths[:-1], initial=0)
    begin = date.fromisoformat(first)
    return LunarYear(kept, tuple(begin + timedelta(days=days) for days in starts), lengths)


LUNAR_MONTH = timedelta(days=30)  # the longer ones


@lru_cache(maxsize=2048)
def lunar_day(year: int, month: int, day: int, leap: bool = False) -> date | None:
    """The date of a lunar day; the month's last day where `day` runs past it. None outside 1999-2051 or without that leap month."""
    known = lunar_years().get(year)
    if known is None or (month, leap) not in known.months:
        return None
    index = known.months.index((month, leap))
    return known.firsts[index] + timedelta(days=min(day, known.lengths[index]) - 1)


def next_lunar_day(today: date, month: int, day: int, leap: bool = False) -> date | None:
    """The next occurrence of a lunar day, today included."""
    found = (lunar_day(year, month, day, leap) for year in range(today.year - 1, 2052))
    return next((each for each in found if each is not None and each >= today), None)


def next_lunar_day_of_any_month(today: date, day: int) -> date | None:
    """The next day with this number in whichever lunar month ("初八")."""
    days = (
        first + timedelta(days=day - 1)
        for year in (today.year - 1, today.year)
        if year in lunar_years()
        for first in lunar_years()[year].firsts
    )
    return next((each for each in days if each >= today), None)


def new_year_eve(year: int) -> date | None:
    """除夕 before the Spring Festival of the solar `year`."""
    first = lunar_day(year, 1, 1)
    return first - timedelta(days=1) if first else None


def next_new_year_eve(today: date) -> date | None:
    """The next 除夕, today included."""
    found = (new_year_eve(year) for year in (today.year, today.year + 1))
    return next((each for each in found if each is not None and each >= today), None)


def qingming(year: int) -> date:
    """清明 by the rule of thumb [Y·D + C] - L, right for 2000-2099 (D 0.2422, C 4.81)."""
    short = year % 100
    return date(year, 4, int(short * 0.2422 + 4.81) - short // 4)


@lru_cache(maxsize=256)
def solar_term(name: str, year: int) -> date | None:
    """The day of a solar term (冬至 …) that belongs to `year`: 小寒 and 大寒 close it in the next January."""
    from lunar_python import Lunar  # rare: loaded only where a solar term is named

    terms = Lunar.fromYmd(year, 6, 1).getJieQiTable()
    found = terms.get({"冬至": "DONG_ZHI", "小寒": "XIAO_HAN", "大寒": "DA_HAN"}.get(name, name))
    return date(found.getYear(), found.getMonth(), found.getDay()) if found else None
