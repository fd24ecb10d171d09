"""`heyue backup`, `restore`, `migrate` and `keys add` where the data key is missing or another one: none makes a new one."""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path

import pytest

from heyue.cli import main
from heyue.records import Case
from heyue.settings import Settings
from heyue.store import open_store

CASE = Case("C-1", "赵明远", "江岸", 1, date(2026, 11, 10), id_last4="5126")
OTHER_KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a store that has a case."""
    folder = tmp_path / "data"
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(folder))
    for name in ("HEYUE_DATA_KEY", "HEYUE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    store = open_store(Settings.from_environment())
    with store.transaction() as tx:
        tx.put_case(CASE)
    store.close()
    return folder


@pytest.mark.parametrize(
    "words", [["backup", "new"], ["restore", "old", "--overwrite"], ["migrate"], ["keys", "add"], ["case", "C-1"]], ids="-".join
)
def test_no_command_makes_a_key_where_a_filled_store_lost_its_own(
    folder: Path, words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    assert main(["backup", "old"]) == 0
    lost = (folder / "data.key").rename(folder.parent / "lost")
    there = sorted(folder.parent.iterdir())
    assert main(words) == 1
    said = capsys.readouterr().err
    assert str(folder / "data.key") in said
    assert "HEYUE_DATA_KEY" in said
    assert sorted(folder.parent.iterdir()) == there
    assert not (folder / "data.key").exists()
    lost.rename(folder / "data.key")
    assert main(["restore", "old", "--overwrite"]) == 0


def test_a_backup_with_another_key_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEYUE_DATA_KEY", OTHER_KEY)
    assert main(["backup", str(folder.parent / "copy")]) == 1
    assert "sealed with another key" in capsys.readouterr().err
    assert list(folder.parent.iterdir()) == [folder]


def test_a_restore_that_is_refused_makes_nothing_in_an_empty_data_folder(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, empty = folder.parent / "copy", folder.parent / "empty"
    assert main(["backup", str(copy)]) == 0
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(empty))
    assert main(["restore", str(copy)]) == 1
    assert str(empty / "data.key") in capsys.readouterr().err
    monkeypatch.setenv("HEYUE_DATA_KEY", OTHER_KEY)
    assert main(["restore", str(copy)]) == 1
    assert list(empty.glob("*")) == []


def test_the_first_migrate_makes_the_key_as_any_first_start_does(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = folder.parent / "new"
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(new))
    assert main(["migrate"]) == 0
    assert (new / "data.key").exists()


def test_a_store_that_has_a_schema_and_no_rows_may_get_its_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = folder.parent / "new"
    monkeypatch.setenv("HEYUE_DATA_FOLDER", str(new))
    assert main(["migrate"]) == 0
    (new / "data.key").unlink()
    assert main(["migrate"]) == 0
    assert (new / "data.key").exists()
