"""The draft of a promise while it is talked about: instalments, corrections, what is still loose."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from heyue.conversation.dialogue import Dialogue
from heyue.conversation.exchange import Exchange
from heyue.records import PromiseTerms

NO_FIRST = re.compile(r"不(?!好意思|错|客气|用谢)|错了|没有?[，,。 ]")
YES_FIRST = re.compile(r"(?:对|是|嗯|好|行|没错|可以)(?:的|啊|呀|哦|呢|了)*[，,。！!\s]")
EACH = re.compile("各|每[次期笔回]|都是")
ORDINALS = (
    re.compile("第一[次期笔]|头一[次期笔]|前面那"),
    re.compile("第二[次期笔]|后一[次期笔]|后面那|另一[次期笔]"),
)
ANOTHER = re.compile("另外?一[半次期笔]")
DONE = re.compile("已经|早就|早已|刚刚|刚才|刚[还转付存交]|昨天|前天|上周|上个?月|今早|[还转付交]过")
DATE_INTENTS = frozenset({"promise_to_pay", "correct", "nlu_fallback", "noncommittal", "affirm"})
ANSWERING = DATE_INTENTS | {
    "promise_vague", "promise_conditional", "give_reason", "greet", "thanks", "goodbye", "busy_later", "confirm_identity",
}  # fmt: skip
CORRECTING = frozenset({"correct", "deny", "promise_to_pay", "promise_vague"})
CHANGES = re.compile("改(?!天)|换成|不对|说错|更正|推迟|延到|提前到|调整")
NO_ANSWER = re.compile(
    "[?？]|吗$|几号|哪天|多久|不行|不方便|没空|不在|没钱|还不|不能|不得|不可能|再说|再看|以前|已经|上次"
)


def absorb(exchange: Exchange) -> None:
    """Take what the message promises into the draft. What it leaves unsaid stays as it was."""
    dialogue = exchange.dialogue
    said = [promise.terms() for promise in exchange.reading.promises]
    if not said and (day := answered_day(exchange)):
        said = [day]
    dated = [terms for terms in said if terms.start is not None]
    if len(dated) >= 2 and len(dialogue.terms) == 1 and exchange.intent in CORRECTING:
        dated = [terms for terms in dated if terms.start != dialogue.terms[0].start]  # "周五走不开，周六还"
    parts = [terms for terms in said if terms in dated or terms.start is None]
    if dated and len(parts) >= 2:
        take_parts(exchange, parts)
    elif len(said) == 1 and dialogue.terms and is_one_more(exchange, said[0]):
        take_parts(exchange, [*dialogue.terms, *said])
    elif dated:
        take_day(exchange, dated[0])
    elif answers_amount(exchange) or any(terms.amount for terms in said):
        take_amounts(exchange, said)
    elif said and lacks_day(dialogue.terms):
        amount = dialogue.terms[0].amount if dialogue.terms else None
        dialogue.terms = [replace(said[-1], amount=amount)]


def take_parts(exchange: Exchange, parts: list[PromiseTerms]) -> None:
    """The promise in its instalments, those without a day too: "先还五百，剩下的月底" is of two."""
    dialogue = exchange.dialogue
    dialogue.terms = parts[: exchange.policy.promise.max_instalments]
    dialogue.last_is_rest = parts[-1].amount is None and speaks_of_rest(exchange)


def speaks_of_rest(exchange: Exchange) -> bool:
    """The message names what other sums leave: "剩下的", "余款"."""
    return any(mention.rest for mention in exchange.reading.amounts)


def is_one_more(exchange: Exchange, said: PromiseTerms) -> bool:
    """After "周五还五百" the message says when the rest comes: "剩下的月底", "另一半25号"."""
    draft = exchange.dialogue.terms
    if not all(part.names_sum for part in draft):
        return False
    if len(draft) == 1 and ANOTHER.search(exchange.text):
        return True
    return speaks_of_rest(exchange) and not said.names_sum


def take_day(exchange: Exchange, said: PromiseTerms) -> None:
    """A day was said: it is that of the instalment it names, of the one that was asked for, or of the whole draft."""
    draft = exchange.dialogue.terms
    index = named_instalment(exchange, said)
    if index is not None:
        draft[index] = replace(said, amount=said.amount or draft[index].amount)
        return
    kept = draft[0].amount if len(draft) == 1 else None
    exchange.dialogue.terms = [replace(said, amount=said.amount or kept)]


def named_instalment(exchange: Exchange, said: PromiseTerms) -> int | None:
    """Which of several instalments is meant, by its number, as the rest, by the question on which day it comes, or by its day."""
    draft = exchange.dialogue.terms
    if len(draft) < 2:
        return None
    for index, ordinal in enumerate(ORDINALS):
        if ordinal.search(exchange.text):
            return index
    if exchange.dialogue.last_is_rest and speaks_of_rest(exchange):
        return len(draft) - 1
    if exchange.dialogue.asked == "when" and lacks_day(draft):
        return draft.index(first_loose(draft))
    days = [terms.start for terms in draft]
    return days.index(said.start) if said.start in days else None


def answers_amount(exchange: Exchange) -> bool:
    """The question was how much, or what to change, and an amount is the answer ("全部还了" then promises, it does not
    report)."""
    if not exchange.reading.amounts or not (corrects(exchange) or exchange.dialogue.asked == "amount"):
        return False
    return not (exchange.intent == "already_paid" and DONE.search(exchange.text))


def corrects(exchange: Exchange) -> bool:
    """The message changes what has been read back or recorded."""
    asked = exchange.dialogue.asked
    if asked == "change" or (asked == "confirm" and exchange.intent in CORRECTING):
        return True
    return asked in ("confirm", "anything_else") and CHANGES.search(exchange.text) is not None


def answered_day(exchange: Exchange) -> PromiseTerms | None:
    """A day named as the answer to the question when, though the message by itself would promise nothing ("可能25号吧").

    It is read back before it counts.
    """
    if exchange.dialogue.asked != "when" and not corrects(exchange):
        return None
    if exchange.intent not in ANSWERING or NO_ANSWER.search(exchange.text):
        return None
    days = {(day.start, day.end) for day in exchange.reading.dates if day.kind == "future"}
    return PromiseTerms(*days.pop(), None) if len(days) == 1 else None


def repeats_read_back(exchange: Exchange) -> bool:
    """Whether the message says again what was read back: as a promise, or its day after a yes ("对，年底")."""
    if NO_FIRST.match(exchange.text):
        return False
    if exchange.reading.promises:
        return True
    named = {(day.start, day.end) for day in exchange.reading.dates}
    drafted = {(terms.start, terms.end) for terms in exchange.dialogue.terms}
    return YES_FIRST.match(exchange.text) is not None and bool(named) and named <= drafted


def take_amounts(exchange: Exchange, said: list[PromiseTerms]) -> None:
    """Amounts were said without a day: one for all, one for each instalment, or the missing ones."""
    dialogue = exchange.dialogue
    amounts = [terms.amount for terms in said if terms.amount] or [
        mention.amount for mention in exchange.reading.amounts
    ]
    draft = dialogue.terms or [said[-1] if said else PromiseTerms(None, None, None)]
    if len(amounts) == len(draft) > 1 and not EACH.search(exchange.text):
        dialogue.terms = [replace(part, amount=amount) for part, amount in zip(draft, amounts, strict=True)]
    elif len(draft) == 1 or EACH.search(exchange.text):
        dialogue.terms = [replace(part, amount=amounts[-1]) for part in draft]
    else:
        dialogue.terms = [replace(part, amount=part.amount or amounts[-1]) for part in draft]


def lacks_day(draft: list[PromiseTerms]) -> bool:
    """Some part has no last day yet, or nothing was said."""
    return not draft or any(part.is_loose for part in draft)


def first_loose(draft: list[PromiseTerms]) -> PromiseTerms:
    """The first part that has no last day yet; there must be one."""
    return next(part for part in draft if part.is_loose)


def lacks_amount(dialogue: Dialogue) -> bool:
    """Of some part it is open how much; what the other parts leave needs no sum."""
    known_by_others = dialogue.last_is_rest and len(dialogue.terms) > 1
    return any(part.amount is None for part in (dialogue.terms[:-1] if known_by_others else dialogue.terms))


def looseness(draft: list[PromiseTerms]) -> str:
    """How the draft is loose: a part of it, or all: open (no last day), conditional (waits for an event) or vague."""
    loose = first_loose(draft)
    if len(draft) > 1:
        return "part"
    if loose.start is not None:
        return "open"
    return "conditional" if loose.certainty == "conditional" else "vague"


def day_problem(exchange: Exchange) -> str | None:
    """What is wrong with the day just said, as an outcome: day_invalid, day_past, day_too_far; None when nothing."""
    kinds = {mention.kind for mention in exchange.reading.dates}
    if not any(promise.start for promise in exchange.reading.promises) and exchange.intent in DATE_INTENTS:
        if "invalid" in kinds:
            return "day_invalid"
        if "past" in kinds and exchange.dialogue.asked == "when":
            return "day_past"
    return "day_too_far" if is_too_far(exchange) else None


def is_too_far(exchange: Exchange) -> bool:
    """The first day lies beyond the policy's horizon and that has not been talked about yet."""
    if exchange.dialogue.horizon_negotiated:
        return False
    last = exchange.today + timedelta(days=exchange.policy.promise.horizon_days)
    return any(part.start is not None and part.start > last for part in exchange.dialogue.terms)
