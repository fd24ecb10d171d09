"""The store: SQLAlchemy tables, migrations and one transaction object. SQLite by default, PostgreSQL by URL."""

from heyue.settings import Settings
from heyue.store.engine import Store
from heyue.store.key_ring import KEY_BYTES, are_there
from heyue.store.keys import Keys
from heyue.store.transaction import Tx

__all__ = ["Keys", "Store", "Tx", "make_first_key", "open_store", "store_as_it_is"]


def open_store(settings: Settings) -> Store:
    """The store that the settings name, at the newest schema. An empty one gets a key where there is none.

    Raises:
        StoreUnavailable: the database or its key cannot be used. BadInput: URL or key are none, or the key of a filled store
        is missing.
    """
    make_first_key(settings)
    store = store_as_it_is(settings)
    store.migrate()
    return store


def store_as_it_is(settings: Settings) -> Store:
    """The store that the settings name, of whatever schema it is. No key is made for it.

    Raises:
        StoreUnavailable: the key cannot be used. BadInput: URL or key are none, or the key is missing.
    """
    def keys() -> Keys:
        return Keys.from_environment(settings.data_folder, may_make=False)

    return Store.open(settings.database_url, keys(), keys)


def make_first_key(settings: Settings) -> None:
    """Make a data key where there is none, unless the store is filled: its rows are sealed with one that got lost.

    Raises:
        StoreUnavailable: the database does not answer, or the key file cannot be made. BadInput: the URL is none.
    """
    if are_there(settings.data_folder):
        return
    store = Store.open(settings.database_url, Keys.from_data_key(bytes(KEY_BYTES)))  # who only counts needs no key
    is_filled = bool(store.filled_tables())
    store.close()
    if not is_filled:
        Keys.from_environment(settings.data_folder)
