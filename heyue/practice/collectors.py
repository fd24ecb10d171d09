"""Scripted collectors: what each says next to what he hears. They see the case and the words, never the hidden card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from types import MappingProxyType
from typing import Any

import yaml

from heyue.coaching.behaviour import cues
from heyue.coaching.talk_state import HOT
from heyue.coaching.tension import heat_of
from heyue.money import FEN_PER_YUAN, fen_from_yuan, spoken_yuan
from heyue.policy import default_policy
from heyue.practice.persona import CaseBrief, Persona
from heyue.practice.state import Terms
from heyue.understanding.amounts import find_amounts
from heyue.understanding.dates import find_dates
from heyue.understanding.linear_text import mask
from heyue.understanding.promises import extract_promises
from heyue.understanding.reasons import reason_of

FIRST_STEP_DAYS, SECOND_STEP_DAYS = 7, 20
FIRST_STEP_SHARE, ROUND_FEN = 0.05, 100 * FEN_PER_YUAN
NOTHING = Terms()
TERMS_HEARD = ("promised", "proposes")
_DIGITS = re.compile(r"\d{3}[\dXx]")


@dataclass(frozen=True)
class Collector:
    """One policy of collectors.yml. `order`: who has the higher one must succeed more often with every type."""

    id: str
    name: str
    order: int
    opening: tuple[str, ...]
    verify: tuple[str, ...]
    plan: tuple[tuple[str, ...], ...]
    reactions: Mapping[str, tuple[str, ...]]
    read_back: tuple[str, ...]
    accept: tuple[str, ...]
    close: tuple[str, ...]
    far: bool = False


@cache
def collectors() -> Mapping[str, Collector]:
    """Every scripted collector by identifier."""
    raw = yaml.safe_load((files("heyue.practice") / "collectors.yml").read_text(encoding="utf-8"))
    return MappingProxyType({name: _collector(name, fields) for name, fields in raw.items()})


def _collector(name: str, raw: dict[str, Any]) -> Collector:
    lists = {part: tuple(raw[part]) for part in ("opening", "verify", "read_back", "accept", "close")}
    plan = tuple(tuple(step) for step in raw["plan"])
    reactions = {heard: tuple(lines) for heard, lines in raw["reactions"].items()}
    return Collector(
        name, raw["name"], raw["order"], plan=plan, reactions=reactions, far=raw.get("far", False), **lists
    )


@dataclass(frozen=True)
class Talking:
    """A scripted collector in a talk: what he has said, and what he knows to be on the table."""

    collector: Collector
    case: CaseBrief
    name: str
    said: tuple[str, ...] = ()
    verified: bool = False
    steps: int = 0
    table: Terms = NOTHING
    read_back: Terms | None = None
    closings: int = 0

    def next_line(self, answer: str | None, at: datetime, choice: Random) -> tuple[str, Talking]:
        """What he says to the debtor's last words (None: nothing was said yet), and himself after it."""
        if not self.said:
            return self._say(choice.choice(self.collector.opening), at, choice)
        heard = heard_in(answer or "", at)
        talking = replace(self, verified=self.verified or _DIGITS.search(answer or "") is not None)
        if not talking.verified:
            return talking._verifies(at, choice)
        return talking._listened(answer or "", heard, at, choice)

    def _verifies(self, at: datetime, choice: Random) -> tuple[str, Talking]:
        left = [line for line in self.collector.verify if line not in self.said]
        return self._say(left[0], at, choice) if left else self._closes(at, choice)

    def _listened(self, answer: str, heard: str, at: datetime, choice: Random) -> tuple[str, Talking]:
        table = table_of(answer, self.table, at) if self.verified else self.table  # else: his ID digits
        talking = replace(self, table=table)
        if self.read_back == table or (self.read_back and heard not in TERMS_HEARD):
            return talking._closes(at, choice)
        is_far = (
            table.day is not None and (table.day - at.date()).days > default_policy().promise.horizon_days
        )
        if heard in TERMS_HEARD and None not in table and (self.collector.far or not is_far):
            lines = self.collector.read_back if heard == "promised" else self.collector.accept
            return replace(talking, read_back=table)._say(choice.choice(lines), at, choice)
        left = [
            line
            for line in self.collector.reactions.get("far" if is_far else heard, ())
            if line not in self.said
        ]
        if left and self.steps:
            return talking._say(left[0], at, choice)
        if self.steps < len(self.collector.plan):
            step = choice.choice(self.collector.plan[self.steps])
            return replace(talking, steps=self.steps + 1)._say(step, at, choice)
        return talking._closes(at, choice)

    def _closes(self, at: datetime, choice: Random) -> tuple[str, Talking]:
        line = self.collector.close[min(self.closings, len(self.collector.close) - 1)]
        return replace(self, closings=self.closings + 1)._say(line, at, choice)

    def _say(self, line: str, at: datetime, choice: Random) -> tuple[str, Talking]:
        proposed = proposal(self.case, at.date())
        values = {
            "creditor": self.case.creditor, "name": self.name, "due": spoken_yuan(self.case.amount_due_fen),
            "day": _day(proposed[0].day), "amount": spoken_yuan(proposed[0].amount_fen or 0), "later_day": _day(proposed[1].day),
            "said_day": _day(self.table.day), "said_amount": spoken_yuan(self.table.amount_fen or 0),
        }  # fmt: skip
        table = self.table
        if "{amount}" in line:
            table = proposed[1] if "{later_day}" in line else proposed[0]
        return line.format_map(values), replace(self, said=(*self.said, line), table=table)


def proposal(case: CaseBrief, today: date) -> tuple[Terms, Terms]:
    """The small first steps that a collector proposes from what the case shows: sooner, and later."""
    amount_fen = max(int(case.amount_due_fen * FIRST_STEP_SHARE) // ROUND_FEN * ROUND_FEN, ROUND_FEN)
    days = (today + timedelta(days=ahead) for ahead in (FIRST_STEP_DAYS, SECOND_STEP_DAYS))
    sooner, later = (Terms(day, min(amount_fen, case.amount_due_fen)) for day in days)
    return sooner, later


def table_of(answer: str, before: Terms, at: datetime) -> Terms:
    """What is on the table after the debtor's words: what he names replaces what was proposed."""
    days = [
        each.end
        for each in find_dates(answer, at)
        if each.kind == "future" and each.grain != "hour" and each.end
    ]
    sums = [each.amount for each in find_amounts(answer) if each.amount[0].isdigit()]
    return Terms(days[-1] if days else before.day, fen_from_yuan(sums[-1]) if sums else before.amount_fen)


def heard_in(answer: str, at: datetime) -> str:
    """What a collector hears in a debtor's words, by the readers of the coach."""
    masked = mask(answer)
    promises = extract_promises(answer, at)
    names_terms = any(find_amounts(answer)) or any(each.kind == "future" for each in find_dates(answer, at))
    checks: Sequence[tuple[str, bool]] = (
        ("promised", any(each.start is not None for each in promises)),
        ("proposes", names_terms and not _DIGITS.fullmatch(answer)),
        ("grief", bool(cues()["grief"].search(masked))),
        ("heated", heat_of(masked) >= HOT or bool(cues()["insult"].search(masked))),
        ("puts_off", bool(cues()["busy"].search(masked))),
        ("light", bool(promises) or bool(cues()["vow"].search(masked))),
        ("asks", bool(cues()["asks"].search(masked))),
        ("refuses", bool(cues()["refusal"].search(masked))),
        ("reason", reason_of(answer)[0] is not None),
    )
    return next((name for name, holds in checks if holds), "said")


def _day(day: date | None) -> str:
    return f"{day.month}月{day.day}号" if day else ""


def starts(collector: Collector, persona: Persona) -> Talking:
    """A scripted collector before his first line."""
    return Talking(collector, persona.case, persona.name)
