"""The calendar of promises: months, weeks, festivals and lunar days, always the next one to come."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import cache, lru_cache

FIXED = {
    "元旦": (1, 1), "情人节": (2, 14), "妇女节": (3, 8), "三八": (3, 8), "五一": (5, 1), "劳动节": (5, 1), "六一": (6, 1),
    "儿童节": (6, 1), "七一": (7, 1), "八一": (8, 1), "教师节": (9, 10), "国庆": (10, 1), "十一": (10, 1), "双十一": (11, 11),
    "双十二": (12, 12), "平安夜": (12, 24), "圣诞": (12, 25),
}  # fmt: skip
LUNAR = {
    "春节": (1, 1), "过年": (1, 1), "大年初一": (1, 1), "元宵": (1, 15), "龙抬头": (2, 2), "端午": (5, 5), "七夕": (7, 7),
    "中元": (7, 15), "中秋": (8, 15), "重阳": (9, 9), "腊八": (12, 8), "小年": (12, 23),
}  # fmt: skip


def day_in(year: int, month: int, day: int) -> date:
    """That day, or the month's last day when the month is shorter. `month` may run past 12."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def months_later(day: date, months: int) -> date:
    """The same day of the month, so many months later."""
    return day_in(day.year, day.month + months, day.day)


def monday_of(day: date) -> date:
    """The Monday of the week (Monday to Sunday) in which `day` lies."""
    return day - timedelta(days=day.weekday())


@lru_cache(maxsize=512)
def lunar_day(year: int, month: int, day: int) -> date | None:
    """The date of a lunar day; the last day of the lunar month where `day` runs past it. None outside 1900-2100."""
    from lunar_python import LunarMonth  # loading takes longer than reading a message

    lunar_month = LunarMonth.fromYm(year, month)
    if lunar_month is None:
        return None
    first = _first_day(lunar_month)
    return first + timedelta(days=min(day, lunar_month.getDayCount()) - 1)


def _first_day(lunar_month: object) -> date:
    from lunar_python import Solar

    solar = Solar.fromJulianDay(lunar_month.getFirstJulianDay())  # type: ignore[attr-defined]
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def next_lunar_day(today: date, month: int, day: int) -> date:
    """The next occurrence of a lunar day, today included."""
    for year in (today.year - 1, today.year, today.year + 1):
        found = lunar_day(year, month, day)
        if found is not None and found >= today:
            return found
    raise ValueError(f"no lunar day {month}-{day} after {today}")


def next_lunar_day_of_any_month(today: date, day: int) -> date:
    """The next day with this number in whichever lunar month ("初八")."""
    found = (lunar_day(year, month, day) for year in (today.year - 1, today.year) for month in range(1, 13))
    return min(each for each in found if each is not None and each >= today)


@cache
def new_year_eve(year: int) -> date:
    """除夕 of the lunar year that ends in the solar `year`."""
    first = lunar_day(year, 1, 1)
    if first is None:
        raise ValueError(f"no Spring Festival known for {year}")
    return first - timedelta(days=1)


def next_new_year_eve(today: date) -> date:
    """The next 除夕, today included."""
    this_year = new_year_eve(today.year)
    return this_year if this_year >= today else new_year_eve(today.year + 1)


@lru_cache(maxsize=1024)
def festival(name: str, today: date) -> date:
    """The next day of a festival, today included. `name` is one of FIXED, LUNAR, 除夕 or 清明."""
    if name == "除夕":
        return next_new_year_eve(today)
    if name == "清明":
        return min(day for day in map(qingming, (today.year, today.year + 1)) if day >= today)
    if name in LUNAR:
        return next_lunar_day(today, *LUNAR[name])
    month, day = FIXED[name]
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def qingming(year: int) -> date:
    """清明 by the rule of thumb [Y·D + C] − L, right for 2000-2099 (D 0.2422, C 4.81)."""
    short = year % 100
    return date(year, 4, int(short * 0.2422 + 4.81) - short // 4)
