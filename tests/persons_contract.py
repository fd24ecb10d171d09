"""What the rights of persons must do, whatever database is below. Part of the contract of the store."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from heyue.access.people import NoName, User, operator
from heyue.access.roles import roles
from heyue.desk import Desk
from heyue.desk.base import NotAllowed
from heyue.desk.persons import Asked, Correction, UnknownPerson
from heyue.errors import BadInput, UnknownCase
from heyue.policy import default_policy
from heyue.records import Case, OutboundMessage, PromiseTerms
from heyue.retention.copy import columns, given_tables
from heyue.settings import ZONE
from heyue.store import Store
from heyue.store.tables import metadata
from tests.keys_contract import READING
from tests.retention_contract import SETTLED, settled_case

AT = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
OPERATOR = operator("root")
PHONE = "13655550001"
MINE = Case("P-1", "周一鸣", "江岸消费金融", 52_000, date(2026, 11, 1), phone=PHONE, id_last4="7712", debtor_type="evasive")
ALSO_MINE = replace(MINE, case_id="P-2", phone="13655550002")
WIFES = replace(MINE, case_id="P-3", borrower_name="吴二妹", id_last4="3344")


def proofs(store: Store) -> list[dict[str, Any]]:
    with store.reading() as tx:
        return [each | {"answer": json.loads(each["answer"])} for each in tx.requests()]


def audited(store: Store) -> list[tuple[str, str, str | None]]:
    with store.reading() as tx:
        assert tx.first_broken_entry() is None
        return [(each["event"], each["actor"], each["case_id"]) for each in tx.entries() if "person" in each["event"]]


class PersonsContract:
    """The contract of persons' rights. `store`: of a subclass."""

    @pytest.fixture
    def people(self, store: Store) -> Desk:
        with store.transaction() as tx:
            for each in (MINE, ALSO_MINE):
                tx.put_case(each)
            talk = tx.open_conversation("P-1", "sms", PHONE, AT).conversation_id
            turn, _ = tx.add_turn(talk, "borrower", "下周五还两千，妈妈住院了", AT)
            tx.set_reading(turn, {"intent": "promise"})
            tx.put_reading(talk, READING, ["下周五还两千"], AT)
            tx.add_promise("P-1", "key", PromiseTerms(date(2026, 11, 27), date(2026, 11, 27), "2000.00"), 52_000, AT, turn, talk)
            tx.add_opt_out(PHONE, "wechat", AT, turn)
            message = OutboundMessage("m-1", "P-1", "sms", PHONE, "reminder", "您好，请联系我们", talk, None, {}, AT, AT)
            tx.add_outgoing(message, AT, person_hash=None, is_proactive=True, is_human=False, due_at=AT, not_after=AT)
        return Desk(store, default_policy())

    def test_a_copy_holds_everything_in_plain_chinese(self, people: Desk, store: Store) -> None:
        text = people.export_person(OPERATOR, Asked(phone="+86 136-5555-0001"), AT)
        found = json.loads(text)
        assert found["案件编号"] == ["P-1", "P-2"]
        mine = found["个人信息"]
        assert mine["案件"][0]["姓名"] == "周一鸣"
        assert mine["案件"][0]["应还金额（元）"] == "520.00"
        assert [each["号码或账号"] for each in mine["联系方式"]] == [PHONE, "13655550002"]
        assert mine["消息"][0]["内容"] == "下周五还两千，妈妈住院了"
        assert mine["消息"][0]["对消息的理解"] == {"intent": "promise"}
        assert mine["还款约定"][0]["约定金额"] == "2000.00"
        assert mine["发出的消息"][0]["内容"]["text"] == "您好，请联系我们"
        assert len(mine["退订"]) == 1
        assert mine["自动分析结果"][0]["判断把握"] == 0.9
        assert {each["类别"] for each in found["未提供"]} >= {"质检", "申诉"}
        (proof,) = proofs(store)
        assert (proof["kind"], proof["operator"]) == ("export", "root")
        assert proof["answer"]["sha256"] == hashlib.sha256(text.encode()).hexdigest()
        assert "周一鸣" not in json.dumps(proof["answer"], ensure_ascii=False)
        assert audited(store) == [("person_export", "root", "P-1"), ("person_export", "root", "P-2")]

    def test_what_a_copy_gives_has_a_name_for_every_column(self) -> None:
        given = {column.name for table in given_tables() for column in metadata.tables[table].columns}
        assert given - set(columns()["hidden"]) == set(columns()["labels"])

    def test_nothing_of_somebody_else_at_the_same_number_is_told(self, people: Desk, store: Store) -> None:
        with store.transaction() as tx:
            tx.put_case(WIFES)
        with pytest.raises(BadInput, match="several persons"):
            people.export_person(OPERATOR, Asked(phone=PHONE), AT)
        text = people.export_person(OPERATOR, Asked(case_id="P-2"), AT)
        assert json.loads(text)["案件编号"] == ["P-1", "P-2"]
        assert "吴二妹" not in text
        assert "P-3" not in text

    @pytest.mark.parametrize(
        ("asked", "error"), [(Asked(phone="13611112222"), UnknownPerson), (Asked(case_id="none"), UnknownCase)]
    )
    def test_who_is_not_known_gets_no_copy(self, people: Desk, asked: Asked, error: type[Exception]) -> None:
        with pytest.raises(error):
            people.export_person(OPERATOR, asked, AT)
        with pytest.raises(error):
            people.correct_person(OPERATOR, asked, Correction(name="周"), AT)

    def test_a_correction_holds_in_all_cases_and_is_found_by_the_new_number(self, people: Desk, store: Store) -> None:
        right = Correction("周一明", "+86 136 5555 0009", None, "771x")
        assert people.correct_person(OPERATOR, Asked(case_id="P-1"), right, AT) == ["P-1", "P-2"]
        with store.transaction() as tx:
            assert {(each.borrower_name, each.id_last4) for each in tx.cases_of_address("13655550009")} == {("周一明", "771X")}
            assert tx.cases_of_address(PHONE) == []
            other = replace(MINE, case_id="P-9", borrower_name="周一明", id_last4="771X", phone="13655550077")
            tx.put_case(other)
            assert tx.debtor(other, other.phone or "").case_ids == ("P-1", "P-2", "P-9")
            assert tx.put_case(MINE) == "unchanged"  # the same row of the case file again does not undo it
        (proof,) = proofs(store)
        assert proof["answer"] == {"cases": ["P-1", "P-2"], "fields": ["name", "phone", "id_last4"]}
        assert audited(store) == [("person_correct", "root", "P-1"), ("person_correct", "root", "P-2")]

    @pytest.mark.parametrize(
        ("right", "error"),
        [
            (Correction(), BadInput),
            (Correction(name="  "), NoName),
            (Correction(phone="abc"), BadInput),
            (Correction(id_last4="12"), BadInput),
        ],
    )
    def test_what_cannot_be_right_changes_nothing(
        self, people: Desk, store: Store, right: Correction, error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            people.correct_person(OPERATOR, Asked(case_id="P-1"), right, AT)
        with store.reading() as tx:
            assert tx.case("P-1") == MINE
        assert proofs(store) == []

    def test_what_is_still_owed_stays_and_the_answer_says_why(self, people: Desk, store: Store) -> None:
        done = people.erase_person(OPERATOR, Asked(phone=PHONE), AT)
        assert {case_id: (each.action, [why.rule for why in each.why]) for case_id, each in done.rulings.items()} == {
            "P-1": ("keep", ["N-04"]), "P-2": ("keep", ["N-04"])
        }  # fmt: skip
        with store.reading() as tx:
            assert tx.case("P-1") == MINE
        (proof,) = proofs(store)
        assert proof["answer"]["cases"]["P-1"] == {"action": "keep", "rules": ["N-04"], "until": None}

    def test_what_is_settled_is_restricted_at_once_and_loses_its_profile(self, people: Desk, store: Store) -> None:
        talk = settled_case(store, replace(SETTLED, debtor_type="evasive"), AT)
        with store.transaction() as tx:
            tx.put_reading(talk, READING, ["已经还清了"], AT)
        done = people.erase_person(OPERATOR, Asked(case_id="S-1"), AT + timedelta(days=1))
        ruling = done.rulings["S-1"]
        assert (ruling.action, [each.rule for each in ruling.why]) == ("restrict", ["R-02", "L-11"])
        assert ruling.until == AT.replace(year=2031)
        with store.reading() as tx:
            assert tx.conversation(talk).is_restricted
            assert (tx.case("S-1").debtor_type, tx.reading(talk)) == (None, None)
            assert [each.text for each in tx.turns(talk)] == ["已经还清了"]

    def test_what_no_rule_keeps_is_gone_and_the_opt_out_holds_on(self, people: Desk, store: Store) -> None:
        settled_case(store)
        with store.transaction() as tx:
            tx.add_opt_out(SETTLED.phone or "", "sms", AT, None)
            tx.note_stranger(SETTLED.phone or "", AT)
        done = people.erase_person(OPERATOR, Asked(phone=SETTLED.phone), AT)
        assert done.rulings["S-1"].action == "delete"
        with store.transaction() as tx:
            assert not tx.has_case("S-1")
            assert tx.is_opted_out(SETTLED.phone or "")
            assert tx.note_stranger(SETTLED.phone or "", AT)
        assert [each["kind"] for each in proofs(store)] == ["erase"]
        assert audited(store) == [("person_erase", "root", "S-1")]
        found = json.loads(people.export_person(OPERATOR, Asked(phone=SETTLED.phone), AT))["个人信息"]
        assert found["案件"] == found["消息"] == []
        assert [each["类别"] for each in found["个人信息请求"]] == ["erase"]

    def test_a_hold_goes_before_the_wish_to_be_forgotten(self, people: Desk, store: Store) -> None:
        settled_case(store)
        people.set_hold(OPERATOR, "S-1", "法院调取", AT)
        done = people.erase_person(OPERATOR, Asked(case_id="S-1"), AT)
        assert done.rulings["S-1"].why[0].says.startswith("依法冻结")
        with store.reading() as tx:
            assert tx.has_case("S-1")

    def test_requests_are_served_by_who_may(self, people: Desk) -> None:
        lead, asked = User("l", "l", roles()["lead"]), Asked(case_id="P-1")
        for attempt in (
            lambda: people.export_person(lead, asked, AT), lambda: people.erase_person(lead, asked, AT),
            lambda: people.correct_person(lead, asked, Correction(name="某"), AT), lambda: people.person_requests(lead),
        ):  # fmt: skip
            with pytest.raises(NotAllowed):
                attempt()
