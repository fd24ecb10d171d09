"""What retention must do, whatever database is below. Part of the contract of the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import LargeBinary, text

from heyue.access.people import User, operator
from heyue.access.roles import roles
from heyue.conduct.contact_policy import default_contact_policy
from heyue.desk import Desk
from heyue.desk.base import NotAllowed
from heyue.desk.retention import UnknownHold
from heyue.errors import UnknownCase, UnknownConversation
from heyue.policy import default_policy
from heyue.records import Case, TalkFilter
from heyue.retention.policy import default_retention_policy, personal_tables
from heyue.settings import ZONE
from heyue.store import Store
from heyue.store.tables import metadata
from tests.every_table import OF_THE_MACHINE, fill_every_table

THEN = datetime(2020, 3, 1, 10, 0, tzinfo=ZONE)
OPERATOR = operator("root")
SETTLED = Case("S-1", "钱已清", "江岸消费金融", 100, date(2020, 2, 1), phone="13700000001", id_last4="0001")

ENDS_WITH_THE_DEBT = {  # they say how to ask, or whom not: nobody has to prove anything once nothing is owed
    "DECEASED", "LIMITED_CAPACITY", "PLAN_ACTIVE", "HARDSHIP_REVIEW", "SELF_HARM", "OPTED_OUT", "NUMBER_NOT_OWNER",
    "TIME_BARRED_REVIEW", "ASSIGNMENT_NOT_NOTIFIED",
}  # fmt: skip


def settled_case(store: Store, case: Case = SETTLED, at: datetime = THEN, paid_fen: int = 100) -> str:
    """A case with a talk and a payment, both of that moment; the conversation's id."""
    with store.transaction() as tx:
        tx.put_case(case)
        talk = tx.open_conversation(case.case_id, "sms", case.phone or "", at).conversation_id
        tx.add_turn(talk, "borrower", "已经还清了", at)
        tx.add_payment(case.case_id, at, paid_fen)
    return talk


def run(desk: Desk, at: datetime) -> dict[str, int]:
    return dict(desk.run_retention(at, "here"))


def years_later(years: int, days: int = 0) -> datetime:
    return THEN.replace(year=THEN.year + years) + timedelta(days=days)


class RetentionContract:
    """The contract of retention. `store`: of a subclass, with one case that owes."""

    @pytest.fixture
    def desk(self, store: Store) -> Desk:
        return Desk(store, default_policy())

    def test_every_table_with_personal_data_has_its_end_in_the_policy(self) -> None:
        rows = {each.name: each for each in default_retention_policy().rows}
        for name, table in metadata.tables.items():
            holds = {each.name for each in table.columns if isinstance(each.type, LargeBinary)}
            if name in OF_THE_MACHINE - {"audit_events"} or (not holds and name not in personal_tables()):
                continue
            named = personal_tables().get(name)
            assert named is not None, f"tables.yml does not say when the rows of {name} end"
            ends = [named.ends, *([named.also] if named.also else [])]
            assert all(end in ("case", "archive") or rows[end].table == name for end in ends), name
        assert set(personal_tables()) <= set(metadata.tables)
        assert all(rows[name].since in metadata.tables[rows[name].table].c for name in rows)

    def test_every_state_that_stops_messages_holds_the_data_too_or_ends_with_the_debt(self) -> None:
        holding = set(default_retention_policy().case.stopped_by)
        assert holding | ENDS_WITH_THE_DEBT == set(default_contact_policy().stop_states)
        assert not holding & ENDS_WITH_THE_DEBT

    def test_a_row_of_every_table_is_gone_when_its_time_is_over(self, desk: Desk, store: Store) -> None:
        with store.transaction() as tx:
            tx.delete_case("C-1")
        fill_every_table(store, THEN)
        run(desk, years_later(6))
        left = {}
        with store.engine.connect() as connection:
            for name in set(personal_tables()) - OF_THE_MACHINE:
                left[name] = connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
        assert {name for name, rows in left.items() if rows} == set()

    def test_a_settled_case_is_first_restricted_and_goes_after_five_years(self, desk: Desk, store: Store) -> None:
        settled_case(store)
        assert run(desk, THEN + timedelta(days=29)) == {}
        assert run(desk, THEN + timedelta(days=31)) == {"restrict": 1}
        assert run(desk, THEN + timedelta(days=32)) == {}
        assert run(desk, years_later(5, -1)) == {}
        assert run(desk, years_later(5, 1)) == {"delete": 1}
        with store.transaction() as tx:
            assert not tx.has_case("S-1")
            assert tx.has_case("C-1")
            proofs = [(each["event"], each["case_id"], each["details"]) for each in tx.entries()]
            assert tx.first_broken_entry() is None
        assert [proof[:2] for proof in proofs] == [("retention_restricted", "S-1"), ("retention_deleted", "S-1")]
        assert '"rules": ["L-11", "R-02"]' in str(proofs[1][2])

    def test_restricted_talks_are_seen_by_a_lead_alone(self, desk: Desk, store: Store) -> None:
        talk = settled_case(store)
        users = {key: User(key, key, role) for key, role in roles().items()}
        assert desk.open_talk(users["collector"], talk, THEN).case is not None
        run(desk, THEN + timedelta(days=31))
        for key in ("collector", "reviewer", "trainee", "admin"):
            with pytest.raises(UnknownConversation):
                desk.open_talk(users[key], talk, THEN)
        assert desk.open_talk(users["lead"], talk, THEN).case is not None
        assert desk.running_talks(users["collector"], THEN) == []
        with store.reading() as tx:
            assert tx.talks(TalkFilter(), 10) == []

    def test_who_writes_again_is_answered_and_seen_and_the_old_talk_stays_restricted(
        self, desk: Desk, store: Store
    ) -> None:
        old = settled_case(store)
        run(desk, THEN + timedelta(days=31))
        again = THEN + timedelta(days=40)
        with store.transaction() as tx:
            new = tx.open_conversation("S-1", "sms", SETTLED.phone or "", again).conversation_id
            assert not tx.conversation(new).is_restricted
            assert tx.conversation(old).is_restricted
        assert run(desk, again + timedelta(days=31)) == {"restrict": 1}
        with store.reading() as tx:
            assert tx.conversation(new).is_restricted

    @pytest.mark.parametrize("obstacle", ["owes", "hold", "LAWSUIT", "ALREADY_PAID_REVIEW"])
    def test_nothing_goes_while_something_stands_against_it(self, desk: Desk, store: Store, obstacle: str) -> None:
        settled_case(store, paid_fen=99 if obstacle == "owes" else 100)
        if obstacle == "hold":
            hold = desk.set_hold(OPERATOR, "S-1", "法院调取", THEN)
        if obstacle.isupper():
            with store.transaction() as tx:
                tx.add_stop("S-1", obstacle, THEN, None)
        assert "delete" not in run(desk, years_later(9))
        if obstacle == "owes":
            with store.transaction() as tx:
                tx.add_payment("S-1", THEN, 1)
        if obstacle == "hold":
            desk.lift_hold(OPERATOR, hold, "已结案", THEN)
        if obstacle.isupper():
            with store.transaction() as tx:
                tx.lift_stop("S-1", obstacle)
        assert run(desk, years_later(9))["delete"] == 1

    def test_a_reversal_of_the_last_payment_gives_the_case_back(self, desk: Desk, store: Store) -> None:
        talk = settled_case(store)
        run(desk, THEN + timedelta(days=31))
        with store.transaction() as tx:
            tx.add_payment("S-1", THEN + timedelta(days=32), -100)
        assert run(desk, THEN + timedelta(days=33)) == {"release": 1}
        with store.reading() as tx:
            assert not tx.conversation(talk).is_restricted

    def test_the_dry_run_says_what_the_run_then_does_and_changes_nothing(self, desk: Desk, store: Store) -> None:
        for number in range(3):
            case = replace(SETTLED, case_id=f"S-{number}", phone=f"1370000000{number}")
            settled_case(store, case, THEN + timedelta(days=2 * number))
        at = years_later(5, 1)
        for _ in range(2):
            plan = {each.case_id: each for each in desk.plan_retention(at)}
            assert {case_id: each.action for case_id, each in plan.items()} == {
                "S-0": "delete", "S-1": "restrict", "S-2": "restrict"
            }  # fmt: skip
            assert [each.rule for each in plan["S-2"].why] == ["P-06", "R-02"]
            assert plan["S-2"].until == years_later(5, 4)
        assert run(desk, at) == {"delete": 1, "restrict": 2}

    def test_a_run_that_was_cut_off_goes_on(
        self, desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("heyue.desk.retention.CASES_AT_ONCE", 2)
        for number in range(5):
            settled_case(store, replace(SETTLED, case_id=f"S-{number}", phone=f"1370000000{number}"))
        looks = iter([False, True, True])
        first = desk.run_retention(years_later(6), "first", lambda: next(looks, True))
        assert first == {"delete": 2}
        assert run(desk, years_later(6)) == {"delete": 3}

    def test_two_runs_do_not_work_beside_each_other(self, desk: Desk, store: Store) -> None:
        settled_case(store)
        with store.transaction() as tx:
            tx.take_lease("retention", "other", years_later(6), years_later(6) + timedelta(minutes=10))
        assert run(desk, years_later(6)) == {}
        assert run(desk, years_later(6, 2)) == {"delete": 1}

    def test_holds_are_for_who_may_and_are_audited(self, desk: Desk, store: Store) -> None:
        collector = User("c", "c", roles()["collector"])
        for attempt in (
            lambda: desk.set_hold(collector, "C-1", "x", THEN), lambda: desk.lift_hold(collector, 1, "x", THEN),
            lambda: desk.holds(collector),
        ):  # fmt: skip
            with pytest.raises(NotAllowed):
                attempt()
        with pytest.raises(UnknownCase):
            desk.set_hold(OPERATOR, "none", "x", THEN)
        number = desk.set_hold(OPERATOR, "C-1", "法院调取", THEN)
        desk.lift_hold(OPERATOR, number, "已结案", THEN + timedelta(days=1))
        with pytest.raises(UnknownHold):
            desk.lift_hold(OPERATOR, number, "又一次", THEN)
        (found,) = desk.holds(OPERATOR)
        assert (found.case_id, found.why, found.set_by, found.lifted_by) == ("C-1", "法院调取", "root", "root")
        with store.reading() as tx:
            assert [(each["event"], each["actor"]) for each in tx.entries()] == [
                ("hold_set", "root"), ("hold_lifted", "root")
            ]  # fmt: skip
