"""The facts that wording may use, as a borrower reads them. Before verification none of them tells of a debt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

import yaml

from heyue.conversation.dialogue import Dialogue
from heyue.money import fen_from_yuan, half_of, spoken_yuan
from heyue.policy import Policy
from heyue.records import NAMED_AMOUNTS, Case, PromiseTerms

WEEKDAYS = "一二三四五六日"


@cache
def wording() -> dict[str, dict[str, str]]:
    """Words for reasons, titles and amounts (wording.yml)."""
    text = (files("heyue.conversation") / "wording.yml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = yaml.safe_load(text)
    return loaded


def masked_name(name: str) -> str:
    """A name that only its owner recognises: 赵明远 -> 赵*远, 宋佳 -> 宋*."""
    if len(name) <= 2:
        return name[:1] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def plain_day(day: date, today: date) -> str:
    """A day as one writes it: 11月15日; with the year when it is not this year."""
    year = f"{day.year}年" if day.year != today.year else ""
    return f"{year}{day.month}月{day.day}日"


def spoken_day(day: date, today: date) -> str:
    """A day to agree on, with its weekday so that a slip shows: 11月27日（周五）."""
    return f"{plain_day(day, today)}（周{WEEKDAYS[day.weekday()]}）"


def amount_fen(amount: str, case: Case) -> int:
    """What an amount of contracts.md comes to in fen for this case."""
    if amount == "half":
        return half_of(case.amount_due_fen)
    if amount == "minimum" and case.minimum_due_fen is not None:
        return case.minimum_due_fen
    return case.amount_due_fen if amount in NAMED_AMOUNTS else fen_from_yuan(amount)


def parts_fen(parts: Sequence[PromiseTerms], case: Case) -> list[int]:
    """What each instalment of a promise comes to in fen. All of it, or an unsaid amount, is what the others leave, and where there are
    several of these each is its share of that."""
    named = [amount_fen(part.amount, case) if part.amount and part.names_sum else None for part in parts]
    left = max(case.amount_due_fen - sum(each for each in named if each is not None), 0)
    shares = max(named.count(None), 1)
    return [math.ceil(left / shares) if each is None else each for each in named]


def spoken_amount(amount: str | None, case: Case) -> str:
    """An amount as one says it: 全部3,200元, 一半1,600元, 最低还款额320元, 2,000元."""
    words = wording()["amounts"]
    if amount is None:
        return words["open"]
    if amount in NAMED_AMOUNTS and not (amount == "minimum" and case.minimum_due_fen is None):
        return words[amount] + spoken_yuan(amount_fen(amount, case))
    return words["minimum_unknown"] if amount == "minimum" else spoken_yuan(fen_from_yuan(amount))


def spoken_when(terms: PromiseTerms, today: date) -> str:
    """When a promise will be kept, as one says it: a day, a span, a deadline, or not yet fixed."""
    words = wording()["dates"]
    if terms.start is None:
        return words[terms.certainty] if terms.certainty in words else words["open"]
    condition = words["after_condition"] if terms.certainty == "conditional" else ""
    if terms.end is None:
        return spoken_day(terms.start, today) + words["or_later"]
    if terms.start == terms.end:
        return spoken_day(terms.end, today) + condition
    if terms.start == today:
        return spoken_day(terms.end, today) + words["or_before"] + condition
    return f"{spoken_day(terms.start, today)}至{spoken_day(terms.end, today)}{condition}"


def spoken_promise(dialogue: Dialogue, case: Case, today: date) -> str:
    """The whole promise for the read-back, instalments joined."""
    sums = spoken_sums(dialogue, case)
    return "，".join(f"{spoken_when(terms, today)}还{each}" for terms, each in zip(dialogue.terms, sums, strict=True))


def spoken_sums(dialogue: Dialogue, case: Case) -> list[str]:
    """The sum of each instalment as one says it; of the last, where it is what the others leave: 余款2,700元."""
    parts = dialogue.terms
    sums = [spoken_amount(part.amount, case) for part in parts]
    if ends_with_rest(dialogue):
        left_fen = parts_fen(parts, case)[-1]
        sums[-1] = wording()["amounts"]["rest"] + (spoken_yuan(left_fen) if left_fen else "")
    return sums


def ends_with_rest(dialogue: Dialogue) -> bool:
    """The last of several instalments is what the others, each with its sum, leave of the debt."""
    if len(dialogue.terms) < 2 or not all(part.names_sum for part in dialogue.terms[:-1]):
        return False
    amount = dialogue.terms[-1].amount
    return amount == "full" or (amount is None and dialogue.last_is_rest)


def spoken_part(dialogue: Dialogue, case: Case) -> str:
    """The first instalment whose day is open, by its sum; nothing where each has a day."""
    found = zip(dialogue.terms, spoken_sums(dialogue, case), strict=True)
    return next((each for terms, each in found if terms.is_loose), "")


def facts_of(case: Case, policy: Policy, dialogue: Dialogue, today: date) -> dict[str, str]:
    """The facts for this exchange. Until the person is verified they name organisation, person and service only."""
    words = wording()
    service = policy.service
    facts = {
        "creditor": case.creditor,
        "person": masked_name(case.borrower_name) + words["titles"].get(case.gender or "", ""),
        "label": policy.conduct.bot_label,
        "human_hours": service.human_hours,
        "complaint_phone": service.complaint_phone,
        "complaint_days": str(service.complaint_days),
        "crisis_phone": service.crisis_phone,
        "factor": words["factors"][identity_factor(case)],
    }
    if not dialogue.verified:
        return facts
    return facts | {
        "product": case.product or words["products"]["unnamed"],
        "amount": spoken_yuan(case.amount_due_fen),
        "minimum": spoken_amount("minimum", case),
        "due_date": plain_day(case.due_date, today),
        "days": str(max(case.days_overdue(today), 0)),
        "promise": spoken_promise(dialogue, case, today),
        "part": spoken_part(dialogue, case),
        "reason": words["reasons"][dialogue.reason or "unsaid"],
        "horizon": str(policy.promise.horizon_days),
        "pay_ways": service.pay_ways,
    }


def identity_factor(case: Case) -> str:
    """By what the borrower proves to be himself: id_last4, else phone_last4 (over WeChat), else none."""
    if case.id_last4:
        return "id_last4"
    return "phone_last4" if case.phone and case.wechat_openid else "none"
