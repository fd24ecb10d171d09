"""Stores of older schemas."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

import heyue.store
from heyue.store import Store


def brought_to(store: Store, version: str) -> None:
    """Bring an empty store to an older schema."""
    config = Config()
    config.set_main_option("script_location", str(Path(heyue.store.__file__).parent / "migrations"))
    with store.engine.begin() as connection:
        config.attributes |= {"connection": connection, "keys": store.keys}
        command.upgrade(config, version)
