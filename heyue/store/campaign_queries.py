"""Campaigns of outreach: what leads plan and start, and what becomes of their messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, insert, or_, select, update

from heyue.store.outbox_queries import COUNTED, QUEUED, WITHHELD
from heyue.store.outbox_tables import outbox
from heyue.store.outreach_tables import campaign_messages, campaigns
from heyue.store.queries import Queries
from heyue.store.tables import conversations, messages, payments, promises

DRAFT, RUNNING, PAUSED, ENDED = "draft", "running", "paused", "ended"


@dataclass(frozen=True)
class Campaign:
    """What a lead wants to be done. `purposes`: of courtesy, reminder, promise. `creditor`: None for all."""

    campaign_id: int
    name: str
    state: str
    purposes: frozenset[str]
    stages: frozenset[str]
    creditor: str | None
    created_by: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    planned_at: datetime | None = None


@dataclass(frozen=True)
class CampaignOutcome:
    """What became of a campaign: messages by where they stand; cases reached, and what their borrowers did since."""

    states: Counter[str]
    reached: int
    answered: int
    promised: int
    paid: int
    paid_fen: int


class CampaignQueries(Queries):
    """Campaigns."""

    def add_campaign(
        self, name: str, purposes: frozenset[str], stages: frozenset[str], creditor: str | None, login: str, at: datetime
    ) -> int:  # fmt: skip
        """A new campaign, not started yet; its number."""
        self.must_last = True
        done = self.connection.execute(
            insert(campaigns).values(
                name=name, state=DRAFT, purposes=",".join(sorted(purposes)), stages=",".join(sorted(stages)),
                creditor=creditor, created_by=login, created_at=at,
            )
        )  # fmt: skip
        return int(done.inserted_primary_key[0])

    def campaigns(self) -> list[Campaign]:
        """All campaigns, the newest first."""
        rows = self.connection.execute(select(campaigns).order_by(campaigns.c.campaign_id.desc())).mappings()
        return [_campaign(row) for row in rows]

    def campaign(self, campaign_id: int) -> Campaign | None:
        """One campaign."""
        query = select(campaigns).where(campaigns.c.campaign_id == campaign_id)
        row = self.connection.execute(query).mappings().one_or_none()
        return _campaign(row) if row else None

    def move_campaign(self, campaign_id: int, before: Sequence[str], **now: object) -> bool:
        """Change a campaign that is in one of the states `before`. Whether it was."""
        self.must_last = True
        here = (campaigns.c.campaign_id == campaign_id) & campaigns.c.state.in_(before)
        return bool(self.connection.execute(update(campaigns).where(here).values(**now)).rowcount == 1)

    def take_campaign(self, campaign_id: int, planned_before: datetime, at: datetime) -> bool:
        """Take a running campaign for planning, unless somebody did so lately."""
        here = campaigns.c
        is_due = or_(here.planned_at.is_(None), here.planned_at < planned_before)
        query = update(campaigns).where(here.campaign_id == campaign_id, here.state == RUNNING, is_due)
        return bool(self.connection.execute(query.values(planned_at=at)).rowcount == 1)

    def note_campaign_message(self, campaign_id: int, message_id: str, case_id: str) -> None:
        """A message of the outbox belongs to a campaign."""
        self.insert_or_ignore(campaign_messages, campaign_id=campaign_id, message_id=message_id, case_id=case_id)

    def hold_back(self, campaign_id: int, at: datetime) -> int:
        """Withhold the messages of a campaign that still wait; how many."""
        ours = select(campaign_messages.c.message_id).where(campaign_messages.c.campaign_id == campaign_id)
        here = outbox.c.message_id.in_(ours) & (outbox.c.state == QUEUED)
        done = self.connection.execute(
            update(outbox).where(here).values(state=WITHHELD, settled_at=at, code="paused")
        )
        return int(done.rowcount)

    def release(self, campaign_id: int, at: datetime) -> int:
        """Let those go that were held back and may still arrive; how many."""
        ours = select(campaign_messages.c.message_id).where(campaign_messages.c.campaign_id == campaign_id)
        here = and_(
            outbox.c.message_id.in_(ours), outbox.c.state == WITHHELD, outbox.c.code == "paused", outbox.c.not_after > at
        )  # fmt: skip
        done = self.connection.execute(update(outbox).where(here).values(state=QUEUED, settled_at=None, code=None))
        return int(done.rowcount)

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
        paid = self._since(first, payments, payments.c.case_id, payments.c.paid_at)
        sums = select(func.coalesce(func.sum(case((payments.c.amount_fen > 0, payments.c.amount_fen), else_=0)), 0))
        return CampaignOutcome(
            Counter(dict(self.connection.execute(states).all())),
            self._count(select(func.count()).select_from(first)),
            self._count(self._answered(first)),
            self._count(self._since(first, promises, promises.c.case_id, promises.c.recorded_at)),
            self._count(paid),
            self._count(sums.select_from(first.join(payments, payments.c.case_id == first.c.case_id))
                        .where(payments.c.paid_at >= first.c.at)),
        )  # fmt: skip

    def _count(self, query: Any) -> int:
        return int(self.connection.execute(query).scalar_one())

    @staticmethod
    def _since(first: Any, table: Any, case_id: Any, at: Any) -> Any:
        """How many cases have a row of the table after their first message."""
        joined = first.join(table, case_id == first.c.case_id)
        return select(func.count(first.c.case_id.distinct())).select_from(joined).where(at >= first.c.at)

    @staticmethod
    def _answered(first: Any) -> Any:
        joined = first.join(conversations, conversations.c.case_id == first.c.case_id).join(
            messages, messages.c.conversation_id == conversations.c.conversation_id
        )
        wrote = select(func.count(first.c.case_id.distinct())).select_from(joined)
        return wrote.where(messages.c.speaker == "borrower", messages.c.at >= first.c.at)


def _campaign(row: Any) -> Campaign:
    split = {name: frozenset(filter(None, row[name].split(","))) for name in ("purposes", "stages")}
    return Campaign(**{**row, **split})
