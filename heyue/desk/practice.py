"""The use cases of a trainee in practice: begin an exercise, speak, pause, go back a line, end it, see what it was worth."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from heyue.access.people import User
from heyue.coaching.transcript import COLLECTOR
from heyue.desk.base import DeskBase, require
from heyue.desk.live import BrokenRule, described
from heyue.desk.practice_replay import replayed, reported
from heyue.errors import BadInput
from heyue.practice.debtor import Exercise, begin
from heyue.practice.levels import level_of
from heyue.practice.persona import KINDS, Persona, persona, personas
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
from heyue.practice.report import Hints, Report, hints
from heyue.practice.skills import advise, is_passed
from heyue.store import Tx

LONGEST_LINE = 500
LONGEST_TURN = timedelta(minutes=10)  # who takes longer for a line has gone away without a pause


@dataclass(frozen=True)
class OpenPractice:
    """An exercise on the screen. `exercise`: None where today's debtors would answer otherwise: it can only be read.

    `branches`: the talks that it is a branch of, that branch off it, or off the same talk, the first begun first.
    """

    talk: PracticeTalk
    turns: tuple[Uttered, ...]
    exercise: Exercise | None
    branches: list[PracticeTalk]

    @property
    def has_ended(self) -> bool:
        """Whether nothing more can be said in it."""
        return self.talk.finished_at is not None or self.exercise is None or self.exercise.ended is not None


class PracticeDesk(DeskBase):
    """Exercises of the person who practises."""

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
            who = persona(asked.persona) if asked.persona else _least_met(before, asked.kind)
            is_known = asked.kind is not None and asked.persona is None
            return _begin(tx, user, BY_LEAD, asked.level, at, who, is_known, asked.assignment_id)

    def practice(self, user: User, talk_id: str, at: datetime) -> OpenPractice:
        """An exercise of one's own; for who assigns exercises also that of somebody else, which is audited.

        Raises:
            UnknownPractice: there is none that the user may see.
        """
        with self.store.transaction() as tx:
            found = seen(tx, user, talk_id)
            if found.talk.login != user.login:
                tx.audit("practice_viewed", at, actor=user.login, details={"practice": talk_id})
            return found

    def refresh_practice(self, user: User, talk_id: str) -> OpenPractice:
        """The same again, for a screen that shows it already.

        Raises:
            UnknownPractice: there is none that the user may see.
        """
        with self.store.reading() as tx:
            return seen(tx, user, talk_id)

    def practise_line(self, user: User, talk_id: str, line: str, at: datetime) -> None:
        """Say a line to the debtor, who answers. A pause ends with it.

        Raises:
            UnknownPractice: there is no such exercise of the user's. CannotPractise: it has ended or went on elsewhere, or
            the line is none.
        """
        line = line.strip()
        if not line or len(line) > LONGEST_LINE:
            raise CannotPractise("long_line" if line else "no_line")
        with self.store.reading() as tx:
            found = _own(tx, user, talk_id)
        if found.exercise is None:
            raise CannotPractise("changed")
        if found.has_ended:
            raise CannotPractise("ended")
        said = Uttered(COLLECTOR, line, round(_seconds(found, at), 1))
        answered = found.exercise.after(line, found.talk.time_of(said))
        answers = [
            Uttered(turn.speaker, turn.text, said.seconds) for turn in answered.turns[len(found.turns) + 1 :]
        ]
        with self.store.transaction() as tx:
            turns = (*found.turns, said, *answers)
            if not tx.put_practice_turns(talk_id, len(found.turns), turns, at):
                raise CannotPractise("elsewhere")

    def practice_hints(self, user: User, talk_id: str, draft: str = "") -> tuple[Hints, list[BrokenRule]]:
        """What the level helps with: lines to say next, and the rules that the draft breaks.

        Raises:
            UnknownPractice: there is no such exercise of the user's.
        """
        with self.store.reading() as tx:
            found = _own(tx, user, talk_id)
        if found.exercise is None or found.has_ended:
            return Hints((), ()), []
        given = hints(found.exercise, draft)
        return given, [described(each.rule, each.text, each.span) for each in given.violations]

    def pause_practice(self, user: User, talk_id: str, at: datetime) -> None:
        """Stop the clock; the next line, or resuming, starts it again."""
        with self.store.transaction() as tx:
            found = _own(tx, user, talk_id)
            tx.change_practice_talk(talk_id, resumed_at=None, waited=_waited(found.talk, at))

    def resume_practice(self, user: User, talk_id: str, at: datetime) -> None:
        """Let the clock run on."""
        with self.store.transaction() as tx:
            if _own(tx, user, talk_id).talk.resumed_at is None:
                tx.change_practice_talk(talk_id, resumed_at=at)

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
            found = _own(tx, user, talk_id)
            own = [number for number, each in enumerate(found.turns) if each.speaker == COLLECTOR]
            before = own[-1] if turn is None and own else turn
            if before not in own:
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

    def finish_practice(self, user: User, talk_id: str, guess: str | None, at: datetime) -> bool:
        """End an exercise and score it. One in which nothing was said is forgotten instead: False.

        Args:
            guess: which kind the user takes the debtor for.

        Raises:
            CannotPractise: it is finished already.
        """
        with self.store.transaction() as tx:
            found = _own(tx, user, talk_id)
            if not any(each.speaker == COLLECTOR for each in found.turns):
                tx.drop_practice_talk(talk_id)
                return False
            result = _result(found, guess)
            if not tx.change_practice_talk(talk_id, finished_at=at, resumed_at=None, guess=guess, **result):
                raise CannotPractise("finished")
            details = {"practice": talk_id, "level": found.talk.level, "points": result["points"]}
            tx.audit("practice_finished", at, actor=user.login, details=details)
            return True

    def practice_report(self, user: User, talk_id: str) -> Report | None:
        """What a talk was worth, or has been so far; None where today's debtors would have answered otherwise.

        Raises:
            UnknownPractice: there is none that the user may see.
        """
        with self.store.reading() as tx:
            found = seen(tx, user, talk_id)
        return reported(found.exercise, found.talk.guess) if found.exercise and found.turns else None


def finished_in_order(talks: Sequence[PracticeTalk]) -> list[PracticeTalk]:
    """The finished ones, in the order in which they were finished."""
    done = [each for each in talks if each.finished_at is not None]
    return sorted(done, key=lambda each: each.finished_at or each.started_at)


def seen(tx: Tx, user: User, talk_id: str) -> OpenPractice:
    """An exercise as the user may see it.

    Raises:
        UnknownPractice: there is none that the user may see.
    """
    talk = tx.practice_talk(talk_id)
    if talk.login != user.login and not user.role.may("assign_practice"):
        raise UnknownPractice(f"no exercise has the number {talk_id!r}")
    turns = tx.practice_turns(talk_id)
    return OpenPractice(talk, turns, replayed(talk, turns), _family(tx.practice_talks(talk.login), talk))


def _own(tx: Tx, user: User, talk_id: str) -> OpenPractice:
    found = seen(tx, user, talk_id)
    if found.talk.login != user.login:
        raise UnknownPractice(f"no exercise of yours has the number {talk_id!r}")
    return found


def _family(talks: Sequence[PracticeTalk], talk: PracticeTalk) -> list[PracticeTalk]:
    """The other talks that share their beginning with this one."""
    parents = {each.talk_id: each.parent_id for each in talks}

    def root(talk_id: str) -> str:
        while (parent := parents.get(talk_id)) is not None:
            talk_id = parent
        return talk_id

    here = root(talk.talk_id)
    return [each for each in talks if each.talk_id != talk.talk_id and root(each.talk_id) == here]


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


def _waited(talk: PracticeTalk, at: datetime) -> float:
    """How long the trainee has had for his next line, pauses left out."""
    if talk.resumed_at is None:
        return talk.waited
    return talk.waited + min(max(at - talk.resumed_at, timedelta()), LONGEST_TURN).total_seconds()


def _seconds(found: OpenPractice, at: datetime) -> float:
    """When a line that is said now is said, counted from the beginning of the talk."""
    return (found.turns[-1].seconds if found.turns else 0.0) + _waited(found.talk, at)


def _result(found: OpenPractice, guess: str | None) -> dict[str, object]:
    """What is kept of a finished exercise."""
    if found.exercise is None:
        return {"how": "stopped", "points": None, "is_passed": None, "sections": {}}
    exercise = found.exercise.stopped()
    report = reported(exercise, guess)
    return {
        "how": exercise.ended.how if exercise.ended else None,
        "points": report.score.points,
        "is_passed": is_passed(report),
        "sections": report.score.sections,
    }
