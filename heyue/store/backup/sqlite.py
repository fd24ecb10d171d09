"""Backup of SQLite by its own backup interface: page by page, as of one moment, beside writers."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import literal_column, select, table
from sqlalchemy.engine import Connection

from heyue.errors import BadInput, StoreUnavailable
from heyue.store.backup.manifest import Manifest, Tables
from heyue.store.engine import BUSY_MILLISECONDS, Store


def save(store: Store, connection: Connection, draft: Path) -> Tables:
    """Copy what the connection sees into a file; what that is."""
    _file_of(store)
    source = connection.connection.driver_connection
    if not isinstance(source, sqlite3.Connection):
        raise TypeError("no connection to SQLite")
    with _opened(draft) as copy:
        tables = described(source)
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # in WAL mode it could not be read where nothing can be written
        return tables


def restored_elsewhere(store: Store, draft: Path) -> Tables:
    """What a store has into which the copy was put."""
    with (
        tempfile.NamedTemporaryFile(dir=draft.parent, prefix=draft.name) as scratch,
        _opened(draft) as copy,
        _opened(Path(scratch.name)) as restored,
    ):
        copy.backup(restored)
        return _whole(restored)


def put_back(store: Store, file: Path, manifest: Manifest) -> Tables:
    """Put a copy in the place of what the store holds; what it has then. A new store is its owner's alone."""
    target = _file_of(store)
    _make_private(target)
    store.close()
    with _opened(file) as copy, _opened(target) as restored:
        copy.backup(restored)
        return _whole(restored)


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    try:
        connection = sqlite3.connect(file, timeout=BUSY_MILLISECONDS / 1e3, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{file}: {error}") from error


def _file_of(store: Store) -> Path:
    if store.file is None:
        raise BadInput("a store in memory has no file to save")
    return store.file


def _make_private(file: Path) -> None:
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreUnavailable(f"{file} cannot be made: {error.strerror}") from error


def described(connection: sqlite3.Connection) -> Tables:
    """Rows and checksum of every table; the order of the rows does not matter."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {name: _table(connection, name) for (name,) in names.fetchall()}


def _table(connection: sqlite3.Connection, name: str) -> tuple[int, str]:
    rows = total = 0
    for row in connection.execute(str(select(literal_column("*")).select_from(table(name)))):
        rows += 1
        total += int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=8).digest(), "big")
    return rows, f"{total:x}"


def _whole(connection: sqlite3.Connection) -> Tables:
    (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise StoreUnavailable(f"the copy is damaged: {said}")
    return described(connection)
