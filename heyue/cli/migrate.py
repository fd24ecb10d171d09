"""`heyue migrate`: the store's schema, before the parts that use it start."""

from __future__ import annotations

from heyue.cli.options import Database
from heyue.settings import Settings
from heyue.store import make_first_key, store_as_it_is
from heyue.store.schema import HEAD


def migrate(database: Database = None) -> None:
    """Bring the store to the newest schema: PostgreSQL beside who works with it, SQLite while the product is stopped.

    Starting any part does the same. Safe to run twice, and by two at once.
    """
    settings = Settings.from_environment(database)
    make_first_key(settings)
    store = store_as_it_is(settings)
    before = store.migrate()
    store.close()
    print(f"数据库结构已是最新：{HEAD}" if before == HEAD else f"数据库结构：{before or '空库'} → {HEAD}")
