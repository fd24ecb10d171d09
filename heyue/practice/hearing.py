"""What a debtor hears in the trainee's line: the moves, the day and sum offered, whether it tells of the debt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from heyue.conduct.talk_check import says_who
from heyue.money import fen_from_yuan, half_of
from heyue.policy import default_policy
from heyue.practice.moves import OTHER, moves, names_debt, read_moves
from heyue.practice.persona import Persona
from heyue.practice.state import State, Terms
from heyue.understanding.amounts import AmountMention, find_amounts
from heyue.understanding.dates import find_dates

READ_CHARACTERS = 400  # of one line; nobody listens longer
ACCEPTS = ("accept_offer", "read_back")
CONCEDES = "concede_too_much"
_ASKS_FOR = re.compile("本人|[后末][四4]位|尾号|身份证")
_IS_IT = re.compile("吗|[?？]|是不是|对吧|请问")
_NO_DAY = re.compile("逾期|账单日|到期|已经|没(?:有)?还|未还|上次|之前说")


@dataclass(frozen=True)
class Heard:
    """What a line says. `moves` are in the order of moves.yml. `offer`: the day and sum that it proposes or reads back.

    `names_debt`: it tells what the contact is about.
    """

    moves: tuple[str, ...]
    offer: Terms
    names_debt: bool

    def does(self, *any_of: str) -> bool:
        """Whether the line makes one of these moves."""
        return any(move in self.moves for move in any_of)


def hear(line: str, earlier: Sequence[str], state: State, persona: Persona, at: datetime) -> Heard:
    """What the debtor hears in a line said at `at`. `earlier`: what the trainee has said before."""
    seen = line[:READ_CHARACTERS]
    offer = offered(seen, persona, at)
    found = set(read_moves(seen, earlier, state.verified, persona.case, at)) - {OTHER}
    if not state.verified:
        found |= _opening(seen, persona)
    if "read_back" in found or (not state.verified and "verify" in found):
        found.discard("repeat")  # these have to say again what was said
    if not found.isdisjoint(ACCEPTS) and "thank_close" not in found and _is_beyond_policy(state, offer, at.date()):
        found.add(CONCEDES)  # a farewell ("都记好了，再见") accepts nothing
    made = tuple(name for name in moves() if name in found) or (OTHER,)
    return Heard(made, offer, names_debt(seen, persona.case))


def _opening(line: str, persona: Persona) -> set[str]:
    """Who speaks and whom he asks for, where the words themselves say so."""
    asks = _ASKS_FOR.search(line) or (persona.name in line and _IS_IT.search(line))
    return {*(("introduce",) if says_who(line) else ()), *(("verify",) if asks else ())}


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


def _is_beyond_policy(state: State, offer: Terms, today: date) -> bool:
    """The day that a line accepts, or that of the proposal it accepts, lies past the policy's horizon."""
    day = state.proposal.day if offer == Terms() and state.proposal else offer.day
    return day is not None and day > today + timedelta(days=default_policy().promise.horizon_days)
