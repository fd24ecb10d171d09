"""A row in every table, made from what the tables say of themselves: a table that comes later is in it by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Date, Float, LargeBinary, String, Text, insert

from heyue.store import Store
from heyue.store.tables import Instant, metadata

OF_THE_MACHINE = {"audit_events", "audit_chains", "data_keys"}  # have an order of their own
SAID = {
    "cases.status": "settled", "cases.amount_due_fen": 1, "appeals.state": "upheld", "conversations.dialogue": "{}",
    "person_requests.answer": "{}",
}  # fmt: skip
SECRET = "十九个机密字"


def fill_every_table(store: Store, at: datetime, case_id: str = "C-9") -> None:
    """One row each, all of one case and one person, all from that moment, every sealed column with the secret."""
    with store.transaction() as tx:
        for table in metadata.sorted_tables:
            if table.name not in OF_THE_MACHINE:
                row = {each.name: value_of(each, store, at, case_id) for each in table.columns}
                tx.connection.execute(insert(table).values(**row))


def value_of(column: Column[Any], store: Store, at: datetime, case_id: str) -> Any:
    full = f"{column.table.name}.{column.name}"
    if full in SAID:
        return SAID[full]
    if column.name == "case_id":
        return case_id
    if full in ("practice_talks.parent_id", "cases.restricted_at", "conversations.restricted_at"):
        return None
    if isinstance(column.type, LargeBinary):
        return store.keys.seal(SECRET) if column.name.endswith("_sealed") else store.keys.address_hash("13800138000")
    plain: tuple[tuple[Any, Any], ...] = (
        (Instant, at), (Date, at.date()), (Boolean, False), (Float, 0.0), ((String, Text), "1"),
    )  # fmt: skip
    return next((value for kind, value in plain if isinstance(column.type, kind)), 1)
