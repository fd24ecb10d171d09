"""Rules that judge what is promised: they decide until the model is trained, and inform it afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from heyue.understanding.amounts import AmountMention
from heyue.understanding.clauses import EDGES, Clause
from heyue.understanding.cues import cue
from heyue.understanding.dates import DateMention
from heyue.understanding.never_promised import AHEAD, never_promised
from heyue.understanding.script import simplify

NOT_BEFORE = re.compile("(?:不是|别|不要|甭|不|(?<!有)没有)$")
TODAY = "today"  # a promise without a day that is kept at once: firm, with today's date
Span = tuple[int, int]


class Tail(NamedTuple):
    """What is paid after all days: the place of its clause, how firmly, and its sum, if any is said."""

    clause: int
    certainty: str
    sum: Span | None


class Verdict(NamedTuple):
    """What of a message is promised.

    `days`: the certainty of each promised day, by the mention's span. `undated`: firm, conditional, vague or TODAY
    where something is promised without a day, and `clause` the place where. `sums`: spans of the sums offered. Where is paid in
    parts, `ahead`: the sum paid before the first day, `parts`: the sum of each day, None for what is left, `behind`: what is paid last.
    """

    days: dict[Span, str]
    sums: frozenset[Span]
    undated: str | None = None
    clause: int = 0
    ahead: Span | None = None
    parts: Mapping[Span, Span | None] = {}
    behind: Tail | None = None


def judge_by_rules(plain: str, clauses: list[Clause], today: date) -> Verdict:
    """What the cues of data/promise_cues.yml tell."""
    days = {
        mention.span: certainty
        for index, clause in enumerate(clauses)
        for mention in clause.dates
        if (certainty := day_certainty(clauses, index, mention, today)) is not None
    }
    days = after_correction(plain, days)
    if days:
        sums = last_said(plain, [each for clause in clauses for each in offered(clause)])
        return Verdict(days, frozenset(each.span for each in sums))
    return Verdict({}, frozenset()) if cue("only_talk").search(plain) else undated_verdict(clauses)


def day_certainty(clauses: list[Clause], index: int, mention: DateMention, today: date) -> str | None:
    """How firmly the day is promised; None where it is not."""
    clause = clauses[index]
    if mention.kind != "future" or is_excluded(clauses, index, mention, today):
        return None
    if never_promised(clauses, index, mention, today):
        return None
    if mention.grain == "hour" and not clause.pays:  # "晚上好" promises nothing
        return None
    if clause.pays or clause.is_bare:
        return certainty_of(clauses, index)
    certainty = event_certainty(clauses, index)
    if certainty is None and pays_next_door(clauses, index):
        certainty = certainty_of(clauses, index)
    return certainty


def is_excluded(clauses: list[Clause], index: int, mention: DateMention, today: date) -> bool:
    """The day is refused, asked about, past, or left for later talk."""
    clause = clauses[index]
    before, after = clause.before(mention), clause.after(mention)
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
    if cue("was_paid").match(own) and mention.text[0] not in AHEAD:
        return True
    following = clauses[index + 1] if index + 1 < len(clauses) else None
    return following is not None and not following.dates and refuses_at_once(clause, following)


def refuses_at_once(clause: Clause, following: Clause) -> bool:
    """ "明天，不行": the next clause is nothing but a refusal or a putting off."""
    if clause.pays or following.pays:
        return False
    return following.has("tentative") or cue("refused").match(following.text) is not None


def is_asked(clauses: list[Clause], index: int) -> bool:
    """The clause is a question, or the next one makes it one ("要是月底还，利息怎么算").

    A tag after one's own proposal ("周五还，行吗") asks for a nod and still promises.
    """
    following = clauses[index + 1 : index + 2]
    if clauses[index].asks:
        return cue("own_proposal").search(clauses[index].text) is None
    return bool(following) and following[0].asks and cue("supposed").search(clauses[index].text) is not None


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


def after_correction(plain: str, days: dict[Span, str]) -> dict[Span, str]:
    """A day corrected in the same message leaves only the last one."""
    for correction in cue("corrected").finditer(plain):
        later = {span: certainty for span, certainty in days.items() if span[0] >= correction.start()}
        if later and min(begin for begin, _ in later) - correction.end() <= 8:
            days = later
    return days


def last_said(plain: str, sums: list[AmountMention]) -> list[AmountMention]:
    """A sum corrected in the same message leaves only the last one: "两千，不对，是三千"."""
    for correction in cue("corrected").finditer(plain):
        later = [each for each in sums if 0 <= each.span[0] - correction.end() <= 4]
        sums = later or sums
    return sums


def offered(clause: Clause) -> list[AmountMention]:
    """The sums of a clause that are offered, not owed, earned or spent."""
    return [
        each
        for each in clause.sums
        if not (
            cue("paid_sum").search(clause.before(each))
            or cue("other_sum").search(clause.before(each))
            or cue("other_sum_after").match(clause.after(each))
        )
    ]


def undated_verdict(clauses: list[Clause]) -> Verdict:
    """Promises without a day: conditional, vague, at once, or a bare sum."""
    for index in range(len(clauses)):
        found = undated_certainty(clauses, index)
        if found is not None:
            near = [
                clause
                for at, clause in enumerate(clauses[max(0, index - 1) : index + 2], max(0, index - 1))
                if at == index or clause.is_bare
            ]
            sums = frozenset(each.span for clause in near for each in offered(clause))
            return Verdict({}, sums, found, index)
    return Verdict({}, frozenset())


def undated_certainty(clauses: list[Clause], index: int) -> str | None:
    """What a clause that names no day promises, or None."""
    clause = clauses[index]
    waits = clause.has("conditional") or clause.has("conditional_strong")
    if is_asked(clauses, index) or clause.has("negated") or (clause.has("past") and not waits):
        return None
    if any(mention.kind == "future" for mention in clause.dates):
        return None
    before = clauses[index - 1] if index and clauses[index - 1].sentence == clause.sentence else None
    said = f"{before.text},{clause.text}" if before is not None and not before.dates else clause.text
    if clause.pays or clause.has("at_once"):
        if cue("vague").search(said) and not cue("refused").search(clause.text):
            return "vague"
        if waits or cue("conditional_strong").search(said) or cue("conditional").search(said):
            return "conditional"
        if clause.has("soon") or clause.has("at_once"):
            return TODAY
    elif cue("vague").search(clause.text) and (clause.is_bare or is_vague_alone(clause)):
        return "vague"
    bare_sum = clause.pays or all(each.is_bare for each in clauses)
    return "firm" if offered(clause) and bare_sum and not clause.has("refused") else None


def is_vague_alone(clause: Clause) -> bool:
    """ "尽快吧", "过几天": nothing else is said."""
    rest = cue("vague").sub("", clause.text)
    return not clause.has("tentative") and cue("filler").match(rest.strip(EDGES)) is not None
