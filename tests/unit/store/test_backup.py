"""Backup of SQLite: what it makes is its owner's alone, and a copy can be read where nothing can be written."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from heyue.store import Store
from heyue.store.backup import back_up, restore, sqlite
from tests.backup_contract import BackupContract
from tests.store_contract import AT


@pytest.fixture
def lax_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


class TestSqlite(BackupContract):
    """The contract over SQLite."""

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'heyue.db'}"

    @pytest.fixture
    def other_url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'other.db'}"

    def test_what_a_backup_and_a_restore_make_is_their_owner_s_alone(
        self, store: Store, other_url: str, tmp_path: Path, lax_umask: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        modes, real = {}, sqlite._whole

        def whole(connection: sqlite3.Connection) -> Any:
            modes.update({each: each.stat().st_mode for each in tmp_path.iterdir() if "copy" in each.name})
            return real(connection)

        monkeypatch.setattr(sqlite, "_whole", whole)
        back_up(store, tmp_path / "copy", AT)
        restore(Store.open(other_url, store.keys), tmp_path / "copy")
        modes.update({each: each.stat().st_mode for each in tmp_path.glob("other.db*")})
        assert len(modes) == 5  # the draft, its scratch store, the backup, its description, the new store
        assert {stat.S_IMODE(mode) for mode in modes.values()} == {0o600}

    def test_who_reads_a_backup_makes_no_file_beside_it(self, store: Store, tmp_path: Path) -> None:
        file = tmp_path / "copy"
        back_up(store, file, AT)
        reader = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        assert reader.execute("SELECT count(*) FROM cases").fetchone() == (1,)
        assert sorted(each.name for each in tmp_path.glob("*copy*")) == ["copy", "copy.json"]
        reader.close()
