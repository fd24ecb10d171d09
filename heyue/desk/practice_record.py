"""The use cases of what practice comes to: one's exercises and skills, a certificate, what leads assign and see of the team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from heyue.access.people import User
from heyue.desk.base import DeskBase, require
from heyue.errors import BadInput
from heyue.practice.levels import level_of
from heyue.practice.persona import KINDS, persona
from heyue.practice.records import Assignment, CannotPractise, PracticeTalk, UnknownPractice
from heyue.practice.skills import Advice, advise, finished_in_order, is_certified, profile
from heyue.store import Tx


@dataclass(frozen=True)
class PracticeRecord:
    """What a person has practised. `talks`: all, the first begun first; `finished`: those that count, as they were finished.

    `skills`: mean points by section of the scorecard. `is_certified`: it comes to a certificate.
    """

    login: str
    name: str
    talks: list[PracticeTalk]
    finished: list[PracticeTalk]
    skills: Mapping[str, float]
    advice: Advice
    is_certified: bool
    assigned: list[Assignment]


class PracticeRecordDesk(DeskBase):
    """Records of exercises, assignments."""

    def practice_record(self, user: User, login: str | None = None) -> PracticeRecord:
        """What the user has practised, or for who assigns exercises what somebody else has.

        Raises:
            NotAllowed: the role may not. UnknownUser: nobody has this login.
        """
        require(user, "practise" if login in (None, user.login) else "assign_practice")
        with self.store.reading() as tx:
            person = user if login in (None, user.login) else tx.user(login or "")
            return _record(person, tx.practice_talks(person.login), tx.assignments(person.login))

    def practice_team(self, user: User) -> list[PracticeRecord]:
        """The records of everybody who practises and is not disabled.

        Raises:
            NotAllowed: the role may not.
        """
        require(user, "assign_practice")
        with self.store.reading() as tx:
            people = [each for each in tx.users() if _practises(each)]
            talks, asked = tx.practice_talks(), tx.assignments()
        return [
            _record(
                person,
                [each for each in talks if each.login == person.login],
                [each for each in asked if each.login == person.login],
            )
            for person in people
        ]

    def assign_practice(
        self, user: User, logins: Sequence[str], level: str, due_on: date, at: datetime,
        kind: str | None = None, persona_id: str | None = None,
    ) -> None:  # fmt: skip
        """Ask people for an exercise.

        Args:
            kind: None for a surprise. persona_id: None for any debtor of the kind.

        Raises:
            NotAllowed: the role may not. CannotPractise: due in the past, or nobody who practises. BadInput: no such kind,
            level or persona. UnknownUser: nobody has this login.
        """
        require(user, "assign_practice")
        level_of(level)
        if persona_id is not None:
            kind = persona(persona_id).kind
        if kind is not None and kind not in KINDS:
            raise BadInput(f"kind: {kind!r} does not exist; take one of {', '.join(KINDS)}")
        if due_on < at.date():
            raise CannotPractise("past")
        with self.store.transaction() as tx:
            for login in logins:
                _check_practises(tx, login)
                tx.add_assignment(
                    login,
                    user.login,
                    kind=kind,
                    persona=persona_id,
                    level=level,
                    assigned_at=at,
                    due_on=due_on,
                )
            tx.audit("practice_assigned", at, actor=user.login, details={"to": list(logins), "level": level})

    def unassign_practice(self, user: User, assignment_id: int, at: datetime) -> None:
        """Take an exercise back.

        Raises:
            NotAllowed: the role may not. UnknownPractice: there is none of this number.
        """
        require(user, "assign_practice")
        with self.store.transaction() as tx:
            if all(each.assignment_id != assignment_id for each in tx.assignments()):
                raise UnknownPractice(f"no assignment has the number {assignment_id}")
            tx.drop_assignment(assignment_id)
            tx.audit("practice_unassigned", at, actor=user.login, details={"assignment": assignment_id})

    def note_certificate(self, user: User, login: str, file: str, at: datetime) -> None:
        """Write down that a record of exercises leaves the house.

        Raises:
            NotAllowed: the role may not.
        """
        require(user, "practise" if login == user.login else "assign_practice")
        with self.store.transaction() as tx:
            tx.audit("practice_exported", at, actor=user.login, details={"of": login, "file": file})


def _record(person: User, talks: list[PracticeTalk], asked: list[Assignment]) -> PracticeRecord:
    counted = [each for each in finished_in_order(talks) if each.counts]
    return PracticeRecord(
        person.login, person.name, talks, counted, profile(counted), advise(counted), is_certified(counted), asked
    )  # fmt: skip


def _practises(person: User) -> bool:
    """Whether the person is somebody whom a lead lets practise."""
    return person.may("practise") and not person.role.may("assign_practice")


def _check_practises(tx: Tx, login: str) -> None:
    if not _practises(tx.user(login)):
        raise CannotPractise("nobody")
