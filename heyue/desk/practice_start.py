"""The use cases of a trainee that begin an exercise: chosen, assigned, or another branch of one that is there."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from random import Random

from heyue.access.people import User
from heyue.coaching.transcript import COLLECTOR
from heyue.desk.base import DeskBase, require
from heyue.desk.practice_replay import own
from heyue.errors import BadInput
from heyue.practice.debtor import begin
from heyue.practice.levels import level_of
from heyue.practice.persona import KINDS, Persona, personas
from heyue.practice.records import (
    BY_KIND,
    BY_LEAD,
    BY_SURPRISE,
    BY_WEAKNESS,
    Assignment,
    CannotPractise,
    PracticeTalk,
    UnknownPractice,
    Uttered,
)
from heyue.practice.skills import advise, finished_in_order
from heyue.store import Tx


class PracticeStartDesk(DeskBase):
    """Exercises begin."""

    def start_practice(
        self, user: User, by: str, level: str, at: datetime, kind: str | None = None
    ) -> PracticeTalk:
        """Begin an exercise with a debtor whom the user has met least.

        Args:
            by: kind (then `kind` says which), weakness or surprise.

        Raises:
            NotAllowed: the role does not practise. BadInput: there is no such kind or level.
        """
        require(user, "practise")
        level_of(level)
        with self.store.transaction() as tx:
            before = tx.practice_talks(user.login)
            if by == BY_WEAKNESS:
                kind = advise(finished_in_order(before)).kind
            elif by == BY_SURPRISE:
                kind = None
            elif by != BY_KIND or kind not in KINDS:
                raise BadInput(
                    f"{by!r}, {kind!r}: choose by kind, weakness or surprise, of {', '.join(KINDS)}"
                )
            return _begin(tx, user, by, level, at, _least_met(before, kind), is_kind_known=by == BY_KIND)

    def start_assigned(self, user: User, assignment_id: int, at: datetime) -> PracticeTalk:
        """Begin an exercise that a lead asks the user for.

        Raises:
            UnknownPractice: nobody asks the user for it.
        """
        require(user, "practise")
        with self.store.transaction() as tx:
            asked = _assignment_of(tx.assignments(user.login), assignment_id)
            before = tx.practice_talks(user.login)
            who = personas().get(asked.persona or "") or _least_met(before, asked.kind)
            is_known = asked.kind is not None and asked.persona is None
            return _begin(tx, user, BY_LEAD, asked.level, at, who, is_known, asked.assignment_id)

    def branch_practice(
        self, user: User, talk_id: str, at: datetime, turn: int | None = None
    ) -> PracticeTalk:
        """Go back to before a line of one's own and try another one, in a talk of its own; the first one stays.

        Args:
            turn: which turn, from 0; None for the last line.

        Raises:
            CannotPractise: no line is there to go back to, or today's debtors would have answered otherwise.
        """
        with self.store.transaction() as tx:
            found = own(tx, user, talk_id)
            lines = [number for number, each in enumerate(found.turns) if each.speaker == COLLECTOR]
            before = lines[-1] if turn is None and lines else turn
            if before is None or before not in lines:
                raise CannotPractise("no_line")
            if found.exercise is None:
                raise CannotPractise("changed")
            is_rehearsal = found.talk.is_rehearsal or found.talk.finished_at is not None
            branch = replace(
                found.talk, talk_id=uuid.uuid4().hex, started_at=at, turn_count=before, resumed_at=at, waited=0.0,
                parent_id=talk_id, parent_turn=before, is_rehearsal=is_rehearsal,
                assignment_id=None if is_rehearsal else found.talk.assignment_id,
                how=None, guess=None, points=None, is_passed=None, sections={}, finished_at=None,
            )  # fmt: skip
            tx.add_practice_talk(branch, found.turns[:before])
            return branch


def _begin(
    tx: Tx, user: User, by: str, level: str, at: datetime, who: Persona, is_kind_known: bool,
    assignment_id: int | None = None,
) -> PracticeTalk:  # fmt: skip
    number = uuid.uuid4().hex
    talk = PracticeTalk(
        number, user.login, who.id, who.kind, level, int(number[:7], 16), by, is_kind_known, at, at.date(),
        resumed_at=at, assignment_id=assignment_id,
    )  # fmt: skip
    turns = [
        Uttered(each.speaker, each.text, 0.0) for each in begin(who, level, talk.seed, talk.set_at).turns
    ]
    talk = replace(talk, turn_count=len(turns))
    tx.add_practice_talk(talk, turns)
    return talk


def _least_met(before: Sequence[PracticeTalk], kind: str | None) -> Persona:
    """A persona, of a kind or of any, that was practised with least."""
    met = [each.persona for each in before]
    known = [each for each in personas().values() if kind in (None, each.kind)]
    fewest = min(met.count(each.id) for each in known)
    return Random(uuid.uuid4().int).choice([each for each in known if met.count(each.id) == fewest])


def _assignment_of(asked: Sequence[Assignment], assignment_id: int) -> Assignment:
    for each in asked:
        if each.assignment_id == assignment_id:
            return each
    raise UnknownPractice(f"nobody asks you for exercise {assignment_id}")
