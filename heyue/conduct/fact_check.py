"""What the facts of a case change about the rules that a line breaks by its words.

What is true is taken out of the line and the rest is judged again; what is false breaks its rule. Words and forms are
data (line_facts.yml).
Source: compliance.md L-08 to L-12, C-01, L-04, V05 to V09, T-01.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from heyue.conduct.disclosure import reveals_debt
from heyue.conduct.line_check import FLAG_AT, Violation, check_line, check_lines
from heyue.conduct.line_facts import UNKNOWN, LineFacts
from heyue.conduct.line_flags import CLAUSE, expression, line_cues
from heyue.money import FEN_PER_YUAN
from heyue.understanding.amounts import find_amounts
from heyue.understanding.script import simplify

DENIALS = ("forbids", "warns", "denies_self", "quotes")  # stances in which a clause claims nothing of its own
SURETY_MAY_HEAR = (
    "third_party_disclosure",
    "third_party_pressure",
)  # compliance C-01: within law and contract
AROUND = 10  # characters beside a sum that tell what it is
_CUT = re.compile(r"[，,。！!？?；;、]")
Span = tuple[int, int]


class Claim(NamedTuple):
    """Something that only a fact of the case makes lawful: the rule that it breaks otherwise, and how it is said."""

    rule: str
    says: re.Pattern[str]


@cache
def _listed() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(expression(listed)) for name, listed in _raw().items() if name != "claims"}


@cache
def claims() -> dict[str, Claim]:
    """The claims of line_facts.yml by the name of their fact."""
    return {
        fact: Claim(each["rule"], re.compile(expression(each["says"])))
        for fact, each in _raw()["claims"].items()
    }


@cache
def _raw() -> dict:
    raw: dict = yaml.safe_load((files("heyue.conduct") / "line_facts.yml").read_text(encoding="utf-8"))
    return raw


def check_line_of(text: str, facts: LineFacts, flag_at: float = FLAG_AT) -> tuple[Violation, ...]:
    """The rules that a line breaks where these facts are known.

    Args:
        flag_at: as of line_check.check_line.

    Raises:
        Broken: the model has not been trained.
    """
    return check_lines_of([(text, facts)], flag_at)[0]


def check_lines_of(
    lines: Sequence[tuple[str, LineFacts]], flag_at: float = FLAG_AT
) -> list[tuple[Violation, ...]]:
    """The same for many lines at once, each with its facts."""
    found = check_lines([text for text, _ in lines], flag_at)
    return [by_facts(*line, words, flag_at) for line, words in zip(lines, found, strict=True)]


def by_facts(
    text: str, facts: LineFacts, found: tuple[Violation, ...], flag_at: float
) -> tuple[Violation, ...]:
    """The rules that a line breaks when the facts are known. `found`: those that it breaks by its words."""
    if facts == UNKNOWN:
        return found
    kept = list(_still(text, found, facts, flag_at))
    rules = {each.rule for each in kept}
    return (*kept, *(each for each in _false(text, facts) if each.rule not in rules))


def _still(text: str, found: tuple[Violation, ...], facts: LineFacts, flag_at: float) -> Iterator[Violation]:
    """What of the violations is left when the facts are true."""
    true = list(_true(text, facts))
    cleared = {rule for rule, _ in true}
    rest = (
        {each.rule for each in check_line(without(text, [span for _, span in true]), flag_at)}
        if true
        else set()
    )
    for each in found:
        if facts.role == "guarantor" and each.rule in SURETY_MAY_HEAR and not facts.may_not_hear:
            continue
        if each.rule not in cleared or each.rule in rest:
            yield each


def without(text: str, spans: list[Span]) -> str:
    """The text with these parts left out."""
    left = list(text)
    for start, stop in spans:
        left[start:stop] = [""] * (stop - start)
    return "".join(left)


def _true(text: str, facts: LineFacts) -> Iterator[tuple[str, Span]]:
    """What is said that a fact makes lawful: the rule that it does not break, and where it stands."""
    for fact, claim in claims().items():
        if getattr(facts, fact):
            yield from ((claim.rule, match.span()) for match in claim.says.finditer(simplify(text)))
    for charge in _charges(text):
        if charge.is_contractual and charge.fen in (facts.ledger_fen or ()):
            yield "made_up_fee", charge.span
    for channel in facts.channels or ():
        yield from (("private_payment", match.span()) for match in re.finditer(re.escape(channel), text))


def _false(text: str, facts: LineFacts) -> Iterator[Violation]:
    """What is said that a fact contradicts."""
    if facts.may_not_hear and (words := reveals_debt(text, facts)):
        yield _violation("third_party_disclosure", text, _place(text, words))
    seen: set[str] = set()
    for fact, claim in claims().items():
        span = _claimed(text, claim.says) if getattr(facts, fact) is False else None
        if span and claim.rule not in seen:
            seen.add(claim.rule)
            yield _violation(claim.rule, text, span)
    if facts.ledger_fen is not None and (wrong := _wrong_sum(text, facts.ledger_fen)):
        yield _violation("made_up_fee", text, wrong)
    if facts.channels is not None and (account := _unlisted_account(text, facts.channels)):
        yield _violation("private_payment", text, account)
    if facts.is_at_night:
        yield Violation("quiet_hours", text, (0, len(text)))


def _claimed(text: str, says: re.Pattern[str]) -> Span | None:
    """The first clause that claims this of its own."""
    for clause in CLAUSE.finditer(text):
        plain = simplify(clause[0])
        if says.search(plain) and not _denies(plain):
            return clause.span()
    return None


def _denies(plain: str) -> bool:
    return any(line_cues().stances[name].pattern.search(plain) for name in DENIALS)


class _Charge(NamedTuple):
    """A sum that is said to be owed: in fen, where it stands with the word that says so, and whether that may be charged."""

    fen: int
    span: Span
    is_contractual: bool


def _charges(text: str) -> Iterator[_Charge]:
    """The exact sums that are said to be owed or charged."""
    plain, words = simplify(text), _listed()
    for mention in find_amounts(text):
        start, stop = mention.span
        before = _CUT.split(plain[max(start - AROUND, 0) : start])[-1]
        after = _CUT.split(plain[stop : stop + AROUND])[0]
        around = before + mention.text + after
        told_before, told_after = words["owed_before"].search(before), words["owed_after"].search(after)
        if not mention.amount[0].isdigit() or _is_no_claim(around):
            continue
        if told_before or told_after:
            begin = start - len(before) + told_before.start() if told_before else start
            end = stop + told_after.end() if told_after else stop
            yield _Charge(
                int(Decimal(mention.amount) * FEN_PER_YUAN), (begin, end), _may_be_charged(plain[begin:end])
            )


def _is_no_claim(around: str) -> bool:
    """Whether a sum between these words is rough, or not said to be owed."""
    return any(_listed()[name].search(around) for name in ("about", "denied")) or _denies(around)


def _may_be_charged(words: str) -> bool:
    """Whether it is no fee, or one that a contract may have."""
    return not _listed()["charge"].search(words) or _listed()["contract_charge"].search(words) is not None


def _wrong_sum(text: str, ledger_fen: frozenset[int]) -> Span | None:
    return next((each.span for each in _charges(text) if each.fen not in ledger_fen), None)


def _unlisted_account(text: str, channels: tuple[str, ...]) -> Span | None:
    """The first number of an account to which money is asked for and which is not listed."""
    plain, listed = simplify(text), {_digits(each) for each in channels}
    for number in _listed()["account"].finditer(plain):
        asked = _CUT.split(plain[: number.start()])[-1]
        if _digits(number[0]) not in listed and _listed()["pays"].search(asked) and not _denies(asked):
            return number.span()
    return None


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _place(text: str, words: str) -> Span:
    start = max(text.find(words), 0)
    return start, start + len(words)


def _violation(rule: str, text: str, span: Span) -> Violation:
    return Violation(rule, text[slice(*span)], span)
