"""What comes of reviews: scores that collectors see and appeal against, calibrations, figures of agreement and rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from heyue.errors import Unknown
from heyue.review.records import (
    CALIBRATION,
    DONE,
    FIRST,
    OPEN,
    SECOND,
    Appeal,
    Calibration,
    JudgedFlag,
    Review,
)
from heyue.store.review_queries import IS_BLIND, OF_REVIEW, ReviewQueries, review_of
from heyue.store.tables import conversations
from heyue.store.talk_tables import appeals, calibrations, flag_verdicts, review_answers, reviews

Judgements = dict[str, list[dict[str, str]]]  # by talk, one mapping of item to verdict a reviewer
LATEST_FINISHED = (
    select(reviews.c.conversation_id, reviews.c.review_id, reviews.c.saved_at)
    .where(reviews.c.state == DONE, reviews.c.round != CALIBRATION, ~IS_BLIND)
    .order_by(reviews.c.saved_at.desc(), reviews.c.review_id.desc())
)


class UnknownAppeal(Unknown):
    """No appeal has this number, or none that the person may see."""


class ReviewResultQueries(ReviewQueries):
    """Scores, appeals, calibrations, figures."""

    def reviews_by_talk(self, handlers: Sequence[str] | None = None) -> dict[str, list[Review]]:
        """The reviews of all talks that have a finished one but for calibration, by talk; restricted talks are left out.

        Args:
            handlers: only the talks whose lender's side was one of these; None for all.
        """
        done = (
            select(reviews.c.conversation_id)
            .join(conversations, conversations.c.conversation_id == reviews.c.conversation_id)
            .where(reviews.c.state == DONE, reviews.c.round != CALIBRATION, conversations.c.restricted_at.is_(None))
        )
        query = select(*OF_REVIEW).where(reviews.c.conversation_id.in_(done), reviews.c.round != CALIBRATION)
        if handlers is not None:
            theirs = select(conversations.c.conversation_id).where(conversations.c.handler.in_(handlers))
            query = query.where(reviews.c.conversation_id.in_(theirs))
        found: defaultdict[str, list[Review]] = defaultdict(list)
        for row in self.connection.execute(query.order_by(reviews.c.review_id)).mappings():
            found[row["of_conversation_id"]].append(review_of(row))
        return found

    def add_appeal(
        self, review_id: int, collector: str, grounds: str, at: datetime, due_at: datetime
    ) -> bool:
        """Keep an appeal. False where the review has one already."""
        return self.insert_or_ignore(
            appeals, review_id=review_id, collector=collector, grounds_sealed=self.keys.seal(grounds), at=at,
            due_at=due_at,
        )  # fmt: skip

    def appeals_against(self, review_ids: Sequence[int]) -> dict[int, Appeal]:
        """The appeals against these reviews, by review."""
        return {each.review_id: each for each in self._appeals(appeals.c.review_id.in_(review_ids))}

    def open_appeals(self) -> list[Appeal]:
        """The appeals that wait for a ruling, the most urgent first."""
        return sorted(self._appeals(appeals.c.state == OPEN), key=lambda each: each.due_at)

    def ruled_appeals(self, most: int) -> list[Appeal]:
        """The appeals that were ruled on, the latest first."""
        return self._appeals(appeals.c.state != OPEN, appeals.c.ruled_at.desc(), most)

    def hold_appeal(self, appeal_id: int) -> Appeal:
        """One appeal that nobody else changes until this transaction ends.

        Raises:
            UnknownAppeal: there is none of this number.
        """
        self.connection.execute(select(appeals).where(appeals.c.appeal_id == appeal_id).with_for_update())
        found = self._appeals(appeals.c.appeal_id == appeal_id)
        if not found:
            raise UnknownAppeal(f"no appeal has the number {appeal_id}")
        return found[0]

    def rule_on_appeal(self, appeal_id: int, state: str, ruling: str, by: str, at: datetime) -> None:
        """Write down how an appeal ended."""
        self.connection.execute(
            update(appeals)
            .where(appeals.c.appeal_id == appeal_id)
            .values(state=state, ruling_sealed=self.keys.seal(ruling), ruled_by=by, ruled_at=at)
        )

    def _appeals(self, condition: Any, order: Any = appeals.c.at, most: int | None = None) -> list[Appeal]:
        rows = self.connection.execute(
            select(appeals).where(condition).order_by(order).limit(most)
        ).mappings()
        return [
            Appeal(
                row["appeal_id"], row["review_id"], row["collector"], self.keys.open(row["grounds_sealed"]), row["at"],
                row["due_at"], row["state"], self.opened(row["ruling_sealed"]), row["ruled_at"],
            )
            for row in rows
        ]  # fmt: skip

    def add_calibration(self, conversation_id: str, by: str, at: datetime) -> bool:
        """Begin the calibration of a talk. False where it has one already."""
        return self.insert_or_ignore(
            calibrations, conversation_id=conversation_id, opened_by=by, opened_at=at
        )

    def calibrations(self, most: int, conversation_id: str | None = None) -> list[Calibration]:
        """The calibrations, the latest first, with how many reviewers judge and have judged."""
        of_round = (reviews.c.conversation_id == calibrations.c.conversation_id) & (
            reviews.c.round == CALIBRATION
        )
        counts = select(func.count()).where(of_round)
        query = select(
            calibrations,
            counts.scalar_subquery().label("reviewers"),
            counts.where(reviews.c.state == DONE).scalar_subquery().label("done"),
        )
        if conversation_id is not None:
            query = query.where(calibrations.c.conversation_id == conversation_id)
        rows = self.connection.execute(query.order_by(calibrations.c.opened_at.desc()).limit(most)).mappings()
        return [
            Calibration(
                row["conversation_id"], row["opened_by"], row["opened_at"], row["closed_at"], row["revision"],
                self.opened(row["note_sealed"]), row["reviewers"], row["done"],
            )
            for row in rows
        ]  # fmt: skip

    def change_calibration(self, conversation_id: str, revision: int, note: str, **values: object) -> bool:
        """Change a calibration that still has this revision. False where somebody was quicker."""
        here = (calibrations.c.conversation_id == conversation_id) & (calibrations.c.revision == revision)
        values |= {"note_sealed": self.keys.seal(note), "revision": revision + 1}
        return bool(self.connection.execute(update(calibrations).where(here).values(**values)).rowcount == 1)

    def drop_open_calibration_reviews(self, conversation_id: str) -> None:
        """Take away the reviews of a calibration that are not done."""
        here = reviews.c
        is_open = (here.round == CALIBRATION) & (here.state != DONE)
        self.connection.execute(delete(reviews).where(here.conversation_id == conversation_id, is_open))

    def judgements(self, rounds: Sequence[str], conversation_ids: Sequence[str]) -> Judgements:
        """What the finished reviews of these rounds say of some talks; the reviewers in the order of the rounds."""
        query = (
            select(reviews.c.conversation_id, reviews.c.round, review_answers)
            .join(review_answers, review_answers.c.review_id == reviews.c.review_id)
            .where(reviews.c.conversation_id.in_(conversation_ids))
            .where(reviews.c.state == DONE, reviews.c.round.in_(rounds))
        )
        said: defaultdict[str, dict[tuple[int, int], dict[str, str]]] = defaultdict(dict)
        for here, round_, number, item, verdict in self.connection.execute(query):
            said[here].setdefault((rounds.index(round_), number), {})[item] = verdict
        return {here: [of_talk[key] for key in sorted(of_talk)] for here, of_talk in said.items()}

    def talks_judged_twice(self, most: int) -> list[str]:
        """The talks of which the first and the blind second review are done, the latest first."""
        first, second = reviews.alias("first"), reviews.alias("second")
        query = (
            select(second.c.conversation_id)
            .join(first, first.c.conversation_id == second.c.conversation_id)
            .where(
                first.c.round == FIRST,
                second.c.round == SECOND,
                first.c.state == DONE,
                second.c.state == DONE,
            )
            .order_by(second.c.saved_at.desc())
        )
        return list(self.connection.execute(query.limit(most)).scalars())

    def has_judged_more(self, most: int) -> bool:
        """Whether there are more reviews than those that `judged_flags` takes so many of."""
        return self.connection.execute(LATEST_FINISHED.offset(most).limit(1)).first() is not None

    def judged_flags(self, most: int) -> Iterator[JudgedFlag]:
        """The last word on each flag in the reviews finished last, so many at most: calibrations aside, and talks that
        somebody still judges blind."""
        latest = LATEST_FINISHED.limit(most).subquery()
        flag = flag_verdicts.c
        query = (
            select(latest.c.conversation_id, flag.turn, flag.rule, flag.is_confirmed, flag.is_added, flag.review_id)
            .join(flag_verdicts, flag.review_id == latest.c.review_id)
            .order_by(latest.c.saved_at, latest.c.review_id)
        )
        last = {row[:3]: JudgedFlag(*row) for row in self.connection.execute(query)}
        return iter(last.values())
