"""Backup of PostgreSQL by its own programs, which are told no password by their arguments."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from heyue.errors import StoreUnavailable
from heyue.store import Store
from heyue.store.backup import back_up, postgresql, restore
from heyue.store.backup.manifest import Tables, file_hash
from tests.backup_contract import BackupContract, described_anew
from tests.integration.test_store_postgres import Cluster, cluster, url  # noqa: F401  fixtures
from tests.schemas import brought_to
from tests.store_contract import AT

pytestmark = pytest.mark.postgres
LATIN1, UTF8 = 8, 6  # as pg_database numbers them


def held(store: Store) -> Tables:
    """What the tables of a store hold now."""
    with store.looking() as connection:
        return postgresql.described(connection)


@pytest.fixture
def latin_template(cluster: Cluster) -> Iterator[None]:  # noqa: F811
    """A server whose new databases hold no Chinese."""
    server = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    encode = text("UPDATE pg_database SET encoding = :encoding WHERE datname = 'template0'")
    with server.connect() as connection:
        connection.execute(encode, {"encoding": LATIN1})
        yield
        connection.execute(encode, {"encoding": UTF8})
    server.dispose()


class TestPostgres(BackupContract):
    """The contract over PostgreSQL."""

    @pytest.fixture
    def url(self, url: str) -> str:  # noqa: F811
        return url

    @pytest.fixture
    def other_url(self, cluster: Cluster) -> Iterator[str]:  # noqa: F811
        name = f"heyue_{uuid4().hex[:8]}"
        with cluster.database(name):
            yield cluster.url(name)

    def test_no_argument_of_a_program_holds_the_password(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said = tmp_path / "said"
        for name in ("pg_dump", "pg_restore"):
            real = postgresql.program(name)
            spy = tmp_path / name
            spy.write_text(f'#!/bin/sh\necho "$0 $@ ${{PGPASSWORD:+given}}" >> {said}\nexec {real} "$@"\n')
            spy.chmod(0o700)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        secret = Store.open(store.engine.url.set(password="s3cret").render_as_string(hide_password=False), store.keys)
        back_up(secret, tmp_path / "copy", AT)
        secret.close()
        lines = said.read_text().splitlines()
        assert len(lines) == 2
        assert all(line.endswith("given") for line in lines)
        assert "s3cret" not in said.read_text()

    def test_a_program_that_is_missing_is_named_with_what_brings_it(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgresql, "PLACES", "nowhere")
        monkeypatch.setenv("PATH", str(Path(shutil.which("sh") or "").parent / "nowhere"))
        with pytest.raises(StoreUnavailable, match="apt-get install postgresql-client"):
            back_up(store, tmp_path / "copy", AT)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("fault", ["half a dump", "a statement"])
    def test_a_restore_that_fails_leaves_every_table_as_it_was(
        self, store: Store, other_url: str, tmp_path: Path, fault: str
    ) -> None:
        older, file = Store.open(other_url, store.keys), tmp_path / "copy"
        brought_to(older, "0007")
        back_up(older, file, AT)
        older.close()
        if fault == "half a dump":
            file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
            described_anew(file, sha256=file_hash(file))
        else:  # somebody's view holds on to a table, which cannot be dropped then
            with store.engine.begin() as connection:
                connection.execute(text("CREATE VIEW somebody_s AS SELECT case_id FROM cases"))
        before = held(store)
        with pytest.raises(StoreUnavailable, match="failed"):
            restore(store, file, overwrites=True)
        assert held(store) == before

    def test_a_copy_is_proved_whatever_encoding_new_databases_have(
        self, store: Store, tmp_path: Path, latin_template: None
    ) -> None:
        assert back_up(store, tmp_path / "copy", AT).rows > 0


def test_the_newest_programs_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("9.6", "15", "14"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        (folder / "pg_dump").touch(0o700)
    monkeypatch.setattr(postgresql, "PLACES", f"{tmp_path.relative_to('/')}/*/bin")
    monkeypatch.setenv("PATH", "")
    assert postgresql.program("pg_dump") == str(tmp_path / "15/bin/pg_dump")
