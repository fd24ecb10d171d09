"""The use cases of the review queue: what waits, who takes it, who gives it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from heyue.access.people import User
from heyue.desk.base import DeskBase, NotAllowed, require
from heyue.desk.live import HeldBy
from heyue.desk.masking import masked_talk
from heyue.errors import Refused
from heyue.review.deadlines import deadlines
from heyue.review.records import (
    ADJUDICATION,
    BLIND,
    CALIBRATION,
    CLAIMED,
    DONE,
    FIRST,
    QUEUED,
    SECOND,
    ListedReview,
    Review,
    ReviewFilter,
)
from heyue.review.work import ReviewWork, agreed
from heyue.store import Tx
from heyue.store.review_queries import MOST_COUNTED, Asker

PAGE_REVIEWS = 50
MOST_EXPORTED = MOST_COUNTED  # so a list that was not counted to its end is one that no file holds whole


class NotForYou(Refused):
    """The person may not make this review. `why`: own_talk, second_look, claimed, done, no_reviewer."""

    def __init__(self, why: str) -> None:
        super().__init__(f"this review is not for you: {why.replace('_', ' ')}")
        self.why = why


@dataclass(frozen=True)
class QueuePage:
    """A page of the queue. `total`: how many reviews pass the filter, or, where `is_more`, how many were counted."""

    lines: list[ListedReview]
    total: int
    is_more: bool
    has_next: bool


class ReviewQueueDesk(DeskBase):
    """The queue."""

    def review_queue(self, user: User, wanted: ReviewFilter, at: datetime, page: int = 0) -> QueuePage:
        """A page of the reviews that pass the filter; names masked, points of blind reviews left out.

        Raises:
            NotAllowed: the role reviews nothing.
        """
        require(user, "review")
        with self.store.reading() as tx:
            asker = _asker(user, at)
            lines = tx.listed_reviews(wanted, asker, PAGE_REVIEWS + 1, page * PAGE_REVIEWS)  # one of the next page
            shown = [_shown(each, user) for each in lines[:PAGE_REVIEWS]]
            return QueuePage(shown, *tx.count_reviews(wanted, asker), has_next=len(lines) > PAGE_REVIEWS)

    def export_reviews(self, user: User, wanted: ReviewFilter, kind: str, at: datetime) -> list[ListedReview]:
        """The reviews that pass the filter with their answers, to take away in a file of this kind; audited.

        Raises:
            NotAllowed: the role may not.
        """
        require(user, "review")
        require(user, "export")
        with self.store.reading() as tx:  # long: it must not hold up those who write
            lines = tx.with_verdicts(tx.listed_reviews(wanted, _asker(user, at), MOST_EXPORTED))
        with self.store.transaction() as tx:
            tx.audit("reviews_exported", at, actor=user.login, details={"what": kind, "reviews": len(lines)})
        return [_shown(each, user) for each in lines]

    def reviewers(self, user: User) -> list[User]:
        """Who may review, for whoever assigns.

        Raises:
            NotAllowed: the role may not assign.
        """
        require(user, "assign")
        with self.store.reading() as tx:
            return [each for each in tx.users() if each.may("review")]

    def claim_review(self, user: User, review_id: int, at: datetime) -> HeldBy | None:
        """The user takes a review from the queue. Who was quicker is named.

        Raises:
            NotAllowed: the role may not. NotForYou: it is the user's own talk, or he has reviewed it already.
        """
        require(user, "review")
        with self.store.transaction() as tx:
            review = tx.hold_review(review_id)
            if is_held(review, at) and review.reviewer != user.login:
                return HeldBy(review.reviewer or "")
            hand_over(tx, review, user, at)
            note(tx, "review_claimed", review, user, at)
            return None

    def assign_review(self, user: User, review_id: int, reviewer: str, at: datetime) -> None:
        """A lead gives a review to somebody, whoever has it now.

        Raises:
            NotAllowed: the role may not. NotForYou: not to this person.
        """
        require(user, "assign")
        with self.store.transaction() as tx:
            review = tx.hold_review(review_id)
            hand_over(tx, review, tx.user(reviewer), at)
            note(tx, "review_assigned", review, user, at, to=reviewer)

    def release_review(self, user: User, review_id: int, at: datetime) -> None:
        """Give a review back to the queue; what was done of it is dropped.

        Raises:
            NotForYou: it is neither the user's nor is the user a lead, or it is done.
        """
        with self.store.transaction() as tx:
            review = tx.hold_review(review_id)
            if review.reviewer != user.login:
                require(user, "assign")
            if review.state != CLAIMED or review.round == CALIBRATION:
                raise NotForYou("done")
            tx.change_review(
                review_id, review.revision, state=QUEUED, reviewer=None, claimed_at=None, work_sealed=None
            )
            note(tx, "review_released", review, user, at)


def is_held(review: Review, at: datetime) -> bool:
    """Whether a claim holds. That of a calibration, which is nobody else's, never lapses."""
    if review.state != CLAIMED or review.claimed_at is None:
        return False
    return review.round == CALIBRATION or at - review.claimed_at <= deadlines().claim


def hand_over(tx: Tx, review: Review, to: User, at: datetime) -> None:
    """Give a review that is not done to somebody; what another has done of it is dropped.

    Raises:
        NotForYou: the person may not make it.
    """
    _check_may_make(tx, review, to)
    if review.reviewer == to.login:
        tx.change_review(review.review_id, review.revision, claimed_at=at)
        return
    tx.change_review(
        review.review_id, review.revision, state=CLAIMED, reviewer=to.login, claimed_at=at, work_sealed=None
    )
    if review.round == ADJUDICATION:
        tx.put_work(review.review_id, _common_ground(tx, review.conversation_id).as_dict())


def _check_may_make(tx: Tx, review: Review, user: User) -> None:
    if not user.role.may("review") or user.disabled_at is not None:
        raise NotForYou("no_reviewer")
    if review.round == ADJUDICATION and not user.role.may("assign"):
        raise NotAllowed(f"the role {user.role.key} may not adjudicate")
    if review.state == DONE:
        raise NotForYou("done")
    if review.round == CALIBRATION and review.reviewer != user.login:
        raise NotForYou("claimed")
    if tx.conversation(review.conversation_id).handler in names_of(user):
        raise NotForYou("own_talk")
    others = [each for each in tx.reviews_of(review.conversation_id) if each.round != CALIBRATION]
    if any(each.reviewer == user.login and each.review_id != review.review_id for each in others):
        raise NotForYou("second_look")


def _common_ground(tx: Tx, conversation_id: str) -> ReviewWork:
    """Where the first and the second review of a talk agree."""
    numbers = [each.review_id for each in tx.reviews_of(conversation_id) if each.round in (FIRST, SECOND)]
    works = tx.work_of(numbers)
    first, second = (ReviewWork.from_dict(works[number]) for number in numbers)
    return agreed(first, second)


def names_of(user: User) -> tuple[str, ...]:
    """As which a talk may name the person who led it; a name can be somebody else's too."""
    return (user.login, user.name)


def sure_names_of(tx: Tx, user: User) -> tuple[str, ...]:
    """As which a talk names this person and nobody else."""
    others = {word for each in tx.users() if each.login != user.login for word in names_of(each)}
    return tuple(name for name in names_of(user) if name not in others)


def note(tx: Tx, event: str, review: Review, user: User, at: datetime, **details: object) -> None:
    """Write into the audit log who did what with a review."""
    tx.audit(event, at, conversation_id=review.conversation_id, actor=user.login,
             details={"review": review.review_id, "round": review.round} | details)  # fmt: skip


def is_hidden(review: Review, user: User, siblings: list[Review]) -> bool:
    """Whether what a review says is not for this person yet: somebody still judges the talk, blind."""
    return review.reviewer != user.login and any(
        each.round in BLIND and each.state != DONE for each in siblings
    )


def _shown(line: ListedReview, user: User) -> ListedReview:
    talk = masked_talk(line.talk)
    if line.is_blind and line.review.reviewer != user.login:
        hidden = replace(line.review, points=None, is_vetoed=None)
        return replace(line, review=hidden, talk=talk, verdicts={})
    return replace(line, talk=talk)


def _asker(user: User, at: datetime) -> Asker:
    return Asker(user.login, names_of(user), user.role.may("assign"), at - deadlines().claim)
