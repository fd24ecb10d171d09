"""Weeks and weekdays: 周五, 下下周三, 下周一二, 周末, 这礼拜."""

from __future__ import annotations

import re
from datetime import date, timedelta

from heyue.understanding import calendar as cal
from heyue.understanding.days import INVALID, WHICH, Days, Scan, form, one, step_of

WEEK = "(?:周|星期|礼拜)"
WEEKDAY = "(?:一(?!定|直|起|共|样|切|旦|般|律|次|笔)|[二三四五六日天]|[1-7](?![0-9]))"
STARTS = "上再下这今本当次同周星礼拜"
WHICH_WEEK = rf"(?P<which>{WHICH})?(?:一?个)?{WEEK}(?:的?{WEEK})?"
NOT_A_DAY = "(?![点号月百千块个万]|十(?![一二三四五六七八九]?[号点])|[.:][0-9]|年|期(?!五))"
LINK = "(?:、|到|至|-|~|—|–|,|或者?(?:是)?|和|跟)"


def index_of(said: str) -> int:
    """Monday is 0."""
    found = "一二三四五六日".find(said.replace("天", "日"))
    return int(said) - 1 if found < 0 else found


def weekday(said: str, which: str | None, scan: Scan) -> date:
    """下周三 counts from this Monday; a bare 周三 is the first on or after today, or of the week named before."""
    index = index_of(said)
    if which is not None:
        return cal.monday_of(scan.today) + timedelta(days=7 * step_of(which) + index)
    anchor = scan.anchor
    if anchor is not None and anchor.week and anchor.start > scan.today:
        there = cal.monday_of(anchor.start) + timedelta(days=index)
        if there >= anchor.start or anchor.grain == "week" or "到" in scan.gap:
            return there
    return scan.today + timedelta(days=(index - scan.today.weekday()) % 7)


@form(STARTS, rf"{WHICH_WEEK}(?P<a>{WEEKDAY})(?P<link>{LINK})?(?P<again>{WEEK})?(?P<b>{WEEKDAY}){NOT_A_DAY}")
def weekday_span(match: re.Match[str], scan: Scan) -> Days | None:
    """下周一二, 周三到周五. A list of days that are no neighbours is no span."""
    first = weekday(match["a"], match["which"], scan)
    last = first + timedelta(days=index_of(match["b"]) - index_of(match["a"]))
    apart = (last - first).days
    if last <= first or (apart > 1 and not re.search("到|至|-|~|—|–|或", match["link"] or "")):
        return None
    return Days(first, last, week=match["which"] is not None)


@form("上", rf"(?<=[补还续垫交凑不])上{WEEK}(?P<a>{WEEKDAY}){NOT_A_DAY}(?!的)")
def weekday_after_a_verb(match: re.Match[str], scan: Scan) -> Days | None:
    """晚了十来天礼拜一补上礼拜二给你: 上 belongs to the verb."""
    return one(weekday(match["a"], None, scan))


@form(STARTS, rf"{WHICH_WEEK}(?P<a>{WEEKDAY}){NOT_A_DAY}")
def week_day(match: re.Match[str], scan: Scan) -> Days | None:
    inherited = match["which"] is None and scan.anchor is not None and scan.anchor.week
    return one(weekday(match["a"], match["which"], scan), week=match["which"] is not None or inherited)


@form("周星礼", rf"{WEEK}(?:[89八九](?![0-9点月号]))")
def no_such_weekday(match: re.Match[str], scan: Scan) -> Days | None:
    return INVALID


@form(STARTS, rf"(?P<which>{WHICH})?(?:一?个)?(?:周末|礼拜末|星期末)")
def weekend(match: re.Match[str], scan: Scan) -> Days | None:
    """On its Sunday: today only."""
    saturday = cal.monday_of(scan.today) + timedelta(days=5 + 7 * step_of(match["which"] or "这"))
    sunday = saturday + timedelta(days=1)
    return Days(sunday if sunday == scan.today else saturday, sunday, grain="few")


@form("上再下这今本当次同", rf"(?P<which>{WHICH})一?(?:个)?{WEEK}(?!末|年|期|转|岁|边|围)")
def whole_week(match: re.Match[str], scan: Scan) -> Days | None:
    monday = cal.monday_of(scan.today) + timedelta(days=7 * step_of(match["which"]))
    return Days(monday, monday + timedelta(days=6), week=True, grain="week")


@form("周", "周内|(?<=在)周里")
def within_the_week(match: re.Match[str], scan: Scan) -> Days | None:
    return Days(scan.today, cal.monday_of(scan.today) + timedelta(days=6), grain="week")
