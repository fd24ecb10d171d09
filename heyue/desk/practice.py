"""The use cases of a running exercise: to look at it, to speak, to pause, to end it, to see what it was worth."""

from __future__ import annotations

from datetime import datetime, timedelta

from heyue.access.people import User
from heyue.coaching.suggestions import Suggestion
from heyue.coaching.transcript import BORROWER, COLLECTOR
from heyue.desk.live import BrokenRule, described
from heyue.desk.practice_replay import (
    OpenPractice,
    family,
    heard_before,
    own,
    own_talk,
    played,
    reported,
    seen,
)
from heyue.desk.practice_start import PracticeStartDesk
from heyue.practice.debtor import Exercise
from heyue.practice.records import CannotPractise, PracticeTalk, Uttered
from heyue.practice.report import Report, hints, warnings
from heyue.practice.skills import is_passed
from heyue.practice.wording import DebtorLine
from heyue.settings import PRACTICE

LONGEST_LINE = 500
LONGEST_TURN = timedelta(minutes=10)  # who takes longer for a line has gone away without a pause


class PracticeDesk(PracticeStartDesk):
    """Exercises of the person who practises."""

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

    def practice_branches(self, user: User, talk_id: str) -> list[PracticeTalk]:
        """The talks that share their beginning with this one: what it branches off, and what branches off it or beside it.

        Raises:
            UnknownPractice: there is none that the user may see.
        """
        with self.store.reading() as tx:
            talk = seen(tx, user, talk_id).talk
            return family(tx.practice_talks(talk.login), talk)

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
            found = own(tx, user, talk_id)
        if found.exercise is None:
            raise CannotPractise("changed")
        if found.has_ended:
            raise CannotPractise("ended")
        said = Uttered(COLLECTOR, line, round(_seconds(found, at), 1))
        answered = played(found.talk, (*found.turns, said))
        turns = self._answered(found.talk, (*found.turns, said), answered)
        with self.store.transaction() as tx:
            if not tx.put_practice_turns(talk_id, len(found.turns), turns, at):
                raise CannotPractise("elsewhere")

    def _answered(
        self, talk: PracticeTalk, before: tuple[Uttered, ...], answered: Exercise
    ) -> tuple[Uttered, ...]:
        """The words of a talk with the debtor's answer, which a language model may word."""
        line = Uttered(BORROWER, answered.turns[-1].text, before[-1].seconds)
        if self.language_model is None or not self.may_word(PRACTICE):
            return (*before, line)
        with self.store.reading() as tx:
            known = heard_before(tx, talk, (*before, line))
        texts = [each.text for each in before]
        text = known or self.language_model.line(DebtorLine(answered.in_words(texts)))
        return (*before, line._replace(text=text, handwritten=line.text) if text else line)

    def practice_hints(self, user: User, talk_id: str) -> tuple[Suggestion, ...]:
        """Lines that could be said next, as many as the level gives.

        Raises:
            UnknownPractice: there is no such exercise of the user's.
        """
        with self.store.reading() as tx:
            found = own(tx, user, talk_id)
        return () if found.exercise is None or found.has_ended else hints(found.exercise).suggestions

    def practice_warnings(self, user: User, talk_id: str, draft: str) -> list[BrokenRule]:
        """The rules that a draft breaks, where the level warns of them.

        Raises:
            UnknownPractice: there is no such exercise of the user's.
        """
        with self.store.reading() as tx:
            talk = own_talk(tx, user, talk_id)
        return [described(*each) for each in warnings(talk.level, draft)]

    def pause_practice(self, user: User, talk_id: str, at: datetime) -> None:
        """Stop the clock; the next line, or resuming, starts it again."""
        with self.store.transaction() as tx:
            talk = own_talk(tx, user, talk_id)
            tx.change_practice_talk(talk_id, resumed_at=None, waited=_waited(talk, at))

    def resume_practice(self, user: User, talk_id: str, at: datetime) -> None:
        """Let the clock run on."""
        with self.store.transaction() as tx:
            if own_talk(tx, user, talk_id).resumed_at is None:
                tx.change_practice_talk(talk_id, resumed_at=at)

    def finish_practice(self, user: User, talk_id: str, guess: str | None, at: datetime) -> bool:
        """End an exercise and score it. One in which nothing was said is forgotten instead: False.

        Args:
            guess: which kind the user takes the debtor for.

        Raises:
            CannotPractise: it is finished already.
        """
        with self.store.transaction() as tx:
            found = own(tx, user, talk_id)
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
