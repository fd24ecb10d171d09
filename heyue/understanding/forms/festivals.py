"""Festivals, holidays and solar terms, the next one to come, and the words around the new year: 年前, 过完年."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from typing import Any

from heyue.understanding import calendar as cal
from heyue.understanding.days import YEAR, Days, Scan, form, year_of
from heyue.understanding.forms.absolute import SPANNING, YEAR_STARTS
from heyue.understanding.lexicon import load_data

NUMERALS = "0-9一二三四五六七八九十廿卅百千"


@cache
def _festivals() -> dict[str, Any]:
    found: dict[str, Any] = load_data("days.yml")["festivals"]
    return found


def festival_in(name: str, year: int) -> date | None:
    """The day of a festival in a solar year."""
    said = _festivals()[name]
    if said == "qingming":
        return cal.qingming(year)
    kind, first, second = said[0], said[1], said[2]
    if kind == "solar":
        return date(year, first, second)
    if kind == "nth":
        return cal.nth_weekday(year, first, second, said[3])
    found = (cal.lunar_day(lunar_year, first, second) for lunar_year in (year - 1, year))
    return next((day for day in found if day is not None and day.year == year), None)


def festival(name: str, today: date) -> date | None:
    """The next day of a festival, today included."""
    found = (festival_in(name, year) for year in (today.year, today.year + 1))
    return next((day for day in found if day is not None and day >= today), None)


@form("除大年三", r"除夕夜?|大年三十|年三十(?:晚上?)?|大年夜|年夜(?!饭钱)|年卅|(?<![0-9一二三四五六七八九十百千月个])(?P<short>三十(?:儿|晚上?))")
def eve(match: re.Match[str], scan: Scan) -> Days | None:
    """三十儿, 三十晚上 only where the year ends within the month."""
    day = cal.next_new_year_eve(scan.today)
    if day is None or (match["short"] and day - scan.today > cal.LUNAR_MONTH):
        return None
    return Days(day, day, month=True, festival=match[0].startswith("除夕"))


@form(
    "年春过大",
    r"(?<![0-9一二三四五六七八九十几多半两去今明])年(?:(?:之)?前(?!头|几)|根儿?(?:底下|前)?|跟前|关(?:前|底下)?)|(?:春节|过大?年|过春节)(?:之|以)?前(?!几|一天|两天)",
)
def before_new_year(match: re.Match[str], scan: Scan) -> Days | None:
    end = cal.next_new_year_eve(scan.today)
    return None if end is None else Days(scan.today, end, month=False, grain="few")


@form(
    "年过开出春",
    rf"(?<![{NUMERALS}几多半两])年后|过[完了罢]大?年(?:之?后|以后)?|(?:开|出了?)年(?:之?后|以后)?(?!会|级|龄)|(?:春节|过年)(?:之|以|过)?后",
)
def after_new_year(match: re.Match[str], scan: Scan) -> Days | None:
    first = festival("春节", scan.today)
    return None if first is None else Days(first, None, grain="few")


GUARDED = frozenset(
    ("五一", "六一", "八一", "七一", "三八", "618", "十一", "过年", "520", "五二零", "新年")
)  # also numbers, a verb, a greeting


def _festival_pattern() -> str:
    words = "|".join(sorted((name for name in _festivals() if name not in GUARDED), key=len, reverse=True))
    numeric = rf"(?<![{NUMERALS}月初万两]){{}}(?![{NUMERALS}号日个块点岁])"
    loose = "|".join(numeric.format(name) for name in ("五一", "六一", "八一", "七一", "三八", "618"))
    october = (
        rf"(?<![{NUMERALS}月双])十一(?=之?前|以前|假|长假|当天|黄金周|放假|过后|之后|以后|节|还|给|转|$|,|那)"
    )
    year = "过年(?=的时候|那天|那几天|时|就|还|给|,|$|肯定|一定)"
    shopping = rf"(?<![{NUMERALS}])(?:520|五二零)(?=那天|那日|当天|节|之?前|以前|情人)"
    new_year = "新年(?!好|快乐|快樂|大吉|发财)"
    return rf"(?:(?P<y>{YEAR})的?)?(?P<f>{words}|{loose}|{october}|{year}|{shopping}|{new_year})(?:节(?!前|后|假|日)|节(?=前|后|假|日))?(?:当天|那天|当日)?(?P<long>假期|长假|期间|黄金周|小长假|放假)?"


HOLIDAYS = {"国庆": 7, "春节": 7, "过年": 7, "五一": 5, "十一": 7, "元旦": 3}


@form(
    YEAR_STARTS + "元新除春情妇三植劳五六儿建八七教国双光平圣万感父母消端中重腊小清愚青十过龙扫黑破618520",
    _festival_pattern(),
)
def festival_day(match: re.Match[str], scan: Scan) -> Days | None:
    name, year = match["f"], year_of(match["y"], scan.today)
    spans = scan.anchor is not None and scan.anchor.festival and SPANNING.fullmatch(scan.gap) is not None
    since = scan.anchor.start if spans and scan.anchor is not None else scan.today  # 去年春节到元宵节
    found = festival_in(name, year) if year is not None else festival(name, since)
    if found is None:
        return None
    length = HOLIDAYS.get(name, 1) if match["long"] else 1
    told = match.string.startswith(("那场", "那次", "那回", "那阵"), match.end())  # 十一那场大风: long past
    return Days(found, found + timedelta(days=length - 1), month=not told, festival=True)


TERMS = load_data("days.yml")["solar_terms"].replace(" ", "|")


@form(
    YEAR_STARTS + "立雨惊春谷小芒夏大处白秋寒霜冬", rf"(?:(?P<y>{YEAR})的?)?(?P<t>{TERMS})(?!天|大|下|了|里)"
)
def solar_term(match: re.Match[str], scan: Scan) -> Days | None:
    year = year_of(match["y"], scan.today)
    if year is not None:
        return as_festival(cal.solar_term(match["t"], year))
    found = (cal.solar_term(match["t"], scan.today.year + step) for step in (-1, 0, 1))
    return as_festival(next((day for day in found if day is not None and day >= scan.today), None))


def as_festival(day: date | None) -> Days | None:
    """A day before which ends on its eve."""
    return None if day is None else Days(day, day, month=True, festival=True)


@form("节", "节(?P<side>前|后|假日?后)(?!一天|两天)")
def around_the_next_holiday(match: re.Match[str], scan: Scan) -> Days | None:
    """节前, 节后 without a name: the next public holiday."""
    days = (festival(name, scan.today) for name in ("元旦", "春节", "清明", "五一", "端午", "中秋", "国庆"))
    found = min((day for day in days if day is not None and day > scan.today), default=None)
    if found is None:
        return None
    if match["side"] == "前":
        return Days(scan.today, found - timedelta(days=1), grain="few")
    return Days(found, None, grain="few")
