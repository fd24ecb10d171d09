"""The use cases of making a review: to open one, to save it, to finish it, and what follows from that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from heyue.access.people import User
from heyue.desk.base import DeskBase, require
from heyue.desk.live import OpenTalk, talk_as_it_stands
from heyue.desk.reading import transcript_of
from heyue.desk.review_queue import NotForYou, is_hidden, note
from heyue.desk.reviewed_talk import (
    assessment_of,
    completed,
    lender_turns,
    machine_flags,
    machine_labels,
    masked_answer,
    masked_work,
    reading_of,
    with_verdicts,
)
from heyue.desk.turn_numbers import TurnNumbers
from heyue.review.labels import PROMISES
from heyue.review.machine_answers import propose_answers
from heyue.review.records import (
    ADJUDICATION,
    CALIBRATION,
    CLAIMED,
    DISAGREEMENT,
    DONE,
    FIRST,
    ROUNDS,
    SECOND,
    Review,
    UnknownReview,
)
from heyue.review.scorecard import Answer, Scorecard, default_scorecard, score
from heyue.review.work import (
    FlagVerdict,
    Missing,
    ReviewWork,
    check_work,
    contradictions,
    differences,
    judgements,
)
from heyue.store import Tx

NO_REASON = "none"  # how the tables of figures write that no reason was told


@dataclass(frozen=True)
class OtherReview:
    """Another review of the same talk and what it says."""

    review: Review
    work: ReviewWork


@dataclass(frozen=True)
class OpenReview:
    """A review on the screen; the talk is masked.

    `work`: as saved last; empty where it is not for this person. `others`: finished reviews of the talk that the person
    may see: for an adjudication the two that differ.
    """

    review: Review
    talk: OpenTalk
    work: ReviewWork
    others: list[OtherReview]
    may_edit: bool


@dataclass(frozen=True)
class Saved:
    """The work is kept. `review`: as it stands now."""

    review: Review


@dataclass(frozen=True)
class SavedElsewhere:
    """Somebody, or the same person in another tab, saved in between: nothing was overwritten."""


@dataclass(frozen=True)
class Unfinished:
    """What has to be decided first: `missing`, and items answered yes against a confirmed flag."""

    missing: Missing
    contradictory: tuple[str, ...]


SaveVerdict = Saved | SavedElsewhere | Unfinished


class ReviewWorkDesk(DeskBase):
    """Reviews in the making."""

    def open_review(self, user: User, review_id: int, at: datetime) -> OpenReview:
        """A review with its talk; the look is audited.

        Raises:
            NotAllowed: the role reviews nothing. UnknownReview: there is none for this person. NotRead.
        """
        with self.store.transaction() as tx:
            found = self._review(tx, user, review_id, at)
            tx.audit("conversation_viewed", at, case_id=found.talk.conversation.case_id,
                     conversation_id=found.review.conversation_id, actor=user.login,
                     details={"review": review_id})  # fmt: skip
            return found

    def refresh_review(self, user: User, review_id: int, at: datetime) -> OpenReview:
        """The same review again, for a screen that shows it already."""
        with self.store.reading() as tx:
            return self._review(tx, user, review_id, at)

    def _review(self, tx: Tx, user: User, review_id: int, at: datetime) -> OpenReview:
        require(user, "review")
        review = tx.review(review_id)
        if review.round == ADJUDICATION and review.state != DONE and not user.role.may("assign"):
            raise UnknownReview(f"no review has the number {review_id}")
        talk = talk_as_it_stands(tx, review.conversation_id, at, self.policy, user)
        reading_of(talk)
        siblings = tx.reviews_of(review.conversation_id)
        visible = sorted(
            (each for each in siblings if _is_visible(each, user, siblings)),
            key=lambda each: ROUNDS.index(each.round),
        )
        works = tx.work_of([each.review_id for each in visible])
        others = [
            OtherReview(each, ReviewWork.from_dict(works[each.review_id]))
            for each in visible
            if each.review_id != review_id and each.state == DONE
            if (each.round == CALIBRATION) == (review.round == CALIBRATION)
        ]
        is_mine = review.state == CLAIMED and review.reviewer == user.login
        shown = review if review in visible else replace(review, points=None, is_vetoed=None)
        return OpenReview(
            shown, talk.masked(), ReviewWork.from_dict(works.get(review_id, {})), others, is_mine
        )

    def proposed_answers(
        self, user: User, review_id: int, verdicts: Sequence[FlagVerdict], at: datetime
    ) -> list[Answer]:
        """What the machine answers on the scorecard, given what the reviewer has said of the flags; quotes masked.

        Raises:
            NotAllowed: the role reviews nothing. UnknownReview: there is none. NotRead.
        """
        require(user, "review")
        with self.store.reading() as tx:
            talk = talk_as_it_stands(tx, tx.review(review_id).conversation_id, at, self.policy, user)
        numbers = TurnNumbers.of(talk.turns)
        found = numbers.found_among_said(with_verdicts(assessment_of(reading_of(talk)), talk, verdicts))
        transcript = transcript_of(talk.conversation, talk.case, talk.turns)
        proposed = propose_answers(transcript, found, default_scorecard())
        return [masked_answer(numbers.answer_in_talk(each), talk) for each in proposed]

    def save_review(
        self,
        user: User,
        review_id: int,
        work: ReviewWork,
        revision: int,
        at: datetime,
        is_final: bool = False,
    ) -> SaveVerdict:
        """Keep what the user has made of a talk; `is_final` finishes the review.

        Args:
            revision: of the review when its work was opened or saved last.

        Raises:
            NotForYou: the review is not the user's. BadWork: the work cannot be kept as it is. NotRead.
        """
        with self.store.transaction() as tx:
            review = tx.hold_review(review_id)
            _require_mine(review, user)
            if review.revision != revision or review.state == DONE:
                return SavedElsewhere()
            talk = talk_as_it_stands(tx, review.conversation_id, at, self.policy, user)
            card = default_scorecard()
            _check(work, card, talk)
            if is_final:
                work = completed(work, talk)
                unfinished = _unfinished(work, card, talk)
                if unfinished is not None:
                    return unfinished
            return Saved(self._write(tx, user, review, work, talk, at, is_final))

    def _write(
        self,
        tx: Tx,
        user: User,
        review: Review,
        work: ReviewWork,
        talk: OpenTalk,
        at: datetime,
        is_final: bool,
    ) -> Review:
        tx.change_review(review.review_id, review.revision, saved_at=at, claimed_at=at)
        work = masked_work(work, talk)
        tx.put_work(review.review_id, work.as_dict())
        note(tx, "review_saved", review, user, at)
        if is_final:
            finish(tx, user, replace(review, revision=review.revision + 1), work, at)
            _note_corrections(tx, user, review, work, talk, at)
            if review.round in (FIRST, SECOND):
                _compare(tx, review.conversation_id, at)
        return tx.review(review.review_id)


def finish(tx: Tx, user: User, review: Review, work: ReviewWork, at: datetime) -> None:
    """Mark a review as done, with its score; answers and verdicts go where figures find them."""
    card = default_scorecard()
    result = score(card, work.answers)
    tx.change_review(
        review.review_id, review.revision, state=DONE, saved_at=at, scorecard_version=card.version,
        points=result.points, is_vetoed=bool(result.vetoed_by),
    )  # fmt: skip
    said = {name: value or NO_REASON for name, value in judgements(work).items()}
    tx.put_judgements(review.review_id, said, [each._asdict() for each in work.verdicts])
    note(tx, "review_finished", review, user, at, points=result.points)


def _note_corrections(
    tx: Tx, user: User, review: Review, work: ReviewWork, talk: OpenTalk, at: datetime
) -> None:
    machine = machine_labels(talk)
    for name, value in work.labels.items():
        if value != machine[name]:
            values = {} if name == PROMISES else {"from": machine[name], "to": value}
            note(tx, "label_changed", review, user, at, label=name, **values)
    for each in work.verdicts:
        said = "added" if each.is_added else "confirmed" if each.is_confirmed else "rejected"
        note(tx, f"flag_{said}", review, user, at, turn=each.turn, rule=each.rule)


def _compare(tx: Tx, conversation_id: str, at: datetime) -> None:
    """Ask for an adjudication where the two reviews of a talk are done and differ; of two that end at once the later one
    sees the other."""
    tx.hold_conversation(conversation_id)
    pair = [each for each in tx.reviews_of(conversation_id) if each.round in (FIRST, SECOND)]
    if len(pair) == 2 and all(each.state == DONE for each in pair):
        works = tx.work_of([each.review_id for each in pair])
        first, second = (ReviewWork.from_dict(works[each.review_id]) for each in pair)
        if differences(first, second):
            tx.add_review(conversation_id, ADJUDICATION, DISAGREEMENT, at)


def _is_visible(review: Review, user: User, siblings: list[Review]) -> bool:
    if review.reviewer == user.login:
        return True
    return review.state == DONE and not is_hidden(review, user, siblings)


def _require_mine(review: Review, user: User) -> None:
    if review.reviewer != user.login or review.state not in (CLAIMED, DONE):
        raise NotForYou("claimed")


def _check(work: ReviewWork, card: Scorecard, talk: OpenTalk) -> None:
    plain = [turn.text if turn.is_said else "" for turn in talk.turns]  # nobody is judged by what was not said
    masked = [turn.text if turn.is_said else "" for turn in talk.masked().turns]
    check_work(work, card, lender_turns(talk), (plain, masked))


def _unfinished(work: ReviewWork, card: Scorecard, talk: OpenTalk) -> Unfinished | None:
    missing = work.missing(card, machine_flags(talk))
    contradictory = tuple(contradictions(work, card))
    if missing.items or missing.flags or contradictory:
        return Unfinished(missing, contradictory)
    return None
