"""What a borrower commits to: days and sums become promises, everything else said about days does not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from heyue.records import PromiseTerms
from heyue.understanding.amounts import AmountMention, find_amounts
from heyue.understanding.cues import cue
from heyue.understanding.dates import DateMention, find_dates
from heyue.understanding.script import simplify

CLAUSE = re.compile(r"[^,。!?;、…~\n]+(?:[,。!?;、…~\n]|$)")
SENTENCE_END = "。!?;\n"
NOT_BEFORE = re.compile("(?:不是|别|不要|甭|不)$")
SPACES = re.compile(r"(?<=[一-鿿])[ \t　]+(?=[一-鿿0-9])|(?<=[0-9])[ \t　]+(?=[一-鿿])")
REGIONAL = str.maketrans("恁侬俺咧嘞", "你你我了了")


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


@dataclass(frozen=True)
class Clause:
    """A piece of the message between punctuation marks, with what it names."""

    text: str
    begin: int
    sentence: int
    dates: tuple[DateMention, ...]
    sums: tuple[AmountMention, ...]

    def has(self, name: str) -> bool:
        return cue(name).search(self.text) is not None

    @property
    def pays(self) -> bool:
        """Speaks of paying, and not of not paying."""
        return self.has("pay") and not self.has("negated") and not self.has("third_party")

    @property
    def is_bare(self) -> bool:
        """Nothing but days, sums and fillers: "周五吧", "两千"; no words of others ("说下月初给")."""
        if self.has("third_party"):
            return False
        rest = list(self.text)
        for begin, stop in [each.span for each in self.dates] + [each.span for each in self.sums]:
            for index in range(begin - self.begin, min(stop - self.begin, len(rest))):
                rest[index] = ""
        return cue("filler").match("".join(rest).strip(" ?,。!;、…~\n")) is not None

    @property
    def asks(self) -> bool:
        return self.has("question")


def extract_promises(text: str, now: datetime) -> list[Promise]:
    """The promises in a borrower's message that arrived at `now` (aware), in the order said."""
    plain = spaces_as_commas(simplify(text).translate(REGIONAL))
    clauses = clauses_of(plain, find_dates(text, now), find_amounts(text))
    dated = [found for index in range(len(clauses)) for found in dated_promises(clauses, index, now.date())]
    dated = until_the_latest(text, without_repeats(after_correction(plain, dated)), now.date())
    if dated:
        return with_sums(text, plain, clauses, dated)
    return undated_promises(text, clauses, now)


def spaces_as_commas(plain: str) -> str:
    """A space between Chinese words separates like a comma; the length stays."""
    return SPACES.sub(lambda match: "," * len(match[0]), plain)


def clauses_of(plain: str, dates: list[DateMention], sums: list[AmountMention]) -> list[Clause]:
    """Cut the message at punctuation, but not inside a day or a sum."""
    named = [each.span for each in dates] + [each.span for each in sums]
    clauses, sentence, begin = [], 0, 0
    for match in CLAUSE.finditer(plain):
        if any(first < match.end() < last for first, last in named):
            continue
        stop = match.end()
        clauses.append(
            Clause(
                plain[begin:stop].rstrip(",、"), begin, sentence,
                tuple(each for each in dates if begin <= each.span[0] < stop),
                tuple(each for each in sums if begin <= each.span[0] < stop),
            )
        )  # fmt: skip
        sentence += plain[stop - 1] in SENTENCE_END
        begin = stop
    return clauses


def dated_promises(clauses: list[Clause], index: int, today: date) -> list[Promise]:
    """The promises with a day in one clause."""
    clause = clauses[index]
    found = []
    certainty: str | None
    for mention in clause.dates:
        if mention.kind != "future" or is_excluded(clauses, index, mention, today):
            continue
        if mention.grain == "hour" and not clause.pays:  # "晚上好" promises nothing
            continue
        if clause.pays or clause.is_bare:
            certainty = certainty_of(clauses, index)
        else:
            certainty = event_certainty(clauses, index)
            if certainty is None and pays_next_door(clauses, index):
                certainty = certainty_of(clauses, index)
        if certainty is not None:
            start = max(mention.start, today) if mention.start else None  # "这周" is what is left of it
            found.append(Promise(start, mention.end, None, certainty, mention.text, mention.span))
    return found


def is_excluded(clauses: list[Clause], index: int, mention: DateMention, today: date) -> bool:
    """The day is refused, asked about, past, or left for later talk."""
    clause = clauses[index]
    before = clause.text[: mention.span[0] - clause.begin]
    after = clause.text[mention.span[1] - clause.begin :]
    later_days = [each.span[0] for each in clause.dates if each.span[0] > mention.span[0]]
    own = after[: min(later_days) - mention.span[1]] if later_days else after
    if NOT_BEFORE.search(before) or cue("refused").search(own) or cue("negated").search(own):
        return True
    if later_days and own.startswith(("起", "开始")):  # "下月起每月5号"
        return True
    if cue("mistaken").search(before) or is_asked(clauses, index) or clause.has("tentative"):
        return True
    to_come = (mention.end is None or mention.end > today) and cue("to_come").search(
        simplify(mention.text) + own
    )
    if cue("past").search(own) and not to_come:
        return True
    following = clauses[index + 1] if index + 1 < len(clauses) else None
    return following is not None and not following.dates and refuses_at_once(clause, following)


def refuses_at_once(clause: Clause, following: Clause) -> bool:
    """ "明天，不行": the next clause is nothing but a refusal or a putting off."""
    if clause.pays or following.pays:
        return False
    return following.has("tentative") or cue("refused").match(following.text) is not None


def is_asked(clauses: list[Clause], index: int) -> bool:
    """The clause is a question, or the next one makes it one ("周五还，行吗")."""
    if clauses[index].asks:
        return True
    following = clauses[index + 1 : index + 2]
    if following and following[0].asks and cue("supposed").search(clauses[index].text):
        return True
    return bool(following) and cue("question_tag").match(following[0].text.strip()) is not None


def neighbours(clauses: list[Clause], index: int) -> list[Clause]:
    """The clauses around one that name no other day, next first."""
    around = [clauses[at] for at in (index + 1, index - 1) if 0 <= at < len(clauses)]
    return [clause for clause in around if not clause.dates]


def pays_next_door(clauses: list[Clause], index: int) -> bool:
    """A clause with a day and little else belongs to the paying in the clause beside it."""
    clause = clauses[index]
    short = len(clause.text) - sum(len(each.text) for each in clause.dates) <= 3
    return (
        short
        and not clause.has("negated")
        and not clause.has("third_party")
        and any(each.pays and not each.asks for each in neighbours(clauses, index))
    )


def event_certainty(clauses: list[Clause], index: int) -> str | None:
    """How firm a promise is whose day is that of an event told before the paying; None when there is none.

    "粮站11月底结，结了就还" waits for the money; "下礼拜三我弟来换班 我出去给你转一千" only names the day.
    """
    clause, following = clauses[index], paying_after(clauses, index)
    if following is None or following.asks or following.has("past"):
        return None
    if following.has("day_named_by_event"):
        return "firm"
    if waits_for_event(following.text) or cue("conditional_strong").search(without_days(clause)):
        return "conditional"
    beside = following is clauses[index + 1]
    quoted_or_past = (
        clause.has("third_party") or re.search("刚|已经|了$|的$|过", clause.text) or following.has("vague")
    )
    return "firm" if beside and not quoted_or_past else None


def paying_after(clauses: list[Clause], index: int) -> Clause | None:
    """The next clause that pays, at most one clause away, with no other day on the way there."""
    for clause in clauses[index + 1 : index + 3]:
        if clause.dates:
            return None
        if clause.pays:
            return clause
    return None


def waits_for_event(text: str) -> bool:
    """ "结了就还", "收到即刻还", "到时给你", "一出就还"."""
    strong, weak = cue("conditional_strong"), cue("conditional")
    return any(each.search(text) for each in (strong, weak)) or cue("then").match(text) is not None


def certainty_of(clauses: list[Clause], index: int) -> str:
    """firm, or conditional where an event must come first."""
    clause = clauses[index]
    here = "".join(
        each.text
        for each in clauses[max(0, index - 1) : index]
        if not each.dates and each.sentence == clause.sentence
    )
    joined = f"{here},{without_days(clause)}" if here else without_days(clause)
    if not cue("conditional_strong").search(joined) or cue("day_named_by_event").search(clause.text):
        return "firm"
    return "conditional"


def without_days(clause: Clause) -> str:
    """The clause's text with its days taken out: "等周五" waits for no event."""
    rest = clause.text
    for each in reversed(clause.dates):
        rest = rest[: each.span[0] - clause.begin] + rest[each.span[1] - clause.begin :]
    return rest if not re.match("(?:等|等到|要等|得等)(?:吧|再|就|还|$)", rest) else rest.lstrip("等到要得")


def after_correction(plain: str, found: list[Promise]) -> list[Promise]:
    """A day corrected in the same message leaves only the last one."""
    for correction in cue("corrected").finditer(plain):
        later = [each for each in found if each.span[0] >= correction.start()]
        if later and min(each.span[0] for each in later) - correction.end() <= 8:
            found = later
    return found


def without_repeats(found: list[Promise]) -> list[Promise]:
    """The same days said twice are one promise ("下周吧 下周肯定给你"); "28号以后" takes in "28号"."""
    open_starts = {each.start for each in found if each.end is None}
    kept: dict[tuple[date | None, date | None], Promise] = {}
    for each in found:
        if each.end is None or each.start not in open_starts:
            kept[each.start, each.end] = each
    return list(kept.values())


def until_the_latest(text: str, found: list[Promise], today: date) -> list[Promise]:
    """ "明天，最晚后天" is one promise from the day hoped for to the deadline."""
    kept: list[Promise] = []
    for each in found:
        last = kept[-1] if kept else None
        if (
            last is not None and last.start is not None and each.end is not None
            and each.start == today <= last.start < each.end and each.span[0] - last.span[1] <= 6
        ):  # fmt: skip
            span = (last.span[0], each.span[1])
            kept[-1] = replace(each, start=last.start, span=span, text=text[slice(*span)])
        else:
            kept.append(each)
    return kept


def with_sums(text: str, plain: str, clauses: list[Clause], dated: list[Promise]) -> list[Promise]:
    """Give each promise the sum that was said with it."""
    sums = last_said(plain, [each for clause in clauses for each in offered(clause)])
    if not sums:
        return dated
    if len(dated) == 1:
        return [taking(text, dated[0], nearest(clauses, dated[0], sums))]
    if len(sums) == len(dated):
        return [taking(text, promise, each) for promise, each in zip(dated, sums, strict=True)]
    if cue("each").search(plain):
        return [replace(promise, amount=sums[-1].amount) for promise in dated]
    result = []
    for promise in dated:
        own = [
            each for each in sums if clause_at(clauses, each.span[0]) is clause_at(clauses, promise.span[0])
        ]
        result.append(taking(text, promise, own[0]) if own else promise)
    return result


def last_said(plain: str, sums: list[AmountMention]) -> list[AmountMention]:
    """A sum corrected in the same message leaves only the last one: "两千，不对，是三千"."""
    for correction in cue("corrected").finditer(plain):
        later = [each for each in sums if 0 <= each.span[0] - correction.end() <= 4]
        sums = later or sums
    return sums


def offered(clause: Clause) -> list[AmountMention]:
    """The sums of a clause that are offered, not owed, earned or spent."""
    found = []
    for each in clause.sums:
        before = clause.text[: each.span[0] - clause.begin]
        after = clause.text[each.span[1] - clause.begin :]
        if not (
            cue("paid_sum").search(before)
            or cue("other_sum").search(before)
            or cue("other_sum_after").match(after)
        ):
            found.append(each)
    return found


def clause_at(clauses: list[Clause], position: int) -> Clause:
    return next(clause for clause in reversed(clauses) if clause.begin <= position)


def nearest(clauses: list[Clause], promise: Promise, sums: list[AmountMention]) -> AmountMention:
    """The sum of the promise's own clause, the last one said there; else the next one said, else the last before."""
    home = clause_at(clauses, promise.span[0])
    own = [each for each in sums if clause_at(clauses, each.span[0]) is home]
    if own:
        return own[-1]
    after = [each for each in sums if each.span[0] > promise.span[0]]
    return after[0] if after else sums[-1]


def taking(text: str, promise: Promise, said: AmountMention) -> Promise:
    """The promise with its sum; its span reaches over both."""
    span = (min(promise.span[0], said.span[0]), max(promise.span[1], said.span[1]))
    return replace(promise, amount=said.amount, span=span, text=text[slice(*span)])


def undated_promises(text: str, clauses: list[Clause], now: datetime) -> list[Promise]:
    """Promises without a day: conditional, vague, at once, or a bare sum."""
    for index, clause in enumerate(clauses):
        found = undated_promise(text, clauses, index, now)
        if found is not None:
            near = [
                other for other in clauses[max(0, index - 1) : index + 2] if other is clause or other.is_bare
            ]
            sums = [each for other in near for each in offered(other)]
            span = (clause.begin, clause.begin + len(clause.text))
            return [
                replace(found, amount=sums[-1].amount if sums else None, text=text[slice(*span)], span=span)
            ]
    return []


def undated_promise(text: str, clauses: list[Clause], index: int, now: datetime) -> Promise | None:
    """The promise in a clause that names no day, or None."""
    clause = clauses[index]
    waits = clause.has("conditional") or clause.has("conditional_strong")
    if is_asked(clauses, index) or clause.has("negated") or (clause.has("past") and not waits):
        return None
    if any(mention.kind == "future" for mention in clause.dates):
        return None
    before = clauses[index - 1] if index and clauses[index - 1].sentence == clause.sentence else None
    said = f"{before.text},{clause.text}" if before is not None and not before.dates else clause.text
    span = (clause.begin, clause.begin + len(clause.text))
    if clause.pays:
        if cue("vague").search(said) and not cue("refused").search(clause.text):
            return Promise(None, None, None, "vague", clause.text, span)
        if waits or cue("conditional_strong").search(said) or cue("conditional").search(said):
            return Promise(None, None, None, "conditional", clause.text, span)
        if clause.has("soon"):
            return Promise(now.date(), now.date(), None, "firm", clause.text, span)
    elif cue("vague").search(clause.text) and (clause.is_bare or is_vague_alone(clause)):
        return Promise(None, None, None, "vague", clause.text, span)
    sums = offered(clause)
    if sums and (clause.pays or all(each.is_bare for each in clauses)) and not clause.has("refused"):
        return Promise(None, None, sums[-1].amount, "firm", clause.text, span)
    return None


def is_vague_alone(clause: Clause) -> bool:
    """ "尽快吧", "过几天": nothing else is said."""
    rest = cue("vague").sub("", clause.text)
    return not clause.has("tentative") and cue("filler").match(rest.strip(" ,。!;、…~\n")) is not None
