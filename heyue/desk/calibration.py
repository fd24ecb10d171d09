"""The use cases of calibration: several reviewers judge one talk blind, then compare; and how far double reviews agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from heyue.access.people import User
from heyue.desk.base import DeskBase, require
from heyue.desk.masking import masked_talk
from heyue.desk.review_queue import NotForYou, names_of
from heyue.errors import Refused, UnknownConversation
from heyue.records import ListedTalk
from heyue.review.agreement import Agreement, agreement_by_item, krippendorff_alpha
from heyue.review.records import (
    ASKED,
    CALIBRATION,
    CLAIMED,
    DONE,
    FIRST,
    SECOND,
    Calibration,
    Review,
)
from heyue.store import Tx

MOST_LISTED = 50
MOST_COMPARED = 2_000  # double reviews that the agreement is measured on, the latest
FEWEST_REVIEWERS = 2


class CannotCalibrate(Refused):
    """The calibration cannot be begun. `why`: twice, too_few, unread."""

    def __init__(self, why: str) -> None:
        super().__init__(f"no calibration can be begun: {why.replace('_', ' ')}")
        self.why = why


@dataclass(frozen=True)
class OpenCalibration:
    """A calibration on the screen. `judgements`: by reviewer the answer to each item, of those who are done; None while
    the person may not see them. `alpha`: Krippendorff's over the items, None where it is not defined."""

    calibration: Calibration
    talk: ListedTalk
    reviews: list[Review]
    judgements: Mapping[str, Mapping[str, str]] | None
    alpha: float | None

    def review_of(self, user: User) -> Review | None:
        """The person's own review in it."""
        return next((each for each in self.reviews if each.reviewer == user.login), None)


class CalibrationDesk(DeskBase):
    """Calibration and agreement."""

    def open_calibration(
        self, user: User, conversation_id: str, reviewers: Sequence[str], at: datetime
    ) -> None:
        """A lead lets some reviewers judge a talk, each blind to the others.

        Raises:
            NotAllowed: the role may not. UnknownConversation: there is no such talk. CannotCalibrate.
            NotForYou: one of them may not review, or led the talk.
        """
        require(user, "assign")
        if len(set(reviewers)) < FEWEST_REVIEWERS:
            raise CannotCalibrate("too_few")
        with self.store.transaction() as tx:
            listed = _listed(tx, conversation_id)
            if listed.reading is None:
                raise CannotCalibrate("unread")
            if not tx.add_calibration(conversation_id, user.login, at):
                raise CannotCalibrate("twice")
            for login in dict.fromkeys(reviewers):
                _check_reviewer(tx.user(login), listed)
                tx.add_review(
                    conversation_id, CALIBRATION, ASKED, at, state=CLAIMED, reviewer=login, claimed_at=at
                )
            tx.audit("calibration_opened", at, conversation_id=conversation_id, actor=user.login,
                     details={"reviewers": list(reviewers)})  # fmt: skip

    def calibrations(self, user: User) -> list[tuple[Calibration, ListedTalk]]:
        """The calibrations that the user takes part in, or for a lead all, the latest first.

        Raises:
            NotAllowed: the role reviews nothing.
        """
        require(user, "review")
        with self.store.reading() as tx:
            found = tx.calibrations(MOST_LISTED)
            shown = [each for each in found if _takes_part(tx, user, each)]
            talks = tx.talks_of([each.conversation_id for each in shown])
            return [(each, masked_talk(talk)) for each, talk in zip(shown, talks, strict=True)]

    def calibration(self, user: User, conversation_id: str) -> OpenCalibration:
        """One calibration; what the others answered only once one's own review is done and all are, or it is closed.

        Raises:
            UnknownConversation: there is none that the user takes part in.
        """
        require(user, "review")
        with self.store.reading() as tx:
            found = tx.calibrations(1, conversation_id)
            if not found or not _takes_part(tx, user, found[0]):
                raise UnknownConversation(f"no calibration of {conversation_id!r}")
            reviews = [each for each in tx.reviews_of(conversation_id) if each.round == CALIBRATION]
            talk = masked_talk(_listed(tx, conversation_id))
            if not _is_revealed(user, reviews):
                hidden = [replace(each, points=None, is_vetoed=None) for each in reviews]
                return OpenCalibration(found[0], talk, hidden, None, None)
            said = tx.judgements([CALIBRATION], [conversation_id]).get(conversation_id, [])
            names = [each.reviewer or "" for each in reviews if each.state == DONE]
            items = dict.fromkeys(item for each in said for item in each)
            alpha = krippendorff_alpha([[each.get(item) for each in said] for item in items])
            return OpenCalibration(found[0], talk, reviews, dict(zip(names, said, strict=True)), alpha)

    def note_calibration(
        self,
        user: User,
        conversation_id: str,
        note: str,
        revision: int,
        at: datetime,
        is_closing: bool = False,
    ) -> bool:
        """Keep what came of the discussion. Closing ends the reviews that are not done. False: somebody was quicker.

        Raises:
            NotAllowed: the role may not.
        """
        require(user, "assign")
        closed = {"closed_at": at} if is_closing else {}
        with self.store.transaction() as tx:
            if not tx.change_calibration(conversation_id, revision, note.strip(), **closed):
                return False
            if is_closing:
                tx.drop_open_calibration_reviews(conversation_id)
            event = "calibration_closed" if is_closing else "calibration_noted"
            tx.audit(event, at, conversation_id=conversation_id, actor=user.login)
            return True

    def double_review_agreement(self, user: User) -> tuple[int, dict[str, Agreement]]:
        """On how many talks, and how far, first and second reviews agree: on each item and label.

        Raises:
            NotAllowed: the role reviews nothing.
        """
        require(user, "review")
        with self.store.reading() as tx:
            talks = tx.talks_judged_twice(MOST_COMPARED)
            return len(talks), agreement_by_item(tx.judgements((FIRST, SECOND), talks))


def _is_revealed(user: User, reviews: Sequence[Review]) -> bool:
    if all(each.state == DONE for each in reviews):
        return True
    return user.role.may("assign") and all(each.reviewer != user.login for each in reviews)


def _takes_part(tx: Tx, user: User, calibration: Calibration) -> bool:
    if user.role.may("assign"):
        return True
    reviews = tx.reviews_of(calibration.conversation_id)
    return any(each.round == CALIBRATION and each.reviewer == user.login for each in reviews)


def _check_reviewer(user: User, talk: ListedTalk) -> None:
    if not user.role.may("review") or user.disabled_at is not None:
        raise NotForYou("no_reviewer")
    if talk.conversation.handler in names_of(user):
        raise NotForYou("own_talk")


def _listed(tx: Tx, conversation_id: str) -> ListedTalk:
    listed = tx.listed_talk(conversation_id)
    if listed is None:
        raise UnknownConversation(f"no conversation has the id {conversation_id!r}")
    return listed
