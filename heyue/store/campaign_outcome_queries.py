"""What became of campaigns: counted in the outbox and the ledger, and kept where it was counted."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, exists, func, select, update

from heyue.store.outbox_queries import COUNTED
from heyue.store.outbox_tables import outbox
from heyue.store.outreach_tables import campaign_messages, campaigns
from heyue.store.queries import Queries
from heyue.store.tables import conversations, messages, payments, promises


@dataclass(frozen=True)
class CampaignOutcome:
    """What became of a campaign: messages by where they stand; cases reached, and what their borrowers did since."""

    states: Counter[str]
    reached: int
    answered: int
    promised: int
    paid: int
    paid_fen: int

    @staticmethod
    def from_json(text: str) -> CampaignOutcome:
        """As it was kept."""
        fields = json.loads(text)
        return CampaignOutcome(Counter(fields.pop("states")), **fields)


NO_OUTCOME = CampaignOutcome(Counter(), 0, 0, 0, 0, 0)


class CampaignOutcomeQueries(Queries):
    """Outcomes of campaigns."""

    def has_more_messages(self, campaign_id: int, most: int) -> bool:
        """Whether a campaign has more messages than that; no more are looked at."""
        ours = campaign_messages.c.campaign_id == campaign_id
        some = select(campaign_messages.c.case_id).where(ours).limit(most + 1).subquery()
        return int(self.connection.execute(select(func.count()).select_from(some)).scalar_one()) > most

    def keep_outcome(self, campaign_id: int, outcome: CampaignOutcome, at: datetime) -> None:
        """Keep what was counted, and when."""
        here = update(campaigns).where(campaigns.c.campaign_id == campaign_id)
        self.connection.execute(here.values(outcome=json.dumps(vars(outcome)), counted_at=at))

    def campaign_outcome(self, campaign_id: int) -> CampaignOutcome:
        """How far a campaign is, and what the borrowers did after its first message to them."""
        ours = (
            select(campaign_messages.c.case_id, outbox.c.state, outbox.c.sent_at)
            .join(outbox, outbox.c.message_id == campaign_messages.c.message_id)
            .where(campaign_messages.c.campaign_id == campaign_id)
            .subquery()
        )
        states = select(ours.c.state, func.count()).group_by(ours.c.state)
        first = (
            select(ours.c.case_id, func.min(ours.c.sent_at).label("at"))
            .where(ours.c.state.in_(COUNTED))
            .group_by(ours.c.case_id)
            .subquery()
        )
        received = case((payments.c.amount_fen > 0, payments.c.amount_fen), else_=0)
        paid = (payments.c.case_id == first.c.case_id) & (payments.c.paid_at >= first.c.at)
        figures = select(
            func.count(),
            _how_many(_wrote_after(first).exists()),
            _how_many(exists().where(promises.c.case_id == first.c.case_id, promises.c.recorded_at >= first.c.at)),
            _how_many(exists().where(paid)),
            func.coalesce(func.sum(select(func.sum(received)).where(paid).scalar_subquery()), 0),
        ).select_from(first)
        counted = self.connection.execute(figures).one()
        return CampaignOutcome(Counter(dict(self.connection.execute(states).all())), *map(int, counted))


def _how_many(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _wrote_after(first: Any) -> Any:
    """Messages of the borrower after the first one to him; a talk that ended before it is not looked into."""
    return (
        select(messages.c.turn_id)
        .join(conversations, conversations.c.conversation_id == messages.c.conversation_id)
        .where(
            conversations.c.case_id == first.c.case_id, conversations.c.last_turn_at >= first.c.at,
            messages.c.speaker == "borrower", messages.c.at >= first.c.at,
        )
    )  # fmt: skip
