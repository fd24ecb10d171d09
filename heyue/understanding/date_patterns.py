"""The forms in which a day is said, each with what it means (contracts.md section 2). One entry a form."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from heyue.understanding import calendar as cal
from heyue.understanding.numerals import NUMERAL as N
from heyue.understanding.numerals import whole_number


@dataclass(frozen=True)
class Days:
    """What a form means: first and last day. `names_month`: later bare days in the message count from this month."""

    start: date
    end: date | None
    names_month: bool = False
    festival: bool = False


INVALID = Days(date.min, date.min)  # a day that does not exist
Resolver = Callable[["re.Match[str]", date, "Days | None"], "Days | None"]
FORMS: list[tuple[re.Pattern[str], Resolver]] = []

YEAR = "(?P<y>今年|明年|后年|去年|前年|20[0-9][0-9]年|[0-9][0-9]年)"
WHICH = "(?P<which>上上个?|上一?个?|下下个?|下一?个?|再下个?|这一?个?|本|当)"
WEEK = "(?:周|星期|礼拜)"
WEEKDAY = "[一二三四五六日天1-7]"
LATER = "(?:之后|以后|过后|后(?!天|面|年|来|悔|续))"
WITHIN = "(?:之内|以内|内)"
STEPS = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1, "再下": 2, "下下": 2}
DAY_END = "(?:号|日(?!子|期|用|常|后|本|历|内|之内|以内))"
NOT_A_DAY = "(?!线|楼|院|店|车|床|门|杆|称|头|码|窗|柜|机|公馆|文件)"


def form(pattern: str) -> Callable[[Resolver], Resolver]:
    """Register a form of saying a day. Earlier forms win over later ones that begin at the same place."""

    def register(resolver: Resolver) -> Resolver:
        FORMS.append((re.compile(pattern), resolver))
        return resolver

    return register


def number(said: str) -> int:
    """The whole number in a match of a numeral pattern; -1 when it is none."""
    found = whole_number(said)
    return -1 if found is None else found


def step_of(which: str | None) -> int | None:
    """How many weeks or months on 下下个, 下个, 这个 … point; None when nothing is said."""
    if which is None:
        return None
    return STEPS[which.replace("个", "").replace("一", "")]


def one(day: date | None, names_month: bool = False) -> Days | None:
    return None if day is None else Days(day, day, names_month)


def year_of(said: str | None, today: date) -> int | None:
    """The year that 明年, 2027年 or 27年 means; None when nothing is said."""
    if said is None:
        return None
    named = {"今年": 0, "明年": 1, "后年": 2, "去年": -1, "前年": -2}
    if said in named:
        return today.year + named[said]
    digits = int(said[:-1])
    return digits if digits >= 100 else 2000 + digits


def month_day(year: int | None, month: int, day: int, today: date) -> Days:
    """A day of a named month, the next one to come when no year is said."""
    if (
        not (1 <= month <= 12 and 1 <= day <= 31)
        or (month == 2 and day > 29)
        or (month in (4, 6, 9, 11) and day > 30)
    ):
        return INVALID
    if year is None:
        year = today.year if cal.day_in(today.year, month, day) >= today else today.year + 1
    found = cal.day_in(year, month, day)
    return Days(found, found, names_month=True)


def month_part(year: int, month: int, part: str) -> Days:
    """初 1-10, 中 11-20, 下旬 21-last, 底 the last day."""
    first, last = {"初": (1, 10), "上旬": (1, 10), "中": (11, 20), "中旬": (11, 20), "下旬": (21, 31)}.get(
        part, (31, 31)
    )
    return Days(cal.day_in(year, month, first), cal.day_in(year, month, last), names_month=True)


PART = "(?P<part>初|上旬|中旬|下旬|中(?!秋|国|午|奖|间|介)|底|末|尾)"


@form(r"(?P<y>20[0-9][0-9])\s*[-/.年]\s*(?P<m>[0-9]{1,2})\s*[-/.月]\s*(?P<d>[0-9]{1,2})(?:日|号)?(?![0-9])")
def iso_day(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    return month_day(int(match["y"]), int(match["m"]), int(match["d"]), today)


@form(
    rf"(?:农历|阴历|旧历)的?(?P<m>闰?{N}{{1,2}})月(?:初|的)?(?P<d>{N}{{1,3}})(?:日|号)?|(?P<named>正月|腊月|冬月)(?:初|的)?(?P<nd>{N}{{1,3}})(?:日|号)?"
)
def lunar_month_day(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    named = {"正月": 1, "冬月": 11, "腊月": 12}
    month = named[match["named"]] if match["named"] else number(match["m"].lstrip("闰"))
    day = number(match["nd"] or match["d"])
    if not (1 <= month <= 12 and 1 <= day <= 30):
        return INVALID
    if match["m"] and match["m"].startswith("闰"):
        return one(next_leap_day(today, month, day), True)
    return one(cal.next_lunar_day(today, month, day), True)


def next_leap_day(today: date, month: int, day: int) -> date | None:
    """The next occurrence of a day of a leap month."""
    found = (cal.lunar_day(year, -month, day) for year in range(today.year, 2051))
    return next((each for each in found if each is not None and each >= today), None)


@form(r"(?P<named>正月|腊月|冬月)(?P<part>底|末|里|中旬|上旬|下旬)")
def lunar_month_part(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    month = {"正月": 1, "冬月": 11, "腊月": 12}[match["named"]]
    first, last = {"里": (1, 30), "上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 30)}.get(
        match["part"], (30, 30)
    )
    end = cal.next_lunar_day(today, month, last)
    span = timedelta(days=last - first)
    return Days(max(end - span, today) if match["part"] == "里" else end - span, end, True)


@form(
    r"(?:大年|年)初(?P<d>[一二三四五六七八九十]{1,2})|(?<![月年最当起])初(?P<bare>[一二三四五六七八九十]{1,2})(?!期|步|次|中)"
)
def first_days(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    if match["bare"]:
        return one(cal.next_lunar_day_of_any_month(today, number(match["bare"])))
    return one(cal.next_lunar_day(today, 1, number(match["d"])), True)


@form(r"(?<![0-9一二三四五六七八九十今明去前后几半多])年(?P<d>(?:廿|二十)[一二三四五六七八九])")
def days_before_new_year(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    return one(cal.next_lunar_day(today, 12, number(match["d"])), True)


@form("除夕(?:夜)?|大年三十|年三十|大年夜|年夜")
def eve(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    return one(cal.next_new_year_eve(today), True)


@form(r"(?<![0-9一二三四五六七八九十几多半两去今明])年前|(?:春节|过年|过大年)(?:之|以)?前")
def before_new_year(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    return Days(today, cal.next_new_year_eve(today), True)


@form(r"(?<![0-9一二三四五六七八九十几多半两])年后|过完年(?:之?后)?|过了年|开年|(?:春节|过年)(?:之|以)?后")
def after_new_year(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    return Days(cal.festival("春节", today), None, True)


@form(rf"{YEAR}?的?(?:年底|年末|年尾|岁末)|{YEAR.replace('<y>', '<y2>')}底")
def year_end(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    year = year_of(match["y"] or match["y2"], today) or today.year
    return one(date(year, 12, 31), True)


@form(rf"{YEAR}?的?(?P<m>{N}{{1,3}}|元)月份?的?(?P<d>{N}{{1,3}})(?P<e>日|号)?(?![个天块元千百万k点])")
def named_month_day(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    month = 1 if match["m"] == "元" else number(match["m"])
    return month_day(year_of(match["y"], today), month, number(match["d"]), today)


@form(rf"{YEAR}?的?(?<!个)(?P<m>{N}{{1,3}})月份?的?{PART}")
def named_month_part(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    month, year = number(match["m"]), year_of(match["y"], today)
    if not 1 <= month <= 12:
        return None
    found = month_part(year or today.year, month, match["part"])
    if year is None and found.end is not None and found.end < today:
        return month_part(today.year + 1, month, match["part"])
    return found


@form(rf"{YEAR}?的?(?<!个)(?P<m>{N}{{1,2}})月份?(?!供|租|薪|饼|亮|嫂|子|息|工资|的?{N})")
def named_month(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    month, year = number(match["m"]), year_of(match["y"], today)
    if not 1 <= month <= 12:
        return None
    if year is None:
        year = today.year if month >= today.month else today.year + 1
    return Days(max(date(year, month, 1), today) if year == today.year else date(year, month, 1),
                cal.day_in(year, month, 31), True)  # fmt: skip


@form(r"(?<![0-9./])(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})(?:号|日)?(?![0-9/])")
def slash_day(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    found = month_day(None, int(match["m"]), int(match["d"]), today)
    return None if found is INVALID else found


@form(
    r"(?<![0-9./])(?P<m>1[0-2]|0?[1-9])\.(?P<d>[0-3]?[0-9])(?:号|日|(?=之?前|以前|还|转|给|付|那天|上午|下午|晚))(?![0-9])"
)
def dotted_day(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    found = month_day(None, int(match["m"]), int(match["d"]), today)
    return None if found is INVALID else found


@form(rf"{WHICH}月份?的?(?P<d>{N}{{1,3}}){DAY_END}?(?![个天块元千百万k点])")
def relative_month_day(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    day = number(match["d"])
    if not 1 <= day <= 31:
        return INVALID
    return one(cal.day_in(today.year, today.month + (step_of(match["which"]) or 0), day), True)


@form(rf"{WHICH}月份?的?{PART}")
def relative_month_part(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    month = today.month - 1 + (step_of(match["which"]) or 0)
    return month_part(today.year + month // 12, month % 12 + 1, match["part"])


@form(rf"{WHICH}月份?(?!{N}|供|租|薪)")
def relative_month(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    month = today.month + (step_of(match["which"]) or 0)
    first, last = cal.day_in(today.year, month, 1), cal.day_in(today.year, month, 31)
    return Days(max(first, today) if last >= today else first, last, True)


@form(
    rf"(?<![第{N[1:-1]}月])(?P<a>{N}{{1,3}})(?:号|日)?(?:到|至|-|~|—|–|、|或者?|和|跟)(?P<b>{N}{{1,3}}){DAY_END}{NOT_A_DAY}"
)
def day_span(match: re.Match[str], today: date, before: Days | None) -> Days | None:
    first, last = number(match["a"]), number(match["b"])
    if not (1 <= first < last <= 31):
        return None
    start = next_numbered_day(first, today, before)
    return Days(start, cal.day_in(start.year, start.month, last), False)


@form(rf"(?<![第{N[1:-1]}])(?P<d>{N}{{1,3}}){DAY_END}{NOT_A_DAY}")
def numbered_day(match: re.Match[str], today: date, before: Days | None) -> Days | None:
    day = number(match["d"])
    if day < 1:
        return None
    if day > 31:
        return INVALID if day < 100 else None
    return one(next_numbered_day(day, today, before))


def next_numbered_day(day: int, today: date, before: Days | None) -> date:
    """The first such day on or after today, or in the month that the message has named before."""
    if before is not None and before.names_month:
        there = cal.day_in(before.start.year, before.start.month, day)
        return there if there > before.start else cal.months_later(there, 1)
    this_month = cal.day_in(today.year, today.month, day)
    return this_month if this_month >= today else cal.day_in(today.year, today.month + 1, day)


@form(
    rf"{WHICH}?{WEEK}(?P<a>{WEEKDAY})(?:、|到|至|-|~|或者?|和|跟)?{WEEK}?(?P<b>{WEEKDAY})(?![点号月百千块个十万0-9])"
)
def weekday_span(match: re.Match[str], today: date, before: Days | None) -> Days | None:
    first, last = (weekday(match[name], match["which"], today, before) for name in "ab")
    return Days(first, last) if first <= last else None


@form(rf"{WHICH}?{WEEK}(?P<a>{WEEKDAY})(?![0-9]*[个号])")
def week_day(match: re.Match[str], today: date, before: Days | None) -> Days | None:
    return one(weekday(match["a"], match["which"], today, before))


def weekday(said: str, which: str | None, today: date, before: Days | None) -> date:
    """下周三 counts from this Monday; a bare 周三 is the first on or after today."""
    index = "一二三四五六日".find(
        said.replace("天", "日").translate(str.maketrans("1234567", "一二三四五六日"))
    )
    step = step_of(which)
    if step is not None:
        return cal.monday_of(today) + timedelta(days=7 * step + index)
    if before is not None and before.end is not None and before.start > today and not before.names_month:
        later = cal.monday_of(before.start) + timedelta(days=index)
        if later >= before.start:
            return later
    return today + timedelta(days=(index - today.weekday()) % 7)


@form(rf"{WHICH}?(?:个)?(?:周末|礼拜末)")
def weekend(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    saturday = cal.monday_of(today) + timedelta(days=5 + 7 * (step_of(match["which"]) or 0))
    return Days(max(saturday, today) if saturday <= today else saturday, saturday + timedelta(days=1))


@form(rf"{WHICH}{WEEK}(?!{WEEKDAY}|末|年|期|转)")
def whole_week(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    monday = cal.monday_of(today) + timedelta(days=7 * (step_of(match["which"]) or 0))
    return Days(max(monday, today) if monday <= today <= monday + timedelta(days=6) else monday,
                monday + timedelta(days=6))  # fmt: skip


NAMED = {
    "明个儿": (1, 1),
    "明儿个": (1, 1),
    "后个儿": (2, 2),
    "后儿个": (2, 2),
    "后个": (2, 2),
    "今个儿": (0, 0),
    "今儿个": (0, 0),
    "外后天": (3, 3),
    "大后天": (3, 3), "大后日": (3, 3), "明后天": (1, 2), "明后两天": (1, 2), "明后日": (1, 2), "今明两天": (0, 1), "今明天": (0, 1),
    "后天": (2, 2), "后日": (2, 2), "后儿": (2, 2), "后晚": (2, 2), "后早": (2, 2),
    "明天": (1, 1), "明日": (1, 1), "明儿": (1, 1), "明个": (1, 1), "明早": (1, 1), "明晚": (1, 1), "明晨": (1, 1), "听日": (1, 1),
    "明上午": (1, 1), "明下午": (1, 1), "明中午": (1, 1), "次日": (1, 1), "睡一觉起来": (1, 1),
    "今天": (0, 0), "今日": (0, 0), "今儿": (0, 0), "今个": (0, 0), "今早": (0, 0), "今晚": (0, 0), "今夜": (0, 0), "今晨": (0, 0),
    "今上午": (0, 0), "今下午": (0, 0), "今中午": (0, 0), "今黑": (0, 0), "待会": (0, 0), "等会": (0, 0), "等下": (0, 0),
    "一会儿": (0, 0), "马上": (0, 0), "立马": (0, 0), "立刻": (0, 0), "现在就": (0, 0), "下班后": (0, 0), "下班就": (0, 0),
    "大前天": (-3, -3), "前天": (-2, -2), "前日": (-2, -2), "昨天": (-1, -1), "昨日": (-1, -1), "昨儿": (-1, -1), "昨晚": (-1, -1),
    "昨夜": (-1, -1), "前两天": (-2, -2), "前几天": (-3, -3), "这两天": (0, 2), "这一两天": (0, 2), "这两日": (0, 2), "一两天": (1, 2),
}  # fmt: skip
SOON = (
    "待会",
    "等会",
    "等下",
    "一会儿",
    "马上",
    "立马",
    "立刻",
    "现在就",
    "下班后",
    "下班就",
)  # days only where paying is spoken of


@form("|".join(sorted((name for name in NAMED if name not in SOON), key=len, reverse=True)))
def named_day(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    first, last = NAMED[match[0]]
    return Days(today + timedelta(days=first), today + timedelta(days=last))


@form(
    rf"(?P<a>[一二两三四五六七八1-8])(?:、|到|至|-|~)?(?P<b>[二三四五六七八九十2-9])(?P<u>天|日|个?{WEEK})(?P<in>{WITHIN})?(?:{LATER})?"
)
def few_days(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    factor = 1 if match["u"] in "天日" else 7
    first, last = number(match["a"]) * factor, number(match["b"]) * factor
    if first >= last or (match[0].isascii()):
        return None
    return Days(today if match["in"] else today + timedelta(days=first), today + timedelta(days=last))


@form(
    rf"(?P<past>(?:再|等|再等)?过)?(?P<n>{N}{{1,3}}|半)个?(?P<u>天|日|{WEEK}|月|小时|钟头)(?:(?P<in>{WITHIN})|(?P<later>{LATER}))?(?P<half>半)?(?P<later2>{LATER})?"
)
def days_on(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    later, within = match["later"] or match["later2"] or match["past"], match["in"]
    if not (later or within) or (match["u"] == "日" and later and not match["later"]):
        return None
    until = later_by(today, match["n"], match["u"])
    if until is None:
        return None
    return Days(today, until) if within else Days(until, until)


def later_by(today: date, said: str, unit: str) -> date | None:
    """Today and so many days, weeks or months; 半个月 is 15 days."""
    count = 0.5 if said == "半" else number(said)
    if count < 0:
        return None
    if unit == "月":
        return today + timedelta(days=15) if count == 0.5 else cal.months_later(today, int(count))
    if unit in ("小时", "钟头"):
        return today
    return today + timedelta(days=int(count * (1 if unit in "天日" else 7)))


@form(
    r"(?<![0-9月个下这本上个])月(?P<part>初|中(?!秋|国|午|奖|间|介)|底|末|尾)|(?<!月)(?P<third>上旬|中旬|下旬)"
)
def bare_month_part(match: re.Match[str], today: date, before: Days | None) -> Days | None:
    part = match["part"] or match["third"]
    if before is not None and before.names_month:
        return month_part(before.start.year, before.start.month, part)
    found = month_part(today.year, today.month, part)
    begun = part in ("初", "上旬") and today.day > 1
    if found.end is not None and (found.end < today or begun):
        return month_part(today.year + today.month // 12, today.month % 12 + 1, part)
    return Days(max(found.start, today), found.end)


FESTIVALS = sorted((*cal.FIXED, *cal.LUNAR, "清明"), key=len, reverse=True)


@form(
    rf"(?:{YEAR})?(?P<f>{'|'.join(name for name in FESTIVALS if name not in ('十一', '过年', '三八', '七一', '八一', '六一'))}|(?<!月)十一(?=之?前|以前|假期|长假|当天|黄金周|放假|还|给|转|,|$)|六一|过年(?=的时候|那天|那几天|就|还|给|,|$))(?:节)?(?:当天|那天|假期|长假|期间|黄金周)?"
)
def festival_day(match: re.Match[str], today: date, _: Days | None) -> Days | None:
    day = cal.festival(match["f"], today)
    year = year_of(match["y"], today)
    if year is not None and day.year < year:
        day = cal.festival(match["f"], date(year, 1, 1))
    return Days(day, day, True, festival=True)
