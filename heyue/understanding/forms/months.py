"""Months, their parts, and years: 下个月底, 三月中旬, 月初, 年底, 明年上半年."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from heyue.understanding import calendar as cal
from heyue.understanding.days import (
    DAY,
    DAY_END,
    INVALID,
    MONTH,
    NEAR,
    NOT_COUNTED,
    ONE_IS_NONE,
    WHICH,
    YEAR,
    Days,
    Scan,
    form,
    named_month,
    number,
    one,
    step_of,
    year_of,
)  # fmt: skip
from heyue.understanding.forms.absolute import YEAR_STARTS, whole_month

WHICH_STARTS = "上再下这今本当次同"
PARTS = {"初": (1, 10), "头": (1, 10), "上旬": (1, 10), "中": (11, 20), "中旬": (11, 20), "下旬": (21, 31)}
PART = "(?P<part>最后一?[天日]|初|头(?!一)|上旬|中旬|下旬|中(?!秋|国|午|奖|间|介|介|断)|底|末|尾)"
WHICH_MONTH = rf"(?P<which>{WHICH})(?:一?个)?月份?"
NOT_OF_MONTH = "(?!节(?!约|省|目)|供|租|薪|饼|亮|嫂|子|息|工资|嘅薪|的工资|的房租|光|入|收|票|卡|结|经)"

MONTH_ENDS = 28  # from this day on nothing more of a month is to come
STILL_BEGINNING = 3  # up to this day "月初" is this month's, after it the next one's
A_MONTH = re.compile("[^,。!?号日]{0,4}?[0-9一二三四五六七八九十两百千]+[百千万块元kKwW多]")  # 一月三千六, 一月才挣八百


def month_part(year: int, month: int, part: str) -> Days:
    """初 1-10, 中 11-20, 下旬 21-last, 底 the last day. `month` may run past 12."""
    first, last = PARTS.get(part, (31, 31))  # 底, 末, 最后一天
    grain = "part" if part in PARTS else "day"
    return Days(cal.day_in(year, month, first), cal.day_in(year, month, last), month=True, grain=grain)


@form(YEAR_STARTS + "元", rf"(?:(?P<y>{YEAR})的?)?(?<![个0-9])(?P<m>{MONTH}|元)月份?的?{PART}")
def named_month_part(match: re.Match[str], scan: Scan) -> Days | None:
    month, year = 1 if match["m"] == "元" else number(match["m"]), year_of(match["y"], scan.today)
    if not 1 <= month <= 12:
        return None
    found = month_part(year or scan.today.year, month, match["part"])
    if year is None and found.end is not None and found.end < scan.today:
        return month_part(scan.today.year + 1, month, match["part"])
    return found


@form(YEAR_STARTS, rf"(?:(?P<y>{YEAR})的?)?(?<![个0-9])(?P<m>{MONTH}|元)月份?{NOT_OF_MONTH}")
def all_of_named_month(match: re.Match[str], scan: Scan) -> Days | None:
    month, year = 1 if match["m"] == "元" else number(match["m"]), year_of(match["y"], scan.today)
    if not 1 <= month <= 12 or (match[0] == "一月" and A_MONTH.match(match.string, match.end())):
        return None
    return whole_month(year or scan.today.year + (month < scan.today.month), month)


@form("下次", "(?:下(?:一?个)?|次)月的?(?:同一?天|同日|(?P<today>今天|今日|这天|这个?时候|这会儿))")
def same_day_of_next_month(match: re.Match[str], scan: Scan) -> Days | None:
    """15号一千八，下月同一天剩下的; 下个月今天."""
    anchor = scan.anchor
    if match["today"] or anchor is None or anchor.grain != "day" or anchor.start != anchor.end:
        return one(cal.months_later(scan.today, 1), month=True)
    return one(cal.months_later(anchor.start, 1), month=True)


@form(
    WHICH_STARTS + "去",
    rf"(?P<last>去年)?{WHICH_MONTH}的?{ONE_IS_NONE}(?P<d>{DAY})(?:{DAY_END}|日(?=[之以]后)|{NOT_COUNTED}(?![0-9二三四五六七八九十]))",
)
def relative_month_day(match: re.Match[str], scan: Scan) -> Days | None:
    day = number(match["d"])
    if not 1 <= day <= 31:
        return INVALID
    return one(
        cal.day_in(scan.today.year - bool(match["last"]), scan.today.month + step_of(match["which"]), day),
        month=True,
    )


@form(WHICH_STARTS, rf"{WHICH_MONTH}的?月?{PART}")
def relative_month_part(match: re.Match[str], scan: Scan) -> Days | None:
    return month_part(scan.today.year, scan.today.month + step_of(match["which"]), match["part"])


PAID_IN_IT = (
    "(?:我|咱|俺)?(?:肯定|一定|保证|会|就|先|给你们?|给您|能|可以|争取|都|全){0,3}"
    "(?:还(?![要得有没是款贷不在能差房车信利的了剩欠想人别他她姓])|[付结]清|转给?[你您])"
)
A_DAY_FOLLOWS = "(?!.{0,14}(?:[0-9一二三四五六七八九十]号|月底|月末))"


@form("这本今", rf"(?:这|本|今)(?:一?个)?月(?={PAID_IN_IT}){A_DAY_FOLLOWS}")
def rest_of_this_month(match: re.Match[str], scan: Scan) -> Days | None:
    """这个月一定还: paid in what is left of it; "这个月工资", "这个月还了八百" speak of all of it."""
    return Days(scan.today, cal.day_in(scan.today.year, scan.today.month, 31), month=True, grain="few")


@form(WHICH_STARTS, rf"{WHICH_MONTH}{NOT_OF_MONTH}")
def relative_month(match: re.Match[str], scan: Scan) -> Days | None:
    first = cal.day_in(scan.today.year, scan.today.month + step_of(match["which"]), 1)
    return whole_month(first.year, first.month)


@form("月", "(?<![0-9一二三四五六七八九十几半个这本当下])月(?:之|以)?内(?!部)")
def within_the_month(match: re.Match[str], scan: Scan) -> Days | None:
    return Days(scan.today, cal.day_in(scan.today.year, scan.today.month, 31), grain="month")


@form(
    "月上中下",
    r"(?<![0-9一二三四五六七八九十个下这本上正腊冬])月(?P<part>初|头(?!一)|中(?!秋|国|午|奖|间|介)|底|末|尾)|(?P<third>上旬|中旬|下旬)",
)
def bare_month_part(match: re.Match[str], scan: Scan) -> Days | None:
    """Without a month: the next one still to come, or one of the month named before."""
    part, anchor = match["part"] or match["third"], named_month(scan)
    if anchor is not None and anchor.start > scan.today:
        there = month_part(anchor.start.year, anchor.start.month, part)
        if there.end is not None and there.end >= anchor.start:
            return there
    found = month_part(scan.today.year, scan.today.month, part)
    if found.end is not None and goes_on_after(scan, found.end):  # "1号一千，月底还清", said on the 26th
        found = month_part(scan.today.year, scan.today.month + 1, part)
    if found.end is not None and (
        found.end < scan.today or (part in ("初", "头") and scan.today.day > STILL_BEGINNING)
    ):
        found = month_part(scan.today.year, scan.today.month + 1, part)
    return replace(found, month=part not in PARTS)  # "上旬没有，下旬有": no month was named


def goes_on_after(scan: Scan, end: date) -> bool:
    """Whether a day of the next month was named just before: a plan goes forward."""
    day = scan.anchor
    if day is None or day.grain != "day" or day.festival or day.lunar or len(scan.gap) > NEAR:
        return False
    next_month = cal.day_in(end.year, end.month + 1, 1)
    return end < day.start <= cal.day_in(next_month.year, next_month.month, MONTH_ENDS - 1)


@form(
    YEAR_STARTS + "年岁",
    rf"(?:(?P<y>{YEAR})的?)?(?:年底|年末|年尾|年终(?!奖|分|总)|岁末)|(?P<y2>今|明|去)年底|(?P<y3>今|明|去)?年年底",
)
def year_end(match: re.Match[str], scan: Scan) -> Days | None:
    short = match["y2"] or match["y3"]
    year = year_of(match["y"] or (f"{short}年" if short else None), scan.today)
    return one(date(year or scan.today.year, 12, 31))
