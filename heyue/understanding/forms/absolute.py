"""Days of the calendar: 2027-03-05, 3/5, 3月5号, 明年三月五日, 6月第三个周五, 15号."""

from __future__ import annotations

import re
from datetime import date

from heyue.understanding import calendar as cal
from heyue.understanding.days import (
    DAY,
    DAY_END,
    INVALID,
    LONGEST_IN_DAYS,
    MONTH,
    NOT_COUNTED,
    NUMBER_STARTS,
    ONE_IS_NONE,
    UP_TO,
    YEAR,
    Days,
    Scan,
    form,
    named_month,
    number,
    one,
    year_of,
)  # fmt: skip

YEAR_STARTS = NUMBER_STARTS + "今明来后去前大本上下这"
DIGITS = "0123456789"
SPAN = "到|至|-|~|—|–"
SPANNING = re.compile(rf"\s*(?:{SPAN})\s*")
LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


def exists(month: int, day: int) -> bool:
    """Whether some year has that day."""
    return 1 <= month <= 12 and 1 <= day <= LONGEST.get(month, 31)


def month_day(year: int | None, month: int, day: int, today: date) -> Days:
    """A day of a named month, the next one to come when no year is said."""
    if not exists(month, day):
        return INVALID
    if year is None:
        year = today.year + (cal.day_in(today.year, month, day) < today)
    if not 1 <= year <= 9998:
        return INVALID
    found = cal.day_in(year, month, day)
    return Days(found, found, month=True)


def valid(found: Days) -> Days | None:
    """Digits with separators are a day only where that day exists."""
    return None if found is INVALID else found


TIME_FOLLOWS = "(?:(?=[0-9]{1,2}[:点时])|(?![0-9]))"


@form(
    DIGITS,
    rf"(?<![0-9.])(?P<y>20[2-4][0-9](?= )|[0-9]{{4}}(?! [0-9]{{1,2}}月))(?:[-/.年 ](?P<m>[0-9]{{1,2}})[-/.月 ](?P<d>[0-9]{{2}}|[0-9])(?:日|号|{TIME_FOLLOWS}))",
)
def iso_day(match: re.Match[str], scan: Scan) -> Days | None:
    return valid(month_day(int(match["y"]), int(match["m"]), int(match["d"]), scan.today))


@form(DIGITS, r"(?<![0-9./-])(?P<y>20[0-9]{2})[.\-/](?P<m>1[0-2]|0[1-9])(?![0-9.:/\-])")
def iso_month(match: re.Match[str], scan: Scan) -> Days | None:
    return whole_month(int(match["y"]), int(match["m"]))


@form(
    DIGITS,
    r"(?<![0-9./-])(?P<a>[0-9]{1,2})(?P<by>[-/.])(?P<b>[0-9]{1,2})(?P=by)(?P<c>[0-9]{4}|[0-9]{1,2})(?![0-9./-])",
)
def short_year_day(match: re.Match[str], scan: Scan) -> Days | None:
    """3/5/2027 and 3/5/27 put the year last, 27-3-5 and 27.3.5 first."""
    first, second, third = int(match["a"]), int(match["b"]), int(match["c"])
    if match["by"] == "/" or third > 31:
        month, day, year = first, second, third
    else:
        year, month, day = first, second, third
    if year < 100:
        year = year_of(f"{year:02d}年", scan.today) or year
    return valid(month_day(year, month, day, scan.today))


@form(
    YEAR_STARTS,
    rf"(?:(?P<y>{YEAR})的?)?(?<![个0-9])(?P<m>{MONTH})月份?的?第(?P<n>[一二三四五1-5])个?(?:周|星期|礼拜)(?P<w>[一二三四五六日天1-7])",
)
def nth_weekday(match: re.Match[str], scan: Scan) -> Days | None:
    month, weekday = number(match["m"]), "一二三四五六日".find(match["w"].replace("天", "日"))
    if not 1 <= month <= 12:
        return INVALID
    weekday = int(match["w"]) - 1 if weekday < 0 else weekday
    year = year_of(match["y"], scan.today) or scan.today.year
    found = cal.nth_weekday(year, month, number(match["n"]), weekday)
    if not match["y"] and found < scan.today:
        found = cal.nth_weekday(year + 1, month, number(match["n"]), weekday)
    return Days(found, found, month=True)


@form(
    YEAR_STARTS,
    rf"(?:(?P<y>{YEAR})的?)?(?<![个0-9.])(?P<m>{MONTH})月份?的?(?P<a>{DAY})[号日]?(?:{SPAN})(?P<b>{DAY})[号日]",
)
def named_month_span(match: re.Match[str], scan: Scan) -> Days | None:
    """3月3-5日."""
    first = month_day(said_year(match["y"], scan), number(match["m"]), number(match["a"]), scan.today)
    last = number(match["b"])
    if first is INVALID or last <= first.start.day:
        return None
    return Days(first.start, cal.day_in(first.start.year, first.start.month, last), month=True)


@form(
    YEAR_STARTS + "元",
    rf"(?:(?P<y>{YEAR})的?)?(?<![个0-9.])(?P<m>{MONTH}|元)月份?[的,]?{ONE_IS_NONE}(?P<d>{DAY})(?:[号日](?!内)|{NOT_COUNTED}{TIME_FOLLOWS})",
)
def named_month_day(match: re.Match[str], scan: Scan) -> Days | None:
    month = 1 if match["m"] == "元" else number(match["m"])
    if match["y"] and year_of(match["y"], scan.today) is None:
        return None
    if match["y"] is None and is_lunar(match, month, scan):
        return lunar_day_to_come(month, number(match["d"]), scan)
    return month_day(said_year(match["y"], scan), month, number(match["d"]), scan.today)


LUNAR_SIGNS = re.compile("农历|阴历|旧历|庙会|鬼节|寒衣|烧完?纸|下元|祭祖")
HAN_DAY = re.compile("[一二三四五六七八九十]+月[廿一二三四五六七八九十]+")


def is_lunar(match: re.Match[str], month: int, scan: Scan) -> bool:
    """七月十六, where the message speaks of the lunar calendar; 7月16 and 七月十六号 stay solar."""
    if HAN_DAY.fullmatch(match[0]) is None or "阳历" in match.string:
        return False
    anchor = scan.anchor
    beside = anchor is not None and anchor.lunar and anchor.grain == "day"
    return beside or LUNAR_SIGNS.search(match.string) is not None


def lunar_day_to_come(month: int, day: int, scan: Scan) -> Days | None:
    if not (1 <= month <= 12 and 1 <= day <= 30):
        return INVALID
    found = cal.next_lunar_day(scan.today, month, day)
    return None if found is None else Days(found, found, month=True, lunar=True)


def said_year(said: str | None, scan: Scan) -> int | None:
    """The year said here, or that of the days before, where these began a span: 2026年6月1日到6月30日."""
    if said:
        return year_of(said, scan.today)
    if scan.anchor is not None and scan.anchor.month and SPANNING.fullmatch(scan.gap):
        return scan.anchor.start.year
    return None


def whole_month(year: int, month: int) -> Days:
    return Days(date(year, month, 1), cal.day_in(year, month, 31), month=True, grain="month")


@form(DIGITS, r"(?<![0-9./-])(?P<m>1[0-2]|0?[1-9])/(?P<d>[0-3]?[0-9])(?:号|日)?(?![0-9/])")
def slash_day(match: re.Match[str], scan: Scan) -> Days | None:
    return valid(month_day(None, int(match["m"]), int(match["d"]), scan.today))


PAYING_FOLLOWS = "之?前|以前|还|转|给|付|那天|上午|下午|晚|中午|左右|全|结|打|一定|吧|就|先|交|存|[, ]|$"


@form(
    DIGITS,
    rf"(?<![0-9./:\-])(?P<m>1[0-2]|0?[1-9])[.](?P<d>[0-3][0-9]|[1-9])(?:号|日|(?={PAYING_FOLLOWS}))(?![0-9])",
)
def dotted_day(match: re.Match[str], scan: Scan) -> Days | None:
    """1.15 is a day where it cannot be a sum (sums carry 万, k, 元); 1.5 needs 号, a sum after it, or stands alone."""
    whole = match.start() == 0 and match.end() == len(match.string)
    marked = match[0][-1] in "号日"
    if len(match["d"]) == 1 and not (
        marked or whole or re.match("之?前|以前|号|还| [0-9.]+[kKwW千百万元块]", match.string[match.end() :])
    ):
        return None
    return valid(month_day(None, int(match["m"]), int(match["d"]), scan.today))


@form(DIGITS, r"(?<![0-9./\-])(?P<m>1[0-2]|0[1-9])-(?P<d>[0-3][0-9])(?![0-9\-万千百元块个天月周])")
def dashed_day(match: re.Match[str], scan: Scan) -> Days | None:
    return valid(month_day(None, int(match["m"]), int(match["d"]), scan.today))


@form(
    NUMBER_STARTS,
    rf"(?<![第0-9.{NUMBER_STARTS}])(?:(?P<tens>[一二]?十|廿|卅)(?P<a>[一二三四五六七八])(?P<b>[二三四五六七八九])|(?<![过多等再])(?P<c>[三四五六七八])(?P<d>[四五六七八九]))[号日](?!内|后|之(?!间))",
)
def neighbouring_days(match: re.Match[str], scan: Scan) -> Days | None:
    """十五六号, 七八号."""
    tens = number(match["tens"]) if match["tens"] else 0
    first, last = number(match["a"] or match["c"]), number(match["b"] or match["d"])
    if last != first + 1:
        return None
    start = next_numbered_day(tens + first, scan)
    return Days(start, cal.day_in(start.year, start.month, tens + last))


@form(NUMBER_STARTS, rf"(?<![第{NUMBER_STARTS}.])(?P<t>[12]|[一二]?十|廿)(?:几|来|多)号(?!线|楼|人)")
def about_tens(match: re.Match[str], scan: Scan) -> Days | None:
    """十几号, 二十来号, 20多号."""
    tens = 20 if match["t"] in ("2", "二十", "廿") else 10
    if match["t"] in ("1", "2") and match[0][1] != "几":
        return None
    start = next_numbered_day(tens + 9, scan).replace(day=tens + 1)
    return Days(max(start, scan.today), cal.day_in(start.year, start.month, tens + 9))


@form(
    NUMBER_STARTS,
    rf"(?<![第尾月百千万{NUMBER_STARTS}])(?P<a>{DAY})(?:[号日])?(?:{SPAN}|、|,| |或者?|和|跟)(?P<b>{DAY}){DAY_END}",
)
def day_span(match: re.Match[str], scan: Scan) -> Days | None:
    """20号到25号, 26 27号. A list ("5号、20号") is a span only of neighbouring days."""
    first, last = number(match["a"]), number(match["b"])
    if not 1 <= first < last <= 31 or (last - first > 2 and not re.search(f"{SPAN}|或", match[0])):
        return None
    if re.search("[, ]", match[0]) and match.string.endswith(UP_TO, 0, match.start()):
        return None
    start = next_numbered_day(first, scan)
    return Days(start, cal.day_in(start.year, start.month, last), month=named_month(scan) is not None)


@form(
    NUMBER_STARTS,
    rf"(?<![第尾月百千万.{NUMBER_STARTS}])(?P<d>[4-9]|[1-3][0-9]|[二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?)(?=(?:[、和跟]{DAY}){{1,6}}号)",
)
def listed_day(match: re.Match[str], scan: Scan) -> Days | None:
    """今天、26、30号: 号 stands once at the end of the list."""
    day = number(match["d"])
    return one(next_numbered_day(day, scan)) if day <= 31 else None


@form(
    NUMBER_STARTS,
    rf"(?<![第尾百千万.:{NUMBER_STARTS}])(?P<a>[1-3][0-9]|[一二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?)(?:{SPAN})(?P<b>{DAY})之间",
)
def span_between(match: re.Match[str], scan: Scan) -> Days | None:
    """二十五到二十八之间: two numbers of two figures, without 号."""
    first, last = number(match["a"]), number(match["b"])
    if not 10 <= first < last <= 31:
        return None
    start = next_numbered_day(first, scan)
    return Days(start, cal.day_in(start.year, start.month, last))


@form(
    NUMBER_STARTS,
    rf"(?:(?<![第尾.{NUMBER_STARTS}])(?<![0-9]:)|(?<=[一二三四五六七八九十千百块半])(?=[0-9])|(?<=[0-9]{{3}})(?=[一二三四五六七八九十廿]))(?P<d>{DAY})(?:{DAY_END}|日(?=[之以]?后(?!天|面)))",
)
def numbered_day(match: re.Match[str], scan: Scan) -> Days | None:
    day = number(match["d"])
    if day < 1 or match["d"] == "两":  # 两日 is two days
        return None
    if day <= LONGEST_IN_DAYS and DAYS_LATER.match(match.string, match.end("d")):
        return None
    if match[0][-1] == "日" and len(match.string) > 1 and match.string[match.end() :].startswith("都"):
        return None
    if match[0][-1] == "好" and (not match["d"].isascii() or day > 31):
        return None
    if day > 31:
        return INVALID
    found = next_numbered_day(day, scan)
    return Days(found, found, month=named_before(scan) is not None)


def named_before(scan: Scan) -> Days | None:
    """The month named before, unless it is over."""
    anchor = named_month(scan)
    over = anchor is not None and (anchor.end or scan.today) < scan.today
    return None if over and SPANNING.fullmatch(scan.gap) is None else anchor


DAYS_LATER = re.compile("日[之以]?后")
CORRECTED = re.compile("不对|说错|打错|写错|改|应该是|不是|还是")


def next_numbered_day(day: int, scan: Scan) -> date:
    """The first such day on or after today, or in the month that the message has named before."""
    said, anchor = scan.anchor, named_before(scan)
    if said is not None and said.month and said.start == said.end and said.start.day == day and said.start >= scan.today:
        return said.start  # "下月10号发，10号给你"
    if anchor is not None:
        there = cal.day_in(anchor.start.year, anchor.start.month, day)
        month_end = anchor.start == cal.day_in(anchor.start.year, anchor.start.month, 31)
        instalment = anchor.grain == "day" and not anchor.festival and not month_end
        later = instalment and there < anchor.start and CORRECTED.search(scan.gap) is None
        if later or there >= scan.today or anchor.start < scan.today:
            return cal.day_in(there.year, there.month + 1, day) if later else there
    this_month = cal.day_in(scan.today.year, scan.today.month, day)
    return this_month if this_month >= scan.today else cal.day_in(scan.today.year, scan.today.month + 1, day)
