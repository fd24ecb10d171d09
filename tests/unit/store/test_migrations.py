"""Migrations run beside readers and writers: none takes a lock that holds them up, and every way a row is found by has its index."""

from __future__ import annotations

import pytest
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint

from heyue.store.schema import HEAD
from heyue.store.tables import metadata
from tests.migration_sql import FIRST_ONLINE, locking_statements, offline_sql

BAD = (
    "CREATE INDEX ix_messages_at ON messages (at)",
    "CREATE UNIQUE INDEX uq_a ON messages (at)",
    "DROP INDEX ix_messages_at",
    "ALTER TABLE messages ADD COLUMN size INTEGER NOT NULL",
    "ALTER TABLE messages ADD COLUMN drawn FLOAT DEFAULT random_between(1, 2)",
    "ALTER TABLE messages ALTER COLUMN turn_id TYPE BIGINT",
    "ALTER TABLE messages ALTER COLUMN reading_sealed SET NOT NULL",
    "ALTER TABLE messages ADD CONSTRAINT fk_a FOREIGN KEY(case_id) REFERENCES cases (case_id)",
    "ALTER TABLE messages ADD CONSTRAINT uq_a UNIQUE (turn_id)",
    "ALTER TABLE messages RENAME TO turns",
    "UPDATE messages SET channel='sms'",
    "LOCK TABLE messages",
)
GOOD = (
    "CREATE INDEX CONCURRENTLY ix_messages_at ON messages (at)",
    "DROP INDEX CONCURRENTLY IF EXISTS ix_messages_at",
    "ALTER TABLE messages ADD COLUMN size INTEGER",
    "ALTER TABLE messages ADD COLUMN size INTEGER DEFAULT 0 NOT NULL",
    "ALTER TABLE messages ADD CONSTRAINT fk_a FOREIGN KEY(case_id) REFERENCES cases (case_id) NOT VALID",
    "ALTER TABLE messages ADD CONSTRAINT uq_a UNIQUE USING INDEX uq_a",
    "CREATE TABLE new_ones (a INTEGER NOT NULL); CREATE INDEX ix_new_ones_a ON new_ones (a)",
    "UPDATE alembic_version SET version_num='0009' WHERE alembic_version.version_num = '0007'",
)


def test_no_migration_holds_up_those_who_work() -> None:
    sql = offline_sql(f"{FIRST_ONLINE}:head")
    assert f"version_num='{HEAD}'" in sql
    assert locking_statements(sql) == []


@pytest.mark.parametrize("sql", BAD)
def test_a_statement_that_locks_is_named(sql: str) -> None:
    (found,) = locking_statements(sql)
    assert sql in found


@pytest.mark.parametrize("sql", GOOD)
def test_a_statement_that_does_not_is_let_through(sql: str) -> None:
    assert locking_statements(sql) == []


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_who_deletes_a_row_finds_what_hangs_on_it_by_an_index(table: Table) -> None:
    assert {key.parent.name for key in table.foreign_keys} <= leading_columns(table)


def leading_columns(table: Table) -> set[str]:
    """The columns with which an index over all rows begins."""
    unique = [each for each in table.constraints if isinstance(each, (PrimaryKeyConstraint, UniqueConstraint))]
    whole = [index for index in table.indexes if index.dialect_options["postgresql"]["where"] is None]
    return {next(iter(each.columns)).name for each in (*unique, *whole) if len(each.columns)}
