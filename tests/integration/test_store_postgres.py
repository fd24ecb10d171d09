"""The store over a real PostgreSQL: the contract, and a server that goes away."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

import pytest
from pytest_postgresql.janitor import DatabaseJanitor
from sqlalchemy import text

from heyue.errors import StoreUnavailable
from heyue.store import Keys, Store
from heyue.store.schema import HEAD
from heyue.store.tables import metadata
from tests.bot_process import free_port
from tests.conftest import program
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

pytestmark = pytest.mark.postgres
TALK_OF_FIRST_ONLINE = "INSERT INTO conversations (conversation_id, channel, started_at, last_turn_at) VALUES ('here', 'sms', :at, :at)"
TURN_OF_FIRST_ONLINE = (
    "SELECT turn_count FROM conversations WHERE conversation_id = 'here' FOR UPDATE",
    "INSERT INTO messages (conversation_id, channel, speaker, at, text_sealed) VALUES ('here', 'sms', 'borrower', :at, :sealed)",
    "UPDATE conversations SET turn_count = turn_count + 1, unread_turns = unread_turns + 1 WHERE conversation_id = 'here'",
)
USER = "postgres"  # the account that Debian's package makes


class Cluster:
    """A PostgreSQL server of its own on a free port. It refuses to be root, so root lends it another account."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.bin = Path(program("postgres") or "").parent
        self.account = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
        if self.account:
            shutil.chown(folder, pwd.getpwnam(USER).pw_uid)
        self.run("initdb", "-D", str(folder / "data"), "-U", USER, "-A", "trust", "-E", "UTF8", "-N")

    def run(self, name: str, *words: str) -> None:
        done = subprocess.run(
            [*self.account, str(self.bin / name), *words], cwd=self.folder, text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        # what a power cut would lose is not tested here: without syncing the tests take a third of the time
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c fsync=off"
        self.run(
            "pg_ctl",
            "-D",
            str(self.folder / "data"),
            "-l",
            str(self.folder / "log"),
            "-o",
            options,
            "-w",
            "start",
        )

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def database(self, name: str) -> DatabaseJanitor:
        return DatabaseJanitor(user=USER, host="127.0.0.1", port=self.port, dbname=name)

    def url(self, name: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    folder = Path(
        mkdtemp(prefix="heyue-postgres-")
    )  # short and open to other accounts, which tmp_path is not
    cluster = Cluster(folder)
    cluster.start()
    yield cluster
    cluster.stop()
    shutil.rmtree(folder)


@pytest.fixture
def url(cluster: Cluster) -> Iterator[str]:
    name = f"heyue_{uuid4().hex[:8]}"
    with cluster.database(name):
        yield cluster.url(name)


class TestPostgres(StoreContract):
    """The contract over PostgreSQL."""

    @pytest.fixture
    def url(self, url: str) -> str:
        return url


def test_no_personal_data_stands_in_the_tables_in_plain(url: str) -> None:
    store = opened(url)
    with store.transaction() as tx:
        tx.put_case(CASE)
    conversation = add_conversation(store)
    with store.transaction() as tx:
        tx.add_turn(conversation, "borrower", "我是赵明远，周五还两千，512X", AT)
    with store.engine.connect() as connection:
        rows = [
            row for table in metadata.tables for row in connection.execute(text(f"SELECT * FROM {table}"))
        ]
    store.close()
    kept = b"".join(bytes(v) if isinstance(v, memoryview) else str(v).encode() for row in rows for v in row)
    assert [secret for secret in SECRETS if secret.encode() in kept] == []
    assert CASE.creditor.encode() in kept


def test_no_connection_compiles_statements(url: str) -> None:
    store = opened(url)
    for _ in range(2):
        with store.reading() as tx:
            assert tx.connection.execute(text("SHOW jit")).scalar_one() == "off"
    store.close()


def test_two_who_migrate_a_store_in_use_do_it_once_and_the_writer_goes_on(url: str) -> None:
    store, stop = brought_to_first_online(url), threading.Event()
    failed: list[Exception] = []

    def write() -> None:  # as the program of that schema does, which names no column of later ones
        with store.engine.begin() as connection:
            connection.execute(text(TALK_OF_FIRST_ONLINE), {"at": AT.replace(tzinfo=None)})
        while not stop.is_set():
            try:
                with store.engine.begin() as connection:
                    for statement in TURN_OF_FIRST_ONLINE:
                        connection.execute(text(statement), {"at": AT.replace(tzinfo=None), "sealed": b"sealed"})
            except Exception as error:
                failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        before = race("from tests.store_contract import *", "store = Store.open(sys.argv[1], Keys.from_data_key(DATA_KEY))\n"
                      "print(store.migrate(), store.schema_version())", url, racers=2)  # fmt: skip
    finally:
        stop.set()
        writer.join()
    assert failed == []
    assert count(store, "messages") > 0
    # whoever comes once the other is done finds the newest schema there
    assert sorted(before)[0] == [FIRST_ONLINE, HEAD]
    assert sorted(before)[1] in ([FIRST_ONLINE, HEAD], [HEAD, HEAD])
    with store.engine.connect() as connection:
        invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
        assert connection.execute(text(invalid)).scalar_one() == 0
    store.close()


def brought_to_first_online(url: str) -> Store:
    """A store of the schema from which on migrations run beside those who work."""
    store = Store.open(url, Keys.from_data_key(DATA_KEY))
    brought_to(store, FIRST_ONLINE)
    return store


def test_a_migration_that_was_killed_is_finished_by_the_next(url: str) -> None:
    store = brought_to_first_online(url)
    with store.engine.begin() as connection:  # as a run that dies in the middle leaves it: an index that is not valid
        connection.execute(text("CREATE INDEX ix_outbox_sent_at ON outbox (case_id)"))
        connection.execute(text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_outbox_sent_at'::regclass"))
    assert store.migrate() == FIRST_ONLINE
    with store.engine.connect() as connection:
        made = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_outbox_sent_at'"
        assert "(sent_at)" in connection.execute(text(made)).scalar_one()
    store.close()


def test_a_server_that_goes_away_is_named_and_may_come_back(url: str, cluster: Cluster) -> None:
    store = opened(url)
    with store.transaction() as tx:
        tx.put_case(CASE)
    add_promise(store, "before")
    cluster.stop()
    try:
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                add_promise(store, "while away")
        with pytest.raises(StoreUnavailable):
            opened(url)
    finally:
        cluster.start()
    add_promise(store, "after")
    with store.transaction() as tx:
        assert len(tx.promises("C-1")) == 2
    store.close()


def test_an_unknown_database_is_named_without_its_password(cluster: Cluster) -> None:
    store = Store.open(
        f"postgresql://{USER}:s3cret@127.0.0.1:{cluster.port}/nowhere", Keys.from_data_key(DATA_KEY)
    )
    with pytest.raises(StoreUnavailable, match="nowhere") as refused:
        store.migrate()
    assert "s3cret" not in str(refused.value)
