"""Find the days a message names: forms from left to right, then what stands around them, then spans."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from heyue.understanding.days import INVALID, PART_OF_DAY, UP_TO, Days, Scan, forms_by_start, number
from heyue.understanding.script import Plain, plain_text

TIME_OF_DAY = re.compile(
    f"的?(?:{PART_OF_DAY}|大早上?|一早|晚黑|后半夜|晚(?!点|些|一点|几)|早(?!点|些|一点|就|日))?"
    "(?:(?:[0-9]{1,2}|十[一二]?|[一二三四五六七八九两])(?:[点时:](?:[0-9]{1,2}|半|整|钟|一刻|三刻|[一二三四五六七八九十]{1,3})?(?:[分:][0-9]{0,2})?[秒时]?))?"
)
ABOUT = re.compile("(?:左右|前后(?!两)|上下|的样子|那天|这天|当天|那日|那会儿?)")
BEFORE = re.compile(
    "(?:吧|的)?,?(?:开学|开工|(?P<hour>上班|下班|收摊)|放假|过节|开庭|到期)?(?:之前|以前|前(?!天|两(?![百千万])|几|后|晌|年|面|妻|夫|一[天日周]|[二三四五][天日])|为止|截止|止)"
)
WITHIN = re.compile("(?:之内|以内|内(?!容|部|心)|里(?!面|边|屋|拿|头))")
AFTER = re.compile("(?:之后|以后|过后|往后|之後|后(?!天|晌|面|年|来|悔|续|再说|半夜|台|果)|开外)")
GONE_BY = re.compile("过[了完](?!吧|没|吗|么|的)")  # 双十一过了给
PAST = re.compile("(?:^|[,。!? 等我咱俺要得先就那])过[了完]$")  # 过了十五号还; not of "元旦过了8号"
DAYS_BEFORE = re.compile("(?:的)?前(?P<n>一|两|[二三四五123])[天日]")
AT_THE_LATEST = re.compile(
    "(?:最晚|最迟|最慢|最多|顶多|顶天|撑死|不超过|不晚于|不迟于|不会超过|至迟|至多|赶在|截止到?|截至|迟至|最后)(?:也)?(?:不过)?(?:能?拖?到|就到|就|是|在|等到|不超过|不过)?[^,。;!?]{0,1}$"
)
TO = re.compile(r"\s*(?:到|至|-|~|—|–|→)\s*")
OR = re.compile(r"[\s,]*(?:或者?是?|还是|要么|要不|不然|、|和|跟|与|,)?(?:是|就是|就)?\s*")
EITHER = re.compile("或|还是|要么|要不|不然|就是")
BETWEEN = re.compile("(?:之间|期间|中间|这段|这几天)")
FROM = re.compile("(?:从|自|打)$")
# parts of a day: the words, the hour at which it begins, and that from which it has gone by
PARTS_OF_DAY = tuple(
    (re.compile(words), begins, over)
    for words, begins, over in (
        ("凌晨", 0, 7), ("早|上午|前晌|头晌", 5, 12), ("中午|晌午", 11, 15), ("下午|下昼|后晌|傍晚", 13, 20), ("晚", 18, 24)
    )
)  # fmt: skip
DAWN = 5  # the hour up to which it is still the night before
PAID = re.compile(
    "[^,。!?会能要得可再把争不没]{0,6}[还付转存交打给缴汇结清划充办弄补搞处][^,。!?不没吧]{0,6}了(?![吧吗么没再才就行得])"
)  # 就还清了, 全转您了; not of 还了再说
BARE_WEEKDAY = re.compile("(?:周|星期|礼拜)[一二三四五六日天]")


@dataclass(frozen=True)
class DateMention:
    """Days that a text names, and where. `kind`: future (today counts), past, invalid (no such day).

    `grain` tells how it was said: day, few, week, part, month, year, or hour for a mere time of day.
    """

    start: date | None
    end: date | None
    text: str
    span: tuple[int, int]
    kind: str = "future"
    grain: str = "day"

    def as_dict(self) -> dict[str, Any]:
        return {
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "text": self.text,
            "span": list(self.span),
            "kind": self.kind,
            "grain": self.grain,
        }

    @staticmethod
    def from_dict(raw: dict[str, Any]) -> DateMention:
        start, end = (date.fromisoformat(raw[name]) if raw[name] else None for name in ("start", "end"))
        span = (raw["span"][0], raw["span"][1])
        return DateMention(start, end, raw["text"], span, raw["kind"], raw.get("grain", "day"))


@dataclass(frozen=True)
class Found:
    """Days found in the plain text, from `begin` up to `stop`."""

    days: Days
    begin: int
    stop: int


def find_dates(text: str, now: datetime) -> list[DateMention]:
    """All days that `text` names, in order, whatever they are about. `now` is aware; its date is "today"."""
    plain = plain_text(text)
    return [mention(plain, each, now) for each in days_in(plain.text, now)]


def days_in(text: str, now: datetime) -> list[Found]:
    """The days that a plain text names, in order."""
    return joined(text, scanned(text, now))


def scanned(text: str, now: datetime) -> list[Found]:
    """The forms from left to right, each with the words around it. At one place the form registered first wins."""
    forms, today = forms_by_start(), now.date()
    found: list[Found] = []
    anchor: Days | None = None
    position, size, last_stop = 0, len(text), 0
    while position < size:
        for pattern, resolve in forms.get(text[position], ()):
            match = pattern.match(text, position)
            if match is None or match.end() == position:
                continue
            days = safely(resolve, match, Scan(now, today, anchor, text[last_stop:position][-40:]))
            if days is not None:
                each = widened(text, Found(days, position, match.end()), today)
                found.append(each)
                if days is not INVALID and days.grain != "hour":
                    before = days.festival and each.days.end is not None and each.days.end < days.start
                    anchor = replace(days, month=days.month and not before)  # 元旦前 is not yet January
                position = last_stop = each.stop
                break
        else:
            position += 1
    return found


def safely(resolve: Any, match: re.Match[str], scan: Scan) -> Days | None:
    """What a form means; nothing where the calendar ends (年 9999)."""
    try:
        days: Days | None = resolve(match, scan)
    except (ValueError, OverflowError):
        return None
    return days


def widened(text: str, found: Found, today: date) -> Found:
    """Take in the time of day, "左右", "之前", "以后" and "最晚" around a form."""
    if found.days is INVALID:
        return found
    days, stop = found.days, found.stop
    time_of_day = TIME_OF_DAY.match(text, stop)
    timed = time_of_day is not None and time_of_day.end() > stop and days.grain in ("day", "few", "hour")
    stop = time_of_day.end() if timed and time_of_day is not None else stop
    if about := ABOUT.match(text, stop):
        stop = about.end()
    if shifted := DAYS_BEFORE.match(text, stop):
        days = replace(
            days,
            start=days.start - timedelta(days=number(shifted["n"])),
            end=days.start - timedelta(days=number(shifted["n"])),
            festival=False,
        )
        stop = shifted.end()
    stop, days = limited(text, found.begin, stop, days, today, timed)
    return Found(days, found.begin, stop)


def limited(text: str, begin: int, stop: int, days: Days, today: date, timed: bool) -> tuple[int, Days]:
    """Deadlines and open ends: where they stop, and the days they make."""
    if end := BEFORE.match(text, stop):
        is_hour = timed or days.grain == "hour" or end["hour"] is not None
        return end.end(), days if is_hour else until(days, today)
    if end := WITHIN.match(text, stop):
        begun = days.grain in ("month", "year") and days.start <= today  # 这个月内
        return end.end(), replace(until(days, today), grain="few") if begun or days.grain in ("day", "few") else days
    if after := AFTER.match(text, stop) or (GONE_BY.match(text, stop) if days.grain == "day" else None):
        return after.end(), days if timed or days.grain == "hour" else replace(days, end=None)
    if days.grain == "day" and PAST.search(text[max(0, begin - 3) : begin]):
        return stop, replace(days, end=None)
    if days.grain != "hour" and AT_THE_LATEST.search(text[max(0, begin - 9) : begin]):
        return stop, until(days, today, festival_itself=True)
    return stop, days


def until(days: Days, today: date, festival_itself: bool = False) -> Days:
    """From today up to the end of these days; before a festival: up to its eve."""
    end = days.end if days.end is not None else days.start
    if days.festival and not festival_itself:
        end = days.start - timedelta(days=1)
    if end < today:
        return replace(days, end=end)
    return replace(days, start=today, end=end, festival=False)


def joined(text: str, found: list[Found]) -> list[Found]:
    """Make one span of two neighbouring days: 20号到25号, 周五或者周六, 周六周日."""
    result: list[Found] = []
    for each in found:
        last = result[-1] if result else None
        span = spanned(text, last, each) if last is not None else None
        if last is not None and span is not None:
            between = BETWEEN.match(text, each.stop)
            result[-1] = Found(span, last.begin, between.end() if between else each.stop)
        else:
            result.append(each)
    return result


def spanned(text: str, first: Found, second: Found) -> Days | None:
    """The span that two neighbouring forms name, or None."""
    days, more = first.days, second.days
    if INVALID in (days, more) or days.end is None or more.end is None:
        return None
    between = text[first.stop : second.begin]
    if between in ("", "和", "跟", "与") and BETWEEN.match(text, second.stop) and days.start < more.start:
        return replace(more, start=days.start)
    if between in ("", "的") and days.grain == "month" and days.start <= more.start and more.end <= days.end:
        return more  # "下个月十几号"
    if TO.fullmatch(between):
        if days.grain == "hour" and more.start > days.start:
            return replace(more, start=days.start)
        return replace(more, start=days.start) if more.end >= days.start and more.grain != "hour" else None
    if between.strip(" ,的是就()") == "" and days.grain == "day":
        if (days.start, days.end) == (more.start, more.end):
            return more if more.festival else days  # said twice: "下周三 25号"
        if BARE_WEEKDAY.match(text, second.begin) and is_weekday_of(more, days):
            return days  # "3月3号星期三"
        if BARE_WEEKDAY.match(text, first.begin) and is_weekday_of(days, more):
            return more  # "星期三，3月3号"
    if more.start < days.start or more.grain == "hour" or days.grain == "hour":
        return None
    if between.strip(" ,") == "" and (text.endswith(UP_TO, 0, first.begin) or days.grain == "month" != more.grain):
        return None
    if between == "、" and text.startswith("、", second.stop):  # 今天、26、30号各两百
        return None
    return near_span(days, more, between)


def is_weekday_of(weekday: Days, day: Days) -> bool:
    """A weekday's name only tells which weekday a later, single day is."""
    single = day.grain == "day" and day.start == day.end and weekday.start == weekday.end
    return single and weekday.start < day.start and (day.start - weekday.start).days % 7 == 0


def near_span(days: Days, more: Days, between: str) -> Days | None:
    """周五或者周六, 26号 27号; far days only where one of them will do ("15号或者20号")."""
    if OR.fullmatch(between) is None or days.end is None or more.start <= days.end:
        return None
    gap = (more.start - days.end).days
    if days.festival and between.strip() == "":  # 过了双十一12号
        return None
    listed = "," not in between or EITHER.search(between) is not None
    if (gap <= 2 and listed) or (EITHER.search(between) and gap <= 31):
        return replace(more, start=days.start)
    return None


def mention(plain: Plain, found: Found, now: datetime) -> DateMention:
    """What was found, as the caller gets it: words and span are those of the original text."""
    said, span = plain.said(found.begin, found.stop), plain.span(found.begin, found.stop)
    if found.days is INVALID:
        return DateMention(None, None, said, span, "invalid")
    last = found.days.end if found.days.end is not None else date.max
    past = last < now.date() or has_gone_by(plain.text, found, now)
    return DateMention(found.days.start, found.days.end, said, span, "past" if past else "future", found.days.grain)


def has_gone_by(text: str, found: Found, now: datetime) -> bool:
    """A part of today is over ("早上" said at night), or the words after it tell what was done in it ("早上还了三千").

    "中午就还清了" is a promise in the morning and news in the afternoon; who is still up at night speaks of the day before.
    """
    if not found.days.start == found.days.end == now.date():
        return False
    parts = [(begins, over) for words, begins, over in PARTS_OF_DAY if words.search(text, found.begin, found.stop)]
    if any(now.hour >= over for _, over in parts):
        return True
    paid = PAID.match(text, found.stop)
    if paid is None:
        return False
    if any(not DAWN <= now.hour < begins for begins, _ in parts):
        return True
    return "就" not in paid[0] and (bool(parts) or "全" not in paid[0])  # "今天我全还了" may be meant for later
