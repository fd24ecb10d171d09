"""Find the days a message names: forms, then deadlines, open ends and spans around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from heyue.understanding.date_patterns import FORMS, INVALID, Days
from heyue.understanding.script import simplify

TRIGGER = re.compile("[0-9号日天月周期拜旦节末底后前晚早年夕初十今明旬钟小时]")
TIME_OF_DAY = re.compile(
    "^的?(?P<part>凌晨|清早|大早|一早|早上|早晨|上午|中午|晌午|下午|傍晚|晚上|夜里|半夜|晚|早)?"
    "(?P<clock>[0-9一二三四五六七八九十两]{1,3}[点时](?:半|整|钟|一刻|[0-9一二三四五六七八九十]{1,3}分?)?)?"
)
BEFORE = re.compile("^(?:吧|的)?(?:之前|以前|前(?!天|两|几|后|年|面|妻|夫)|以内|之内|内|为止|截止)")
AFTER = re.compile("^(?:之后|以后|过后|往后|后(?!天|面|年|来|悔|续|再说))")
AT_THE_LATEST = re.compile(
    "(?:最晚|最迟|最慢|最多|顶多|顶天|不超过|不晚于|不迟于|至迟|赶在|到不了)(?:能?拖?到|就|是|在)?[^,。;]{0,2}$"
)
TO = re.compile("^(?:号|日)?(?P<by>到|至|-|~|—|–|或者?是?|还是|或|、|和|跟)?$")
BETWEEN = re.compile("^(?:之间|期间|中间)")


@dataclass(frozen=True)
class DateMention:
    """Days that a text names, and where. `kind`: future (today counts), past, invalid (no such day)."""

    start: date | None
    end: date | None
    text: str
    span: tuple[int, int]
    kind: str = "future"

    def as_dict(self) -> dict[str, Any]:
        return {
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "text": self.text,
            "span": list(self.span),
            "kind": self.kind,
        }

    @staticmethod
    def from_dict(raw: dict[str, Any]) -> DateMention:
        start, end = (date.fromisoformat(raw[name]) if raw[name] else None for name in ("start", "end"))
        return DateMention(start, end, raw["text"], (raw["span"][0], raw["span"][1]), raw["kind"])


@dataclass(frozen=True)
class Found:
    """One form found in the simplified text."""

    days: Days
    begin: int
    stop: int


def find_dates(text: str, now: datetime) -> list[DateMention]:
    """All days that `text` names, in order, whatever they are about. `now` is aware; its date is "today"."""
    plain = simplify(text)
    if not TRIGGER.search(plain):
        return []
    found = joined(plain, [widened(plain, each, now.date()) for each in forms_in(plain, now.date())])
    return [mention(text, each, now.date()) for each in found]


def forms_in(plain: str, today: date) -> list[Found]:
    """The forms from left to right. At one place the earlier, then the longer form wins."""
    candidates = sorted(
        ((match.start(), order, match, resolve) for order, (pattern, resolve) in enumerate(FORMS)
         for match in pattern.finditer(plain)),
        key=lambda each: (each[0], each[1]),
    )  # fmt: skip
    found: list[Found] = []
    for begin, _, match, resolve in candidates:
        if found and begin < found[-1].stop:
            continue
        anchor = found[-1].days if found and found[-1].days is not INVALID else None
        days = resolve(match, today, anchor)
        if days is not None:
            found.append(Found(inheriting(days, anchor), begin, match.end()))
    return found


def inheriting(days: Days, anchor: Days | None) -> Days:
    """A day that took its month from the one before hands it on."""
    if days is INVALID or anchor is None or not anchor.names_month or days.names_month:
        return days
    return replace(days, names_month=days.start >= anchor.start and (days.start - anchor.start).days < 62)


def widened(plain: str, found: Found, today: date) -> Found:
    """Take in the time of day, "之前", "以后" and "最晚" around a form."""
    if found.days is INVALID:
        return found
    stop = found.stop
    time_of_day = TIME_OF_DAY.match(plain[stop:])
    spoken_time = time_of_day[0] if time_of_day else ""
    stop += len(spoken_time)
    days = found.days
    if end_match := BEFORE.match(plain[stop:]):
        stop += end_match.end()
        if not spoken_time:  # "今晚12点前" is still today
            days = until(days, today)
    elif after := AFTER.match(plain[stop:]):
        stop += after.end()
        days = replace(days, end=None)
    elif AT_THE_LATEST.search(plain[max(0, found.begin - 8) : found.begin]):
        days = until(days, today, festival_itself=True)
    return Found(days, found.begin, stop)


def until(days: Days, today: date, festival_itself: bool = False) -> Days:
    """From today up to the end of these days; before a festival: up to its eve."""
    end = days.end if days.end is not None else days.start
    if days.festival and not festival_itself:
        end -= timedelta(days=1)
    return replace(days, start=min(today, end), end=end, festival=False)


def joined(plain: str, found: list[Found]) -> list[Found]:
    """Make one span of two neighbouring days: 20号到25号, 周五或者周六, 周六周日."""
    result: list[Found] = []
    for each in found:
        last = result[-1] if result else None
        if last is not None and spans(plain, last, each):
            between = BETWEEN.match(plain[each.stop :])
            stop = each.stop + (between.end() if between else 0)
            result[-1] = Found(replace(last.days, end=each.days.end), last.begin, stop)
        else:
            result.append(each)
    return result


def spans(plain: str, first: Found, second: Found) -> bool:
    """Whether two neighbouring forms name one span."""
    if INVALID in (first.days, second.days) or first.days.end is None or second.days.end is None:
        return False
    between = plain[first.stop : second.stop - (second.stop - second.begin)]
    link = TO.match(between)
    if link is None or first.days.start >= second.days.end or first.days.start > second.days.start:
        return False
    if link["by"] in ("到", "至", "-", "~", "—", "–"):
        return True
    return (second.days.start - first.days.end).days <= 2


def mention(text: str, found: Found, today: date) -> DateMention:
    """What was found, as the caller gets it: spans are those of the original text."""
    said, span = text[found.begin : found.stop], (found.begin, found.stop)
    if found.days is INVALID:
        return DateMention(None, None, said, span, "invalid")
    last = found.days.end if found.days.end is not None else date.max
    return DateMention(found.days.start, found.days.end, said, span, "past" if last < today else "future")
