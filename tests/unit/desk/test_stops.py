"""Stop states kept by people: listed, added, lifted, each with a reason; a case goes on only when nothing holds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from heyue.access.people import operator
from heyue.conduct.contact_policy import default_contact_policy
from heyue.desk import Desk
from heyue.desk.stops import NotStopped
from heyue.errors import BadInput, UnknownCase
from tests.outgoing import Provider, still
from tests.outreaching import ALL, DAWN, TODAY, open_outreach, overdue, promise, write
from tests.unit.desk.conftest import COLLECTOR, LEAD
from tests.unit.desk.review_talks import audited

PHONE = "13900000001"
LATER = DAWN + timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """C-1 and C-2 are of one person, C-3 of another."""
    same = replace(overdue(2), borrower_name=overdue(1).borrower_name, id_last4="0001")
    opened = open_outreach(f"sqlite:///{tmp_path / 'heyue.db'}", overdue(1, wechat_openid="o-1"), same, overdue(3))
    yield opened
    opened.store.close()


def states(desk: Desk, case_id: str = "C-1") -> list[tuple[str, str]]:
    return [(each.state, each.case_id) for each in desk.stop_states(LEAD, case_id, LATER)]


def status(desk: Desk, case_id: str = "C-1") -> str:
    with desk.store.reading() as tx:
        return str(tx.case(case_id).status)


def rules(desk: Desk, case_id: str = "C-1") -> set[str]:
    """Why the plan sends this case nothing today; nothing where it does."""
    return {rule for step in desk.plan_outreach(DAWN, ALL) if step.case_id == case_id for rule, _ in step.why}


@pytest.mark.parametrize("state", default_contact_policy().stop_states)
def test_a_state_that_a_person_adds_holds_queued_messages_back_until_it_is_lifted(desk: Desk, state: str) -> None:
    sms, wechat, rule = Provider(), Provider("wechat"), desk.contact_policy.stop_states[state].rule
    desk.run_outreach(DAWN, ALL)
    desk.add_stop(LEAD, "C-3", state, "来函告知", DAWN)
    for minutes in range(0, 690, 30):
        desk.deliver_due(still(DAWN + timedelta(minutes=minutes)), {"sms": sms, "wechat": wechat})
    assert {message.case_id for message in [*sms.sent, *wechat.sent]} == {"C-1"}
    assert states(desk, "C-3") == [(state, "C-3")]
    at = DAWN + timedelta(days=1)
    assert rule in {rule for step in desk.plan_outreach(at, ALL) if step.case_id == "C-3" for rule, _ in step.why}
    desk.lift_stop(LEAD, "C-3", state, "已经结束", at)
    assert states(desk, "C-3") == []
    assert [step.action for step in desk.plan_outreach(at, ALL) if step.case_id == "C-3"] == ["send"]


def test_each_change_is_audited_with_its_reason_and_without_personal_data(desk: Desk) -> None:
    desk.add_stop(LEAD, "C-1", "LAWYER", "赵二远（0001）来函", DAWN)
    desk.lift_stop(operator("root"), "C-1", "LAWYER", "委托已解除", LATER)
    assert audited(desk) == ["stop_added", "stop_lifted"]
    with desk.store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT actor, case_id, details FROM audit_events ORDER BY event_id").all()
    assert [(actor, case_id) for actor, case_id, _ in rows] == [("chen", "C-1"), ("root", "C-1")]
    assert rows[0][2] == '{"state": "LAWYER", "why": "赵*远（****）来函"}'


def test_what_cannot_be_is_named_and_changes_nothing(desk: Desk) -> None:
    desk.add_stop(LEAD, "C-2", "DISPUTE", "来电", DAWN)
    with pytest.raises(BadInput, match="no stop state: choose one of DECEASED"):
        desk.add_stop(LEAD, "C-1", "LAWSUITE", "立案", DAWN)
    for deed in (desk.add_stop, desk.lift_stop):
        with pytest.raises(BadInput, match="say why"):
            deed(LEAD, "C-2", "DISPUTE", "  ", DAWN)
        with pytest.raises(UnknownCase):
            deed(LEAD, "C-9", "DISPUTE", "来电", DAWN)
    with pytest.raises(NotStopped, match=r"case C-1 has no stop state DISPUTE$"):
        desk.lift_stop(LEAD, "C-1", "DISPUTE", "已核实", DAWN)
    assert (states(desk), states(desk, "C-2")) == ([], [("DISPUTE", "C-2")])


def test_a_state_of_the_person_shows_in_all_his_cases_and_is_lifted_where_it_stands(desk: Desk) -> None:
    desk.add_stop(LEAD, "C-2", "LAWYER", "来函", DAWN)
    assert states(desk, "C-1") == states(desk, "C-2") == [("LAWYER", "C-2")]
    assert states(desk, "C-3") == []
    with pytest.raises(NotStopped, match="it stands in case C-2"):
        desk.lift_stop(LEAD, "C-1", "LAWYER", "委托已解除", LATER)
    assert "X-02" in rules(desk)
    desk.lift_stop(LEAD, "C-2", "LAWYER", "委托已解除", LATER)
    assert states(desk) == []


def test_a_state_of_nobodys_list_is_shown_and_can_be_lifted(desk: Desk) -> None:
    write(desk, "add_stop", "C-1", "OF_AN_OLD_VERSION", DAWN, None)
    (found,) = desk.stop_states(LEAD, "C-1", LATER)
    assert (found.state, found.says, found.rule) == ("OF_AN_OLD_VERSION", None, None)
    desk.lift_stop(LEAD, "C-1", "OF_AN_OLD_VERSION", "已不适用", LATER)
    assert states(desk) == []


# with a case that rests


@pytest.mark.parametrize("before", ["stopped", "human"])
@pytest.mark.parametrize(("promises", "after"), [(False, "active"), (True, "promised")])
def test_a_case_goes_on_when_its_last_state_is_lifted(desk: Desk, before: str, promises: bool, after: str) -> None:
    for state in ("NUMBER_NOT_OWNER", "DISPUTE"):
        write(desk, "add_stop", "C-1", state, DAWN, None)
    if promises:
        promise(desk, "C-1", TODAY + timedelta(days=1), DAWN)
    write(desk, "set_case_state", "C-1", status=before)
    assert not desk.lift_stop(LEAD, "C-1", "NUMBER_NOT_OWNER", "机构已更新号码", LATER)
    assert status(desk) == before
    assert desk.lift_stop(LEAD, "C-1", "DISPUTE", "已核实答复", LATER)
    assert status(desk) == after


@pytest.mark.parametrize("held_by", ["task", "talk"])
def test_a_case_that_a_person_has_in_hand_stays_with_him(desk: Desk, held_by: str) -> None:
    desk.add_stop(LEAD, "C-1", "DISPUTE", "来电", DAWN)
    write(desk, "set_case_state", "C-1", status="human")
    if held_by == "task":
        write(desk, "add_task", "C-1", "follow_up", "broken_twice", DAWN)
    else:
        desk.take_over(COLLECTOR, desk.receive("sms", PHONE, "在吗", DAWN).conversation_id, DAWN)
    assert not desk.lift_stop(LEAD, "C-1", "DISPUTE", "已核实答复", LATER)
    assert status(desk) == "human"


# opt-outs


def test_an_opt_out_is_listed_by_its_channels_and_ends_for_all_cases_of_the_person(desk: Desk) -> None:
    desk.opt_out("sms", PHONE, DAWN)
    desk.opt_out("wechat", "o-1", LATER)
    write(desk, "add_stop", "C-2", "OPTED_OUT", DAWN, None)
    write(desk, "set_case_state", "C-2", status="stopped")
    (found,) = desk.stop_states(LEAD, "C-1", LATER)
    assert (found.state, found.rule, found.since, found.channels) == ("OPTED_OUT", "X-05", LATER, ("sms", "wechat"))
    desk.lift_stop(LEAD, "C-1", "OPTED_OUT", "借款人来电，要求恢复短信", LATER)
    assert (states(desk, "C-1"), states(desk, "C-2"), status(desk, "C-2")) == ([], [], "active")
    with desk.store.reading() as tx:
        assert {point.state for point in tx.contact_points("C-1")} == {"usable"}
    assert rules(desk) == set()


def test_an_opt_out_that_is_over_says_so_and_added_again_it_holds_anew(desk: Desk) -> None:
    write(desk, "add_stop", "C-1", "OPTED_OUT", DAWN - timedelta(days=180), None)
    assert [each.has_ended for each in desk.stop_states(LEAD, "C-1", DAWN)] == [True]
    assert rules(desk) == set()
    desk.add_stop(LEAD, "C-1", "OPTED_OUT", "电话里再次拒收", DAWN)
    assert [each.has_ended for each in desk.stop_states(LEAD, "C-1", LATER)] == [False]
    assert rules(desk) == {"X-05"}
