"""What changing keys must do, whatever database is below. Part of the contract of the store."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from heyue.access.people import User, operator
from heyue.access.roles import roles
from heyue.desk import Desk
from heyue.desk.base import NotAllowed
from heyue.errors import BadInput, StoreUnavailable
from heyue.policy import default_policy
from heyue.records import Case, TalkFilter, TalkReading
from heyue.settings import ZONE
from heyue.store import Keys, Store
from heyue.store.key_queries import keyed_tables, look_up_columns, sealed_columns
from tests.every_table import SECRET, fill_every_table

RING = {1: bytes(range(32)), 2: bytes(range(32, 64)), 3: bytes(range(64, 96))}
AT = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
OPERATOR = operator("root")
READING = TalkReading(2, "evasive", 0.9, "none", None, "calm", 0.1, 0.2, 0, 0, {"violations": []})
BATCHES = ("none", "some", "all")


def with_keys(url: str, *numbers: int) -> Store:
    return Store.open(url, Keys.of_ring({number: RING[number] for number in numbers}))


def case(number: int) -> Case:
    return Case(f"K-{number:03}", f"孙{number}", "江岸", 100_000, date(2026, 11, 1), phone=phone(number), id_last4=f"{number:04}")


def phone(number: int) -> str:
    return f"13900{number:06}"


def write_one(store: Store, number: int) -> None:
    """A person with everything that is looked up by a hash."""
    with store.transaction() as tx:
        tx.put_case(case(number))
        talk = tx.open_conversation(case(number).case_id, "sms", phone(number), AT).conversation_id
        tx.add_turn(talk, "borrower", f"第{number}号发工资就还", AT)
        tx.put_reading(talk, READING, [f"第{number}号发工资就还"], AT)
        tx.add_opt_out(phone(number), "wechat", AT, None)
        tx.note_stranger(f"18800{number:06}", AT)


def check_one(store: Store, number: int) -> None:
    """Everything of this person is found, by whatever key it stands there."""
    with store.reading() as tx:
        assert [each.borrower_name for each in tx.cases_of_address(phone(number))] == [f"孙{number}"]
        talk = tx.latest_conversation(phone(number))
        assert talk is not None
        assert tx.address_of(talk.conversation_id) == phone(number)
        assert tx.is_opted_out(phone(number))
        assert tx.debtor(case(number), phone(number)).case_ids == (case(number).case_id,)
        found = tx.talks(TalkFilter(words=f"第{number}号发工资"), 10)
        assert [each.borrower_name for each in found] == [f"孙{number}"]


def renewed_so_far(store: Store, how_far: str) -> None:
    """A change to key 2 that was cut off: begun, with no, some or all rows renewed, and not ended."""
    with store.transaction() as tx:
        tx.begin_key(2, AT)
    for table in keyed_tables() if how_far != "none" else ():
        with store.transaction() as tx:
            tx.renew_batch(table, None, 2 if how_far == "some" else 1_000)


ROTATE = """
import sys, time
from tests.keys_contract import AT, OPERATOR, rotating_desk
rotating_desk(sys.argv[1]).rotate_keys(OPERATOR, AT, lambda: (print("batch", flush=True), time.sleep(0.01)))
"""


def rotating_desk(url: str) -> Desk:
    return Desk(with_keys(url, 1, 2), default_policy())


class KeysContract:
    """The contract of changing keys. `url`: of a subclass, an empty database."""

    @pytest.fixture
    def opened_once(self, url: str) -> Iterator[Store]:
        store = with_keys(url, 1, 2)
        store.migrate()
        yield store
        store.close()

    def test_every_value_of_every_table_changes_over_and_the_old_key_can_go(self, url: str, opened_once: Store) -> None:
        fill_every_table(opened_once, AT)
        desk = Desk(opened_once, default_policy())
        desk.rotate_keys(OPERATOR, AT, lambda: None)
        status = desk.key_status(OPERATOR)
        assert {number for counts in status.values.values() for number in counts} == {2}
        assert (status.sealing, status.change and status.change.done_at) == (2, AT)
        store = with_keys(url, 2)
        hashes, wrong = {b""}, []
        with store.reading() as tx:
            for table in keyed_tables():
                for row in tx.connection.execute(select(table)).mappings():
                    wrong += [
                        each.name for each in sealed_columns(table)
                        if table.name != "data_keys" and tx.keys.open(row[each.name]) != SECRET
                    ]  # fmt: skip
                    hashes |= {row[each.name] for each in look_up_columns(table)}
            assert hashes == {b"", tx.keys.address_hash("13800138000")}
        assert wrong == []
        store.close()

    def test_keys_change_again_and_again(self, url: str, opened_once: Store) -> None:
        write_one(opened_once, 1)
        for ring in ((1, 2), (2, 3)):
            store = with_keys(url, *ring)
            Desk(store, default_policy()).rotate_keys(OPERATOR, AT, lambda: None)
            write_one(store, max(ring))
            store.close()
        last = with_keys(url, 3)
        for number in (1, 2, 3):
            check_one(last, number)
        last.close()

    @pytest.mark.parametrize("how_far", BATCHES)
    def test_in_the_middle_of_a_change_everything_is_found_and_nothing_written_twice(
        self, opened_once: Store, how_far: str
    ) -> None:
        for number in range(5):
            write_one(opened_once, number)
        renewed_so_far(opened_once, how_far)
        for number in range(5):
            check_one(opened_once, number)
            with opened_once.transaction() as tx:
                assert tx.put_case(case(number)) == "unchanged"
                assert not tx.add_opt_out(phone(number), "wechat", AT + timedelta(days=1), None)
                assert not tx.note_stranger(f"18800{number:06}", AT)
        desk = Desk(opened_once, default_policy())
        desk.rotate_keys(OPERATOR, AT, lambda: None)
        assert desk.key_status(OPERATOR).depending_on(1) == 0
        for number in range(5):
            check_one(opened_once, number)
            with opened_once.reading() as tx:
                assert tx.opt_outs_of(tx.debtor(case(number), phone(number))) == {"wechat": AT + timedelta(days=1)}

    @pytest.mark.parametrize("how_far", BATCHES)
    def test_cases_of_one_person_are_bound_across_the_change(self, opened_once: Store, how_far: str) -> None:
        write_one(opened_once, 1)
        with opened_once.transaction() as tx:
            tx.put_case(Case("K-100", "孙1", "江岸", 1, date(2026, 11, 1), phone="13911111111", id_last4="0001"))
        renewed_so_far(opened_once, how_far)
        with opened_once.transaction() as tx:
            tx.put_case(Case("K-101", "孙1", "江岸", 1, date(2026, 11, 1), phone="13911111111"))
        with opened_once.reading() as tx:
            assert tx.debtor(case(1), phone(1)).case_ids == ("K-001", "K-100", "K-101")
            binding: dict[bytes, set[str]] = {}
            for case_id, known in tx.bonds(["K-100"]):
                binding.setdefault(known, set()).add(case_id)
        bound = {tuple(sorted(each)) for each in binding.values() if len(each) > 1}
        assert bound == {("K-001", "K-100"), ("K-100", "K-101")}

    def test_writer_and_reader_work_on_while_a_change_is_killed_and_ends(self, url: str, opened_once: Store) -> None:
        for number in range(150):
            write_one(opened_once, number)
        failures: list[BaseException] = []
        stop, written = threading.Event(), [150]

        def write() -> None:
            mine = Store.open(url, Keys.of_ring({1: RING[1]}), lambda: Keys.of_ring({1: RING[1], 2: RING[2]}))
            guarded(lambda: write_next(mine), mine)

        def write_next(mine: Store) -> None:
            write_one(mine, written[0])
            written[0] += 1

        def read() -> None:
            mine = with_keys(url, 1, 2)
            looked = iter(range(10**6))
            guarded(lambda: check_one(mine, next(looked) * 7 % 150), mine)

        def guarded(deed: object, mine: Store) -> None:
            try:
                while not stop.is_set():
                    deed()  # type: ignore[operator]
                    time.sleep(0.005)
            except BaseException as error:
                failures.append(error)
            finally:
                mine.close()

        workers = [threading.Thread(target=each) for each in (write, read)]
        for each in workers:
            each.start()
        try:
            killed = subprocess.Popen([sys.executable, "-c", ROTATE, url], stdout=subprocess.PIPE)
            assert killed.stdout is not None
            for _ in range(3):
                assert killed.stdout.readline() == b"batch\n"
            killed.send_signal(signal.SIGKILL)
            killed.wait(30)
            desk = rotating_desk(url)
            status = desk.key_status(OPERATOR)
            assert status.sealing == 2
            assert status.depending_on(1) > 0
            assert status.depending_on(2) > 0
            desk.rotate_keys(OPERATOR, AT, lambda: time.sleep(0.01))
        finally:
            stop.set()
            for each in workers:
                each.join()
        assert failures == []
        assert desk.key_status(OPERATOR).depending_on(1) == 0
        last = with_keys(url, 2)
        for number in range(0, written[0], 11):
            check_one(last, number)
        last.close()
        desk.store.close()

    def test_a_process_without_the_new_key_is_told_which_one_it_lacks(self, url: str, opened_once: Store) -> None:
        old = with_keys(url, 1)
        with old.reading() as tx:
            assert tx.keys.sealing == 1
        renewed_so_far(opened_once, "none")
        with pytest.raises(StoreUnavailable, match=r"key 2 seals now.*HEYUE_DATA_KEY=1:OLD,2:NEW"), old.reading():
            pass
        old.close()

    def test_without_a_newer_key_there_is_no_change(self, url: str, opened_once: Store) -> None:
        store = with_keys(url, 1)
        with pytest.raises(BadInput, match="heyue keys add"):
            Desk(store, default_policy()).rotate_keys(OPERATOR, AT, lambda: None)
        store.close()

    def test_keys_are_for_who_may(self, opened_once: Store) -> None:
        desk, lead = Desk(opened_once, default_policy()), User("l", "l", roles()["admin"])
        with pytest.raises(NotAllowed):
            desk.rotate_keys(lead, AT, lambda: None)
        with pytest.raises(NotAllowed):
            desk.key_status(lead)
