"""The store: SQLAlchemy tables, migrations and one transaction object. SQLite by default, PostgreSQL by URL."""

from heyue.settings import Settings
from heyue.store.engine import Store
from heyue.store.keys import Keys
from heyue.store.transaction import Tx

__all__ = ["Keys", "Store", "Tx", "open_store"]


def open_store(settings: Settings) -> Store:
    """The store that the settings name, at the newest schema.

    Raises:
        StoreUnavailable: the database or its key cannot be used. BadInput: URL or key are none.
    """
    def keys() -> Keys:
        return Keys.from_environment(settings.data_folder)

    store = Store.open(settings.database_url, keys(), keys)
    store.migrate()
    return store
