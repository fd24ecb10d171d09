"""What the words for days mean, and the register of the forms in which they are said (package forms)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import NamedTuple

from heyue.understanding.numerals import whole_number


@dataclass(frozen=True)
class Days:
    """First and last day (None: open) that words mean.

    `month`: they name a month, from which later bare days in the message count. `week`: likewise for weekdays.
    `grain`: day, few (a handful of days), week, part (of a month), month, year, hour (a time of day only).
    `lunar`: said by the lunar calendar, as later days of the message may be too.
    """

    start: date
    end: date | None
    month: bool = False
    week: bool = False
    grain: str = "day"
    festival: bool = False
    lunar: bool = False


class Scan(NamedTuple):
    """What a form may look at. `anchor`: the days found last; `gap`: the text between them and the form."""

    now: datetime
    today: date
    anchor: Days | None
    gap: str


INVALID = Days(date.min, date.min)  # a day that does not exist
Resolver = Callable[["re.Match[str]", Scan], "Days | None"]
FORM_MODULES = ("lunar", "absolute", "months", "weeks", "relative", "festivals", "years")

NUMBER_STARTS = "0123456789零〇一二三四五六七八九十两俩仨廿卅半"
DAY = "(?:[0-9]{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|卅一?|[一二两三四五六七八九])"
MONTH = "(?:[0-9]{1,2}|十[一二三四五六七八九]?|[一二两三四五六七八九])"
COUNT = "(?:[0-9]{1,3}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两俩仨三四五六七八九])"
UP_TO = ("过", "到", "是")  # before a day of something else: "忙过1号，2号给你", "靠岸是23号 24号给你" name no span
PART_OF_DAY = "凌晨|大?清早|早上|早晨|上午|前晌|头晌|中午|晌午|下午|下昼|后晌|晚半晌|傍晚|夜晚|晚上|夜里|夜间|半夜"
YEAR = (
    "(?:[0-9]{4}|[0-9]{2}|[零〇一二三四五六七八九]{4}|[零〇一二七八九][零〇一二三四五六七八九]|"
    "两千[零〇]?[一二三四五六七八九十]{0,3})年|今年|明年|来年|后年|大后年|去年|前年|大前年|本年|上一?年|下一年|这一年|[一二两三四五1-9]年(?:之|以)?后"
)
WHICH = "(?:上上|上|再下|下下|下|这|今|本|当|(?<![这那上下每几两一])次|同)"  # 次周五, not 这次周五
STEPS = {
    "上上": -2,
    "上": -1,
    "这": 0,
    "今": 0,
    "本": 0,
    "当": 0,
    "同": 0,
    "下": 1,
    "次": 1,
    "再下": 2,
    "下下": 2,
}
YEAR_STEPS = {
    "今年": 0, "本年": 0, "这一年": 0, "明年": 1, "来年": 1, "下一年": 1, "后年": 2, "大后年": 3, "去年": -1, "上年": -1,
    "上一年": -1, "前年": -2, "大前年": -3,
}  # fmt: skip
# a small number before these counts things, it names no day: "三月五千", "下月三次"
NOT_COUNTED = (
    "(?![0-9个几天块元圆千百万次期笔遍家人样kKwW月年钟]|小(?!年)|[.:][0-9]|一?定|直|起(?!网|航|程)|共|切|下子|点半|到[12])"
)
TOGETHER = "一(?:块儿?(?!钱)|起)"  # "正月十五一块儿给"
LONGEST_IN_DAYS = 10  # 十五日之后 is after the fifteenth, 三日后 in three days
ONE_IS_NONE = "(?!一(?:定|直|起|次|共|样|切|下|到|分|块|点|些|般|边|旦|把|个|笔|家|并|律|千|万|百|半))"
# "号" is also a house, a line, an account
NOT_A_PLACE = "(?!线|楼|院|店|车|床|门|杆|称|头|码|窗|柜|机|公馆|文件|桥|坑|井|地块|矿|馆|仓|库|厅|病房|工地(?!上)|厂房|房|卡(?!里|上)|基|桌)"
# "好" typed for "号": only where paying or the end follows
DAY_END = f"(?:[号號]{NOT_A_PLACE}|日(?!子|期|用|常|本|历|内|之内|以内|后|之后|以后|均|夜)|好(?=还|转|给|付|之前|以前|前|左右|打|发|$))"


class Form(NamedTuple):
    pattern: str
    resolve: Resolver


_FORMS: dict[str, list[Form]] = {}


def form(starts: str, pattern: str) -> Callable[[Resolver], Resolver]:
    """Register a form of saying days that begins with one of `starts`. Of two that fit, the earlier registered wins."""

    def register(resolver: Resolver) -> Resolver:
        entry = Form(pattern, resolver)
        for character in dict.fromkeys(starts):
            _FORMS.setdefault(character, []).append(entry)
        return resolver

    return register


@cache
def forms_by_start() -> dict[str, list[tuple[re.Pattern[str], Resolver]]]:
    """All forms by their first character; loaded and compiled at the first message."""
    for name in FORM_MODULES:
        import_module(f"heyue.understanding.forms.{name}")
    return {
        start: [(re.compile(each.pattern), each.resolve) for each in entries]
        for start, entries in _FORMS.items()
    }


def number(said: str) -> int:
    """The whole number in a match of a numeral pattern; -1 when it is none."""
    found = whole_number(said)
    return -1 if found is None else found


def one(day: date | None, month: bool = False, week: bool = False) -> Days | None:
    """A single day, or nothing."""
    return None if day is None else Days(day, day, month, week)


FAR_AHEAD = timedelta(days=190)
NEAR = 6  # characters: after more of them a month is no longer that of a bare day ("九月上高中，学费先交了，你这里28号")
# what may stand between two days of one month: nothing, what is paid on the first, or what comes before the second
INSTALMENT = re.compile("[还付给转打存清结补汇划扣]|交(?!学费|房|班|税|社保|费)")
ONE_MONTH = re.compile("[ ,、;:。和跟与及的就或者是吧号日到至~-]*|.*(?:回来|回家|完事|办完|忙完|然后|第二|分[两二三四几]).*|.{0,3}[0-9百千万半块元].{0,3}")


def named_month(scan: Scan) -> Days | None:
    """The days before, where they name the month of what follows ("下月5号三百，20号三百").

    A month that has rolled on to next year ("6月份的钱15号发", said in July) tells of the past and names none,
    nor does a lunar one: 号 counts by the solar calendar.
    """
    anchor = scan.anchor
    if anchor is None or not anchor.month or anchor.lunar or anchor.start - scan.today >= FAR_AHEAD:
        return None
    if anchor.grain == "month" or anchor.festival:
        return anchor if len(scan.gap) <= NEAR else None
    listed = ONE_MONTH.fullmatch(scan.gap) is not None or INSTALMENT.search(scan.gap) is not None
    return anchor if listed else None


def step_of(which: str) -> int:
    """How many weeks or months on 下下, 下, 这 … point."""
    return STEPS[which]


def year_of(said: str | None, today: date) -> int | None:
    """The year that 明年, 2027年, 27年 or 二零二七年 means; None when nothing is said or it is no year ("七八年")."""
    if said is None:
        return None
    if said in YEAR_STEPS:
        return today.year + YEAR_STEPS[said]
    if said[-1] == "后":  # 两年后三月五号
        return today.year + number(said[0])
    digits = said[:-1]
    if digits.startswith("两千"):
        return 2000 + (whole_number(digits[2:].lstrip("零〇")) or 0)
    value = whole_number(digits)
    if value is None or (
        len(digits) == 2 and not digits.isascii() and value > 9 and value % 10 == value // 10 + 1
    ):
        return None
    if len(digits) == 4:
        return value if value >= 1 else None
    return value + (2000 if 2000 + value <= today.year + 30 else 1900)
