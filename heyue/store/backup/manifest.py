"""What a backup holds: rows and checksum of each table, of which schema, sealed with which keys."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.engine import Connection

from heyue.errors import BadInput
from heyue.store.engine import Store
from heyue.store.key_queries import sealed_columns
from heyue.store.key_ring import KEY_VARIABLE
from heyue.store.schema import CHANGES_KEYS, HEAD, schema_version
from heyue.store.tables import metadata

Tables = dict[str, tuple[int, str]]  # rows and checksum by name


@dataclass(frozen=True)
class Manifest:
    """`database`: sqlite or postgresql. `sha256`: of the file. `keys`: the marks (heyue.store.keys) of those that it needs."""

    database: str
    schema: str
    made_at: str
    keys: dict[str, str]
    sha256: str
    tables: Tables

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(rows for rows, _ in self.tables.values())

    def require_fit(self, store: Store, file: Path) -> None:
        """Make sure that the backup can go into a store.

        Raises:
            BadInput: it cannot, and why.
        """
        here = store.engine.dialect.name
        if self.database != here:
            raise BadInput(f"{file} is a backup of {self.database}, the store is {here}: name a store of the same kind")
        if self.schema > HEAD:
            raise BadInput(f"{file} has schema {self.schema}, newer than this program's {HEAD}: update Heyue")
        ours = {str(number): store.keys.mark(number) for number in store.keys.numbers}
        if missing := [number for number, mark in self.keys.items() if ours.get(number) != mark]:
            raise BadInput(f"{file} was sealed with another key {', '.join(missing)}: set {KEY_VARIABLE} to what it was, or put"
                           f" the data.key of then in place")  # fmt: skip
        if self.sha256 != file_hash(file):
            raise BadInput(f"{file} is damaged: its checksum is not that of {manifest_path(file).name}")


def needed_keys(store: Store, connection: Connection) -> dict[str, str]:
    """The marks of the keys on which something that the connection sees may depend, by number. Something is opened by them.

    Raises:
        SealBroken: it was sealed with another key.
    """
    knows = (schema_version(connection) or "") >= CHANGES_KEYS
    keys = store.keys_of_now(connection) if knows else store.keys
    if (sealed := _something_sealed(connection)) is not None:
        keys.open(sealed)
    return {str(number): keys.mark(number) for number in keys.hash_numbers}


def _something_sealed(connection: Connection) -> bytes | None:
    looking = inspect(connection)
    for table in (each for each in metadata.sorted_tables if looking.has_table(each.name)):
        there = {each["name"] for each in looking.get_columns(table.name)}
        for column in (each for each in sealed_columns(table) if each.name in there):
            found = connection.execute(select(column).where(column.is_not(None)).limit(1)).scalar()
            if found is not None:
                return bytes(found)
    return None


def manifest_path(file: Path) -> Path:
    """Where the description of a backup stands."""
    return file.with_name(f"{file.name}.json")


def write_manifest(file: Path, manifest: Manifest) -> None:
    """Write the description beside the backup, readable by its owner alone; one that is there is kept.

    Raises:
        FileExistsError: one is there. OSError: it cannot be written; nothing of it is left.
    """
    path = manifest_path(file)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        try:
            out.write(json.dumps(asdict(manifest), indent=1))
            out.flush()
        except OSError:
            path.unlink()
            raise


def read_manifest(file: Path) -> Manifest:
    """The description of a backup.

    Raises:
        BadInput: there is none, or it is none.
    """
    path = manifest_path(file)
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Manifest(**raw | {"tables": {name: (rows, mark) for name, (rows, mark) in raw["tables"].items()}})
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}: it is made together with the backup") from error
    except (ValueError, TypeError, KeyError):
        raise BadInput(f"{path} describes no backup") from None


def file_hash(file: Path) -> str:
    """SHA-256 of a file.

    Raises:
        BadInput: it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with file.open("rb") as read:
            while part := read.read(1 << 20):
                digest.update(part)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error
    return digest.hexdigest()
