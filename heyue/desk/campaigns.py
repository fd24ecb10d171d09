"""The use cases of leads: to plan a campaign, look at it first, start, pause and end it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from heyue.access.people import User
from heyue.desk.base import require
from heyue.desk.campaign_outcomes import ACTION, CampaignOutcomeDesk
from heyue.desk.outreach import STAGES, OutreachDesk, PlannedStep, Wanted
from heyue.errors import Refused
from heyue.outreach.policy import PURPOSES
from heyue.store.campaign_queries import DRAFT, ENDED, PAUSED, RUNNING, Campaign

PLAN_EVERY = timedelta(minutes=15)
PREVIEWED = 200
NAME_LENGTH = 60


class BadCampaign(Refused):
    """A campaign cannot be made so. `why`: name, purposes, stages."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the campaign has no usable {why}")
        self.why = why


class CannotChange(Refused):
    """The campaign does not stand where this would be possible."""


class CampaignDesk(CampaignOutcomeDesk, OutreachDesk):
    """Campaigns."""

    def add_campaign(
        self, user: User, name: str, purposes: frozenset[str], stages: frozenset[str], creditor: str | None, at: datetime
    ) -> int:  # fmt: skip
        """Plan a campaign; nothing goes out until it is started. Audited.

        Raises:
            NotAllowed, BadCampaign.
        """
        require(user, ACTION)
        name = name.strip()
        for part, is_good in (
            ("name", 0 < len(name) <= NAME_LENGTH), ("purposes", bool(purposes) and purposes <= set(PURPOSES)),
            ("stages", bool(stages) and stages <= STAGES),
        ):  # fmt: skip
            if not is_good:
                raise BadCampaign(part)
        with self.store.transaction() as tx:
            campaign_id: int = tx.add_campaign(name, purposes, stages, creditor, user.login, at)
            tx.audit("campaign_added", at, actor=user.login, details={"campaign": campaign_id})
            return campaign_id

    def creditors(self, user: User) -> list[str]:
        """Whose cases there are.

        Raises:
            NotAllowed.
        """
        require(user, ACTION)
        with self.store.reading() as tx:
            found: list[str] = tx.creditors()
            return found

    def preview(self, user: User, wanted: Wanted, at: datetime) -> list[PlannedStep]:
        """Who would get what and when, and who not and why: of the first cases, the longest overdue. Nothing is written.

        Raises:
            NotAllowed.
        """
        require(user, ACTION)
        return list(self.plan_outreach(at, replace(wanted, most=PREVIEWED)))

    def start_campaign(self, user: User, campaign_id: int, at: datetime) -> None:
        """Let a worker plan and send, from now on. What was held back by a pause goes, if it may still arrive. Audited.

        Raises:
            NotAllowed. CannotChange: it runs already, or has ended.
        """
        self._move(user, campaign_id, (DRAFT, PAUSED), RUNNING, at, started_at=at, planned_at=None)

    def pause_campaign(self, user: User, campaign_id: int, at: datetime) -> None:
        """Plan and send nothing more; what waits is held back. Audited.

        Raises:
            NotAllowed. CannotChange: it does not run.
        """
        self._move(user, campaign_id, (RUNNING,), PAUSED, at)

    def end_campaign(self, user: User, campaign_id: int, at: datetime) -> None:
        """End a campaign for good; what waits is held back. Audited.

        Raises:
            NotAllowed. CannotChange: it has ended.
        """
        self._move(user, campaign_id, (DRAFT, RUNNING, PAUSED), ENDED, at, ended_at=at)

    def _move(
        self, user: User, campaign_id: int, before: tuple[str, ...], state: str, at: datetime, **now: object
    ) -> None:
        require(user, ACTION)
        with self.store.transaction() as tx:
            if not tx.move_campaign(campaign_id, before, state=state, **now):
                raise CannotChange(f"campaign {campaign_id} is not {' or '.join(before)}")
            if state == RUNNING:
                tx.release(campaign_id, at)
            else:
                tx.hold_back(campaign_id, at)
            tx.audit(f"campaign_{state}", at, actor=user.login, details={"campaign": campaign_id})

    def run_campaigns(self, at: datetime) -> Counter[str]:
        """Carry out the campaigns that run and were not planned lately; of several workers one takes each.

        Only from when the wall opens until the window closes, and only where a channel has a sender.
        """
        done: Counter[str] = Counter()
        hours = replace(self.contact_policy.wall, end=self.contact_policy.window.end)
        if not self.pushing or not hours.hold(at):
            return done
        with self.store.reading() as tx:
            running = [each for each in tx.campaigns() if each.state == RUNNING]
        for campaign in running:
            with self.store.transaction() as tx:
                is_ours = tx.take_campaign(campaign.campaign_id, at - PLAN_EVERY, at)
            if is_ours:
                done += self.run_outreach(at, wanted_of(campaign), campaign.campaign_id)
        return done


def wanted_of(campaign: Campaign) -> Wanted:
    """What a campaign wants to be done."""
    return Wanted(campaign.purposes, campaign.stages, campaign.creditor)
