"""What a debtor hears in the trainee's line: the moves, the day and sum offered, broken rules, grants beyond policy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from heyue.coaching.suggestions import is_like, pairs
from heyue.conduct.disclosure import debt_pattern
from heyue.conduct.line_check import check_line
from heyue.conduct.talk_check import FLAG_IN_TALK_AT, says_who
from heyue.money import fen_from_yuan, half_of
from heyue.policy import default_policy
from heyue.practice.moves import moves, read_moves
from heyue.practice.persona import Persona
from heyue.practice.state import State, Terms
from heyue.understanding.amounts import AmountMention, find_amounts
from heyue.understanding.dates import find_dates
from heyue.understanding.script import simplify

READ_CHARACTERS = 400  # of one line; nobody listens longer
LEAST_LIKE = 6  # characters: shorter lines ("好的") may come again
# What belongs to the name of a department, and tells of no debt.
_DEPARTMENT = re.compile("(?:信用卡|贷后|还款|账单|分期)(?:业务)?(?:中心|部|管理|服务|客服|专员)")
_ASKS_FOR = re.compile("本人|[后末][四4]位|尾号|身份证")
_IS_IT = re.compile("吗|[?？]|是不是|对吧|请问")
_NO_DAY = re.compile("逾期|账单日|到期|已经|没(?:有)?还|未还|上次|之前说")


@dataclass(frozen=True)
class Heard:
    """What a line says. `moves` are in the order of moves.yml. `offer`: the day and sum that it proposes or reads back.

    `grants`: it grants more than policy allows. `names_debt`: it tells what the contact is about.
    """

    moves: tuple[str, ...]
    offer: Terms
    rules: tuple[str, ...]
    grants: bool
    names_debt: bool

    def does(self, *any_of: str) -> bool:
        """Whether the line makes one of these moves."""
        return any(move in self.moves for move in any_of)


def hear(line: str, earlier: Sequence[str], state: State, persona: Persona, at: datetime) -> Heard:
    """What the debtor hears in a line said at `at`. `earlier`: what the trainee has said before."""
    seen = line[:READ_CHARACTERS]
    rules = tuple(each.rule for each in check_line(seen, FLAG_IN_TALK_AT))
    offer = offered(seen, persona, at)
    grants = is_granted(seen) or (_accepts(seen) and _is_beyond_policy(state, offer, at.date()))
    found = set(read_moves(seen)) | set(_computed(seen, earlier, state, persona, rules, grants))
    if not state.verified:
        found |= _opening(seen, persona)
    if "read_back" in found or (not state.verified and "verify" in found):
        found.discard("repeat")  # these have to say again what was said
    return Heard(
        tuple(name for name in moves() if name in found) or ("other",),
        offer,
        rules,
        grants,
        names_debt(seen, persona),
    )


def _opening(line: str, persona: Persona) -> set[str]:
    """Who speaks and whom he asks for, where the words themselves say so."""
    asks = _ASKS_FOR.search(line) or (persona.name in line and _IS_IT.search(line))
    return {*(("introduce",) if says_who(line) else ()), *(("verify",) if asks else ())}


def _computed(
    line: str, earlier: Sequence[str], state: State, persona: Persona, rules: Sequence[str], grants: bool
) -> Iterator[str]:
    if rules:
        yield "threat"
    if not state.verified and names_debt(line, persona):
        yield "disclose"
    if len(line) >= LEAST_LIKE and is_like(
        pairs(line), [pairs(each) for each in earlier if len(each) >= LEAST_LIKE]
    ):
        yield "repeat"
    if grants:
        yield "concede_too_much"


def names_debt(line: str, persona: Persona) -> bool:
    """Whether a line tells of the debt; the creditor's name and that of his department may hold such words."""
    plain = _DEPARTMENT.sub("", simplify(line).replace(persona.case.creditor, ""))
    return persona.case.product in plain or debt_pattern().search(plain) is not None


def offered(line: str, persona: Persona, at: datetime) -> Terms:
    """The last day to come and the last sum that a line names, the debt itself left out."""
    days = [
        each.end or each.start
        for each in find_dates(line, at)
        if each.kind == "future"
        and each.grain != "hour"
        and not _NO_DAY.search(line[max(0, each.span[0] - 6) : each.span[1] + 4])
    ]
    sums = [fen for each in find_amounts(line) if (fen := _fen(each, persona)) is not None]
    due = persona.case.amount_due_fen
    own = [fen for fen in sums if fen != due] or (sums if days else [])
    return Terms(days[-1] if days else None, own[-1] if own else None)


def _fen(found: AmountMention, persona: Persona) -> int | None:
    case = persona.case
    named = {
        "full": case.amount_due_fen,
        "half": half_of(case.amount_due_fen),
        "minimum": case.minimum_due_fen,
    }
    return named[found.amount] if found.amount in named else fen_from_yuan(found.amount)


def is_granted(line: str) -> bool:
    """Whether a line waives what nobody may waive; not where it denies or asks."""
    grants, denied = _grants()
    plain = simplify(line)
    return any(
        not denied.search(plain[max(0, found.start() - 12) : found.end() + 8])
        for found in grants.finditer(plain)
    )


@cache
def _grants() -> tuple[re.Pattern[str], re.Pattern[str]]:
    raw: dict[str, Any] = yaml.safe_load(
        (files("heyue.practice") / "concessions.yml").read_text(encoding="utf-8")
    )
    return re.compile("|".join(raw["grants"])), re.compile(raw["denied"])


def _accepts(line: str) -> bool:
    made = read_moves(line)  # a farewell ("都记好了，再见") accepts nothing
    return not made.isdisjoint(("accept_offer", "read_back")) and "thank_close" not in made


def _is_beyond_policy(state: State, offer: Terms, today: date) -> bool:
    """The day that a line accepts, or that of the proposal it accepts, lies past the policy's horizon."""
    day = state.proposal.day if offer == Terms() and state.proposal else offer.day
    return day is not None and day > today + timedelta(days=default_policy().promise.horizon_days)
