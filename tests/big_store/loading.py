"""Writes the rows of a big store into a database: COPY into PostgreSQL, plain inserts into SQLite."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

from heyue.store import Store
from tests.big_store.rows import BigStore, Rows

BATCH = 5_000
Told = Callable[[str, int], None]


def fill(store: Store, count: int, told: Told = lambda table, rows: None) -> BigStore:
    """Fill an empty store of the newest schema with so many cases and all that belongs to them.

    Args:
        told: is told now and then how many rows of which table are written.
    """
    big = BigStore(count, store.keys)
    load = _copied if store.engine.dialect.name == "postgresql" else _inserted
    raw = store.engine.raw_connection()
    try:
        for table, columns, rows in big.tables():
            load(raw, table, columns, _counted(rows(), table, told))
        raw.commit()
    finally:
        raw.close()
    return big


def _counted(rows: Rows, table: str, told: Told) -> Rows:
    number = 0
    for number, row in enumerate(rows, 1):
        yield row
        if number % 100_000 == 0:
            told(table, number)
    told(table, number)


def _copied(raw: Any, table: str, columns: Sequence[str], rows: Rows) -> None:
    names = ", ".join(f'"{each}"' for each in columns)
    cursor = raw.cursor()
    cursor.execute("SET session_replication_role = replica")  # the rows are known to belong together
    cursor.execute(f"TRUNCATE {table} CASCADE")  # what is copied in the same transaction needs no log (wal_level=minimal)
    cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", _Lines(rows))
    cursor.execute(f"SELECT a.attname FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
                   f"WHERE a.attrelid = '{table}'::regclass AND pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval%'")  # fmt: skip
    for (key,) in cursor.fetchall():  # what is written from now on counts on from here
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), max({key})) FROM {table}")
    cursor.execute("RESET session_replication_role")
    raw.commit()


class _Lines(io.RawIOBase):
    """Rows as the text that COPY reads."""

    def __init__(self, rows: Rows) -> None:
        self._lines = map(_line, rows)
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        parts, length = [self._left], len(self._left)
        while length < size and (line := next(self._lines, None)) is not None:
            parts.append(line)
            length += len(line)
        text = b"".join(parts)
        self._left = text[size:]
        return text[:size]


def _line(row: Sequence[Any]) -> bytes:
    return ("\t".join([_text(each) for each in row]) + "\n").encode()


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if value.__class__ is bytes:
        return f"\\\\x{value.hex()}"
    if value.__class__ is datetime:
        return _moment(value)
    return str(value)


def _moment(at: datetime) -> str:
    return at.astimezone(timezone.utc).replace(tzinfo=None).isoformat(" ", "microseconds")


def _inserted(raw: Any, table: str, columns: Sequence[str], rows: Rows) -> None:
    names, places = ", ".join(f'"{each}"' for each in columns), ", ".join("?" * len(columns))
    cursor = raw.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    for batch in _batches(rows):
        cursor.executemany(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({places})", batch)
    cursor.execute("COMMIT")


def _batches(rows: Rows) -> Iterator[list[list[Any]]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield [[_moment(each) if each.__class__ is datetime else each for each in row] for row in batch]
