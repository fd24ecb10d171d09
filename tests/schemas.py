"""Stores of older schemas."""

from __future__ import annotations

from alembic import command

from heyue.store import Store
from heyue.store.schema import alembic_config


def brought_to(store: Store, version: str) -> None:
    """Bring an empty store to an older schema."""
    config = alembic_config()
    with store.engine.connect() as connection:
        config.attributes |= {"connection": connection, "keys": store.keys}
        command.upgrade(config, version)
        connection.commit()
