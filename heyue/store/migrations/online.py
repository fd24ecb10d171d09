"""Steps of migrations that hold up neither readers nor writers of a big table."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def add_index(name: str, table: str, columns: Sequence[str], where: str | None = None) -> None:
    """Build an index beside writers: PostgreSQL does so outside of transactions, SQLite has one writer anyway.

    What a run that was killed has left on PostgreSQL is not valid, so it is taken away first.
    """
    condition = sa.text(where) if where else None
    if not _is_postgresql():
        op.create_index(name, table, columns, sqlite_where=condition)
        return
    with op.get_context().autocommit_block():
        op.drop_index(name, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_where=condition, postgresql_concurrently=True)


def drop_index(name: str) -> None:
    """Take an index away beside writers, unless it is gone."""
    if not _is_postgresql():
        op.drop_index(name, if_exists=True)
        return
    with op.get_context().autocommit_block():
        op.drop_index(name, if_exists=True, postgresql_concurrently=True)


def _is_postgresql() -> bool:
    return bool(op.get_context().dialect.name == "postgresql")
