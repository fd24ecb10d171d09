"""What the audit log must do, whatever database is below. Part of the contract of the store."""

from __future__ import annotations

import contextlib
import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from heyue.access.audit_chain import entry_hash
from heyue.settings import ZONE
from heyue.store import Keys, Store

AT = datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=ZONE)
UNGUARDED = {  # how somebody with all rights on the database gets past the guards
    "sqlite": ("DROP TRIGGER audit_events_no_update", "DROP TRIGGER audit_events_no_delete",
               "DROP TRIGGER audit_chains_only_forward", "DROP TRIGGER audit_chains_no_delete"),
    "postgresql": ("DROP TRIGGER audit_events_guard ON audit_events", "DROP TRIGGER audit_chains_guard ON audit_chains"),
}  # fmt: skip


def fill_log(store: Store, entries: int = 5) -> None:
    for number in range(entries):
        with store.transaction() as tx:
            tx.audit("case_viewed", AT + timedelta(minutes=number), case_id=f"C-{number}", actor="li.na",
                     details={"说": "明"} if number else None)  # fmt: skip


def tamper(store: Store, statement: str) -> None:
    with store.engine.begin() as connection:
        for guard in UNGUARDED[store.engine.dialect.name]:
            connection.execute(text(guard))
        connection.execute(text(statement))


class AuditContract:
    """The contract of the log. `store` and `url`: of a subclass."""

    def test_every_entry_holds_the_hash_of_the_one_before(self, store: Store) -> None:
        fill_log(store)
        with store.reading() as tx:
            entries = list(tx.entries())
            head = tx.chain_heads()[1]
        assert [each["previous_hash"] for each in entries] == [bytes(32), *(each["entry_hash"] for each in entries[:-1])]
        assert [each["entry_hash"] for each in entries] == [entry_hash(each) for each in entries]
        assert (head.position, head.head_hash) == (5, entries[-1]["entry_hash"])

    def test_a_whole_log_is_whole_and_an_empty_one_too(self, store: Store) -> None:
        for entries in (0, 5):
            fill_log(store, entries)
            with store.reading(is_snapshot=True) as tx:
                assert tx.first_broken_entry() is None

    def test_what_is_undone_apart_is_neither_audited_nor_counted(self, store: Store) -> None:
        counted: list[str] = []
        with store.transaction() as tx:
            for name in ("before", "undone", "after"):
                with contextlib.suppress(KeyError), tx.apart():
                    tx.audit(name, AT)
                    tx.afterwards.append(lambda name=name: counted.append(name))
                    if name == "undone":
                        raise KeyError
        with store.reading() as tx:
            assert [each["event"] for each in tx.entries()] == ["before", "after"]
        assert counted == ["before", "after"]

    @pytest.mark.parametrize(
        ("statement", "position", "why"),
        [
            ("UPDATE audit_events SET actor = 'nobody' WHERE position = 3", 3, "changed"),
            ("UPDATE audit_events SET case_id = NULL WHERE position = 1", 1, "changed"),
            ("UPDATE audit_events SET details = '{}' WHERE position = 5", 5, "changed"),
            ("UPDATE audit_events SET at = '2026-11-01 00:00:00.000000' WHERE position = 2", 2, "changed"),
            ("DELETE FROM audit_events WHERE position = 2", 2, "missing"),
            ("DELETE FROM audit_events WHERE position = 1", 1, "missing"),
            ("DELETE FROM audit_events WHERE position >= 4", 4, "cut_off"),
            ("DELETE FROM audit_events", 1, "cut_off"),
            ("UPDATE audit_chains SET position = 4 WHERE chain = 1", 4, "changed"),
            ("UPDATE audit_events SET event_id = event_id + 100 WHERE position = 3", 4, "reordered"),
            ("UPDATE audit_events SET chain = 99 WHERE position = 5", 5, "inserted"),
            ("DELETE FROM audit_chains WHERE chain = 1", 1, "inserted"),
        ],
    )  # fmt: skip
    def test_whatever_is_done_to_it_behind_the_guards_is_found(
        self, store: Store, statement: str, position: int, why: str
    ) -> None:
        fill_log(store)
        tamper(store, statement)
        with store.reading(is_snapshot=True) as tx:
            found = tx.first_broken_entry()
        assert found is not None
        assert (found.position, found.why) == (position, why)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_events SET actor = 'nobody' WHERE position = 2",
            "DELETE FROM audit_events WHERE position = 5",
            "DELETE FROM audit_events",
            "DELETE FROM audit_chains",
            "UPDATE audit_chains SET position = 1 WHERE chain = 1",
            "UPDATE audit_chains SET archived_position = 6 WHERE chain = 1",
        ],
    )
    def test_the_database_itself_refuses_to_change_it(self, store: Store, statement: str) -> None:
        fill_log(store)
        with pytest.raises(DBAPIError, match="only added to"), store.engine.begin() as connection:
            connection.execute(text(statement))
        with store.reading(is_snapshot=True) as tx:
            assert tx.first_broken_entry() is None
            assert len(list(tx.entries())) == 5

    def test_what_lies_in_an_archive_may_go_and_the_rest_stays_whole(self, store: Store) -> None:
        fill_log(store)
        with store.transaction() as tx:
            last = list(tx.entries(1, until=AT + timedelta(minutes=3)))[-1]
            assert tx.drop_archived(1, last["position"], last["entry_hash"]) == 3
        with store.reading(is_snapshot=True) as tx:
            assert [each["position"] for each in tx.entries()] == [4, 5]
            assert tx.first_broken_entry() is None
        with pytest.raises(DBAPIError, match="only added to"), store.engine.begin() as connection:
            connection.execute(text("UPDATE audit_chains SET archived_position = 1 WHERE chain = 1"))

    def test_writers_at_once_chain_every_entry_and_nothing_of_what_failed(self, url: str, store: Store) -> None:
        failures: list[Exception] = []

        def write(name: str) -> None:
            mine = Store.open(url, store.keys)
            try:
                for number in range(25):
                    with mine.transaction() as tx:
                        tx.audit("case_viewed", AT, case_id=f"C-{number}", actor=name)
                        tx.audit("case_viewed", AT, case_id=f"D-{number}", actor=name)
                    with contextlib.suppress(ZeroDivisionError), mine.transaction() as tx:
                        tx.audit("case_viewed", AT, actor="never")
                        raise ZeroDivisionError
            except Exception as error:
                failures.append(error)
            finally:
                mine.close()

        writers = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(8)]
        for each in writers:
            each.start()
        for each in writers:
            each.join()
        assert failures == []
        with store.reading(is_snapshot=True) as tx:
            assert tx.first_broken_entry() is None
            entries = list(tx.entries())
        assert len(entries) == 8 * 25 * 2
        assert len({each["event_id"] for each in entries}) == len(entries)

    def test_a_transaction_that_only_reads_cannot_swallow_an_entry(self, store: Store) -> None:
        with pytest.raises(TypeError, match="needs a transaction that writes"), store.reading() as tx:
            tx.audit("case_viewed", AT)

    def test_the_entries_of_an_older_schema_begin_the_chain_and_their_notes_are_sealed(self, url: str) -> None:
        from tests.schemas import brought_to

        store = Store.open(url, Keys.from_data_key(bytes(range(32))))
        brought_to(store, "0007")
        with store.engine.begin() as connection:
            connection.execute(text(
                "INSERT INTO conversations (conversation_id, channel, started_at, last_turn_at)"
                " VALUES ('t', 'sms', '2026-11-20 09:00:00.000000', '2026-11-20 09:00:00.000000')"
            ))  # fmt: skip
            for number, details in enumerate([None, '{"note": "还会再问"}', '{"note": "说周五还"}']):
                connection.execute(
                    text("INSERT INTO audit_events (event, at, actor, conversation_id, details)"
                         " VALUES ('holder_bot', :at, 'li', 't', :details)"),
                    {"at": f"2026-11-20 10:00:0{number}.5", "details": details},
                )  # fmt: skip
        store.migrate()
        fill_log(store, 2)
        with store.reading(is_snapshot=True) as tx:
            assert tx.first_broken_entry() is None
            assert [(each["position"], each["details"]) for each in tx.entries()][:3] == [(1, None), (2, None), (3, None)]
            assert len(list(tx.entries())) == 5
            assert tx.last_note("t") == "说周五还"
        store.close()


