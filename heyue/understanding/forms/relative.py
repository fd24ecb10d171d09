"""Days counted from today: 明天, 后天晚上, 三天后, 两三天, 一周内, 半个月后, 3天前, 今晚, 下午三点."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache

from heyue.understanding import calendar as cal
from heyue.understanding.days import (
    COUNT,
    INSTALMENT,
    LONGEST_IN_DAYS,
    NUMBER_STARTS,
    PART_OF_DAY,
    Days,
    Scan,
    form,
    number,
    one,
)
from heyue.understanding.forms.weeks import WEEK
from heyue.understanding.lexicon import load_data
from heyue.understanding.script import SENTENCE_END

LATER = "(?:之后|以后|过后|开外|后(?!天|面|年|来|悔|续|果|台|备|顾))"
WITHIN = "(?:之内|以内|内(?!容|部|心))"
UNIT = rf"(?P<u>天|日|号|个?{WEEK}|个?月|年|个?小时|个?钟头?|分钟|个?工作日)"
NAMED_STARTS = "今明后大昨前外次听翌当本这一头近未赶两"


@cache
def named_days() -> dict[str, list[int]]:
    """Words for days near today, as the first and the last offset (data/days.yml)."""
    found: dict[str, list[int]] = load_data("days.yml")["near"]
    return found


def _named_pattern() -> str:
    words = "|".join(sorted(named_days(), key=len, reverse=True))
    return rf"(?<![之以然最背往今以赶])(?:{words})(?!年|点|些|个?月|生|星期|礼拜)"


@form(NAMED_STARTS, r"(?:明天|明日)的(?:后天|后日)")
def from_tomorrow(match: re.Match[str], scan: Scan) -> Days | None:
    return one(scan.today + timedelta(days=3))


@form(NAMED_STARTS, _named_pattern())
def named_day(match: re.Match[str], scan: Scan) -> Days | None:
    first, last = named_days()[match[0]]
    grain = "day" if first == last else "few"
    return Days(scan.today + timedelta(days=first), scan.today + timedelta(days=last), grain=grain)


@form("前头", "(?:前|头)一天(?!晚|夜)")
def day_before_the_festival(match: re.Match[str], scan: Scan) -> Days | None:
    """中秋要来客，前一天给你: after a festival."""
    anchor = scan.anchor
    if anchor is None or not anchor.festival:
        return None
    return one(anchor.start - timedelta(days=1))


EVENTS = "开庭|开学|满月|出门|出发|动身|发车|开船|上车|搬家|入伍|出院|回去|走"
LEAVES = ("走", "动身", "出发", "出门", "上车", "发车", "开船")
NEARBY = 60  # characters in which the event was told
LEAVING = re.compile("票|机|车|船|飞|出门|出发|动身|打工|[去回走搬]")


@form("开满出动发上搬入回走", rf"(?<![收拿带取划扣送叫])(?P<event>{EVENTS})(?:之|以)?前(?!天|面|台|几|两天)(?P<eve>一天)?")
def before_the_event(match: re.Match[str], scan: Scan) -> Days | None:
    """17号开庭，我开庭前给到你们: up to the day that the event was given before."""
    anchor, said = scan.anchor, match.string[max(0, match.start() - NEARBY) : match.start()]
    if anchor is None or anchor.grain != "day" or anchor.start != anchor.end or anchor.start < scan.today:
        return None
    if match["event"] not in said and (match["event"] not in LEAVES or LEAVING.search(scan.gap) is None):
        return None
    return one(anchor.start - timedelta(days=1)) if match["eve"] else Days(scan.today, anchor.start, grain="few")


@form("第隔次", "第二天|隔天|隔日|次日")
def day_after(match: re.Match[str], scan: Scan) -> Days | None:
    """28号发，第二天转你: the day after a day said before."""
    anchor = scan.anchor
    if anchor is None or anchor.grain != "day" or anchor.start != anchor.end:
        return None
    return one(anchor.start + timedelta(days=1))


@form(
    "这最近未接前头上",
    rf"(?P<which>这|最近|近|未来|接下来|前|头|上)(?P<a>{COUNT})(?P<b>[二三四五六七八九十])?(?:个)?(?P<u>天|日|周|星期|礼拜|月)(?!前|后|以|之)",
)
def days_around(match: re.Match[str], scan: Scan) -> Days | None:
    """这两三天: today … today + 3; 前三天: the three days before today."""
    count = number(match["b"] or match["a"])
    if match["u"] == "月" and match["which"] in "前头上":
        first = cal.day_in(scan.today.year, scan.today.month - count, 1)
        return Days(first, cal.day_in(scan.today.year, scan.today.month - 1, 31), grain="month")
    days = (
        timedelta(days=count * DAYS_OF[match["u"]]) if match["u"] in DAYS_OF else timedelta(days=30 * count)
    )
    if match["which"] in "前头上":
        return Days(scan.today - days, scan.today - timedelta(days=1), grain="few")
    return Days(scan.today, scan.today + days, grain="few")


DAYS_OF = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}


@form(
    NUMBER_STARTS + "再等过多",
    rf"(?<![第0-9{NUMBER_STARTS}])(?:再|等|再等|再过|等过|过多?|多)?(?P<a>[一二两三四五六七八1-8])(?:、|到|至|-|~)?(?P<b>[二三四五六七八九十2-9]|10)(?P<u>天|日|个?{WEEK}|个月)(?:时间|左右|的)?(?:(?P<in>{WITHIN})|(?P<later>{LATER}))?",
)
def few_days(match: re.Match[str], scan: Scan) -> Days | None:
    """两三天, 三五天后, 七八天内. Digits need their dash: 35天 is thirty-five."""
    first, last = number(match["a"]), number(match["b"])
    joined = match["a"].isascii() and match["b"].isascii() and not re.search("[、到至~-]", match[0])
    tens = match["b"] == "十" and match.end("a") == match.start("b")  # 四十天 is forty
    if (
        first >= last
        or joined
        or tens
        or (match["u"] == "日" and first + 1 != last and (first, last) != (3, 5))
    ):
        return None
    start, end = later_by(scan, first, match["u"]), later_by(scan, last, match["u"])
    if start is None or end is None:
        return None
    return Days(scan.today if match["in"] else start, end, grain="few")


@form("十", rf"十天半(?:个?月|拉月)(?:{LATER}|(?P<in>{WITHIN}))?")
def ten_to_fifteen(match: re.Match[str], scan: Scan) -> Days | None:
    start = scan.today + timedelta(days=0 if match["in"] else 10)
    return Days(start, scan.today + timedelta(days=15), grain="few")


@form("个", rf"个把(?P<u>月|{WEEK})(?:时间|左右)?(?:(?P<in>{WITHIN})|(?P<later>{LATER}))?")
def about_one(match: re.Match[str], scan: Scan) -> Days | None:
    until = later_by(scan, 1, match["u"])
    if until is None or not (match["in"] or match["later"]):
        return None
    return Days(scan.today if match["in"] else until, until, grain="few")


@form(
    NUMBER_STARTS + "再等过最多给容",
    rf"(?<![第{NUMBER_STARTS}.])(?P<past>(?:再|等|再等)?过|再)?(?P<give>(?:再)?(?:给|容|宽限|等)(?:我|俺|咱)?)?(?P<n>{COUNT}|半拉?|一百)(?P<half>个半)?(?:来|多)?{UNIT}(?P<half2>半)?(?:时间)?(?:左右|的样子)?"
    rf"(?P<time>的?时间)?(?:(?P<in>{WITHIN})|(?P<later>{LATER})|(?P<ago>(?:之|以)?前(?!还|给|付|转)))?",
)
def days_on(match: re.Match[str], scan: Scan) -> Days | None:
    """N天后, 过N天: today + N; N天内: today … today + N; N天前: in the past."""
    alone = match["u"] != "年" and says_nothing_else(match)
    if not (match["in"] or match["later"] or match["past"] or match["ago"] or alone):
        return None
    if match["u"] == "日" and match["past"] is None and match["later"] is None and match["in"] is None:
        return None
    next_part = follows_a_part(match, scan)
    paid_then = INSTALMENT.search(match.string, match.end(), match.end() + SOON) is not None
    waits = match["give"] is not None and match["give"].startswith("等") and paid_then  # 再等半个月，六百一次给你
    if match["u"] == "号" or (match["past"] == "再" and not (match["in"] or match["later"] or alone or next_part or waits)):
        return None
    if match["u"] == "日" and match["later"] and number(match["n"]) > LONGEST_IN_DAYS:
        return None
    if next_part and scan.anchor is not None:
        scan = scan._replace(today=scan.anchor.start)
    count = 0.5 if match["n"][0] == "半" else float(number(match["n"]))
    if match["half"] or match["half2"]:
        count += 0.5
    if match["ago"]:
        return one(later_by(scan, -count, match["u"]))
    until = later_by(scan, count, match["u"])
    if until is None:
        return None
    return (
        Days(scan.today, until, grain="few")
        if match["in"]
        else Days(until, until, month="月" in match["u"] or "年" in match["u"])
    )


SOON = 12  # characters
PART_PAID = re.compile(f"{INSTALMENT.pattern}|交|[百千万半]")


def follows_a_part(match: re.Match[str], scan: Scan) -> bool:
    """一个月后给你一千，再一个月给你剩下的: so long after the part paid first."""
    anchor = scan.anchor
    waits = match["past"] == "再过" or match["give"] is not None or match["later"] is not None
    if match["past"] not in ("再", "再过") or match["in"] or (match["u"] in "天日" and not waits):
        return False
    one_day = anchor is not None and anchor.start == anchor.end and anchor.start > scan.today
    return one_day and PART_PAID.search(scan.gap) is not None


@form("不出", rf"(?:不出|出不了)(?P<n>{COUNT}){UNIT}")
def before_so_many_days(match: re.Match[str], scan: Scan) -> Days | None:
    """不出三天: within three days."""
    until = later_by(scan, number(match["n"]), match["u"])
    return None if until is None else Days(scan.today, until, grain="few")


HEDGES = re.compile("(?:嗯|那|大概|大约|差不多|估计|可能|还|得|要|也就|就|最多|顶多|再等?|,)*")
CONFUSED = re.compile("记成|记错|记岔|以为|当是|当成|忘|到期|截止|最后一[天日]|就好了|不等|等不了|用不着|等下|本来|听说")
CLOSERS = re.compile("(?:左右|上下|的样子|吧|啊|呀|嘛|之类的|[,。!~…])*")


def says_nothing_else(match: re.Match[str]) -> bool:
    """ "三天", "大概一个礼拜吧": the answer to when."""
    said = match.string
    return (
        HEDGES.fullmatch(said, 0, match.start()) is not None
        and CLOSERS.fullmatch(said, match.end()) is not None
    )


def later_by(scan: Scan, count: float, unit: str) -> date | None:
    """Today and so many days, weeks or months on; half a month is 15 days. None past the calendar's end."""
    unit = unit.removeprefix("个")
    try:
        if unit == "月":
            half = timedelta(days=15 if count % 1 else 0)
            return cal.months_later(scan.today, int(count)) + half
        if unit == "年":
            return cal.months_later(scan.today, round(12 * count))
        if unit in ("小时", "钟", "钟头", "分钟"):
            hours = count / 60 if unit == "分钟" else count
            return (scan.now + timedelta(hours=hours)).date()
        if unit == "工作日":
            return working_days_later(scan.today, int(count))
        return scan.today + timedelta(days=int(count * DAYS_OF[unit]))
    except (OverflowError, ValueError):
        return None


def working_days_later(today: date, count: int) -> date:
    """So many Mondays to Fridays after today."""
    weeks, rest = divmod(max(count, 0), 5)
    day = today + timedelta(weeks=weeks)
    while rest or day.weekday() > 4:
        day += timedelta(days=1)
        rest -= rest > 0 and day.weekday() < 5
    return day


def is_that_days(anchor: Days, match: re.Match[str], scan: Scan) -> bool:
    """A part of the day belongs to the single day to come named before in the same sentence, unless that was only confused or forgotten."""
    if not scan.today < anchor.start == anchor.end or not set(SENTENCE_END).isdisjoint(scan.gap):
        return False
    return CONFUSED.search(match.string, max(0, match.start() - 40), match.start()) is None


@form(
    "前后头凌清大早上中晌下傍夜晚半午白天黑0123456789一二三四五六七八九十两",
    rf"(?<![每天日那整前昨熬大半这些个几到通各号早几后])(?:(?:{PART_OF_DAY}|午夜|白天|天黑前?|黑天前?)(?!都|也|班|天|一直|睡|总|老|才|还在)(?:[0-9]{{1,2}}|十[一二]?|[一二两三四五六七八九])?(?:点|时)?|(?:[0-9]{{1,2}}|十[一二]?|[三四五六七八九])(?:点钟?半?(?:之前|以前|前|(?P<paid>(?=就?再?(?:[还转付交存]|给(?:$|[你您,。!吧])))))|:[0-9]{{2}}(?:之前|以前|前)))(?:半|整|钟|一刻)?",
)
def time_of_day(match: re.Match[str], scan: Scan) -> Days | None:
    """A time without a day means today; after a day to come it is that day's ("12号我休息，上午给你存"), and an hour of paying names none ("十点给")."""
    if scan.anchor is not None and match["paid"] is not None:
        return None
    day = scan.anchor.start if scan.anchor is not None and is_that_days(scan.anchor, match, scan) else scan.today
    return Days(day, day, grain="hour")
