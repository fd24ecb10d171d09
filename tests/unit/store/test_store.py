"""The store over SQLite: the contract, and what only a database file can do wrong."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from heyue.errors import BadInput, StoreUnavailable
from heyue.settings import Settings
from heyue.store import Keys, Store, open_store
from heyue.store.schema import HEAD
from tests.migration_sql import FIRST_ONLINE
from tests.racers import race
from tests.schemas import brought_to
from tests.store_contract import (
    AT,
    CASE,
    DATA_KEY,
    SECRETS,
    StoreContract,
    add_conversation,
    add_promise,
    count,
    opened,
)

KEYS = Keys.from_data_key(DATA_KEY)


class TestSqlite(StoreContract):
    """The contract over an SQLite file."""

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'folder' / 'heyue.db'}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "heyue.db"


def filled(file: Path) -> Store:
    store = opened(f"sqlite:///{file}")
    with store.transaction() as tx:
        tx.put_case(CASE)
    return store


def test_no_personal_data_stands_in_the_file_in_plain(file: Path) -> None:
    store = filled(file)
    conversation = add_conversation(store)
    with store.transaction() as tx:
        turn, _ = tx.add_turn(conversation, "borrower", "我是赵明远，周五还两千，手机13800138000，512X", AT)
        tx.set_reading(turn, {"text": "周五还两千", "id_digits": "512X"})
        tx.set_contact_state(CASE.phone or "", "wrong_party", AT)
        tx.add_opt_out(CASE.wechat_openid or "", "wechat", AT, turn)
        tx.note_stranger("19912345678", AT)
    written = b"".join(path.read_bytes() for path in file.parent.iterdir())
    store.close()
    kept = b"".join(path.read_bytes() for path in file.parent.iterdir())
    for secret in [*SECRETS, "19912345678", "两千"]:
        for encoding in ("utf-8", "gb18030", "utf-16-le"):
            assert secret.encode(encoding) not in written + kept, secret
    assert "江岸消费金融".encode() in kept  # the creditor is no secret: the search itself can find


def test_racing_processes_record_each_promise_once(file: Path) -> None:
    store = filled(file)
    first, second = race(
        "from tests.store_contract import add_promise, opened",
        "store = opened(sys.argv[1])\nfor number in range(50): print(add_promise(store, f'conversation:{number}:0'))",
        f"sqlite:///{file}",
    )
    assert first == second
    assert len(set(first)) == count(store, "promises") == count(store, "promise_changes") == 50
    store.close()


def impatient(file: Path, milliseconds: int = 50) -> Store:
    """A store that does not wait 5 s for a lock."""
    store = Store.open(f"sqlite:///{file}", KEYS)
    raw = store.engine.raw_connection()
    raw.cursor().execute(f"PRAGMA busy_timeout={milliseconds}")
    raw.close()
    return store


HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""


def test_a_lock_of_another_process_is_named_and_passes(file: Path) -> None:
    filled(file).close()
    store = impatient(file)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreUnavailable, match="locked"):
            add_promise(store)
    finally:
        holder.communicate(timeout=10)
    add_promise(store)
    assert count(store, "promises") == 1
    store.close()


def test_a_killed_writer_leaves_no_lock_and_no_half(file: Path) -> None:
    store = filled(file)
    killed = """
import os, signal, sys
from tests.store_contract import AT, TERMS, opened
with opened(sys.argv[1]).transaction() as tx:
    tx.add_promise("C-1", "key", TERMS, 1, AT, None, None)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", killed, f"sqlite:///{file}"], check=False)
    assert done.returncode == -9
    assert count(store, "promises") == 0
    add_promise(store, "key")
    assert count(store, "promises") == 1
    store.close()


def test_a_full_database_is_named_and_nothing_of_the_transaction_stays(file: Path) -> None:
    store = filled(file)
    with store.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(
            text(f"PRAGMA max_page_count={pages + 2}")
        )  # SQLite's own "disk full", SQLITE_FULL
    conversation = add_conversation(store)

    def fill() -> None:
        with store.transaction() as tx:
            for _ in range(100):
                tx.add_turn(conversation, "borrower", "满" * 1000, AT)

    with pytest.raises(StoreUnavailable, match="full"):
        fill()
    assert count(store, "messages") == 0
    with store.transaction() as tx:
        tx.add_turn(conversation, "borrower", "好", AT)
    assert count(store, "messages") == 1
    store.close()


@pytest.mark.parametrize(
    "content",
    [b"not a database at all" * 300, b"SQLite format 3\0" + b"\xff" * 4096],
    ids=["text", "damaged"],
)
def test_a_file_that_is_no_database_is_named_and_kept(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(StoreUnavailable, match="did not answer"):
        opened(f"sqlite:///{file}")
    assert file.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(StoreUnavailable, match="taken"):
        Store.open(f"sqlite:///{tmp_path / 'taken' / 'heyue.db'}", KEYS)


@pytest.mark.parametrize("url", ["", "heyue.db", "://x", "nosuchdatabase://host/x"])
def test_what_is_no_database_url_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        Store.open(url, KEYS)


def test_a_password_in_the_url_is_not_repeated() -> None:
    with pytest.raises(BadInput) as refused:
        Store.open("nosuchdatabase://heyue:s3cret@host/x", KEYS)
    assert "s3cret" not in str(refused.value)


def test_the_default_store_lies_in_the_data_folder_for_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEYUE_DATABASE_URL", raising=False)
    monkeypatch.delenv("HEYUE_DATA_KEY", raising=False)
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(tmp_path / "data"))
    open_store(Settings.from_environment()).close()
    assert {"heyue.db", "data.key"} <= {path.name for path in (tmp_path / "data").iterdir()}


def test_the_store_is_in_wal_mode_and_promises_are_synced(file: Path) -> None:
    store = filled(file)
    add_promise(store)
    wal = file.with_name("heyue.db-wal")
    with sqlite3.connect(f"file:{file}?immutable=1", uri=True) as beside:  # reads the file alone, not the log
        assert beside.execute("PRAGMA journal_mode").fetchone() is not None
        assert beside.execute("SELECT count(*) FROM promises").fetchone() == (1,)
    assert wal.exists()
    store.close()


def upgraded(file: Path, version: str) -> Store:
    """A store brought to an older schema."""
    store = Store.open(f"sqlite:///{file}", Keys.from_data_key(bytes(32)))
    brought_to(store, version)
    return store


def test_a_store_of_the_first_schema_keeps_all_its_rows_when_it_is_brought_up(tmp_path: Path) -> None:
    store = upgraded(tmp_path / "old.db", "0001")
    with store.engine.begin() as connection:
        run = connection.exec_driver_sql
        run("INSERT INTO cases (case_id, name_sealed, creditor, amount_due_fen, due_date, row_hash)"
            " VALUES ('C-1', x'00', '云山', 1, '2026-11-15', x'00')")  # fmt: skip
        run("INSERT INTO conversations (conversation_id, case_id, channel, address_sealed, address_hash, started_at,"
            " last_turn_at) VALUES ('t', 'C-1', 'sms', x'00', x'00', '2026-11-20', '2026-11-20')")  # fmt: skip
        run("INSERT INTO messages (conversation_id, channel, speaker, text_sealed, at)"
            " VALUES ('t', 'sms', 'borrower', x'00', '2026-11-20')")  # fmt: skip
    store.migrate()
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM messages").scalar() == 1
        assert connection.exec_driver_sql("SELECT conversation_id, origin FROM conversations").all() == [("t", "bot")]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    store.close()


def test_lines_of_an_older_schema_learn_which_message_carries_them(tmp_path: Path) -> None:
    store = upgraded(tmp_path / "old.db", "0007")
    with store.engine.begin() as connection:
        run = connection.exec_driver_sql
        run("INSERT INTO conversations (conversation_id, channel, started_at, last_turn_at)"
            " VALUES ('t', 'sms', '2026-11-20', '2026-11-20')")  # fmt: skip
        for message_id, kind in (("reply:1", "reply"), ("human:ab", "human")):
            run("INSERT INTO outbox (message_id, conversation_id, channel, address_sealed, address_hash, kind, body_sealed,"
                " is_proactive, is_human, state, queued_at, due_at, not_after) VALUES (?, 't', 'sms', x'00', x'00', ?,"
                " x'00', 0, 0, 'lapsed', '2026-11-20 10:00', '2026-11-20', '2026-11-20')", (message_id, kind))  # fmt: skip
        for speaker, key in (("borrower", "k"), ("bot", "answer:1:0"), ("bot", "answer:11:0"), ("collector", None)):
            run("INSERT INTO messages (conversation_id, channel, speaker, text_sealed, at, message_key)"
                " VALUES ('t', 'sms', ?, x'00', '2026-11-20 10:00', ?)", (speaker, key))  # fmt: skip
    store.migrate()
    with store.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT outgoing_id FROM messages ORDER BY turn_id").scalars().all()
    assert found == [None, "reply:1", None, "human:ab"]
    store.close()


def test_a_store_of_the_schema_before_the_indexes_keeps_its_rows_and_its_whole_log(tmp_path: Path) -> None:
    store = upgraded(tmp_path / "old.db", FIRST_ONLINE)
    with store.transaction() as tx:
        tx.put_case(CASE)
        tx.audit("written", AT)
    assert (store.migrate(), store.schema_version()) == (FIRST_ONLINE, HEAD)
    with store.transaction() as tx:
        tx.audit("written", AT)
    with store.reading() as tx:
        assert tx.case(CASE.case_id) == CASE
        assert tx.first_broken_entry() is None
    store.close()
