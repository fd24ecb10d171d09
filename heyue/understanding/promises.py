"""What a borrower commits to: days and sums become promises, everything else said about days does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from heyue.records import PromiseTerms
from heyue.understanding import calendar as cal
from heyue.understanding.amounts import AmountMention, find_amounts
from heyue.understanding.clauses import Clause, clauses_of, readable
from heyue.understanding.cues import cue
from heyue.understanding.dates import DateMention, find_dates
from heyue.understanding.days import DAY, number
from heyue.understanding.promise_model import judge
from heyue.understanding.promise_rules import TODAY, Tail, Verdict

MOST_TOGETHER = 2_000  # characters that one judgement looks at: more than anybody types in one message
CUT = re.compile("[，。！？；、…,!?;\\n]")
LATEST = re.compile("[^,。]{0,1}(?:最[晚迟慢]|顶多)")
WHOLE = re.compile("全|都|清|[还付]完")
DAY_ALONE = re.compile(f"(?P<day>{DAY})[号日]")  # 15号, of no month
AHEAD_OF_IT = re.compile("[先头]")  # "剩下的10号还，25号先还五百"
Judge = Callable[[str, list[Clause], date], Verdict]


@dataclass(frozen=True)
class Promise:
    """A commitment to pay (contracts.md section 2), the words it came from and where they stand."""

    start: date | None
    end: date | None
    amount: str | None
    certainty: str
    text: str
    span: tuple[int, int]

    def terms(self) -> PromiseTerms:
        """What the ledger keeps of it."""
        return PromiseTerms(self.start, self.end, self.amount, self.certainty)

    def as_dict(self) -> dict[str, Any]:
        return self.terms().as_dict() | {"text": self.text, "span": list(self.span)}

    @staticmethod
    def from_dict(raw: dict[str, Any]) -> Promise:
        terms = PromiseTerms.from_dict(raw)
        span = (raw["span"][0], raw["span"][1])
        return Promise(terms.start, terms.end, terms.amount, terms.certainty, raw["text"], span)


def extract_promises(text: str, now: datetime, days: list[DateMention] | None = None) -> list[Promise]:
    """The promises in a borrower's message that arrived at `now` (aware), in the order said.

    Args:
        days: what `find_dates` found there, where the caller has asked already.
    """
    if len(text) > MOST_TOGETHER:
        return [moved(each, begin) for begin, piece in pieces_of(text) for each in judged_promises(piece, now, judge)]
    return judged_promises(text, now, judge, days)


def pieces_of(text: str) -> Iterator[tuple[int, str]]:
    """A text too long for one message, cut at punctuation where there is any, and where each piece begins.

    The rules hold each day against each other and against each clause: without this a text of 100,000 characters that is full of
    days takes minutes.
    """
    begin = 0
    while rest := text[begin : begin + MOST_TOGETHER]:
        last = max((found.end() for found in CUT.finditer(rest)), default=0) if len(rest) == MOST_TOGETHER else 0
        yield begin, rest[: last or len(rest)]
        begin += last or len(rest)


def moved(promise: Promise, places: int) -> Promise:
    """A promise of a piece where it stands in the whole."""
    return replace(promise, span=(promise.span[0] + places, promise.span[1] + places))


def judged_promises(
    text: str, now: datetime, judging: Judge, days: list[DateMention] | None = None
) -> list[Promise]:
    """The promises in a message as one judge sees them: a model's `judge`, or the rules."""
    plain = readable(text)
    clauses = clauses_of(plain, find_dates(text, now) if days is None else days, find_amounts(text))
    return promised(text, plain, clauses, judging(plain, clauses, now.date()), now.date())


def promised(text: str, plain: str, clauses: list[Clause], verdict: Verdict, today: date) -> list[Promise]:
    """The promises that a verdict makes of what the message names."""
    named = [each for clause in clauses for each in clause.sums]
    apart = {verdict.ahead, verdict.behind.sum if verdict.behind else None}
    sums = [each for each in named if each.span in verdict.sums - apart]
    dated = [
        with_day(mention, verdict.days[mention.span], today)
        for clause in clauses
        for mention in clause.dates
        if mention.span in verdict.days
    ]
    dated = one_after_another(plain, dated)
    ahead = [paid_first(each) for each in named if each.span == verdict.ahead]
    behind = [paid_last(text, clauses[verdict.behind.clause], verdict.behind, named)] if verdict.behind else []
    if dated and verdict.parts.keys() >= {each.span for each in dated}:
        by_span = {each.span: each for each in named}
        own = [verdict.parts[each.span] for each in dated]
        parts = [taking(text, each, by_span[said]) if said else each for each, said in zip(dated, own, strict=True)]
        return [*ahead, *said_once(parts), *behind]
    if dated:
        dated = without_repeats(until_the_latest(text, without_repeats(dated), sums, today))
        dated = dated if len(sums) > 1 else narrowest(plain, dated)
        return [*ahead, *with_sums(text, plain, clauses, dated, sums), *behind]
    if verdict.undated is None:
        return []
    return [undated_promise(text, clauses[verdict.clause], verdict.undated, sums, today)]


def with_day(mention: DateMention, certainty: str, today: date) -> Promise:
    """A promise for the days of a mention; of "这周" only what is left of it."""
    start = max(mention.start, today) if mention.start else None
    return Promise(start, mention.end, None, certainty, mention.text, mention.span)


def one_after_another(plain: str, dated: list[Promise]) -> list[Promise]:
    """Of two days without a month the one said later comes later: on the 24th "10号还一千，25号还一千" is of next month."""
    kept: list[Promise] = []
    for each in dated:
        kept.append(after_the_last(plain, kept, each))
    return kept


def after_the_last(plain: str, before: list[Promise], each: Promise) -> Promise:
    """A promise whose day has no month, in the first month that puts it behind that of the last one, if that has none either."""
    alone = DAY_ALONE.match(plain, each.span[0])
    if not before or alone is None or each.start is None or each.start != each.end:
        return each
    last = before[-1]
    if DAY_ALONE.match(plain, last.span[0]) is None or last.start is None or each.start >= last.start:
        return each
    if any(each.start == other.start for other in before) or AHEAD_OF_IT.search(plain, last.span[1], each.span[1] + 1):
        return each
    if last.start.year == date.max.year:
        return each
    days = (cal.day_in(last.start.year, last.start.month + later, number(alone["day"])) for later in (0, 1))
    day = next(day for day in days if day > last.start)
    return replace(each, start=day, end=day)


def paid_first(said: AmountMention) -> Promise:
    """The first part, paid before any day is named."""
    return Promise(None, None, sum_named(said), "firm", said.text, said.span)


def paid_last(text: str, clause: Clause, tail: Tail, named: list[AmountMention]) -> Promise:
    """The last part, which has no day."""
    span = (clause.begin, clause.begin + len(clause.text))
    said = next((sum_named(each) for each in named if each.span == tail.sum), None)
    return Promise(None, None, said, tail.certainty, text[slice(*span)], span)


def undated_promise(
    text: str, clause: Clause, certainty: str, sums: list[AmountMention], today: date
) -> Promise:
    """A promise without a day, or for today where it will be kept at once."""
    day, certainty = (today, "firm") if certainty == TODAY else (None, certainty)
    span = (clause.begin, clause.begin + len(clause.text))
    return Promise(day, day, sum_named(sums[-1]) if sums else None, certainty, text[slice(*span)], span)


def without_repeats(found: list[Promise]) -> list[Promise]:
    """The same days said twice are one promise ("下周吧 下周肯定给你"); "28号以后" takes in "28号"."""
    open_starts = {each.start for each in found if each.end is None}
    kept: dict[tuple[date | None, date | None], Promise] = {}
    for each in found:
        if each.end is None or each.start not in open_starts:
            kept[each.start, each.end] = each
    return list(kept.values())


def said_once(parts: list[Promise]) -> list[Promise]:
    """Of a day that is named again without a sum, or with the same one, one part stays."""
    kept: list[Promise] = []
    for each in sorted(parts, key=lambda part: part.amount is None):
        if not any((part.start, part.end) == (each.start, each.end) and each.amount in (None, part.amount) for part in kept):
            kept.append(each)
    return sorted(kept, key=lambda part: part.span)


def narrowest(plain: str, found: list[Promise]) -> list[Promise]:
    """Days named ever more closely are one promise: "周末 今天就是周六嘛", "节后吧 五月六号"; not "周末，周日最晚"."""
    found = [each for each in found if not (LATEST.match(plain, each.span[1]) and ends_another(each, found))]
    return [each for each in found if not any(each is not other and encloses(each, other) for other in found)]


def ends_another(last: Promise, found: list[Promise]) -> bool:
    """Whether a day is the last one of another promise's days."""
    return any(each.end == last.end and encloses(each, last) for each in found if each is not last)


def encloses(wide: Promise, narrow: Promise) -> bool:
    """Whether the days of one promise hold those of the other and more."""
    if None in (wide.start, narrow.start, narrow.end):
        return False
    return wide.start <= narrow.start and (wide.end is None or narrow.end <= wide.end)  # type: ignore[operator]


def until_the_latest(
    text: str, found: list[Promise], sums: list[AmountMention], today: date
) -> list[Promise]:
    """ "明天，最晚后天" is one promise from the day hoped for to the deadline; with a sum in between it is two."""
    kept: list[Promise] = []
    for each in found:
        last = kept[-1] if kept else None
        if (
            last is not None and last.start is not None and each.end is not None
            and each.start == today <= last.start < each.end and each.span[0] - last.span[1] <= 6
            and not any(last.span[1] <= said.span[0] < each.span[0] for said in sums)
        ):  # fmt: skip
            span = (last.span[0], each.span[1])
            kept[-1] = replace(each, start=last.start, span=span, text=text[slice(*span)])
        else:
            kept.append(each)
    return kept


def with_sums(
    text: str, plain: str, clauses: list[Clause], dated: list[Promise], sums: list[AmountMention]
) -> list[Promise]:
    """Give each promise the sum that was said with it."""
    if not sums:
        return dated
    if len(dated) == 1:
        return [taking(text, dated[0], nearest(clauses, dated[0], sums))]
    if len(sums) == len(dated):
        return [taking(text, promise, each) for promise, each in zip(dated, sums, strict=True)]
    if cue("each").search(plain):
        return [replace(promise, amount=sums[-1].amount) for promise in dated]
    return [
        taking(text, promise, own[-1]) if (own := numbers_first(near)) else promise
        for promise, near in zip(dated, shared_out(dated, sums), strict=True)
    ]


def shared_out(dated: list[Promise], sums: list[AmountMention]) -> list[list[AmountMention]]:
    """The sums said after each day up to the next; before each day where the sums come first."""
    starts = [each.span[0] for each in dated]
    first, last = sums[0].span[0] < starts[0], sums[-1].span[0] > starts[-1]
    edges = [0, *starts] if first and not last else [*starts, len(sums[-1].text) + sums[-1].span[1]]
    return [[each for each in sums if begin <= each.span[0] < stop] for begin, stop in pairwise(edges)]


def numbers_first(sums: list[AmountMention]) -> list[AmountMention]:
    """A number tells more than a word ("一半，一千六", "还清，6650"), unless the least is offered."""
    if any(each.amount == "minimum" for each in sums):
        return sums
    return [each for each in sums if not each.amount.isalpha()] or sums


def clause_at(clauses: list[Clause], position: int) -> Clause:
    return next(clause for clause in reversed(clauses) if clause.begin <= position)


def nearest(clauses: list[Clause], promise: Promise, sums: list[AmountMention]) -> AmountMention:
    """The sum of the promise's own clause, the last one said there; else the next one said, else the last before."""
    home = clause_at(clauses, promise.span[0])
    own = [each for each in sums if clause_at(clauses, each.span[0]) is home]
    if not (own and all(each.rest for each in own)):  # "先给500，月底给剩下的": the 500 is not that of 月底
        sums = numbers_first(sums)
        own = [each for each in own if each in sums]
    if own:
        return own[-1]
    after = [each for each in sums if each.span[0] > promise.span[0]]
    return after[0] if after else sums[-1]


def taking(text: str, promise: Promise, said: AmountMention) -> Promise:
    """The promise with its sum; its span reaches over both."""
    span = (min(promise.span[0], said.span[0]), max(promise.span[1], said.span[1]))
    return replace(promise, amount=sum_named(said), span=span, text=text[slice(*span)])


def sum_named(said: AmountMention) -> str | None:
    """ "剩下的30号还" names no sum; "剩下的全清" does."""
    return None if said.rest and WHOLE.search(said.text) is None else said.amount
