"""The store: SQLAlchemy tables, migrations and one transaction object. SQLite by default, PostgreSQL by URL."""

from heyue.store.engine import Store
from heyue.store.keys import Keys
from heyue.store.transaction import Tx

__all__ = ["Keys", "Store", "Tx"]
