"""Changing keys: which key seals, and sealing and hashing anew, table by table, while everybody works."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, bindparam, case, delete, func, insert, or_, select, text, tuple_, update

from heyue.store import search
from heyue.store.queries import Queries
from heyue.store.rights_tables import data_keys
from heyue.store.tables import messages, metadata, opt_outs, strangers
from heyue.store.talk_tables import talk_signatures

NEWEST_KEY = select(data_keys).order_by(data_keys.c.key_id.desc()).limit(1)
LOOK_UPS = ("address_hash", "person_hash", "row_hash")
RUNNING = text(
    "SELECT pid, xact_start FROM pg_stat_activity WHERE datname = current_database()"
    " AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True)
class KeyChange:
    """The key that seals since the last change. `done_at`: None while older ones still seal and hash some rows."""

    key_id: int
    begun_at: datetime
    done_at: datetime | None


def sealed_columns(table: Table) -> list[Column[Any]]:
    """The columns of a table that hold personal data."""
    return [each for each in table.columns if each.name.endswith("_sealed")]


def look_up_columns(table: Table) -> list[Column[Any]]:
    """The columns of a table that hold keyed hashes."""
    return [each for each in table.columns if each.name in LOOK_UPS]


def keyed_tables() -> list[Table]:
    """The tables of which something depends on the data key; that of search signatures last."""
    keyed = [each for each in metadata.sorted_tables if sealed_columns(each) or look_up_columns(each)]
    return [*keyed, talk_signatures]


class KeyQueries(Queries):
    """Which key seals, and what still depends on older ones."""

    def key_change(self) -> KeyChange | None:
        """The last change of keys, or None: the first key seals."""
        row = self.connection.execute(NEWEST_KEY).mappings().one_or_none()
        return KeyChange(row["key_id"], row["begun_at"], row["done_at"]) if row else None

    def begin_key(self, key_id: int, at: datetime) -> None:
        """From the next transaction on this key seals; whoever works learns it with that transaction's first query."""
        self.must_last = True
        keys, kept = self.keys.handing_down(key_id)
        values = {"key_id": key_id, "begun_at": at, "look_up_sealed": keys.seal(kept)}
        self.connection.execute(insert(data_keys).values(**values))

    def end_key_change(self, key_id: int, at: datetime) -> None:
        """Nothing depends on older keys any more."""
        self.connection.execute(update(data_keys).where(data_keys.c.key_id == key_id).values(done_at=at))

    def running_transactions(self) -> set[tuple[int, datetime]]:
        """Those of others that run now and may not have seen the last change (SQLite has one writer: none)."""
        if self.connection.dialect.name != "postgresql":
            return set()
        return {(pid, begun) for pid, begun in self.connection.execute(RUNNING)}

    def count_by_key(self, table: Table) -> Counter[int]:
        """How many values of a table depend on each key; a look-up hash and a signature count like a sealed value."""
        found = Counter[int]()
        for column in [*sealed_columns(table), *look_up_columns(table), *_signature(table)]:
            number = _number(column, self.keys.first_hash)
            query = select(number, func.count()).where(column.isnot(None)).group_by(number)
            for key, count in self.connection.execute(query):
                found[key if isinstance(key, int) else bytes(key)[0]] += count
        return found

    def renew_batch(self, table: Table, after: tuple[Any, ...] | None, most: int) -> tuple[tuple[Any, ...] | None, int]:
        """Seal, hash and sign anew the next rows of a table that depend on older keys.

        Rows that somebody else has in hand are left to the next pass: nobody waits for anybody in a circle.

        Returns:
            The key of the last row looked at (None: there was none), and how many rows were renewed.
        """
        keys = list(table.primary_key.columns)
        columns = [*sealed_columns(table), *look_up_columns(table), *_signature(table)]
        query = select(*keys, *(each for each in columns if each not in keys)).where(self._depends(columns))
        if after is not None:
            query = query.where(tuple_(*keys) > tuple_(*after) if len(keys) > 1 else keys[0] > after[0])
        query = query.order_by(*keys).limit(most).with_for_update(skip_locked=True, key_share=True)
        rows = self.connection.execute(query).mappings().all()
        changes = [self._renewed(table, row) for row in rows]
        writable = [
            {f"here_{each.name}": row[each.name] for each in keys} | change
            for row, change in zip(rows, changes, strict=True)
            if not self._is_merged(table, row, change)
        ]
        if writable:
            here = [each == bindparam(f"here_{each.name}") for each in keys]
            names = {each.name: bindparam(f"new_{each.name}") for each in columns}
            self.connection.execute(update(table).where(*here).values(names), writable)
        return (tuple(rows[-1][each.name] for each in keys) if rows else None), len(rows)

    def _depends(self, columns: list[Column[Any]]) -> Any:
        number = bytes([self.keys.sealing])
        return or_(*(func.substr(each, 1, 1) != number for each in columns if each.name.endswith("_sealed")), *(
            (func.length(each) == _bare(each)) | (func.substr(each, 1, 1) != number)
            for each in columns if not each.name.endswith("_sealed")
        ))  # fmt: skip

    def _renewed(self, table: Table, row: Any) -> dict[str, Any]:
        change: dict[str, Any] = {}
        for column in sealed_columns(table):
            plain = self.opened(row[column.name])
            change[f"new_{column.name}"] = self.sealed(plain)
        for column in look_up_columns(table):
            known = row[column.name]
            change[f"new_{column.name}"] = None if known is None else self.keys.raised(known)
        if _signature(table):
            change["new_signature"] = self._signed(row["conversation_id"])
        return change

    def _signed(self, conversation_id: str) -> bytes:
        said = select(messages.c.text_sealed).where(messages.c.conversation_id == conversation_id)
        texts = [self.keys.open(each) for each in self.connection.execute(said).scalars()]
        return search.signature(texts, self.keys)

    def _is_merged(self, table: Table, row: Any, change: dict[str, Any]) -> bool:
        """Whether the row's twin under the new key stands already; then the old one goes, and what it says later counts."""
        if table not in (opt_outs, strangers):
            return False
        other = table.c.channel if table is opt_outs else table.c.day
        keys = list(table.primary_key.columns)
        old = select(table).where(*(each == row[each.name] for each in keys))
        known = self.connection.execute(old).mappings().one()
        twin = (table.c.address_hash == change["new_address_hash"]) & (other == known[other.name])
        found = self.connection.execute(select(table).where(twin)).mappings().one_or_none()
        if found is None or all(found[each.name] == row[each.name] for each in keys):
            return False
        self.connection.execute(delete(table).where(*(each == row[each.name] for each in keys)))
        if table is opt_outs:
            self.connection.execute(update(table).where(twin).values(at=max(found["at"], known["at"])))
        return True


def _signature(table: Table) -> list[Column[Any]]:
    return [table.c.signature] if table is talk_signatures else []


def _bare(column: Column[Any]) -> int:
    return search.SIGNATURE_BYTES if column.name == "signature" else 32


def _number(column: Column[Any], first: int) -> Any:
    """The number of the key that a value depends on."""
    if column.name.endswith("_sealed"):
        return func.substr(column, 1, 1)
    return case((func.length(column) == _bare(column), bytes([first])), else_=func.substr(column, 1, 1))

