"""The audit log: written at the end of each transaction, chained, read page by page, verified, archived.

On PostgreSQL there are several chains: a writer takes one that is free, so that none waits for another's commit. It takes it
as the last thing it does, so that nobody who holds a chain waits for anything. SQLite has one writer at a time and one chain.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, tuple_, update

from heyue.access.audit import EVENTS_A_PAGE, AuditEvent, AuditFilter, AuditPage, AuditPlace
from heyue.access.audit_chain import BrokenEntry, ChainHead, chained, first_broken
from heyue.store.queries import Queries
from heyue.store.rights_tables import audit_chains
from heyue.store.tables import audit_events

ADD_AUDIT_EVENTS = insert(audit_events)
HEAD_COLUMNS = (audit_chains.c.chain, audit_chains.c.position, audit_chains.c.head_hash)
FIRST_FREE = select(*HEAD_COLUMNS).order_by(audit_chains.c.chain).limit(1).with_for_update(skip_locked=True)
ANY = select(*HEAD_COLUMNS).order_by(func.random()).limit(1).with_for_update()
MOVE_HEAD = (
    update(audit_chains)
    .where(audit_chains.c.chain == bindparam("here"))
    .values(position=bindparam("now"), head_hash=bindparam("hash"))
)
IN_ORDER = select(audit_events).order_by(audit_events.c.chain, audit_events.c.position)
AT_ONCE = 1_000


class AuditQueries(Queries):
    """The audit log."""

    def audit(
        self, event: str, at: datetime, *, case_id: str | None = None, conversation_id: str | None = None,
        turn_id: int | None = None, actor: str = "bot", details: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Write down who did what to which case, and why, when the transaction ends. Details hold no personal data."""
        self.unwritten.append(
            {
                "event": event, "at": at, "actor": actor, "case_id": case_id, "conversation_id": conversation_id,
                "turn_id": turn_id, "details": json.dumps(details, ensure_ascii=False) if details else None,
            }
        )  # fmt: skip

    def write_audit(self) -> None:
        """Chain what this transaction did. Nothing else may follow in it."""
        if not self.unwritten:
            return
        chain, position, head = self._hold_a_chain()
        linked = list(chained(self.unwritten, chain, position, head))
        self.connection.execute(ADD_AUDIT_EVENTS, linked)
        last = {"here": chain, "now": linked[-1]["position"], "hash": linked[-1]["entry_hash"]}
        self.connection.execute(MOVE_HEAD, last)
        self.unwritten = []

    def _hold_a_chain(self) -> tuple[int, int, bytes]:
        """A chain that nobody else has in hand; where all are taken, wait for any one."""
        found = self.connection.execute(FIRST_FREE).one_or_none() or self.connection.execute(ANY).one()
        return found[0], found[1], found[2]

    def chain_heads(self, is_held: bool = False) -> dict[int, ChainHead]:
        """Where the chains end; with `is_held` nobody adds to them until the transaction ends."""
        query = select(audit_chains).order_by(audit_chains.c.chain)
        rows = self.connection.execute(query.with_for_update() if is_held else query).mappings()
        return {row["chain"]: ChainHead(**row) for row in rows}

    def first_broken_entry(self) -> BrokenEntry | None:
        """The first entry of the log that is not as it was written, or None. To be asked in a snapshot."""
        return first_broken(self.entries(), self.chain_heads())

    def entries(self, chain: int | None = None, until: datetime | None = None) -> Iterator[dict[str, Any]]:
        """The log by chain and place: all of it, or what a chain holds before the first entry that is not before `until`."""
        query = IN_ORDER if chain is None else IN_ORDER.where(audit_events.c.chain == chain)
        rows = self.connection.execute(query.execution_options(yield_per=AT_ONCE))
        for row in rows.mappings():
            if until is not None and row["at"] >= until:
                rows.close()
                return
            yield dict(row)

    def entry_hash_at(self, chain: int, position: int) -> bytes | None:
        """The hash of the entry at a place, or None where there is none."""
        here = (audit_events.c.chain == chain) & (audit_events.c.position == position)
        found: bytes | None = self.connection.execute(
            select(audit_events.c.entry_hash).where(here)
        ).scalar_one_or_none()
        return found

    def drop_archived(self, chain: int, position: int, entry_hash: bytes) -> int:
        """Let go of the entries up to this place, which lie in an archive that ends with this hash. How many."""
        self.connection.execute(
            update(audit_chains)
            .where(audit_chains.c.chain == chain)
            .values(archived_position=position, archived_hash=entry_hash)
        )
        done = self.connection.execute(
            delete(audit_events).where(audit_events.c.chain == chain, audit_events.c.position <= position)
        )
        return int(done.rowcount)

    def audit_page(self, wanted: AuditFilter, older_than: AuditPlace | None = None) -> AuditPage:
        """One page of the audit log, the newest first: from the newest event on, or from after a place."""
        at, number = audit_events.c.at, audit_events.c.event_id
        query = select(audit_events).where(*_conditions(wanted))
        if older_than is not None:
            query = query.where(tuple_(at, number) < tuple_(*older_than, types=(at.type, number.type)))
        query = query.order_by(at.desc(), number.desc()).limit(EVENTS_A_PAGE + 1)
        rows = self.connection.execute(query).mappings().all()
        events = [_event(row) for row in rows[:EVENTS_A_PAGE]]
        return AuditPage(events, (events[-1].at, events[-1].event_id) if len(rows) > EVENTS_A_PAGE else None)


def _event(row: Any) -> AuditEvent:
    return AuditEvent(
        row["event_id"], row["event"], row["at"], row["actor"], row["case_id"], row["conversation_id"],
        json.loads(row["details"]) if row["details"] else {},
    )  # fmt: skip


def _conditions(wanted: AuditFilter) -> list[Any]:
    columns = audit_events.c
    equal = [
        columns[name] == value
        for name in ("actor", "event", "case_id")
        if (value := getattr(wanted, name)) is not None
    ]
    since = [] if wanted.since is None else [columns.at >= wanted.since]
    return equal + since + ([] if wanted.until is None else [columns.at < wanted.until])
