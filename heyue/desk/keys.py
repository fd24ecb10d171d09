"""The use cases of changing keys: where it stands, and doing it while everybody works."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table

from heyue.access.people import User
from heyue.desk.base import DeskBase, require
from heyue.errors import BadInput, StoreUnavailable
from heyue.store.key_queries import KeyChange, keyed_tables

ROWS_AT_ONCE = 200  # on SQLite nobody else writes meanwhile
MOST_RESTS = 6_000


@dataclass(frozen=True)
class KeyStatus:
    """The keys at hand, the one that seals, the last change, and how many values of each table depend on which key."""

    numbers: tuple[int, ...]
    sealing: int
    change: KeyChange | None
    values: dict[str, Counter[int]]

    def depending_on(self, number: int) -> int:
        """How many values depend on a key."""
        return sum(each[number] for each in self.values.values())


class KeyDesk(DeskBase):
    """Changing keys."""

    def key_status(self, by: User) -> KeyStatus:
        """Where it stands; goes through all tables.

        Raises:
            NotAllowed: the role may not.
        """
        require(by, "change_keys")
        with self.store.reading() as tx:
            values = {table.name: tx.count_by_key(table) for table in keyed_tables()}
            return KeyStatus(tx.keys.numbers, tx.keys.sealing, tx.key_change(), values)

    def rotate_keys(
        self, by: User, at: datetime, rest: Callable[[], None], is_stopping: Callable[[], bool] = lambda: False
    ) -> Counter[str]:
        """Let the newest key seal, and seal and hash anew what depends on older ones; how many rows of each table.

        A change that was cut off goes on. `rest`: called between batches, so that others get their turn.

        Raises:
            NotAllowed: the role may not. BadInput: there is no newer key.
            StoreUnavailable: a transaction of before the change does not end.
        """
        require(by, "change_keys")
        change = self._begin_change(by, at)
        self._await_older_transactions(rest)
        done = Counter[str]()
        while not is_stopping():
            some = Counter({table.name: self._renew(table, rest, is_stopping) for table in keyed_tables()})
            done += some
            if not sum(some.values()) and self._end_change(by, change.key_id, at):
                break
        return done

    def _begin_change(self, by: User, at: datetime) -> KeyChange:
        with self.store.transaction() as tx:
            change, newest = tx.key_change(), max(tx.keys.numbers)
            if change is not None and change.done_at is None:
                return change
            if newest == tx.keys.sealing:
                raise BadInput(f"key {newest} seals already and there is no newer one: `heyue keys add` makes it")
            tx.begin_key(newest, at)
            tx.audit("key_begun", at, actor=by.login, details={"key": newest, "before": tx.keys.sealing})
        return KeyChange(newest, at, None)

    def _await_older_transactions(self, rest: Callable[[], None]) -> None:
        """Until everybody has seen the change: whoever has not looks hashes up under the old key alone."""
        with self.store.reading() as tx:
            older = tx.running_transactions()
        for _ in range(MOST_RESTS):
            if not older:
                return
            rest()
            with self.store.reading() as tx:
                older &= tx.running_transactions()
        raise StoreUnavailable("a transaction of before the change of keys does not end: close its program, then go on")

    def _renew(self, table: Table, rest: Callable[[], None], is_stopping: Callable[[], bool]) -> int:
        renewed = 0
        after: tuple[object, ...] | None = None
        while not is_stopping():
            with self.store.transaction() as tx:
                last, rows = tx.renew_batch(table, after, ROWS_AT_ONCE)
            if last is None:
                break
            renewed, after = renewed + rows, last
            rest()
        return renewed

    def _end_change(self, by: User, key_id: int, at: datetime) -> bool:
        """Say that it is done, if it is: rows that somebody had in hand may have been left."""
        with self.store.transaction() as tx:
            left = sum(count for table in keyed_tables() for key, count in tx.count_by_key(table).items() if key != key_id)
            if left:
                return False
            tx.end_key_change(key_id, at)
            tx.audit("key_done", at, actor=by.login, details={"key": key_id})
            return True
