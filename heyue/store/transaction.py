"""One open transaction: what the desk may ask the store, by subject."""

from __future__ import annotations

from heyue.store.access_queries import AccessQueries
from heyue.store.campaign_queries import CampaignQueries
from heyue.store.insight_queries import InsightQueries
from heyue.store.key_queries import KeyQueries
from heyue.store.outbox_queries import OutboxQueries
from heyue.store.outreach_queries import OutreachQueries
from heyue.store.person_queries import PersonQueries
from heyue.store.practice_queries import PracticeQueries
from heyue.store.promise_queries import PromiseQueries
from heyue.store.provider_queries import ProviderQueries
from heyue.store.retention_queries import RetentionQueries
from heyue.store.review_result_queries import ReviewResultQueries
from heyue.store.task_queries import TaskQueries
from heyue.store.watch_queries import WatchQueries


class Tx(
    ReviewResultQueries, PromiseQueries, PersonQueries, AccessQueries, InsightQueries, OutboxQueries, ProviderQueries,
    OutreachQueries, CampaignQueries, PracticeQueries, TaskQueries, WatchQueries, RetentionQueries, KeyQueries,
):  # fmt: skip
    """Everything that can be read and written inside one transaction."""
