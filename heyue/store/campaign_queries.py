"""Campaigns of outreach: what leads plan and start, and which messages belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from heyue.store.campaign_outcome_queries import CampaignOutcome, CampaignOutcomeQueries
from heyue.store.outbox_queries import QUEUED, WITHHELD
from heyue.store.outbox_tables import outbox
from heyue.store.outreach_tables import campaign_messages, campaigns

DRAFT, RUNNING, PAUSED, ENDED = "draft", "running", "paused", "ended"


@dataclass(frozen=True)
class Campaign:
    """What a lead wants to be done. `purposes`: of courtesy, reminder, promise. `creditor`: None for all. `outcome`: as a worker
    counted it last."""

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
    outcome: CampaignOutcome | None = None
    counted_at: datetime | None = None


class CampaignQueries(CampaignOutcomeQueries):
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


def _campaign(row: Any) -> Campaign:
    split = {name: frozenset(filter(None, row[name].split(","))) for name in ("purposes", "stages")}
    outcome = CampaignOutcome.from_json(row["outcome"]) if row["outcome"] else None
    return Campaign(**{**row, **split, "outcome": outcome})
