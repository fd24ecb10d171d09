"""Outreach over a real store: planned, judged by the gate, queued once, followed to the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from heyue.delivery.sender import REFUSED, Receipt
from heyue.desk import Desk
from heyue.desk.outreach import PlannedStep
from heyue.understanding.reading import read
from tests.flows import flow_of
from tests.outgoing import Provider, run_together, still
from tests.outreaching import ALL, DAWN, TODAY, days_of_work, open_outreach, overdue, promise, write

OpenDesk = Callable[..., Desk]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'heyue.db'}"


@pytest.fixture
def open_desk(url: str) -> Iterator[OpenDesk]:
    opened: list[Desk] = []

    def of(*cases: object, **options: object) -> Desk:
        opened.append(open_outreach(url, *cases, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield of
    for desk in opened:
        desk.store.close()


def moments_of_a_day(minutes: int = 30) -> list[datetime]:
    """From the planning in the morning to after the last message."""
    return [DAWN + timedelta(minutes=each) for each in [*range(0, 690, minutes), 689]]


def steps(desk: Desk, at: datetime = DAWN) -> dict[str, PlannedStep]:
    return {step.case_id: step for step in desk.plan_outreach(at, ALL)}


def outgoing(desk: Desk, case_id: str) -> list[tuple[str, str]]:
    with desk.store.reading() as tx:
        return [(each["message_id"], each["state"]) for each in tx.outgoing_of_case(case_id)]


def status(desk: Desk, case_id: str) -> str:
    with desk.store.reading() as tx:
        return str(tx.case(case_id).status)


def test_a_plan_shows_all_cases_and_writes_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(overdue(1), overdue(2, 3), overdue(3, 40), overdue(4, -3))
    found = steps(desk)
    assert {key: (each.action, each.kind) for key, each in found.items()} == {
        "C-1": ("send", "reminder"), "C-2": ("send", "reminder"), "C-3": ("follow_up", None), "C-4": ("send", "courtesy"),
    }  # fmt: skip
    assert found["C-3"].why == (("O-07", "后期提醒已结束，转人工跟进"),)
    assert [outgoing(desk, key) for key in found] == [[]] * 4
    assert status(desk, "C-3") == "active"


def test_what_a_plan_shows_names_nobody(open_desk: OpenDesk) -> None:
    desk = open_desk(overdue(1))
    shown = repr(steps(desk)["C-1"])
    assert "赵*远" in shown
    assert "赵二远" not in shown
    assert "13900000001" not in shown


def test_a_job_that_runs_twice_sends_once(open_desk: OpenDesk) -> None:
    desk, sms = open_desk(overdue(1), overdue(2)), Provider()
    assert desk.run_outreach(DAWN, ALL) == {"send": 2}
    assert desk.run_outreach(DAWN + timedelta(minutes=1), ALL) == {"rest": 2}
    for at in moments_of_a_day():
        desk.deliver_due(still(at), {"sms": sms})
        desk.run_outreach(at, ALL)
    assert sorted(sms.ids) == ["remind:C-1:middle:2026-11-26", "remind:C-2:middle:2026-11-26"]


def test_two_workers_that_plan_at_the_same_moment_send_once(open_desk: OpenDesk) -> None:
    desk, sms = open_desk(*[overdue(n) for n in range(20)]), Provider()
    other = open_desk()
    run_together([partial(each.run_outreach, DAWN, ALL) for each in (desk, other)])
    for at in moments_of_a_day():
        run_together([partial(each.deliver_due, still(at), {"sms": sms}) for each in (desk, other)])
    assert len(sms.ids) == len(set(sms.ids)) == 20


def test_each_message_goes_at_its_hour_and_not_before(open_desk: OpenDesk) -> None:
    desk, sms = open_desk(*[overdue(n) for n in range(30)]), Provider()
    moments = {step.message.message_id: step.not_before for step in desk.plan_outreach(DAWN, ALL) if step.message}
    desk.run_outreach(DAWN, ALL)
    for at in moments_of_a_day(5):
        before = len(sms.ids)
        desk.deliver_due(still(at), {"sms": sms})
        for message_id in sms.ids[before:]:
            moment = moments[message_id]
            assert moment is not None
            assert moment <= at < moment + timedelta(minutes=6)
    assert len(sms.ids) == 30
    assert len({at.hour for at in moments.values() if at}) > 5


def test_in_the_evening_the_next_day_is_planned(open_desk: OpenDesk) -> None:
    step = steps(open_desk(overdue(1)), DAWN.replace(hour=21))["C-1"]
    assert step.not_before is not None
    assert step.not_before.date() == TODAY + timedelta(days=1)
    assert step.message is not None
    assert step.message.message_id == "remind:C-1:middle:2026-11-27"


def test_cases_of_one_person_get_one_message(open_desk: OpenDesk) -> None:
    same_phone = overdue(2, 3, phone="13900000001", id_last4=None)
    same_person = replace(overdue(3, 3), borrower_name=overdue(1).borrower_name, id_last4="0001")
    found = steps(open_desk(overdue(1), same_phone, same_person, overdue(4)))
    assert {key: each.action for key, each in found.items()} == {"C-1": "send", "C-2": "rest", "C-3": "rest", "C-4": "send"}
    assert [rule for rule, _ in found["C-2"].why] == ["F-06"]


# the gate


@pytest.mark.parametrize(
    ("deed", "rules"),
    [
        (lambda desk: write(desk, "add_stop", "C-1", "DISPUTE", DAWN, None), ["X-10"]),
        (lambda desk: write(desk, "add_stop", "C-1", "HARDSHIP_REVIEW", DAWN, None), ["S-02"]),
        (lambda desk: desk.opt_out("sms", "13900000001", DAWN), ["X-05"]),
        (lambda desk: write(desk, "set_case_state", "C-1", status="human"), None),
        (lambda desk: write(desk, "set_contact_state", "13900000001", "wrong_party", DAWN), ["C-09"]),
        (lambda desk: write(desk, "add_payment", "C-1", DAWN, 320_000), ["P-01"]),
    ],
)  # fmt: skip
def test_who_must_not_be_written_to_is_not_and_the_plan_says_why(
    open_desk: OpenDesk, deed: Callable[[Desk], object], rules: list[str] | None
) -> None:
    desk, sms = open_desk(overdue(1)), Provider()
    deed(desk)
    found = steps(desk)
    if rules is None:
        assert found == {}
    else:
        assert [rule for rule, _ in found["C-1"].why] == rules
        assert found["C-1"].message is None
    desk.run_outreach(DAWN, ALL)
    for at in moments_of_a_day():
        desk.deliver_due(still(at), {"sms": sms})
    assert sms.ids == []


def say(desk: Desk, number: str, intent: str, text: str, at: datetime) -> None:
    """A borrower writes by SMS and the bot hears him."""
    received, reading = desk.receive("sms", number, text, at), read(text, at)
    desk.hear(received.conversation_id, flow_of(intent), intent, 0.9, reading, at, received.turn_id)
    desk.record_answer(received.conversation_id, received.turn_id, reading.as_dict(), [], at)


@pytest.mark.parametrize("is_said", [True, False], ids=["said to the bot", "by the SMS provider"])
@pytest.mark.parametrize("ends", ["in time", "by his own wish"])
def test_an_opt_out_however_it_comes_holds_every_message_back_and_the_case_lives_on_when_it_ends(
    open_desk: OpenDesk, is_said: bool, ends: str
) -> None:
    desk, sms, wechat, number = open_desk(overdue(1, wechat_openid="o-1")), Provider(), Provider("wechat"), "13900000001"
    refused_at = DAWN - timedelta(days=180)
    if is_said:
        say(desk, number, "opt_out", "退订", refused_at)
    else:
        desk.opt_out("sms", number, refused_at)
    assert status(desk, "C-1") == "active"
    for dawn, planned in days_of_work(desk, {"sms": sms, "wechat": wechat}, DAWN - timedelta(days=4), 4):
        assert planned == {"withheld": 1}, dawn
    assert {rule for rule, _ in steps(desk, DAWN - timedelta(days=1))["C-1"].why} == {"X-05"}
    assert (sms.sent, wechat.sent) == ([], [])
    again = DAWN if ends == "in time" else DAWN - timedelta(days=1)
    if ends == "by his own wish":
        desk.opt_in("sms", number, again)
    assert steps(desk, again)["C-1"].action == "send"


def test_without_a_sender_nothing_is_queued_and_the_plan_can_show_what_would_be(open_desk: OpenDesk) -> None:
    desk = open_desk(overdue(1), pushing=frozenset())
    assert steps(desk)["C-1"].why == (("CH-none", "没有配置这个渠道的发送服务"),)
    assert desk.run_outreach(DAWN, ALL) == {"withheld": 1}
    assert outgoing(desk, "C-1") == []
    assert {step.action for step in desk.plan_outreach(DAWN, replace(ALL, as_if=frozenset({"sms"})))} == {"send"}


def test_a_stop_after_planning_still_stops_the_message(open_desk: OpenDesk) -> None:
    desk, sms = open_desk(overdue(1)), Provider()
    desk.run_outreach(DAWN, ALL)
    write(desk, "add_stop", "C-1", "COMPLAINT_OPEN", DAWN, None)
    for at in moments_of_a_day():
        desk.deliver_due(still(at), {"sms": sms})
    assert (sms.ids, outgoing(desk, "C-1")) == ([], [("remind:C-1:middle:2026-11-26", "withheld")])


def test_where_one_channel_has_no_sender_the_other_is_taken(open_desk: OpenDesk) -> None:
    desk = open_desk(overdue(1, wechat_openid="o-1"), pushing=frozenset({"sms"}))
    assert steps(desk)["C-1"].channel == "sms"


def test_what_a_provider_refuses_goes_over_another_channel_the_next_day(open_desk: OpenDesk) -> None:
    desk, sms = open_desk(overdue(1, wechat_openid="o-1")), Provider()
    refusing = Provider("wechat", *[Receipt(REFUSED, code="template_not_configured")] * 9)
    sent = []
    for _ in days_of_work(desk, {"sms": sms, "wechat": refusing}, DAWN, 2):
        sent.append((len(refusing.sent), len(sms.sent)))
    assert sent == [(1, 0), (1, 1)]


def test_demonstration_cases_are_not_written_to_unless_the_policy_says_so(open_desk: OpenDesk) -> None:
    desk = open_desk(replace(overdue(1), case_id="DEMO-001"))
    assert steps(desk)["DEMO-001"].why == (("O-01", "演示案件不外发"),)
    assert desk.run_outreach(DAWN, ALL) == {"withheld": 1}
    desk.outreach_policy = replace(desk.outreach_policy, demonstration=True)
    assert steps(desk)["DEMO-001"].action == "send"


# in a talk


def test_who_wrote_lately_on_wechat_gets_free_words_and_who_proved_himself_the_sum(open_desk: OpenDesk) -> None:
    desk = open_desk(overdue(1, wechat_openid="o-1"))
    evening = DAWN - timedelta(hours=13)
    write(desk, "open_conversation", "C-1", "wechat", "o-1", evening)
    received = desk.receive("wechat", "o-1", "周四还两千", evening)
    promise(desk, "C-1", TODAY, evening)
    step = steps(desk)["C-1"]
    assert (step.kind, step.channel, step.template) == ("promise_day", "wechat", None)
    assert step.message is not None
    assert "元" not in step.message.text
    write(desk, "save_dialogue", received.conversation_id, {"verified": True})
    spoken = steps(desk)["C-1"].message
    assert spoken is not None
    if spoken.not_before and spoken.not_before - evening < timedelta(hours=24):
        assert "2,000元" in spoken.text


# a promise to its end


def test_a_kept_promise_eve_day_thanks(open_desk: OpenDesk) -> None:
    desk, sms = open_desk(overdue(1)), Provider()
    promise(desk, "C-1", TODAY + timedelta(days=2), DAWN)
    kinds = []
    for dawn, _ in days_of_work(desk, {"sms": sms}, DAWN, 7):
        if dawn.date() == TODAY + timedelta(days=2):
            write(desk, "add_payment", "C-1", dawn.replace(hour=19), 200_000)
        kinds.append([message.kind for message in sms.sent])
        sms.sent.clear()
    # eve and day would be two in a row and thanks the third: the seven days allow just that
    assert kinds[:4] == [[], ["promise_eve"], ["promise_day"], ["promise_kept"]]
    with desk.store.reading() as tx:
        assert [each.state for each in tx.promises("C-1")] == ["kept"]
    assert status(desk, "C-1") == "active"


def test_a_broken_promise_is_asked_about_first_and_without_answer_goes_to_a_person(open_desk: OpenDesk) -> None:
    desk, sms, wechat = open_desk(overdue(1, wechat_openid="o-1")), Provider(), Provider("wechat")
    promise(desk, "C-1", TODAY + timedelta(days=1), DAWN - timedelta(days=1))
    seen = []
    for dawn, planned in days_of_work(desk, {"sms": sms, "wechat": wechat}, DAWN, 9):
        for message in [*sms.sent, *wechat.sent]:
            seen.append(((dawn.date() - TODAY).days, message.kind))
        sms.sent.clear()
        wechat.sent.clear()
        if planned["follow_up"]:
            seen.append(((dawn.date() - TODAY).days, "person"))
    assert seen == [(0, "promise_eve"), (1, "promise_day"), (3, "promise_broken"), (5, "promise_broken"), (7, "person")]
    assert status(desk, "C-1") == "human"
    with desk.store.reading() as tx:
        assert [(task.task, task.why) for task in tx.open_tasks(9, "lead", False)] == [("follow_up", "promise_silent")]


def test_two_broken_promises_go_to_a_person_at_once(open_desk: OpenDesk) -> None:
    desk = open_desk(overdue(1, broken_promises=1))
    promise(desk, "C-1", TODAY - timedelta(days=3), DAWN - timedelta(days=6))
    assert desk.settle_promises(DAWN) == {"broken": 1}
    assert desk.run_outreach(DAWN, ALL) == {"follow_up": 1}
    assert desk.run_outreach(DAWN, ALL) == {}


def test_looking_promises_up_twice_changes_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(overdue(1))
    promise(desk, "C-1", TODAY - timedelta(days=3), DAWN - timedelta(days=6))
    assert [desk.settle_promises(DAWN) for _ in range(2)] == [{"broken": 1}, {}]


def test_who_pays_after_the_message_was_planned_is_not_asked_why(open_desk: OpenDesk) -> None:
    desk, sms = open_desk(overdue(1)), Provider()
    promise(desk, "C-1", TODAY - timedelta(days=2), DAWN - timedelta(days=6))
    desk.settle_promises(DAWN)
    assert desk.run_outreach(DAWN, ALL) == {"send": 1}
    (planned,) = outgoing(desk, "C-1")
    assert planned == ("promise_broken:C-1:1:2026-11-26", "queued")
    write(desk, "add_payment", "C-1", DAWN - timedelta(hours=20), 200_000)  # the lender's file came late
    for at in moments_of_a_day():
        desk.deliver_due(still(at), {"sms": sms})
    assert (sms.ids, outgoing(desk, "C-1")) == ([], [("promise_broken:C-1:1:2026-11-26", "withheld")])
    days_of = [[each.kind for each in sms.sent] for _ in days_of_work(desk, {"sms": sms}, DAWN + timedelta(days=1), 1)]
    assert days_of == [["promise_kept"]]


@pytest.mark.parametrize("deed", ["writes", "promises"])
def test_who_writes_or_promises_after_the_message_was_planned_is_not_reminded(open_desk: OpenDesk, deed: str) -> None:
    desk, sms = open_desk(overdue(1)), Provider()
    desk.run_outreach(DAWN, ALL)
    if deed == "writes":
        desk.receive("sms", "13900000001", "你好", DAWN + timedelta(minutes=10))
    else:
        promise(desk, "C-1", TODAY + timedelta(days=5), DAWN + timedelta(minutes=10))
    for at in moments_of_a_day():
        desk.deliver_due(still(at), {"sms": sms})
    assert sms.ids == []


# silence


def test_silence_leads_to_other_hours_another_channel_and_then_to_a_person(open_desk: OpenDesk) -> None:
    desk, sms, wechat = open_desk(overdue(1, 6, wechat_openid="o-1")), Provider(), Provider("wechat")
    tried, last = [], Counter[str]()
    for _dawn, planned in days_of_work(desk, {"sms": sms, "wechat": wechat}, DAWN, 14):
        for message in [*wechat.sent, *sms.sent]:
            tried.append((message.channel, message.not_before.hour if message.not_before else None))
        sms.sent.clear()
        wechat.sent.clear()
        last += planned
    assert [channel for channel, _ in tried] == ["wechat", "wechat", "sms", "sms"]
    assert len({hour for _, hour in tried}) == 4
    assert last["check_contact"] == 1
    with desk.store.reading() as tx:
        assert tx.case("C-1").situation == "unreachable"


def test_of_a_month_nobody_gets_more_than_the_caps_allow(open_desk: OpenDesk) -> None:
    desk, sms = open_desk(*[overdue(n, n) for n in range(1, 28, 3)]), Provider()
    by_day: dict[tuple[str, object], int] = Counter()
    for dawn, _ in days_of_work(desk, {"sms": sms}, DAWN, 28):
        for message in sms.sent:
            by_day[(str(message.case_id), dawn.date())] += 1
        sms.sent.clear()
    assert set(by_day.values()) == {1}
    for case_id, _ in by_day:
        days = sorted(day for each, day in by_day if each == case_id)
        assert all(sum(day <= other < day + timedelta(days=7) for other in days) <= 3 for day in days)  # type: ignore[operator]
