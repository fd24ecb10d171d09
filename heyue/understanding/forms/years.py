"""Years and longer: 明年, 今年上半年, 2027年第三季度, 九十年代. Loaded last: a year before a day belongs to the day."""

from __future__ import annotations

import re
from datetime import date

from heyue.understanding import calendar as cal
from heyue.understanding.days import MONTH, YEAR, Days, Scan, form, number, one, year_of
from heyue.understanding.forms.absolute import YEAR_STARTS


@form(YEAR_STARTS, rf"(?P<y>{YEAR})?的?(?P<h>上半年|下半年|第?[一二三四1-4]季度|前(?P<n>{MONTH})个月)")
def part_of_year(match: re.Match[str], scan: Scan) -> Days | None:
    year = year_of(match["y"], scan.today) or scan.today.year
    if match["n"]:
        if not match["y"]:
            return None
        first, last = 1, number(match["n"])
    elif "半年" in match["h"]:
        first, last = (1, 6) if match["h"][0] == "上" else (7, 12)
    else:
        quarter = number(match["h"].removeprefix("第")[0])
        first, last = 3 * quarter - 2, 3 * quarter
    return Days(date(year, first, 1), cal.day_in(year, min(last, 12), 31), month=True, grain="year")


@form("12", r"(?<![0-9.])(?P<y>(?:19|20)[0-9]{2})(?= 看|$)")
def digits_of_year(match: re.Match[str], scan: Scan) -> Days | None:
    if match.start() and match.string[: match.start()].strip() != "=":
        return None
    if match.start() == 0 and match.end() == len(match.string):
        return None  # "2027" alone is more likely a sum or the end of an ID number
    return Days(date(int(match["y"]), 1, 1), date(int(match["y"]), 12, 31), grain="year")


@form(
    "上本0123456789一二三四五六七八九",
    r"(?P<c>上世纪|本世纪|(?P<n>[0-9]{2})世纪)?(?P<d>[0-9]0|[二三四五六七八九]十)年代",
)
def decade(match: re.Match[str], scan: Scan) -> Days | None:
    century = (
        (int(match["n"]) - 1) * 100 if match["n"] else 1900 if (match["c"] or "上") == "上世纪" else 2000
    )
    first = century + number(match["d"])
    return Days(date(first, 1, 1), date(first + 9, 12, 31), grain="year")


@form(
    YEAR_STARTS,
    rf"(?P<y>{YEAR})(?P<same>的?(?P<y2>{YEAR})?的?(?:今天|今日))?(?!初|底|末|尾|货|级|代|纪|轻|龄|终|会|费|利|化|薪|来|前|后|多)",
)
def whole_year(match: re.Match[str], scan: Scan) -> Days | None:
    year = year_of(match["y"], scan.today)
    if year is None or not 1 <= year <= 9998:
        return None
    if match["same"]:
        offset = (year_of(match["y2"], scan.today) or scan.today.year) - scan.today.year
        return one(cal.day_in(year + offset, scan.today.month, scan.today.day), month=True)
    return Days(date(year, 1, 1), date(year, 12, 31), month=False, grain="year")
