"""Backup and restore, whatever database is below: whole, as of one moment, beside a writer; nothing is lost by mistake."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from heyue.access.people import operator
from heyue.desk import Desk
from heyue.errors import BadInput, SealBroken, StoreUnavailable
from heyue.policy import default_policy
from heyue.store import Keys, Store
from heyue.store.backup import BackupDiffers, StoreIsFilled, back_up, backend_of, restore
from heyue.store.backup.manifest import manifest_path
from heyue.store.schema import HEAD
from tests.schemas import brought_to
from tests.store_contract import AT, CASE, DATA_KEY, SECRETS, OneCase, add_conversation, count, opened

OTHER_KEY = bytes(32)


@contextmanager
def writing(store: Store, here: str) -> Iterator[list[int]]:
    """A writer that adds two messages and an audit event in one transaction, again and again; how often it did."""
    stop, written = threading.Event(), [0]

    def write() -> None:
        while not stop.is_set():
            with store.transaction() as tx:
                for speaker in ("borrower", "bot"):
                    tx.add_turn(here, speaker, "周五还两千", AT + timedelta(seconds=written[0]))
                tx.audit("written", AT)
            written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield written
    finally:
        stop.set()
        writer.join()


def described_anew(file: Path, **changes: Any) -> None:
    """Change what stands in the description of a backup."""
    path = manifest_path(file)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


class BackupContract(OneCase):
    """The contract. A subclass gives the fixtures `url` and `other_url`: empty databases."""

    @pytest.fixture
    def other(self, other_url: str) -> Iterator[Store]:
        store = opened(other_url)
        yield store
        store.close()

    def test_a_backup_beside_a_writer_is_of_one_moment_and_comes_back_whole(
        self, store: Store, other: Store, tmp_path: Path
    ) -> None:
        here, file = add_conversation(store), tmp_path / "copy"
        with writing(store, here) as written:
            while written[0] < 50:
                pass
            manifest = back_up(store, file, AT)
            at_the_end = written[0]
        assert restore(other, file) == manifest
        rows = {name: rows for name, (rows, _) in manifest.tables.items()}
        assert 50 <= rows["audit_events"] <= at_the_end + 1
        assert rows["messages"] == 2 * rows["audit_events"]
        with other.transaction() as tx:
            assert tx.case("C-1") == CASE
            assert len(tx.turns(here)) == rows["messages"]
            assert tx.conversation(here).turn_count == rows["messages"]
            tx.add_turn(here, "borrower", "在吗", AT)  # it counts on from where it was

    def test_a_filled_store_is_overwritten_only_if_that_is_said(self, store: Store, tmp_path: Path) -> None:
        back_up(store, tmp_path / "copy", AT)
        add_conversation(store)
        with pytest.raises(StoreIsFilled, match=r"cases, .*conversations.*--overwrite"):
            restore(store, tmp_path / "copy")
        assert count(store, "conversations") == 1
        restore(store, tmp_path / "copy", overwrites=True)
        assert (count(store, "cases"), count(store, "conversations")) == (1, 0)

    def test_a_backup_is_not_written_over_another(self, store: Store, tmp_path: Path) -> None:
        back_up(store, tmp_path / "copy", AT, verifies=False)
        with pytest.raises(BadInput, match="there already"):
            back_up(store, tmp_path / "copy", AT)

    @pytest.mark.parametrize("is_described", [False, True])
    def test_nor_over_one_that_came_meanwhile(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_described: bool
    ) -> None:
        file, real = tmp_path / "copy", backend_of(store).save

        def save(*given: Any) -> Any:
            file.write_text("of somebody else")
            if is_described:
                manifest_path(file).write_text("his")
            return real(*given)

        monkeypatch.setattr(backend_of(store), "save", save)
        with pytest.raises(BadInput, match="there already"):
            back_up(store, file, AT)
        there = {each.name: each.read_text() for each in tmp_path.glob("*copy*")}
        assert there == {"copy": "of somebody else"} | ({"copy.json": "his"} if is_described else {})

    def test_what_a_killed_backup_left_stops_no_other_and_is_not_its_to_delete(self, store: Store, tmp_path: Path) -> None:
        left = tmp_path / ".copy.part"
        left.write_text("half")
        back_up(store, tmp_path / "copy", AT)
        assert left.read_text() == "half"

    def test_one_that_is_not_whole_leaves_nothing(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backend_of(store), "restored_elsewhere", lambda *_: {"cases": (0, "0")})
        before = set(tmp_path.iterdir())
        with pytest.raises(BackupDiffers, match="cases"):
            back_up(store, tmp_path / "copy", AT)
        assert set(tmp_path.iterdir()) == before

    def test_only_its_owner_can_read_it_and_no_personal_data_stands_in_it(self, store: Store, tmp_path: Path) -> None:
        file = tmp_path / "copy"
        here = add_conversation(store)
        with store.transaction() as tx:
            tx.add_turn(here, "borrower", "我是赵明远，周五还两千，512X", AT)
        back_up(store, file, AT)
        for each in (file, manifest_path(file)):
            assert each.stat().st_mode & 0o077 == 0
            assert [secret for secret in SECRETS if secret.encode() in each.read_bytes()] == []
        assert sorted(each.name for each in tmp_path.glob("*copy*")) == ["copy", "copy.json"]

    @pytest.mark.parametrize("damage", ["byte", "end", "manifest", "none"])
    def test_a_damaged_backup_changes_nothing(self, store: Store, tmp_path: Path, damage: str) -> None:
        file = tmp_path / "copy"
        back_up(store, file, AT)
        whole, manifest = file.read_bytes(), manifest_path(file)
        if damage == "byte":
            file.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
        elif damage == "end":
            file.write_bytes(whole[: len(whole) // 2])
        elif damage == "manifest":
            manifest.write_text("{}")
        else:
            manifest.unlink()
        with pytest.raises(BadInput):
            restore(store, file, overwrites=True)
        assert count(store, "cases") == 1

    def test_one_that_another_key_sealed_is_refused(self, store: Store, other_url: str, tmp_path: Path) -> None:
        back_up(store, tmp_path / "copy", AT)
        other = Store.open(other_url, Keys.from_data_key(OTHER_KEY))
        with pytest.raises(BadInput, match="HEYUE_DATA_KEY"):
            restore(other, tmp_path / "copy")
        other.close()

    def test_none_is_made_with_a_key_that_opens_nothing(self, store: Store, url: str, tmp_path: Path) -> None:
        wrong = Store.open(url, Keys.from_data_key(OTHER_KEY))
        with pytest.raises(SealBroken, match="another key"):
            back_up(wrong, tmp_path / "copy", AT)
        wrong.close()
        assert list(tmp_path.glob("*copy*")) == []

    def test_one_of_a_newer_schema_changes_nothing(self, store: Store, tmp_path: Path) -> None:
        back_up(store, tmp_path / "copy", AT)
        described_anew(tmp_path / "copy", schema="0999")
        add_conversation(store)
        with pytest.raises(BadInput, match=f"schema 0999, newer than this program's {HEAD}: update Heyue"):
            restore(store, tmp_path / "copy", overwrites=True)
        assert count(store, "conversations") == 1

    def test_the_schema_in_its_description_is_that_of_its_moment(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = backend_of(store).save

        def save(*given: Any) -> Any:
            saved = real(*given)
            with store.engine.begin() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
            return saved

        monkeypatch.setattr(backend_of(store), "save", save)
        assert back_up(store, tmp_path / "copy", AT).schema == HEAD

    def test_none_is_made_of_a_database_that_was_never_used(self, store: Store, other_url: str, tmp_path: Path) -> None:
        unused = Store.open(other_url, store.keys)
        with pytest.raises(BadInput, match="is the URL right"):
            back_up(unused, tmp_path / "copy", AT)
        unused.close()
        assert not list(tmp_path.glob("*copy*"))

    def test_a_database_that_was_never_used_takes_a_backup(self, store: Store, other_url: str, tmp_path: Path) -> None:
        back_up(store, tmp_path / "copy", AT)
        other = Store.open(other_url, store.keys)
        restore(other, tmp_path / "copy")
        assert other.migrate() == store.schema_version()
        assert count(other, "cases") == 1
        other.close()

    def test_the_audit_log_is_whole_after_a_restore_and_goes_on(self, store: Store, other: Store, tmp_path: Path) -> None:
        for number in range(20):
            with store.transaction() as tx:
                tx.audit("written", AT, details={"number": number})
        back_up(store, tmp_path / "copy", AT)
        restore(other, tmp_path / "copy")
        with other.transaction() as tx:
            tx.audit("restored", AT)
        with other.reading(is_snapshot=True) as tx:
            assert tx.first_broken_entry() is None
        assert count(other, "audit_events") == 21
        for change in ("UPDATE audit_events SET actor = 'nobody'", "DELETE FROM audit_events", "DELETE FROM audit_chains"):
            with pytest.raises(StoreUnavailable, match="only added to"), other.transaction() as tx:
                tx.connection.execute(text(change))

    @pytest.mark.parametrize("is_done", [False, True])
    def test_it_needs_the_keys_that_seal_something_in_it_and_no_other(
        self, url: str, other_url: str, tmp_path: Path, is_done: bool
    ) -> None:
        ring, file = {1: DATA_KEY, 2: OTHER_KEY}, tmp_path / "copy"
        store = Store.open(url, Keys.of_ring(ring))
        store.migrate()
        with store.transaction() as tx:
            tx.put_case(CASE)
            tx.begin_key(2, AT)
        if is_done:
            Desk(store, default_policy()).rotate_keys(operator("test"), AT, lambda: None)
        back_up(store, file, AT)
        needed = {2: OTHER_KEY} if is_done else ring
        for number in needed:
            lacking = Store.open(other_url, Keys.of_ring({each: key for each, key in ring.items() if each != number}))
            with pytest.raises(BadInput, match=f"another key {number}: set HEYUE_DATA_KEY"):
                restore(lacking, file)
        other = Store.open(other_url, Keys.of_ring(needed))
        restore(other, file)
        with other.reading() as tx:
            assert tx.case("C-1") == CASE
            assert [each.case_id for each in tx.cases_of_address(CASE.phone or "")] == ["C-1"]
        for each in (store, other):
            each.close()

    @pytest.mark.parametrize("version", ["0007", "0010"])
    def test_one_of_an_older_schema_goes_over_a_newer_store_and_is_brought_up(
        self, url: str, other: Store, tmp_path: Path, version: str
    ) -> None:
        older = Store.open(url, other.keys)
        brought_to(older, version)
        assert back_up(older, tmp_path / "copy", AT).schema == version
        with other.transaction() as tx:
            tx.put_case(CASE)
        restore(other, tmp_path / "copy", overwrites=True)
        assert (other.migrate(), other.schema_version()) == (version, HEAD)
        assert count(other, "cases") == 0
        with other.transaction() as tx:
            tx.audit("begun", AT)
        older.close()
