"""Which talks may be drawn for review, how far they are drawn, and what was chosen of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select, tuple_, update

from heyue.review.records import DONE, FIRST, SECOND
from heyue.review.sampling import Candidate, Chosen
from heyue.store.queries import Queries
from heyue.store.tables import Instant, conversations
from heyue.store.talk_tables import review_draws, reviews, talk_readings

Place = tuple[datetime, str]  # of a talk in the order of last turns: its moment, its id
CANDIDATES = (
    select(conversations.c.conversation_id, talk_readings.c.flag_count, talk_readings.c.confidence)
    .join(talk_readings, talk_readings.c.conversation_id == conversations.c.conversation_id)
    .where(
        conversations.c.unread_turns == 0,
        conversations.c.restricted_at.is_(None),
        conversations.c.case_id.is_(None) | ~conversations.c.case_id.like("PROBE-%"),
    )
)


@dataclass(frozen=True)
class Drawn:
    """How far a plan has drawn: all talks that ended since its first draw, up to `until`; those before it down to `left`."""

    until: datetime
    left: Place | None


class DrawQueries(Queries):
    """Draws for review."""

    def drawn(self, plan: str, at: datetime) -> Drawn:
        """How far talks were drawn by a sampling plan; the first time, all that ended before `at` are left."""
        self.insert_or_ignore(review_draws, plan=plan, drawn_until=at, left_at=at, left_id="")
        row = self.connection.execute(select(review_draws).where(review_draws.c.plan == plan)).one()
        return Drawn(row.drawn_until, (row.left_at, row.left_id) if row.left_at else None)

    def set_drawn(self, plan: str, until: datetime, left: Place | None) -> None:
        """Talks were drawn by this plan up to here."""
        left_at, left_id = left or (None, None)
        here = update(review_draws).where(review_draws.c.plan == plan)
        self.connection.execute(here.values(drawn_until=until, left_at=left_at, left_id=left_id))

    def late_candidates(
        self, read_since: datetime, quiet_since: datetime, quiet_before: datetime, after: str, most: int
    ) -> list[Candidate]:
        """The talks that have ended and were read or fell silent since then.

        Args:
            quiet_before: see _has_ended.
            after: only talks whose id comes after this one; in the order of their ids, so many at most.
        """
        query = CANDIDATES.where(_has_ended(quiet_before), conversations.c.conversation_id > after)
        lately_read = query.where(talk_readings.c.read_at > read_since)
        found = lately_read.union(query.where(conversations.c.last_turn_at > quiet_since)).subquery()
        page = self.connection.execute(select(found).order_by(found.c.conversation_id).limit(most))
        return [Candidate(here, flags > 0, confidence) for here, flags, confidence in page]

    def left_candidates(self, before: Place, quiet_before: datetime, most: int) -> tuple[list[Candidate], Place | None]:
        """The talks that have ended, the latest first, from a place on; the place after them, None where they were the last.

        Args:
            quiet_before: see _has_ended.
        """
        order = (conversations.c.last_turn_at, conversations.c.conversation_id)
        is_left = tuple_(*order) < tuple_(literal(before[0], Instant), literal(before[1]))
        query = CANDIDATES.add_columns(conversations.c.last_turn_at).where(_has_ended(quiet_before), is_left)
        page = self.connection.execute(query.order_by(*(each.desc() for each in order)).limit(most)).all()
        last = (page[-1].last_turn_at, page[-1].conversation_id) if len(page) == most else None
        return [Candidate(here, flags > 0, confidence) for here, flags, confidence, _ in page], last

    def queue_chosen(self, chosen: Sequence[Chosen], at: datetime) -> None:
        """Put the chosen talks into the queue, unless they are there or were reviewed: what is final stays final."""
        final = select(reviews.c.conversation_id).where(
            reviews.c.conversation_id.in_([each.transcript_id for each in chosen]),
            reviews.c.round == FIRST, reviews.c.state == DONE,
        )  # fmt: skip
        reviewed = set(self.connection.execute(final).scalars())
        rows = [
            {"conversation_id": each.transcript_id, "round": round_, "why": each.why, "queued_at": at}
            for each in chosen
            if each.transcript_id not in reviewed
            for round_ in ((FIRST, SECOND) if each.twice else (FIRST,))
        ]
        if rows:
            self.connection.execute(self.inserting(reviews), rows)


def _has_ended(quiet_before: datetime) -> Any:
    """An upload has ended; any other talk once its last turn is older than this."""
    return (conversations.c.origin == "upload") | (conversations.c.last_turn_at <= quiet_before)
