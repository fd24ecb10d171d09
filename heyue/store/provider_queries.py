"""What processes share about providers (tokens, cursors), and the answers that are owed to borrowers who wrote over them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from heyue.store.outbox_tables import owed_answers, provider_leases, provider_state
from heyue.store.queries import CLOCKS_APART, Queries

# Written and read with every message, so built once (see conversation_queries)
ADD_OWED = insert(owed_answers)
ONE_OWED = select(owed_answers.c.turn_id).where(owed_answers.c.turn_id == bindparam("here"))


EVENT = "event"  # how the keys of events begin


@dataclass(frozen=True)
class UnknownEvent:
    """An event of a provider that nothing here knows: how often it came, when first and last."""

    channel: str
    name: str
    times: int
    first_at: datetime
    last_at: datetime


class ProviderQueries(Queries):
    """Shared values, leases, owed answers."""

    def provider_value(self, key: str, at: datetime) -> str | None:
        """The value under the key, unless it has expired."""
        query = select(provider_state).where(provider_state.c.key == key)
        row = self.connection.execute(query).mappings().one_or_none()
        if row is None or (row["expires_at"] is not None and row["expires_at"] <= at):
            return None
        return self.keys.open(row["value_sealed"])

    def put_provider_value(self, key: str, value: str, expires_at: datetime | None) -> None:
        """Keep a value in place of the one before."""
        self.must_last = True
        now = {"value_sealed": self.keys.seal(value), "expires_at": expires_at}
        if not self.insert_or_ignore(provider_state, key=key, **now):
            self.connection.execute(update(provider_state).where(provider_state.c.key == key).values(**now))

    def keep_event(self, channel: str, name: str, at: datetime, expires_at: datetime) -> None:
        """Keep that an event of this name came once more."""
        self.must_last = True
        here = provider_state.c.key == f"{EVENT}.{channel}.{name}"
        first = {"value_sealed": self._sealed_event(1, at, at), "expires_at": expires_at}
        if self.insert_or_ignore(provider_state, key=f"{EVENT}.{channel}.{name}", **first):
            return
        row = self.connection.execute(select(provider_state).where(here).with_for_update()).mappings().one()
        before = self._event(row)
        sealed = self._sealed_event(before.times + 1, min(before.first_at, at), max(before.last_at, at))
        self.connection.execute(update(provider_state).where(here).values(value_sealed=sealed, expires_at=expires_at))

    def unknown_events(self, at: datetime) -> list[UnknownEvent]:
        """The events that are kept, the latest first."""
        query = select(provider_state).where(provider_state.c.key.startswith(f"{EVENT}."), provider_state.c.expires_at > at)
        found = [self._event(row) for row in self.connection.execute(query).mappings()]
        return sorted(found, key=lambda event: event.last_at, reverse=True)

    def _sealed_event(self, times: int, first_at: datetime, last_at: datetime) -> bytes:
        sealed: bytes = self.keys.seal(json.dumps([times, first_at.isoformat(), last_at.isoformat()]))
        return sealed

    def _event(self, row: Any) -> UnknownEvent:
        times, first_at, last_at = json.loads(self.keys.open(row["value_sealed"]))
        _, channel, name = row["key"].split(".", 2)
        return UnknownEvent(channel, name, times, datetime.fromisoformat(first_at), datetime.fromisoformat(last_at))

    def take_lease(self, key: str, holder: str, at: datetime, until: datetime) -> bool:
        """Become the only one who holds the key until then; False while somebody else does.

        A lease that would outlast one of now was taken before the clock was set back: it is over, too.
        """
        if self.insert_or_ignore(provider_leases, key=key, holder=holder, expires_at=until):
            return True
        is_over = (provider_leases.c.expires_at <= at) | (provider_leases.c.expires_at > until + CLOCKS_APART)
        taken = self.connection.execute(
            update(provider_leases).where(provider_leases.c.key == key, is_over).values(holder=holder, expires_at=until)
        )
        return bool(taken.rowcount == 1)

    def renew_lease(self, key: str, holder: str, until: datetime) -> bool:
        """Hold the key until then; False when somebody else has taken it."""
        mine = (provider_leases.c.key == key) & (provider_leases.c.holder == holder)
        done = self.connection.execute(update(provider_leases).where(mine).values(expires_at=until))
        return bool(done.rowcount == 1)

    def end_lease(self, key: str, holder: str) -> None:
        """Let the key go, if it is still held."""
        mine = (provider_leases.c.key == key) & (provider_leases.c.holder == holder)
        self.connection.execute(delete(provider_leases).where(mine))

    def owe_answer(self, turn_id: int, conversation_id: str, session_id: str, at: datetime) -> None:
        """A message is acknowledged to its provider; its answer is to follow."""
        self.must_last = True
        self.connection.execute(
            ADD_OWED, {"turn_id": turn_id, "conversation_id": conversation_id, "session_id": session_id, "at": at}
        )

    def bring_owed_forward(self, at: datetime) -> None:
        """Messages that came later than now, before the clock was set back, came now."""
        self.connection.execute(update(owed_answers).where(owed_answers.c.at > at + CLOCKS_APART).values(at=at))

    def end_owing(self, turn_id: int) -> bool:
        """Its answer is on the way, or nobody waits for it any more. Whether it was owed."""
        done = self.connection.execute(delete(owed_answers).where(owed_answers.c.turn_id == turn_id))
        return bool(done.rowcount == 1)

    def is_owed(self, turn_id: int) -> bool:
        """Whether the answer to a message is still to come."""
        return self.connection.execute(ONE_OWED, {"here": turn_id}).first() is not None

    def owed_answers(self, until: datetime) -> list[tuple[int, str, str, datetime]]:
        """Messages that came before then and wait for their answer: (turn, conversation, dialogue session, moment)."""
        query = select(owed_answers).where(owed_answers.c.at <= until).order_by(owed_answers.c.turn_id)
        return [
            (row["turn_id"], row["conversation_id"], row["session_id"], row["at"])
            for row in self.connection.execute(query).mappings()
        ]
