"""Reviews: which talks wait for one, who has which, what was made of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.sql import Select

from heyue.review.records import (
    ADJUDICATION,
    APPEALED,
    ASKED,
    BLIND,
    CALIBRATION,
    CLAIMED,
    DISAGREEMENT,
    DONE,
    FINISHED,
    FREE,
    MINE,
    QUEUED,
    ListedReview,
    Review,
    ReviewFilter,
    UnknownReview,
)
from heyue.review.sampling import FLAGGED, RANDOM, UNSURE
from heyue.store.draw_queries import DrawQueries
from heyue.store.tables import conversations
from heyue.store.talk_queries import LISTED, TalkQueries, filtered
from heyue.store.talk_tables import flag_verdicts, review_answers, reviews

COLUMNS = tuple(each.name for each in fields(Review))
OF_REVIEW = [reviews.c[name].label(f"of_{name}") for name in COLUMNS]
MOST_WITH_WORDS = 500  # talks that a search in the texts goes through
sibling = reviews.alias("sibling")
SAME_TALK = sibling.c.conversation_id == reviews.c.conversation_id
IS_BLIND = (
    select(sibling.c.review_id).where(SAME_TALK, sibling.c.round.in_(BLIND), sibling.c.state != DONE).exists()
)
URGENCY = {DISAGREEMENT: 0, APPEALED: 0, ASKED: 0, FLAGGED: 1, UNSURE: 2, RANDOM: 3}  # by why it is to be made
MOST_COUNTED = 10_000
IS_WAITING = text("reviews.state <> 'done'")  # as in talk_tables.NOT_DONE, in queries over several tables
LISTED_REVIEWS = LISTED.join(
    reviews, reviews.c.conversation_id == conversations.c.conversation_id
).with_only_columns(*OF_REVIEW, IS_BLIND.label("is_blind"))
ONE_REVIEW = select(*OF_REVIEW).where(reviews.c.review_id == bindparam("here"))

@dataclass(frozen=True)
class Asker:
    """Who asks for reviews.

    `names`: as which talks may name him as their handler. `lapsed_before`: claims of before count no more.
    """

    login: str
    names: tuple[str, ...]
    may_adjudicate: bool
    lapsed_before: datetime


class ReviewQueries(DrawQueries, TalkQueries):
    """The queue and the reviews themselves."""

    def add_review(self, conversation_id: str, round_: str, why: str, at: datetime, **values: object) -> bool:
        """A review to be made. False where the talk has one of this round already (calibration has several)."""
        return self.insert_or_ignore(
            reviews, conversation_id=conversation_id, round=round_, why=why, queued_at=at, **values
        )

    def review(self, review_id: int) -> Review:
        """One review.

        Raises:
            UnknownReview: there is none of this number.
        """
        return self._one_review(ONE_REVIEW, review_id)

    def hold_review(self, review_id: int) -> Review:
        """One review that nobody else changes until this transaction ends.

        Raises:
            UnknownReview: there is none of this number.
        """
        return self._one_review(ONE_REVIEW.with_for_update(), review_id)

    def _one_review(self, query: Select, review_id: int) -> Review:
        row = self.connection.execute(query, {"here": review_id}).mappings().one_or_none()
        if row is None:
            raise UnknownReview(f"no review has the number {review_id}")
        return review_of(row)

    def reviews_of(self, conversation_id: str) -> list[Review]:
        """All reviews of a talk, in the order in which they were asked for."""
        query = select(*OF_REVIEW).where(reviews.c.conversation_id == conversation_id)
        return [
            review_of(row) for row in self.connection.execute(query.order_by(reviews.c.review_id)).mappings()
        ]

    def conversations_of(self, review_ids: Sequence[int]) -> dict[int, str]:
        """Of which talks these reviews are."""
        query = select(reviews.c.review_id, reviews.c.conversation_id).where(reviews.c.review_id.in_(review_ids))
        return dict(self.connection.execute(query).all())

    def change_review(self, review_id: int, revision: int, **values: object) -> bool:
        """Change a review that still has this revision. False where somebody was quicker."""
        here = (reviews.c.review_id == review_id) & (reviews.c.revision == revision)
        changed = self.connection.execute(update(reviews).where(here).values(revision=revision + 1, **values))
        return bool(changed.rowcount == 1)

    def put_work(self, review_id: int, work: dict[str, Any]) -> None:
        """Keep what a reviewer has made of a talk."""
        sealed = self.keys.seal(json.dumps(work, ensure_ascii=False))
        self.connection.execute(
            update(reviews).where(reviews.c.review_id == review_id).values(work_sealed=sealed)
        )

    def work_of(self, review_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """What was made of these reviews, of those that were saved, by their number."""
        query = select(reviews.c.review_id, reviews.c.work_sealed).where(reviews.c.review_id.in_(review_ids))
        rows = self.connection.execute(query.where(reviews.c.work_sealed.is_not(None)))
        return {number: json.loads(self.keys.open(sealed)) for number, sealed in rows}

    def put_judgements(
        self, review_id: int, judgements: dict[str, str], verdicts: Sequence[dict[str, Any]]
    ) -> None:
        """Keep the answers and verdicts of a finished review where figures find them."""
        for table in (review_answers, flag_verdicts):
            self.connection.execute(delete(table).where(table.c.review_id == review_id))
        answers = [
            {"review_id": review_id, "item": item, "verdict": said} for item, said in judgements.items()
        ]
        flags = [{"review_id": review_id} | each for each in verdicts]
        for table, rows in ((review_answers, answers), (flag_verdicts, flags)):
            if rows:
                self.connection.execute(insert(table), rows)

    def listed_reviews(
        self, wanted: ReviewFilter, asker: Asker, most: int, after: int = 0
    ) -> list[ListedReview]:
        """A page of the reviews that pass the filter: flagged talks first, else the longest waiting; the finished ones
        the latest first."""
        query = self._wanted(wanted, asker)
        if wanted.view == FINISHED:
            ordered = query.order_by(reviews.c.saved_at.desc(), reviews.c.review_id)
        else:
            ordered = _by_urgency(query, after + most, [wanted.why] if wanted.why else list(URGENCY))
        rows = self.connection.execute(ordered.limit(most).offset(after)).mappings().all()
        talks = self.talks_of([row["of_conversation_id"] for row in rows])
        return [
            ListedReview(review_of(row), talk, row["is_blind"]) for row, talk in zip(rows, talks, strict=True)
        ]

    def count_reviews(self, wanted: ReviewFilter, asker: Asker) -> tuple[int, bool]:
        """How many reviews pass the filter, and whether there are more: `MOST_COUNTED` are counted."""
        some = self._wanted(wanted, asker).with_only_columns(reviews.c.review_id).limit(MOST_COUNTED + 1).subquery()
        count = int(self.connection.execute(select(func.count()).select_from(some)).scalar_one())
        return min(count, MOST_COUNTED), count > MOST_COUNTED

    def _wanted(self, wanted: ReviewFilter, asker: Asker) -> Select:
        query = filtered(LISTED_REVIEWS.where(*_in_view(wanted.view, asker)), wanted.talk)
        for name in ("why", "round", "reviewer"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(reviews.c[name] == value)
        if wanted.talk.words:
            found = list(self._with_words(query, wanted.talk.words, MOST_WITH_WORDS))
            query = query.where(conversations.c.conversation_id.in_(found))
        return query

    def with_verdicts(self, listed: Sequence[ListedReview]) -> list[ListedReview]:
        """The same with the answers of the finished ones."""
        found: dict[int, dict[str, str]] = {each.review.review_id: {} for each in listed}
        here = review_answers.c
        for start in range(0, len(listed), MOST_WITH_WORDS):
            part = [each.review.review_id for each in listed[start : start + MOST_WITH_WORDS]]
            query = select(here.review_id, here.item, here.verdict).where(here.review_id.in_(part))
            for number, item, verdict in self.connection.execute(query):
                found[number][item] = verdict
        return [replace(each, verdicts=found[each.review.review_id]) for each in listed]


def _by_urgency(query: Select, most: int, whys: Sequence[str]) -> Any:
    """The first of the reviews, the most urgent before the longest waiting: of each kind, which has its order by an index."""
    waits = (reviews.c.queued_at, reviews.c.review_id)
    parts = [query.where(reviews.c.why == why).order_by(*waits).limit(most).subquery() for why in whys]
    ranked = (select(part, literal(URGENCY.get(why, 0)).label("urgency")) for why, part in zip(whys, parts, strict=True))
    return select(union_all(*ranked).subquery()).order_by("urgency", "of_queued_at", "of_review_id")


def _in_view(view: str, asker: Asker) -> list[Any]:
    """The conditions of a view (ReviewFilter)."""
    here = reviews.c
    is_mine = here.reviewer == asker.login
    if view == FINISHED:
        return [here.state == DONE]
    if view == MINE:
        return [IS_WAITING, here.state == CLAIMED, is_mine]
    if view != FREE:
        return [IS_WAITING]
    has_lapsed = and_(here.state == CLAIMED, here.claimed_at < asker.lapsed_before)
    mine = select(sibling.c.review_id).where(
        SAME_TALK, sibling.c.reviewer == asker.login, sibling.c.review_id != here.review_id
    )
    conditions = [
        IS_WAITING, or_(here.state == QUEUED, has_lapsed), here.round != CALIBRATION, ~mine.exists(),
        func.coalesce(conversations.c.handler, "").not_in(asker.names),
    ]  # fmt: skip
    return conditions if asker.may_adjudicate else [*conditions, here.round != ADJUDICATION]


def review_of(row: Any) -> Review:
    """The review in a row of OF_REVIEW."""
    return Review(**{name: row[f"of_{name}"] for name in COLUMNS})
