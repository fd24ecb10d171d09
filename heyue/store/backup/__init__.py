"""Backup while the product runs, proved by restoring it: a copy of SQLite's file, or PostgreSQL's own dump.

Beside the file FILE stands FILE.json, which says what is in it: rows and a checksum of every table, taken from the very
moment that the copy shows.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import ModuleType

from heyue.errors import BadInput, Broken, Refused
from heyue.store.backup import postgresql, sqlite
from heyue.store.backup.manifest import (
    Manifest,
    Tables,
    file_hash,
    manifest_path,
    needed_keys,
    read_manifest,
    write_manifest,
)
from heyue.store.engine import Store
from heyue.store.schema import schema_version


class StoreIsFilled(Refused):
    """The store to restore into has rows already."""


class BackupDiffers(Broken):
    """What was restored is not what was saved."""


def back_up(store: Store, file: Path, at: datetime, verifies: bool = True) -> Manifest:
    """Save the store as it stands at this moment; whoever writes meanwhile is not held up.

    Args:
        verifies: restore the copy into a scratch store and compare. On PostgreSQL that makes a database for a while.

    Raises:
        BadInput: there is no store yet; the file is there already, or cannot be written. BackupDiffers: the copy is not whole; it is removed.
        SealBroken: the key is another one. StoreUnavailable: no answer, or PostgreSQL's programs are missing or fail.
    """
    try:
        if file.exists() or manifest_path(file).exists():
            raise FileExistsError
        with _draft_of(file) as draft, store.failures_named():
            manifest = _saved(store, draft, at)
            if verifies:
                _compare(backend_of(store).restored_elsewhere(store, draft), manifest, "the copy")
            _publish(draft, file, manifest)
    except FileExistsError:
        raise BadInput(f"{file} is there already: name another file") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}") from error
    return manifest


@contextmanager
def _draft_of(file: Path) -> Iterator[Path]:
    """An empty file beside the backup, of this call and its owner alone, that is gone in the end."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".part")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _saved(store: Store, draft: Path, at: datetime) -> Manifest:
    """Save into the draft; schema, keys and tables are those of the same moment."""
    with store.looking(is_snapshot=True) as connection:
        if (schema := schema_version(connection)) is None:
            raise BadInput("there is no store at this database yet, so nothing to save: is the URL right?")
        keys = needed_keys(store, connection)
        tables: Tables = backend_of(store).save(store, connection, draft)
    return Manifest(store.engine.dialect.name, schema, at.isoformat(), keys, file_hash(draft), tables)


def _publish(draft: Path, file: Path, manifest: Manifest) -> None:
    """Give the draft its name, with its description; what has come by that name meanwhile is kept."""
    write_manifest(file, manifest)
    try:
        os.link(draft, file)
    except OSError:
        manifest_path(file).unlink()
        raise


def restore(store: Store, file: Path, overwrites: bool = False) -> Manifest:
    """Put a backup in the place of what the store holds, and compare.

    Args:
        overwrites: also where the store has rows, which are lost.

    Raises:
        BadInput: no backup, a damaged one, of a newer schema or another kind of database, or sealed with another key:
        nothing has changed. StoreIsFilled: it has rows, and `overwrites` is not said. BackupDiffers: what was restored is not
        what was saved. StoreUnavailable: no answer, or PostgreSQL's programs are missing or fail: nothing has changed.
    """
    manifest = read_manifest(file)
    manifest.require_fit(store, file)
    filled = store.filled_tables()
    if filled and not overwrites:
        raise StoreIsFilled(f"the store has rows in {', '.join(sorted(filled))}: say --overwrite to lose them")
    with store.failures_named():
        _compare(backend_of(store).put_back(store, file, manifest), manifest, "the restored store")
    return manifest


def backend_of(store: Store) -> ModuleType:
    """The module that saves and puts back databases of this kind."""
    return postgresql if store.engine.dialect.name == "postgresql" else sqlite


def _compare(tables: Tables, manifest: Manifest, what: str) -> None:
    wrong = sorted(name for name in {*tables, *manifest.tables} if tables.get(name) != manifest.tables.get(name))
    if wrong:
        raise BackupDiffers(f"{what} differs from the store in {', '.join(wrong)}")
