"""Days of the lunar calendar: 腊月二十, 正月初八, 农历闰六月初五, 年廿八, 大年初六."""

from __future__ import annotations

import re
from datetime import date, timedelta

from heyue.understanding import calendar as cal
from heyue.understanding.days import (
    DAY,
    INVALID,
    NOT_COUNTED,
    ONE_IS_NONE,
    TOGETHER,
    Days,
    Scan,
    form,
    number,
    one,
)

NAMED = {"正月": 1, "冬月": 11, "腊月": 12, "寒月": 10}
LAST_DAYS = {
    "初": (1, 10),
    "里": (1, 30),
    "上旬": (1, 10),
    "半": (15, 15),
    "中": (11, 20),
    "中旬": (11, 20),
    "下旬": (21, 30),
}
LUNAR = "农历|阴历|旧历|老历|农厉"
HAN_MONTH = "十[一二]?|[一二三四五六七八九]|正|冬|腊"
SMALL = "[一二三四五六七八九十]"


@form(
    "农阴旧老", rf"(?:{LUNAR})的?(?P<leap>闰)?(?P<m>{HAN_MONTH}|1[0-2]|[1-9])月(?:初|的)?(?P<d>{DAY})[日号]?"
)
def lunar_date(match: re.Match[str], scan: Scan) -> Days | None:
    month = NAMED.get(f"{match['m']}月") or number(match["m"])
    return lunar(scan, month, number(match["d"]), leap=match["leap"] is not None)


@form("正腊冬", rf"(?P<m>正|腊|冬)月(?P<tens>二?十|廿)?(?P<a>{SMALL})(?P<b>{SMALL})(?![百千万块])")
def neighbouring_lunar_days(match: re.Match[str], scan: Scan) -> Days | None:
    """腊月二十七八."""
    tens, first, last = number(match["tens"] or "十"), number(match["a"]), number(match["b"])
    if last != first + 1 or match["tens"] is None:
        return None
    days = [cal.next_lunar_day(scan.today, NAMED[f"{match['m']}月"], tens + each) for each in (first, last)]
    return None if None in days else Days(days[0], days[1], month=True, lunar=True)  # type: ignore[arg-type]


@form(
    "正腊冬闰",
    rf"(?P<leap>闰)?(?P<m>{HAN_MONTH})月(?:初|的)?{ONE_IS_NONE}(?P<d>{DAY})(?:(?={TOGETHER})|(?!{SMALL})(?:[日号]|{NOT_COUNTED}))",
)
def lunar_month_day(match: re.Match[str], scan: Scan) -> Days | None:
    month = NAMED.get(f"{match['m']}月") or number(match["m"])
    return lunar(scan, month, number(match["d"]), leap=match["leap"] is not None)


FAIRS = {"八月十五": (8, 15), "二月二": (2, 2), "三月三": (3, 3), "九月九": (9, 9)}


@form(
    "八二三九", rf"(?<![十年0-9])(?P<fair>{'|'.join(FAIRS)})(?![廿一二三四五六七八九十号日份])(?:节|龙抬头)?"
)
def fair(match: re.Match[str], scan: Scan) -> Days | None:
    """Days that everybody counts by the lunar calendar, when said without 号."""
    found = cal.next_lunar_day(scan.today, *FAIRS[match["fair"]])
    return None if found is None else Days(found, found, month=True, festival=True, lunar=True)


@form("一二三四五六七八九十", rf"(?<![0-9年])(?P<m>{HAN_MONTH})月初(?P<d>{SMALL})(?![千百万块天个几])")
def lunar_first_days(match: re.Match[str], scan: Scan) -> Days | None:
    """六月初六: 初 with a number belongs to the lunar calendar."""
    return lunar(scan, number(match["m"]), number(match["d"]))


def lunar(scan: Scan, month: int, day: int, leap: bool = False) -> Days | None:
    if not (1 <= month <= 12 and 1 <= day <= 30):
        return INVALID
    found = cal.next_lunar_day(scan.today, month, day, leap)
    return None if found is None else Days(found, found, month=True, lunar=True)


@form(
    "一二三十廿",
    rf"(?<![廿一二三四五六七八九十月初第])(?P<d>(?:二?十|廿){SMALL}?|三十)(?=再|那天|之前|前|先|我|还|给|去)",
)
def next_of_lunar_month(match: re.Match[str], scan: Scan) -> Days | None:
    """腊月初十给一千, 二十再给: a bare number after a lunar day."""
    anchor = scan.anchor
    if anchor is None or not anchor.lunar:
        return None
    return lunar_or_none(cal.next_lunar_day_of_any_month(anchor.start, number(match["d"])))


@form(
    "正腊冬农阴",
    rf"(?:{LUNAR})?(?P<m>正月|腊月|冬月)(?:的|里)?(?P<part>初(?!{SMALL})|半(?![天个])|底|末|尾|里|中旬|上旬|下旬|中)?(?!{SMALL})",
)
def lunar_month_part(match: re.Match[str], scan: Scan) -> Days | None:
    first, last = LAST_DAYS.get(match["part"] or "里", (30, 30))
    end = cal.next_lunar_day(scan.today, NAMED[match["m"]], last)
    if end is None:
        return None
    start = end.replace() - timedelta(days=end_offset(end, NAMED[match["m"]], first, scan))
    return Days(start, end, month=True, grain="part" if first != last else "day", lunar=True)


def end_offset(end: object, month: int, first: int, scan: Scan) -> int:
    """Days from the lunar day `first` up to `end`, a day of the same month."""
    from datetime import date

    assert isinstance(end, date)
    found = next(
        day
        for year in (end.year, end.year - 1)
        if (day := cal.lunar_day(year, month, first)) is not None and day <= end
    )
    return (end - found).days if first < 30 else 0


@form("大年", rf"大?年初(?P<d>{SMALL}{{1,2}})")
def first_days_of_year(match: re.Match[str], scan: Scan) -> Days | None:
    return one(cal.next_lunar_day(scan.today, 1, number(match["d"])), month=True)


@form(
    "初", rf"(?<![月年最当起一二三四五六七八九])初(?P<d>{SMALL})(?!期|步|次|中|年|级|三的|一的|二的)"
)
def bare_first_days(match: re.Match[str], scan: Scan) -> Days | None:
    """In the last month of the year, and after its end was named, 初八 is that of 正月."""
    day, anchor = number(match["d"]), scan.anchor
    if not 1 <= day <= 10:
        return None
    next_year = cal.next_lunar_day(scan.today, 1, 1)
    if next_year is None or next_year - scan.today > 2 * cal.LUNAR_MONTH:
        return lunar_or_none(cal.next_lunar_day_of_any_month(scan.today, day))
    soon = next_year - scan.today <= cal.LUNAR_MONTH
    if soon and anchor is not None and anchor.lunar and anchor.start < next_year:
        return lunar_or_none(cal.next_lunar_day_of_any_month(anchor.start, day))  # 腊月初一…, 初二给你
    named = anchor is not None and abs(anchor.start - next_year) <= cal.LUNAR_MONTH / 2
    if soon or named:
        return lunar_or_none(cal.next_lunar_day(scan.today, 1, day))
    return lunar_or_none(cal.next_lunar_day_of_any_month(scan.today, day))


def lunar_or_none(day: date | None) -> Days | None:
    """A single day said by the lunar calendar, or nothing."""
    return None if day is None else Days(day, day, lunar=True)


@form(
    "年",
    r"(?<![0-9一二三四五六七八九十今明去前后几半多每本])年(?:前|底)?的?(?P<d>(?:廿|二十)[一二三四五六七八九])(?!号|日|块|[千百万元])",
)
def days_before_new_year(match: re.Match[str], scan: Scan) -> Days | None:
    found = cal.next_lunar_day(scan.today, 12, number(match["d"]))
    return None if found is None else Days(found, found, month=True, lunar=True)
