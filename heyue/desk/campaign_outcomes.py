"""What came of campaigns: small ones are counted while a lead looks, large ones by a worker now and then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from heyue.access.people import User
from heyue.desk.base import DeskBase, require
from heyue.store import Tx
from heyue.store.campaign_outcome_queries import NO_OUTCOME, CampaignOutcome
from heyue.store.campaign_queries import DRAFT, Campaign

ACTION = "run_campaigns"  # roles.yml
COUNTED_WHILE_WAITING = 1_000  # messages of a campaign
PACE, PACE_ENDED = timedelta(minutes=15), timedelta(days=1)  # between two counts by a worker
FOLLOWED = timedelta(days=90)  # after its end; what borrowers do later is no outcome of it
LEASE, LEASE_TIME = "campaign_outcome", timedelta(minutes=10)


@dataclass(frozen=True)
class CampaignLine:
    """A campaign and what became of it. `counted_at`: when a worker counted that; None: now. `is_waiting`: for its first count."""

    campaign: Campaign
    outcome: CampaignOutcome
    counted_at: datetime | None = None
    is_waiting: bool = False


class CampaignOutcomeDesk(DeskBase):
    """Outcomes of campaigns."""

    def campaigns(self, user: User) -> list[CampaignLine]:
        """All campaigns with what became of them, the newest first.

        Raises:
            NotAllowed.
        """
        require(user, ACTION)
        with self.store.reading() as tx:
            return [_line(tx, each) for each in tx.campaigns()]

    def count_campaigns(self, at: datetime, holder: str, is_stopping: Callable[[], bool] = lambda: False) -> int:
        """Count what became of the campaigns whose count is old, each by one worker; of how many this one did.

        Args:
            holder: names this worker.
        """
        with self.store.reading() as tx:
            due = [each.campaign_id for each in tx.campaigns() if _is_due(each, at)]
        return sum(not is_stopping() and self._count(number, at, f"{LEASE}.{number}", holder) for number in due)

    def _count(self, number: int, at: datetime, lease: str, holder: str) -> bool:
        with self.store.transaction() as tx:
            if not tx.take_lease(lease, holder, at, at + LEASE_TIME):
                return False
            campaign = tx.campaign(number)
            is_due = campaign is not None and _is_due(campaign, at)  # no other worker has counted it in between
        with self.store.reading() as tx:
            outcome = tx.campaign_outcome(number) if is_due else None
        with self.store.transaction() as tx:
            if outcome is not None:
                tx.keep_outcome(number, outcome, at)
            tx.end_lease(lease, holder)
        return is_due


def _line(tx: Tx, campaign: Campaign) -> CampaignLine:
    if _is_final(campaign) or tx.has_more_messages(campaign.campaign_id, COUNTED_WHILE_WAITING):
        return CampaignLine(campaign, campaign.outcome or NO_OUTCOME, campaign.counted_at, campaign.outcome is None)
    return CampaignLine(campaign, tx.campaign_outcome(campaign.campaign_id))


def _is_final(campaign: Campaign) -> bool:
    ended, counted = campaign.ended_at, campaign.counted_at
    return ended is not None and counted is not None and counted >= ended + FOLLOWED


def _is_due(campaign: Campaign, at: datetime) -> bool:
    ended, counted = campaign.ended_at, campaign.counted_at
    if campaign.state == DRAFT or _is_final(campaign):
        return False
    has_settled = ended is not None and counted is not None and counted >= ended + PACE
    return counted is None or at - counted >= (PACE_ENDED if has_settled else PACE)
