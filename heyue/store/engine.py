"""Open a store, bring it to the newest schema, and run transactions over it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from heyue.errors import BadInput, SealBroken, StoreUnavailable
from heyue.store.key_queries import NEWEST_KEY
from heyue.store.key_ring import KEY_VARIABLE
from heyue.store.keys import Keys
from heyue.store.schema import HEAD, filled_tables, migrate_engine, schema_version
from heyue.store.transaction import Tx
from heyue.watch.metrics import STORE_FAULTS

logger = structlog.get_logger(__name__)
BUSY_MILLISECONDS = 5_000
LAST_CHANGE = "SELECT max(key_id), count(done_at) FROM data_keys"  # with every transaction, so in plain SQL
ONLY_READS = "heyue_only_reads"  # execution option of connections that never write


class Store:
    """One database and the keys of its personal data."""

    def __init__(self, engine: Engine, keys: Keys, keys_anew: Callable[[], Keys] | None = None) -> None:
        self.engine = engine
        self.keys = keys
        self._keys_anew = keys_anew
        self._change: Any = None  # which change of keys `keys` follow

    @staticmethod
    def open(url: str, keys: Keys, keys_anew: Callable[[], Keys] | None = None) -> Store:
        """A store over a SQLAlchemy URL; the folder of an SQLite file is made. `keys_anew`: reads the keys once more.

        Raises:
            BadInput: not a database URL. StoreUnavailable: the folder cannot be made.
        """
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() == "sqlite":
                return Store(_sqlite_engine(url, parsed.database), keys, keys_anew)
            engine = create_engine(url, future=True, pool_pre_ping=True, hide_parameters=True)
            event.listen(engine, "connect", _prepare_postgresql)
            return Store(engine, keys, keys_anew)
        except (ArgumentError, ImportError):  # the URL is not repeated: it may hold a password
            raise BadInput(
                "the database URL must be such as sqlite:////var/heyue/heyue.db or postgresql://user@host/heyue"
            ) from None

    def schema_version(self) -> str | None:
        """The version of the schema; None where there is none yet.

        Raises:
            StoreUnavailable: no answer.
        """
        with self.failures_named(), self.engine.connect() as connection:
            return schema_version(connection)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite store; None for one in memory and for other databases."""
        name = self.engine.url.database
        return Path(name) if name and name != ":memory:" and self.engine.dialect.name == "sqlite" else None

    def filled_tables(self) -> list[str]:
        """The tables that have rows of somebody's. An SQLite file that is not there is not made.

        Raises:
            StoreUnavailable: no answer.
        """
        if self.file is not None and not self.file.exists():
            return []
        with self.looking() as connection:
            return filled_tables(connection)

    def migrate(self) -> str | None:
        """Bring the schema to the newest version (Alembic); a store that has it already costs one query.

        Returns:
            The version before; None for an empty database.

        Raises:
            StoreUnavailable: no answer, or the schema is newer than this program.
        """
        version = self.schema_version()
        if version is not None and version > HEAD:
            raise StoreUnavailable(
                f"the store has schema {version}, newer than this program's {HEAD}: update Heyue"
            )
        if version != HEAD:
            with self.failures_named():
                migrate_engine(self.engine, self.keys)
        return version

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Tx]:
        """One transaction: all of it is written when the block ends well, nothing when it raises.

        Raises:
            StoreUnavailable: the database is locked, full or away; nothing was written.
        """
        with self.failures_named(), self.engine.connect() as connection:
            with connection.begin():
                tx = Tx(connection, self.keys_of_now(connection))
                yield tx
                tx.write_audit()
            if tx.must_last and self.engine.dialect.name == "sqlite":
                # SQLite syncs a commit in WAL mode only at a checkpoint: promises and stops must outlive a power cut
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        for count in tx.afterwards:
            count()

    @contextlib.contextmanager
    def reading(self, is_snapshot: bool = False) -> Iterator[Tx]:
        """A transaction that only reads: on SQLite it neither waits for a writer nor holds one up.

        `is_snapshot`: all of it sees the store as it stands at one moment (SQLite always does).

        Raises:
            StoreUnavailable: the database is away.
        """
        with self.looking(is_snapshot) as connection:
            tx = Tx(connection, self.keys_of_now(connection))
            yield tx
            if tx.unwritten:
                raise TypeError("what is audited needs a transaction that writes")

    @contextlib.contextmanager
    def looking(self, is_snapshot: bool = False) -> Iterator[Connection]:
        """The connection of a transaction that only reads, whatever schema the store has.

        Raises:
            StoreUnavailable: the database is away.
        """
        options: dict[str, Any] = {ONLY_READS: True}
        if is_snapshot and self.engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        with (
            self.failures_named(),
            self.engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    def keys_of_now(self, connection: Connection) -> Keys:
        """The keys as the store wants them used: which one seals may have changed since the last transaction."""
        known = tuple(connection.exec_driver_sql(LAST_CHANGE).one())
        if known != self._change:
            change = connection.execute(NEWEST_KEY).mappings().one_or_none()
            self.keys = self._changed_keys(change) if change else self.keys
            self._change = known
        return self.keys

    def _changed_keys(self, change: Any) -> Keys:
        number, keys = change["key_id"], self.keys
        if number not in keys.numbers and self._keys_anew is not None:
            keys = self._keys_anew()
        if number not in keys.numbers:
            raise StoreUnavailable(f"key {number} seals now, and this process does not have it: give it with"
                                   f" {KEY_VARIABLE}=1:OLD,{number}:NEW and start again")  # fmt: skip
        try:
            kept = keys.open(change["look_up_sealed"])
        except SealBroken as error:  # without it nothing in the store can be looked up
            raise StoreUnavailable(str(error)) from error
        return keys.sealed_by(number, kept, change["done_at"] is not None)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    @contextlib.contextmanager
    def failures_named(self) -> Iterator[None]:
        """Name what goes wrong with the database inside.

        Raises:
            StoreUnavailable: in the place of the driver's own error.
        """
        try:
            yield
        except DBAPIError as error:
            _note(error)
            raise StoreUnavailable(f"the store did not answer: {error.orig}") from error
        except SQLAlchemyError as error:
            _note(error)
            raise StoreUnavailable(f"the store did not answer: {type(error).__name__}") from error


def _note(error: SQLAlchemyError) -> None:
    """Count a fault, and log it with the id of the request that met it; what the database quotes stays out."""
    name = type(error).__name__
    STORE_FAULTS.labels(name).inc()
    logger.error("store.failed", error=name)


def _sqlite_engine(url: str, database: str | None) -> Engine:
    if database and database != ":memory:":
        try:
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"the folder of {database} cannot be made: {error.strerror}") from error
    engine = create_engine(
        url, future=True, hide_parameters=True, poolclass=QueuePool, pool_size=4, connect_args={"check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """Settings of a new PostgreSQL connection: compiling a statement (JIT) costs more than it saves here (docs/benchmarks.md)."""
    with connection.cursor() as cursor:
        cursor.execute("SET jit = off")
    connection.commit()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Settings of a new SQLite connection. The driver's own transactions are off: we say BEGIN ourselves."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_MILLISECONDS}", "foreign_keys=ON",
    ):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first could not upgrade when another wrote meanwhile."""
    only_reads = connection.get_execution_options().get(ONLY_READS)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")
