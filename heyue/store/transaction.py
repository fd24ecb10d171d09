"""One open transaction: what the desk may ask the store, by subject."""

from __future__ import annotations

from heyue.store.access_queries import AccessQueries
from heyue.store.conduct_queries import ConductQueries
from heyue.store.insight_queries import InsightQueries
from heyue.store.practice_queries import PracticeQueries
from heyue.store.promise_queries import PromiseQueries
from heyue.store.review_result_queries import ReviewResultQueries


class Tx(ReviewResultQueries, PromiseQueries, ConductQueries, AccessQueries, InsightQueries, PracticeQueries):
    """Everything that can be read and written inside one transaction."""
