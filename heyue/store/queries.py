"""What all queries share: the connection, the keys, and whether the transaction must outlive a power cut."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from heyue.errors import StoreUnavailable
from heyue.store.keys import Keys

CLOCKS_APART = timedelta(seconds=10)  # what is later than that was not written by another machine, but before the clock was set back


class Queries:
    """Base of the query groups of a transaction."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self.connection = connection
        self.keys = keys
        self.must_last = False
        self.unwritten: list[dict[str, Any]] = []  # entries of the audit log, which the transaction writes last
        self.afterwards: list[Callable[[], None]] = []  # done once it is written: figures count nothing that was not

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """What is written inside is undone alone when it fails, with what was to be audited and counted of it, and the
        transaction goes on.

        Raises:
            StoreUnavailable: the database did not take it.
        """
        audited, counted = len(self.unwritten), len(self.afterwards)
        try:
            with self.connection.begin_nested():
                yield
        except BaseException as error:
            del self.unwritten[audited:], self.afterwards[counted:]
            if isinstance(error, DBAPIError):
                raise StoreUnavailable(f"the store did not take it: {error.orig}") from error
            raise

    def sealed(self, plain: str | None) -> bytes | None:
        """A personal value as it is stored; None stays None."""
        return None if plain is None else self.keys.seal(plain)

    def opened(self, sealed: bytes | None) -> str | None:
        """A stored personal value in plain; None stays None."""
        return None if sealed is None else self.keys.open(sealed)

    def is_at(self, table: Table, address: str) -> Any:
        """The condition that a row is of this address, whichever key has hashed it."""
        return table.c.address_hash.in_(self.keys.address_hashes(address))

    def insert_or_ignore(self, table: Table, **values: object) -> bool:
        """Insert a row unless a unique key has it already. True when it was new."""
        return bool(self.connection.execute(self.inserting(table).values(**values)).rowcount == 1)

    def inserting(self, table: Table) -> Any:
        """A statement that inserts rows unless a unique key has them already."""
        dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
        return dialect.insert(table).on_conflict_do_nothing()
