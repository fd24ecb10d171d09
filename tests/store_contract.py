"""What every store must do, whatever database is below. Run over SQLite and over PostgreSQL."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import inspect, text

from heyue.desk import Arrived, Desk
from heyue.desk.reading import LEASE
from heyue.errors import SealBroken, StoreUnavailable, UnknownCase, UnknownConversation
from heyue.policy import load_policy
from heyue.records import Case, PromiseTerms, TalkReading
from heyue.settings import ZONE
from heyue.store import Keys, Store
from heyue.store.case_queries import ContactPoint
from heyue.store.tables import metadata
from tests.audit_contract import AuditContract
from tests.keys_contract import KeysContract
from tests.persons_contract import PersonsContract
from tests.practice_contract import PracticeContract
from tests.racers import race
from tests.retention_contract import RetentionContract

DATA_KEY = bytes(range(32))
AT = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
PHONE, OPENID = "13800138000", "oZxQ8abc_1"
CASE = Case(
    "C-1", "赵明远", "江岸消费金融", 520_000, date(2026, 11, 10), gender="男", phone=PHONE, wechat_openid=OPENID,
    id_last4="512X", product="循环贷", minimum_due_fen=52_000, pay_day=15, broken_promises=1,
)  # fmt: skip
TERMS = PromiseTerms(date(2026, 11, 27), date(2026, 11, 27), "2000.00")
PHONES, GROUPS = [str(13_800_200_000 + number) for number in range(30)], 10
READING = TalkReading(1, "victim", 0.8, "normal", None, "opening", 0.2, 0.2, 0, 0, {"violations": []})
SECRETS = ["赵明远", PHONE, OPENID, "512X", "周五还两千"]


def opened(url: str) -> Store:
    store = Store.open(url, Keys.from_data_key(DATA_KEY))
    store.migrate()
    return store


def add_conversation(store: Store, address: str = PHONE, at: datetime = AT, case_id: str = "C-1") -> str:
    with store.transaction() as tx:
        return tx.open_conversation(case_id, "sms", address, at).conversation_id


def add_talk_to_read(store: Store, number: int = 0) -> str:
    talk = add_conversation(store, at=AT - timedelta(days=number + 1))
    with store.transaction() as tx:
        tx.add_turn(talk, "borrower", "在吗", AT)
    return talk


def add_promise(store: Store, key: str = "conversation:1:0", terms: PromiseTerms = TERMS) -> str:
    with store.transaction() as tx:
        return tx.add_promise("C-1", key, terms, 200_000, AT, None, None).promise_id


def count(store: Store, table: str) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def receive_first(url: str) -> int:
    """Take in the first message of a borrower, as each of several processes that are brought it does."""
    store = Store.open(url, Keys.from_data_key(DATA_KEY))
    desk = Desk(store, load_policy(None))
    turn_id = desk.receive("sms", PHONE, "你好", AT, "key-1").turn_id
    store.close()
    return turn_id


def receive_crossing(url: str, is_backwards: bool) -> list[str]:
    """Take in groups of messages as one of two processes does that are brought the same ones in opposite order."""
    store = Store.open(url, Keys.from_data_key(DATA_KEY))
    desk, found = Desk(store, load_policy(None)), list[str]()
    for number in range(GROUPS):
        group = [Arrived("sms", phone, "你好", AT, f"{number}-{phone}") for phone in PHONES]
        found += [getattr(each, "outcome", repr(each)) for each in desk.receive_together(group[:: -1 if is_backwards else 1])]
    store.close()
    return found


def claim_all(url: str) -> list[str]:
    """Claim talks as one of several readers does, as often as there are talks."""
    store, found = Store.open(url, Keys.from_data_key(DATA_KEY)), list[str]()
    desk = Desk(store, load_policy(None))
    for _ in range(2 * GROUPS):
        found += [here for here, _ in desk.claim_talks(3, AT)]
    store.close()
    return found


class OneCase:
    """Gives a store with one case in it, in the database that the fixture `url` names."""

    @pytest.fixture
    def store(self, url: str) -> Iterator[Store]:
        store = opened(url)
        with store.transaction() as tx:
            tx.put_case(CASE)
        yield store
        store.close()


class StoreContract(OneCase, PracticeContract, AuditContract, RetentionContract, KeysContract, PersonsContract):
    """The contract. A subclass gives the fixture `url`: an empty database."""

    # the schema

    def test_the_migrations_give_what_the_tables_say(self, url: str) -> None:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        store = opened(url)
        with store.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
            assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
        store.close()

    def test_cases_of_an_older_schema_learn_whose_they_are(self, url: str, store: Store) -> None:
        other = replace(CASE, case_id="C-2", phone="13900139000", wechat_openid=None)
        with store.transaction() as tx:
            tx.put_case(other)
            tx.connection.execute(text("UPDATE cases SET person_hash = NULL"))
            assert tx.debtor(CASE, PHONE).case_ids == ("C-1",)
            tx.note_persons()
            assert tx.debtor(CASE, PHONE).case_ids == ("C-1", "C-2")

    def test_migrating_again_changes_nothing(self, store: Store) -> None:
        store.migrate()
        with store.transaction() as tx:
            assert tx.case("C-1") == CASE

    def test_processes_that_start_together_migrate_once(self, url: str) -> None:
        imports = "import alembic.command\nfrom tests.store_contract import opened"
        race(imports, "opened(sys.argv[1])", url, racers=3)
        store = opened(url)
        assert count(store, "alembic_version") == 1
        store.close()

    def test_a_newer_schema_is_left_alone(self, store: Store) -> None:
        with store.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
        with pytest.raises(StoreUnavailable, match=r"0999.*update Heyue"):
            store.migrate()
        assert count(store, "cases") == 1

    def test_another_key_is_named(self, store: Store, url: str) -> None:
        other = Store.open(url, Keys.from_data_key(bytes(32)))
        with pytest.raises(SealBroken, match="HEYUE_DATA_KEY"), other.transaction() as tx:
            tx.case("C-1")
        other.close()

    # cases and addresses

    def test_a_case_comes_back_as_it_went_in(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.case("C-1") == CASE
            assert tx.has_case("C-1")
            assert not tx.has_case("C-2")

    def test_a_case_without_optional_fields(self, store: Store) -> None:
        bare = Case("C-2", "李", "江岸", 1, date(2026, 1, 1))
        with store.transaction() as tx:
            assert tx.put_case(bare) == "added"
            assert tx.case("C-2") == bare
            assert tx.contact_points("C-2") == []

    def test_unknown_names_have_their_errors(self, store: Store) -> None:
        with store.transaction() as tx, pytest.raises(UnknownCase, match="C-9"):
            tx.case("C-9")
        with store.transaction() as tx, pytest.raises(UnknownConversation, match="nowhere"):
            tx.hold_conversation_and_case("nowhere")

    def test_the_case_file_again_changes_nothing_and_a_new_one_keeps_what_was_learnt(
        self, store: Store
    ) -> None:
        with store.transaction() as tx:
            tx.set_case_state("C-1", status="promised", situation="cooperative", reason="illness")
            assert tx.put_case(CASE) == "unchanged"
            assert tx.put_case(replace(CASE, amount_due_fen=1)) == "updated"
            learnt = tx.case("C-1")
        assert (learnt.amount_due_fen, learnt.status, learnt.reason) == (1, "promised", "illness")

    def test_an_address_that_refused_stays_so_when_the_file_comes_again(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.set_contact_state("+86 138 0013 8000", "opted_out", AT)
            tx.put_case(replace(CASE, amount_due_fen=1))
            assert tx.contact_points("C-1") == [
                ContactPoint("phone", PHONE, "opted_out"),
                ContactPoint("wechat", OPENID, "usable"),
            ]
            tx.put_case(replace(CASE, phone="13900139000", wechat_openid=None))
            assert tx.contact_points("C-1") == [ContactPoint("phone", "13900139000", "usable")]

    def test_a_batch_says_what_became_of_each(self, store: Store) -> None:
        changed, new = replace(CASE, amount_due_fen=1), replace(CASE, case_id="C-2")
        with store.transaction() as tx:
            assert dict(tx.put_cases([(CASE, "usable"), (new, "invalid")])) == {"added": 1, "unchanged": 1}
            assert dict(tx.put_cases([(changed, "usable"), (new, "invalid")])) == {
                "added": 0, "updated": 1, "unchanged": 1,
            }  # fmt: skip
            assert tx.contact_points("C-2")[0].state == "invalid"

    @pytest.mark.parametrize(
        "written",
        ["13800138000", "+8613800138000", "+86 138 0013 8000", "138-0013-8000", "0086 13800138000", OPENID],
    )
    def test_a_borrower_is_found_however_the_address_is_written(self, store: Store, written: str) -> None:
        with store.transaction() as tx:
            assert tx.cases_of_address(written) == [CASE]

    @pytest.mark.parametrize(
        "written", ["13800138001", "3800138000", "", "ozxq8abc_1", "'; DROP TABLE cases; --"]
    )
    def test_nobody_else_is(self, store: Store, written: str) -> None:
        with store.transaction() as tx:
            assert tx.cases_of_address(written) == []

    def test_of_several_cases_the_one_last_talked_about_comes_first(self, store: Store) -> None:
        with store.transaction() as tx:
            for name in ("C-2", "C-3"):
                tx.put_case(replace(CASE, case_id=name))
        add_conversation(store, at=AT, case_id="C-2")
        add_conversation(store, at=AT + timedelta(days=1), case_id="C-3")
        with store.transaction() as tx:
            assert [case.case_id for case in tx.cases_of_address(PHONE)] == ["C-3", "C-2", "C-1"]

    def test_deleting_a_case_takes_all_that_is_its_own(self, store: Store) -> None:
        conversation = add_conversation(store)
        add_promise(store)
        with store.transaction() as tx:
            tx.add_turn(conversation, "borrower", "你好", AT)
            tx.add_stop("C-1", "DISPUTE", AT, None)
            tx.add_payment("C-1", AT, 100)
            tx.add_attempt("C-1", "sms", "right_party", AT)
            tx.delete_case("C-1")
        left = {table: count(store, table) for table in metadata.tables}
        assert {table for table, rows in left.items() if rows} == {"audit_chains"}  # their heads, which always stand

    # conversations and messages

    def test_a_transcript_comes_back_in_order_with_its_readings(self, store: Store) -> None:
        conversation = add_conversation(store)
        with store.transaction() as tx:
            first, _ = tx.add_turn(conversation, "borrower", "周五还两千😀", AT)
            tx.add_turn(conversation, "bot", "好的", AT + timedelta(seconds=1))
            tx.set_reading(first, {"intent": "promise_to_pay", "reason": "病"})
        with store.transaction() as tx:
            turns = tx.turns(conversation)
            assert [(turn.speaker, turn.text) for turn in turns] == [
                ("borrower", "周五还两千😀"),
                ("bot", "好的"),
            ]
            assert turns[0].reading == {"intent": "promise_to_pay", "reason": "病"}
            assert turns[0].at == AT
            assert turns[0].at.utcoffset() == timedelta(hours=8)
            assert tx.turns_of_case("C-1") == turns
            record = tx.conversation(conversation)
        assert (record.turn_count, record.last_turn_at) == (2, AT + timedelta(seconds=1))

    def test_a_message_key_counts_once_on_its_channel(self, store: Store) -> None:
        sms = add_conversation(store)
        with store.transaction() as tx:
            wechat = tx.open_conversation("C-1", "wechat", OPENID, AT).conversation_id
            first = tx.add_turn(sms, "borrower", "你好", AT, "key-1")
            again = tx.add_turn(sms, "borrower", "你好", AT, "key-1")
            elsewhere = tx.add_turn(wechat, "borrower", "你好", AT, "key-1")
            assert first[1]
            assert again == (first[0], False)
            assert elsewhere[1]
            assert tx.conversation(sms).turn_count == 1

    def test_a_message_that_comes_to_several_at_once_counts_once(self, url: str, store: Store) -> None:
        imports = "from tests.store_contract import receive_first, opened\nopened"
        deed = "print(receive_first(sys.argv[1]))"
        turns = [turn for printed in race(imports, deed, url, racers=3) for turn in printed]
        assert len(set(turns)) == 1
        assert count(store, "messages") == count(store, "conversations") == 1

    def test_two_groups_of_messages_that_cross_do_not_wait_in_a_circle(self, url: str, store: Store) -> None:
        known = [replace(CASE, case_id=phone, phone=phone, wechat_openid=None) for phone in PHONES[1:]]
        with store.transaction() as tx:
            tx.put_cases([(case, "usable") for case in known])
        imports = "from tests.store_contract import receive_crossing, opened\nopened"
        outcomes = race(imports, "print(*receive_crossing(sys.argv[1], sys.argv[2] == '1'), sep='\\n')", url)
        assert Counter(each for printed in outcomes for each in printed) == {
            "stranger": 2 * GROUPS, "answer": len(known) * GROUPS, "silent": len(known) * GROUPS
        }  # fmt: skip
        assert (count(store, "messages"), count(store, "conversations")) == (len(known) * GROUPS, len(known))

    def test_a_talk_is_claimed_by_one_of_several_readers(self, url: str, store: Store) -> None:
        talks = [add_talk_to_read(store, number) for number in range(2 * GROUPS)]
        imports = "from tests.store_contract import claim_all\nclaim_all"
        claimed = race(imports, "print(*claim_all(sys.argv[1]))", url, racers=3)
        assert sorted(here for each in claimed for here in each) == sorted(talks)

    def test_what_a_dead_reader_has_claimed_is_read_by_another_after_its_lease(self, store: Store) -> None:
        desk, talk = Desk(store, load_policy(None)), add_talk_to_read(store)
        assert desk.claim_talks(10, AT) == [(talk, 1)]
        assert desk.claim_talks(10, AT + LEASE) == desk.claim_talks(10, AT - LEASE) == []
        assert desk.unread_talks() == [(talk, 1)]
        assert desk.claim_talks(10, AT + LEASE + timedelta(seconds=1)) == [(talk, 1)]
        assert desk.claim_talks(10, AT) == [(talk, 1)], "a clock that was set back leaves no talk behind"

    def test_a_talk_that_goes_on_while_it_is_read_is_free_at_once(self, store: Store) -> None:
        desk, talk = Desk(store, load_policy(None)), add_talk_to_read(store)
        desk.claim_talks(10, AT)
        with store.transaction() as tx:
            tx.add_turn(talk, "borrower", "喂", AT)
        assert desk.claim_talks(10, AT) == []
        with store.transaction() as tx:
            tx.put_reading(talk, READING, ["在吗"], AT)
        assert desk.claim_talks(10, AT) == [(talk, 2)]

    def test_messages_without_a_key_all_count(self, store: Store) -> None:
        conversation = add_conversation(store)
        with store.transaction() as tx:
            assert [tx.add_turn(conversation, "borrower", "在吗", AT)[1] for _ in range(3)] == [True] * 3

    def test_the_latest_conversation_of_an_address(self, store: Store) -> None:
        early = add_conversation(store)
        late = add_conversation(store, "+86 138-0013-8000", AT + timedelta(days=2))
        with store.transaction() as tx:
            latest = tx.latest_conversation(PHONE)
            assert latest is not None
            assert latest.conversation_id == late
            tx.add_turn(early, "borrower", "在吗", AT + timedelta(days=3))
            latest = tx.latest_conversation(PHONE)
            assert latest is not None
            assert latest.conversation_id == early
            assert tx.latest_conversation(OPENID) is None
            assert tx.address_of(late) == "+86 138-0013-8000"

    def test_dialogue_and_holder_are_kept(self, store: Store) -> None:
        conversation = add_conversation(store)
        with store.transaction() as tx:
            tx.save_dialogue(conversation, {"stage": "talk", "reason": "病"})
            tx.set_holder(conversation, "human", AT, "王主管", "接管")
        with store.transaction() as tx:
            record, case = tx.hold_conversation_and_case(conversation)
        assert (record.holder, record.dialogue, case) == ("human", {"stage": "talk", "reason": "病"}, CASE)

    # promises and payments

    def test_a_promise_is_recorded_once_whatever_comes_again(self, store: Store) -> None:
        ids = {add_promise(store, terms=terms) for terms in (TERMS, TERMS, replace(TERMS, amount="9.00"))}
        with store.transaction() as tx:
            (promise,) = tx.promises("C-1")
        assert ids == {promise.promise_id}
        assert promise.terms == TERMS
        assert count(store, "promise_changes") == 1

    def test_racing_writers_record_a_promise_once(self, url: str, store: Store) -> None:
        keys = [f"conversation:{number}:0" for number in range(20)]
        failures: list[Exception] = []
        start = threading.Barrier(4)

        def write() -> None:
            mine = Store.open(url, Keys.from_data_key(DATA_KEY))
            try:
                for key in keys:
                    start.wait(30)
                    add_promise(mine, key)
            except Exception as error:
                failures.append(error)
                start.abort()
            finally:
                mine.close()

        writers = [threading.Thread(target=write) for _ in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert failures == []
        assert count(store, "promises") == count(store, "promise_changes") == len(keys)

    def test_each_change_of_a_promise_is_noted_with_its_cause(self, store: Store) -> None:
        promise_id = add_promise(store)
        with store.transaction() as tx:
            tx.set_promise_state(promise_id, "partly_kept", 100, AT, "payment")
            tx.set_promise_state(promise_id, "superseded", 100, AT, 7)
            (promise,) = tx.promises("C-1")
        assert (promise.state, promise.paid_fen) == ("superseded", 100)
        with store.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT state, cause FROM promise_changes ORDER BY change_id")
            ).all()
        assert [tuple(row) for row in rows] == [
            ("open", None),
            ("partly_kept", "payment"),
            ("superseded", "7"),
        ]

    @pytest.mark.parametrize(
        "terms",
        [
            PromiseTerms(None, None, None, "vague"),
            PromiseTerms(date(2026, 12, 1), None, "full", "conditional"),
            PromiseTerms(date(2026, 12, 1), date(2026, 12, 9), "123456789.01"),
        ],
    )
    def test_terms_come_back_as_they_went_in(self, store: Store, terms: PromiseTerms) -> None:
        add_promise(store, terms=terms)
        with store.transaction() as tx:
            assert tx.promises("C-1")[0].terms == terms

    def test_a_payment_counts_once(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.add_payment("C-1", AT, 100)
            assert not tx.add_payment("C-1", AT, 100)
            assert tx.add_payment("C-1", AT, 100, ordinal=1)
            assert tx.add_payment("C-1", AT - timedelta(days=1), -100)
            assert tx.payments("C-1") == [(AT - timedelta(days=1), -100), (AT, 100), (AT, 100)]
            assert tx.paid_fen("C-1") == 100
            assert tx.paid_fen("C-2") == 0

    # conduct

    def test_opt_outs_and_stops_stand_once(self, store: Store) -> None:
        with store.transaction() as tx:
            assert not tx.is_opted_out(PHONE)
            for _ in range(2):
                tx.add_opt_out("+86 138 0013 8000", "sms", AT, None)
                tx.add_stop("C-1", "OPTED_OUT", AT, None)
                tx.add_stop("C-1", "DISPUTE", AT, None)
            assert tx.is_opted_out(PHONE)
            assert not tx.is_opted_out(OPENID)
            assert tx.stops("C-1") == ["OPTED_OUT", "DISPUTE"]
        assert count(store, "opt_outs") == 1

    def test_a_stranger_is_new_once_a_day(self, store: Store) -> None:
        days = [AT, AT + timedelta(hours=13), AT + timedelta(hours=14), AT + timedelta(days=1)]
        with store.transaction() as tx:
            assert [tx.note_stranger("19900001111", at) for at in days] == [True, False, True, False]
            assert tx.note_stranger("19900002222", AT)

    # transactions

    def test_nothing_of_a_failed_transaction_stays(self, store: Store) -> None:
        conversation = add_conversation(store)
        before = {table: count(store, table) for table in metadata.tables}

        def fail() -> None:
            with store.transaction() as tx:
                tx.add_turn(conversation, "borrower", "对", AT, "key-1")
                tx.add_promise("C-1", "key", TERMS, 1, AT, None, conversation)
                tx.add_stop("C-1", "DISPUTE", AT, None)
                tx.save_dialogue(conversation, {"stage": "settled"})
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert {table: count(store, table) for table in metadata.tables} == before
        with store.transaction() as tx:
            assert tx.conversation(conversation).dialogue == {}
            assert tx.add_turn(conversation, "borrower", "对", AT, "key-1")[1]

    def test_a_broken_rule_of_the_database_is_a_named_error(self, store: Store) -> None:
        with pytest.raises(StoreUnavailable), store.transaction() as tx:
            tx.open_conversation("no such case", "sms", PHONE, AT)

    def test_what_one_transaction_wrote_the_next_reads(self, store: Store, url: str) -> None:
        conversation = add_conversation(store)
        other = Store.open(url, Keys.from_data_key(DATA_KEY))
        for number in range(5):
            with store.transaction() as tx:
                tx.add_turn(conversation, "borrower", str(number), AT)
            with other.transaction() as tx:
                assert len(tx.turns(conversation)) == number + 1
        other.close()
