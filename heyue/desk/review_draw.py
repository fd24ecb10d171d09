"""The use case of drawing talks for review: what has ended since the last draw, and little by little what ended before."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import cache

from heyue.desk.base import DeskBase
from heyue.review.sampling import Candidate, SamplingPlan, choose_for_review, load_sampling_plan
from heyue.store.draw_queries import Place

DRAWN_AT_ONCE = 5_000
LATE_COMMITS = timedelta(minutes=10)  # what was written before a draw and could be seen only after it


class ReviewDrawDesk(DeskBase):
    """Draws for review."""

    def fill_queue(self, at: datetime) -> bool:
        """Draw for review the talks that have ended since the last draw, and some of those from before a plan's first, the
        latest first. The same talks are drawn again and again.

        Returns:
            Whether more of those from before the first draw are left.
        """
        plan, quiet_before = sampling_plan(), at - timedelta(hours=self.policy.conduct.idle_hours_continue)
        key = plan_key(plan)
        with self.store.transaction() as tx:
            drawn = tx.drawn(key, at)
        self._draw_late(drawn.until - LATE_COMMITS, plan, at, quiet_before)
        left = self._draw_left(drawn.left, plan, at, quiet_before) if drawn.left else None
        with self.store.transaction() as tx:
            tx.set_drawn(key, at, left)
        return left is not None

    def _draw_late(self, since: datetime, plan: SamplingPlan, at: datetime, quiet_before: datetime) -> None:
        after: str | None = ""
        while after is not None:
            with self.store.reading() as tx:
                page = tx.late_candidates(since, since - (at - quiet_before), quiet_before, after, DRAWN_AT_ONCE)
            self._queue_chosen(page, plan, at)
            after = page[-1].transcript_id if len(page) == DRAWN_AT_ONCE else None

    def _draw_left(self, left: Place, plan: SamplingPlan, at: datetime, quiet_before: datetime) -> Place | None:
        """Draw some talks from before the first draw; where the others begin, None where there are none."""
        with self.store.reading() as tx:
            page, after = tx.left_candidates(left, quiet_before, DRAWN_AT_ONCE)
        self._queue_chosen(page, plan, at)
        return after

    def _queue_chosen(self, page: list[Candidate], plan: SamplingPlan, at: datetime) -> None:
        with self.store.transaction() as tx:
            tx.queue_chosen(choose_for_review(page, plan), at)


@cache
def sampling_plan() -> SamplingPlan:
    """The shipped plan, read once."""
    return load_sampling_plan()


def plan_key(plan: SamplingPlan) -> str:
    """Tells plans apart: by another plan all talks are drawn anew."""
    return hashlib.sha256(repr(plan).encode()).hexdigest()
