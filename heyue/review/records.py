"""The records of quality review, as the store keeps them and screens list them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from heyue.errors import Unknown
from heyue.records import ListedTalk, TalkFilter

FIRST, SECOND, ADJUDICATION, APPEAL, CALIBRATION = "first", "second", "adjudication", "appeal", "calibration"
ROUNDS = (FIRST, SECOND, ADJUDICATION, APPEAL, CALIBRATION)
BLIND = (FIRST, SECOND, CALIBRATION)  # while one of a talk is not done, nobody sees what the others say of it
QUEUED, CLAIMED, DONE = "queued", "claimed", "done"
DISAGREEMENT, APPEALED, ASKED = "disagreement", "appeal", "asked"  # causes beside those of sampling.py
OPEN, UPHELD, GRANTED = "open", "upheld", "granted"


class UnknownReview(Unknown):
    """No review has this number, or none that the person may see."""


@dataclass(frozen=True)
class Review:
    """One review of a talk. `round`: first, second, adjudication, appeal, calibration; `state`: queued, claimed, done.

    `why`: what brought it into the queue. `revision`: counts the savings. `points`: 0 to 100, None while it is not done
    or nothing could be judged.
    """

    review_id: int
    conversation_id: str
    round: str
    why: str
    state: str
    reviewer: str | None
    queued_at: datetime
    claimed_at: datetime | None = None
    saved_at: datetime | None = None
    revision: int = 0
    scorecard_version: str | None = None
    points: float | None = None
    is_vetoed: bool | None = None


@dataclass(frozen=True)
class ListedReview:
    """One line of the queue.

    `is_blind`: another review of the talk is not done, so that the points are nobody's business but the reviewer's.
    `verdicts`: answers by item, for exports only.
    """

    review: Review
    talk: ListedTalk
    is_blind: bool = False
    verdicts: Mapping[str, str] = field(default_factory=dict)


FREE, MINE, OPEN_ONES, FINISHED = "free", "mine", "open", "finished"


@dataclass(frozen=True)
class ReviewFilter:
    """Which reviews a list shows; what is None does not matter.

    `view`: free (to be claimed by who asks), mine, open (not done, whoever has it), finished.
    """

    view: str = FREE
    why: str | None = None
    round: str | None = None
    reviewer: str | None = None
    talk: TalkFilter = field(default_factory=TalkFilter)


@dataclass(frozen=True)
class Appeal:
    """A collector's objection to a score. `state`: open, upheld (the score stays), granted.

    `due_at`: until when a lead rules.
    """

    appeal_id: int
    review_id: int
    collector: str
    grounds: str
    at: datetime
    due_at: datetime
    state: str = OPEN
    ruling: str | None = None
    ruled_at: datetime | None = None


@dataclass(frozen=True)
class Calibration:
    """A talk that several reviewers judge blind, to compare how they judge. `note`: what came of the discussion."""

    conversation_id: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None = None
    revision: int = 0
    note: str | None = None
    reviewers: int = 0
    done: int = 0


@dataclass(frozen=True)
class JudgedFlag:
    """The last word on a flag. `is_added`: a reviewer saw it, the machine did not. `review_id`: by which review."""

    conversation_id: str
    turn: int
    rule: str
    is_confirmed: bool
    is_added: bool
    review_id: int


def counted(reviews: Iterable[Review]) -> Review | None:
    """Of the reviews of one talk the one that counts: the last that had a say. None while one is still to be made."""
    of_round = {each.round: each for each in reviews if each.round != CALIBRATION}
    pending = {name for name, each in of_round.items() if each.state != DONE and name != APPEAL}
    done = {name: each for name, each in of_round.items() if each.state == DONE}
    if pending:
        return None
    return done.get(APPEAL) or done.get(ADJUDICATION) or done.get(FIRST)


def final_at(reviews: Iterable[Review]) -> datetime | None:
    """When the score of a talk became final, before any appeal; None while nothing is done."""
    return max(
        (each.saved_at for each in reviews if each.round not in (CALIBRATION, APPEAL) and each.saved_at),
        default=None,
    )
