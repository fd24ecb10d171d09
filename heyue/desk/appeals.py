"""The use cases of collectors who see how they were scored and object to it, and of the leads who rule on that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from heyue.access.people import User
from heyue.desk.base import DeskBase, require
from heyue.desk.live import OpenTalk, talk_as_it_stands
from heyue.desk.masking import masked_talk
from heyue.desk.review_queue import note, sure_names_of
from heyue.desk.review_work import finish
from heyue.errors import Refused
from heyue.records import ListedTalk
from heyue.review.deadlines import deadlines
from heyue.review.records import (
    APPEAL,
    APPEALED,
    CLAIMED,
    GRANTED,
    OPEN,
    UPHELD,
    Appeal,
    Review,
    UnknownReview,
    counted,
    final_at,
)
from heyue.review.scorecard import default_scorecard
from heyue.review.work import ReviewWork
from heyue.store import Tx

PAGE_SCORES = 50
MOST_RULED = 50
LONGEST_WORDS = 1_000


class CannotAppeal(Refused):
    """The score cannot be appealed against. `why`: late, twice, no_grounds."""

    def __init__(self, why: str) -> None:
        super().__init__(f"no appeal can be made: {why.replace('_', ' ')}")
        self.why = why


class CannotRule(Refused):
    """The appeal cannot be ruled on so. `why`: ruled (already), no_reason."""

    def __init__(self, why: str) -> None:
        super().__init__(f"no ruling can be made: {why.replace('_', ' ')}")
        self.why = why


@dataclass(frozen=True)
class Score:
    """How a talk was scored in the end. `review`: the one that counts, without its reviewer's name.

    `appeal_until`: to this moment its collector may appeal.
    """

    talk: ListedTalk
    review: Review
    appeal: Appeal | None
    appeal_until: datetime

    def may_be_appealed(self, at: datetime) -> bool:
        """Whether the collector may still object."""
        return self.appeal is None and at <= self.appeal_until


@dataclass(frozen=True)
class OpenScore:
    """A score with its talk, masked, and what the review that counts says."""

    score: Score
    talk: OpenTalk
    work: ReviewWork


class AppealDesk(DeskBase):
    """Scores and appeals."""

    def scores(self, user: User, page: int = 0) -> tuple[list[Score], int]:
        """A page of the scores of the user's own talks, the latest first, and how many there are.

        Raises:
            NotAllowed: the role has no talks of its own.
        """
        require(user, "appeal")
        with self.store.reading() as tx:
            found = {
                here: final
                for here, reviews in tx.reviews_by_talk(sure_names_of(tx, user)).items()
                if counted(reviews) is not None and (final := final_at(reviews))
            }
            ordered = sorted(found, key=found.__getitem__, reverse=True)
            shown = ordered[page * PAGE_SCORES : (page + 1) * PAGE_SCORES]
            return [_score(tx, here) for here in shown], len(ordered)

    def open_score(self, user: User, conversation_id: str, at: datetime) -> OpenScore:
        """The score of one of the user's talks, or for a lead of any, with all that was remarked; the look is audited.

        Raises:
            UnknownReview: the talk is not scored, or is somebody else's.
        """
        with self.store.transaction() as tx:
            found = self._open(tx, user, conversation_id, at)
            tx.audit("conversation_viewed", at, case_id=found.talk.conversation.case_id,
                     conversation_id=conversation_id, actor=user.login,
                     details={"review": found.score.review.review_id})  # fmt: skip
            return found

    def refresh_score(self, user: User, conversation_id: str, at: datetime) -> OpenScore:
        """The same again, for a screen that shows it already."""
        with self.store.reading() as tx:
            return self._open(tx, user, conversation_id, at)

    def _open(self, tx: Tx, user: User, conversation_id: str, at: datetime) -> OpenScore:
        if not user.role.may("rule_on_appeals"):
            _require_own(tx, user, conversation_id)
        score = _score(tx, conversation_id)
        talk = talk_as_it_stands(tx, conversation_id, at, self.policy, user)
        work = tx.work_of([score.review.review_id])[score.review.review_id]
        return OpenScore(score, talk.masked(), ReviewWork.from_dict(work))

    def appeal(self, user: User, conversation_id: str, grounds: str, at: datetime) -> None:
        """Object to the score of one's own talk.

        Raises:
            NotAllowed: the role may not. UnknownReview: it is no scored talk of the user's. CannotAppeal.
        """
        require(user, "appeal")
        if not 0 < len(grounds.strip()) <= LONGEST_WORDS:
            raise CannotAppeal("no_grounds")
        with self.store.transaction() as tx:
            _require_own(tx, user, conversation_id)
            score = _score(tx, conversation_id)
            if at > score.appeal_until:
                raise CannotAppeal("late")
            due_at = at + deadlines().ruling
            if score.appeal or not tx.add_appeal(
                score.review.review_id, user.login, grounds.strip(), at, due_at
            ):
                raise CannotAppeal("twice")
            note(tx, "appeal_made", score.review, user, at)

    def open_appeals(self, user: User) -> list[tuple[Appeal, ListedTalk]]:
        """The appeals that wait for a ruling, the most urgent first, with their talks.

        Raises:
            NotAllowed: the role rules on none.
        """
        require(user, "rule_on_appeals")
        with self.store.reading() as tx:
            return _with_talks(tx, tx.open_appeals())

    def ruled_appeals(self, user: User) -> list[tuple[Appeal, ListedTalk]]:
        """The appeals that were ruled on lately.

        Raises:
            NotAllowed: the role rules on none.
        """
        require(user, "rule_on_appeals")
        with self.store.reading() as tx:
            return _with_talks(tx, tx.ruled_appeals(MOST_RULED))

    def rule_on_appeal(
        self,
        user: User,
        appeal_id: int,
        is_granted: bool,
        ruling: str,
        changes: Mapping[str, str],
        at: datetime,
    ) -> None:
        """Decide an appeal for good. Where it is granted with `changes` (item to answer), the talk is scored anew.

        Raises:
            NotAllowed: the role may not. CannotRule: it is decided already, or no reason is given.
        """
        require(user, "rule_on_appeals")
        if not 0 < len(ruling.strip()) <= LONGEST_WORDS:
            raise CannotRule("no_reason")
        with self.store.transaction() as tx:
            appeal = tx.hold_appeal(appeal_id)
            if appeal.state != OPEN:
                raise CannotRule("ruled")
            of_talk = tx.reviews_of(tx.review(appeal.review_id).conversation_id)
            if user.login in {each.reviewer for each in of_talk}:
                raise CannotRule("own_review")
            state = GRANTED if is_granted else UPHELD
            tx.rule_on_appeal(appeal_id, state, ruling.strip(), user.login, at)
            review = tx.review(appeal.review_id)
            note(tx, f"appeal_{state}", review, user, at, changed=sorted(changes) if is_granted else [])
            if is_granted and changes:
                _score_anew(tx, user, review, changes, at)


def _score_anew(tx: Tx, user: User, review: Review, changes: Mapping[str, str], at: datetime) -> None:
    """Add the review that counts from now on: as the one before, but for the changes."""
    before = ReviewWork.from_dict(tx.work_of([review.review_id])[review.review_id])
    work = before.with_answers(changes, default_scorecard())
    tx.add_review(
        review.conversation_id, APPEAL, APPEALED, at, state=CLAIMED, reviewer=user.login, claimed_at=at
    )
    anew = next(each for each in tx.reviews_of(review.conversation_id) if each.round == APPEAL)
    tx.put_work(anew.review_id, work.as_dict())
    finish(tx, user, anew, work, at)


def _score(tx: Tx, conversation_id: str) -> Score:
    """The score of a talk.

    Raises:
        UnknownReview: it has none yet.
    """
    reviews = tx.reviews_of(conversation_id)
    review, final, talk = counted(reviews), final_at(reviews), tx.listed_talk(conversation_id)
    if review is None or final is None or talk is None:
        raise UnknownReview("the talk has not been scored")
    appeals = tx.appeals_against([each.review_id for each in reviews])
    return Score(
        masked_talk(talk), replace(review, reviewer=None), next(iter(appeals.values()), None),
        final + deadlines().appeal,
    )  # fmt: skip


def _require_own(tx: Tx, user: User, conversation_id: str) -> None:
    require(user, "appeal")
    listed = tx.listed_talk(conversation_id)
    if listed is None or listed.conversation.handler not in sure_names_of(tx, user):
        raise UnknownReview("no talk of yours has this number")


def _with_talks(tx: Tx, appeals: list[Appeal]) -> list[tuple[Appeal, ListedTalk]]:
    """Each appeal with the talk that it is about."""
    here = tx.conversations_of([each.review_id for each in appeals])
    talks = {each.conversation.conversation_id: masked_talk(each) for each in tx.talks_of(list(set(here.values())))}
    return [(each, talks[here[each.review_id]]) for each in appeals]
