"""The version of the schema, and the way to the newest one: beside readers and writers that go on."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, inspect, select, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql import Select

from heyue.store.keys import Keys
from heyue.store.rights_tables import audit_chains
from heyue.store.tables import metadata
from heyue.store.transaction import Tx

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0013"
CHANGES_KEYS = "0008"  # from this version on the store says which key seals
KNOWS_PERSONS = "0006"  # from this version on a case says whose it is, by a hash that needs the store's key
MIGRATION_LOCK = 4_376_801  # any number that nothing else of Heyue locks
POLL_SECONDS = 0.1


def schema_version(connection: Connection) -> str | None:
    """The version of the schema; None where there is none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found else None


def filled_tables(connection: Connection) -> list[str]:
    """The tables that have rows of somebody's; the beginnings of audit chains stand in every new store."""
    there = set(inspect(connection).get_table_names())
    return [
        table.name
        for table in metadata.sorted_tables
        if table.name in there and connection.execute(_begun(table).limit(1)).first() is not None
    ]


def _begun(table: Table) -> Select:
    query = select(*table.primary_key.columns)
    return query.where(audit_chains.c.position > 0) if table is audit_chains else query


def alembic_config(**options: Any) -> Config:
    """Where Alembic finds the migrations."""
    from alembic.config import Config

    config = Config(**options)
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate_engine(engine: Engine, keys: Keys) -> None:
    """Run the migrations that are missing. Of several starters one does; the others wait and find it done."""
    from alembic import command  # 0.2 s that only a store of an older schema pays

    def note_persons(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
        """With the column or not at all: nobody counts contacts without it."""
        if step.up_revision_id == KNOWS_PERSONS:
            Tx(ctx.connection, keys).note_persons()

    config = alembic_config()
    config.attributes |= {"after_each": note_persons, "keys": keys}
    with _alone(engine) as config.attributes["connection"]:
        command.upgrade(config, "head")
    engine.dispose()  # the next connections hold to foreign keys again


@contextlib.contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A connection to migrate over while no other starter does.

    SQLite migrates in one transaction. On PostgreSQL each migration has one of its own, since an index that is built
    beside writers (CONCURRENTLY) can be built in none.
    """
    if engine.dialect.name == "postgresql":
        with _locked(engine), engine.connect() as connection:
            yield connection
        return
    with engine.connect() as connection:
        # a table that is built anew must not take its children along
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            yield connection


@contextlib.contextmanager
def _locked(engine: Engine) -> Iterator[None]:
    """Hold the migrations' lock. Who waits asks again and again: a waiting statement would hold up CONCURRENTLY."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        lock = text(f"SELECT pg_try_advisory_lock({MIGRATION_LOCK})")
        while not connection.execute(lock).scalar():
            time.sleep(POLL_SECONDS)
        try:
            yield
        finally:
            connection.execute(text(f"SELECT pg_advisory_unlock({MIGRATION_LOCK})"))
