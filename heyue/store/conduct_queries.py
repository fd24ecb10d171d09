"""What limits contact (opt-outs, stops, attempts), and strangers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update

from heyue.store.queries import Queries
from heyue.store.tables import contact_attempts, opt_outs, stops, strangers


class ConductQueries(Queries):
    """Opt-outs, stops, contact attempts, strangers."""

    def add_opt_out(self, address: str, channel: str, at: datetime, cause_turn_id: int | None) -> bool:
        """The person at this address wants no more messages on this channel. Said again (False), it holds from then."""
        self.must_last = True
        here = self.is_at(opt_outs, address) & (opt_outs.c.channel == channel)
        is_known = self.connection.execute(select(opt_outs.c.opt_out_id).where(here).limit(1)).first() is not None
        is_new = not is_known and self.insert_or_ignore(
            opt_outs, address_hash=self.keys.address_hash(address), channel=channel, at=at, cause_turn_id=cause_turn_id
        )
        if not is_new:
            now = {"at": at, "cause_turn_id": cause_turn_id}
            self.connection.execute(update(opt_outs).where(here, opt_outs.c.at < at).values(**now))
        return is_new

    def is_opted_out(self, address: str) -> bool:
        """Whether the person at this address refused messages on any channel."""
        found = self.connection.execute(
            select(opt_outs.c.opt_out_id)
            .where(self.is_at(opt_outs, address))
            .limit(1)
        ).first()
        return found is not None

    def add_stop(self, case_id: str, state: str, at: datetime, cause_turn_id: int | None) -> None:
        """The case takes this state: what it stops, whom and for how long, says contact_gate.yml; a human lifts it."""
        self.must_last = True
        self.insert_or_ignore(stops, case_id=case_id, state=state, at=at, cause_turn_id=cause_turn_id)

    def stops(self, case_id: str) -> list[str]:
        """The states that stop reminders for this case."""
        return list(
            self.connection.execute(
                select(stops.c.state).where(stops.c.case_id == case_id).order_by(stops.c.stop_id)
            ).scalars()
        )

    def add_attempt(
        self, case_id: str, channel: str, outcome: str, at: datetime, conversation_id: str | None = None
    ) -> None:
        """Keep the outcome of a contact: right_party, not_verified, wrong_party, …"""
        self.connection.execute(
            insert(contact_attempts).values(
                case_id=case_id, channel=channel, outcome=outcome, at=at, conversation_id=conversation_id
            )
        )

    def attempts(self, case_id: str) -> list[tuple[str, str, datetime]]:
        """All contacts of a case as (channel, outcome, moment)."""
        rows = self.connection.execute(
            select(contact_attempts.c.channel, contact_attempts.c.outcome, contact_attempts.c.at)
            .where(contact_attempts.c.case_id == case_id)
            .order_by(contact_attempts.c.attempt_id)
        )
        return [(channel, outcome, at) for channel, outcome, at in rows]

    def note_stranger(self, address: str, at: datetime) -> bool:
        """A message from somebody unknown; only a hash is kept. True the first time on that day."""
        here = self.is_at(strangers, address) & (strangers.c.day == at.date())
        if self.connection.execute(select(strangers.c.day).where(here)).first() is not None:
            return False
        return self.insert_or_ignore(strangers, address_hash=self.keys.address_hash(address), day=at.date())
