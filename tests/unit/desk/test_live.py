"""What collectors see of running conversations, and how they take them over, speak and give them back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from heyue.access.people import User
from heyue.desk import Desk
from heyue.desk.base import NotAllowed
from heyue.desk.live import HeldBy, NotHeld
from heyue.errors import UnknownConversation
from heyue.records import PromiseTerms
from heyue.store import Tx
from tests.unit.desk.conftest import (
    ADMIN,
    COLLECTOR,
    DEMO_PHONE,
    LEAD,
    NOW,
    OTHER_COLLECTOR,
    PHONE,
    REVIEWER,
    TRAINEE,
)

THREAT = "再不还钱我就把你欠款的事发到你单位群里，让你同事都知道"


def begin(desk: Desk, phone: str = PHONE, text: str = "我是赵明远本人，尾号5126，电话13800138000") -> str:
    return desk.receive("sms", phone, text, NOW).conversation_id


def listed(desk: Desk, user: User) -> set[str]:
    return {talk.conversation.conversation_id for talk in desk.running_talks(user, NOW)}


def audited(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT event, actor FROM audit_events ORDER BY event_id").all()
    return [(event, actor) for event, actor in rows]


def test_each_role_sees_its_conversations(desk: Desk) -> None:
    real, demonstration = begin(desk), begin(desk, DEMO_PHONE)
    assert listed(desk, LEAD) == listed(desk, REVIEWER) == listed(desk, COLLECTOR) == {real, demonstration}
    assert listed(desk, TRAINEE) == {demonstration}
    assert listed(desk, ADMIN) == set()
    desk.take_over(COLLECTOR, real, NOW)
    assert listed(desk, OTHER_COLLECTOR) == {demonstration}
    assert listed(desk, COLLECTOR) == {real, demonstration}


def test_a_conversation_at_rest_is_not_listed_but_one_in_human_hands_is(desk: Desk) -> None:
    here = begin(desk)
    assert desk.running_talks(LEAD, NOW + timedelta(hours=25)) == []
    desk.take_over(LEAD, here, NOW)
    assert len(desk.running_talks(LEAD, NOW + timedelta(hours=25))) == 1


@pytest.mark.parametrize("user", [TRAINEE, ADMIN, OTHER_COLLECTOR])
def test_what_a_role_may_not_see_does_not_exist_for_it(desk: Desk, user: User) -> None:
    here = begin(desk)
    desk.take_over(COLLECTOR, here, NOW)
    with pytest.raises(UnknownConversation):
        desk.open_talk(user, here, NOW)


def test_personal_data_is_masked_until_it_is_asked_for_and_both_looks_are_audited(desk: Desk) -> None:
    here = begin(desk)
    desk.read_talk(here, NOW)
    talk = desk.open_talk(COLLECTOR, here, NOW)
    shown = repr(talk)
    for secret in ("赵明远", "5126", PHONE):
        assert secret not in shown
    assert talk.turns[0].text == "我是赵*远本人，尾号****，电话138****8000"
    assert "赵明远" in repr(desk.unmask(COLLECTOR, here, NOW))
    assert audited(desk) == [("conversation_viewed", "wang"), ("conversation_unmasked", "wang")]
    with pytest.raises(NotAllowed):
        desk.refresh_talk(TRAINEE, here, NOW, is_masked=False)


def test_of_two_who_take_over_at_once_one_has_it_and_the_other_is_told(desk: Desk) -> None:
    here, start = begin(desk), threading.Barrier(2)
    outcomes: dict[str, HeldBy | None] = {}

    def take(user: User) -> None:
        start.wait(10)
        outcomes[user.login] = desk.take_over(user, here, NOW)

    threads = [threading.Thread(target=take, args=[user]) for user in (COLLECTOR, OTHER_COLLECTOR)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(map(repr, outcomes.values())) in (["HeldBy(handler='li')", "None"], ["HeldBy(handler='wang')", "None"])


def test_only_who_holds_a_conversation_speaks_in_it(desk: Desk) -> None:
    here = begin(desk)
    with pytest.raises(NotHeld):
        desk.say(COLLECTOR, here, "您好，我是客服小王，工号1024", NOW)
    desk.take_over(COLLECTOR, here, NOW)
    assert desk.say(COLLECTOR, here, "您好，我是客服小王，工号1024", NOW) == []
    assert desk.refresh_talk(COLLECTOR, here, NOW).turns[-1].speaker == "collector"
    with pytest.raises(NotHeld):
        desk.say(OTHER_COLLECTOR, here, "您好", NOW)


def test_a_line_that_breaks_a_rule_is_not_said_unless_a_reason_is_given(desk: Desk) -> None:
    here = begin(desk)
    desk.take_over(COLLECTOR, here, NOW)
    broken = desk.say(COLLECTOR, here, THREAT, NOW)
    assert "exposure_threat" in [each.rule for each in broken]
    assert all(each.source and each.instead and each.name for each in broken)
    assert len(desk.refresh_talk(COLLECTOR, here, NOW).turns) == 1
    assert desk.say(COLLECTOR, here, THREAT, NOW, override="这是在引用对方的话") == []
    assert desk.refresh_talk(COLLECTOR, here, NOW).turns[-1].text == THREAT
    assert audited(desk)[-1] == ("rule_overridden", "wang")


def test_naming_the_debt_to_somebody_unverified_breaks_a_rule(desk: Desk) -> None:
    here = begin(desk)
    broken = desk.broken_rules(COLLECTOR, here, "您的现金分期账单已经逾期了")
    assert [each.rule for each in broken] == ["third_party_disclosure"]
    assert desk.broken_rules(COLLECTOR, here, "  ") == []


def test_after_it_is_handed_back_the_bot_answers_again(desk: Desk) -> None:
    here = begin(desk)
    desk.take_over(COLLECTOR, here, NOW)
    assert desk.receive("sms", PHONE, "在吗", NOW).outcome == "silent"
    desk.hand_back(COLLECTOR, here, NOW, "已向赵明远说明")
    assert desk.receive("sms", PHONE, "在吗", NOW).outcome == "answer"
    assert desk.refresh_talk(OTHER_COLLECTOR, here, NOW).note == "已向赵*远说明"
    with pytest.raises(NotHeld):
        desk.hand_back(COLLECTOR, here, NOW, "再次")


def _promise(tx: Tx) -> None:
    day = date(2026, 11, 27)
    tx.add_promise("C-1", "k", PromiseTerms(day, day, "2000.00"), 200_000, NOW, None, None)


@pytest.mark.parametrize(
    ("deed", "status"),
    [
        (lambda tx: None, "active"), (_promise, "promised"),
        (lambda tx: tx.add_stop("C-1", "PLAN_ACTIVE", NOW, None), "active"),
        (lambda tx: tx.add_stop("C-1", "OPTED_OUT", NOW - timedelta(days=180), None), "active"),
        # in doubt nothing goes out
        (lambda tx: tx.add_stop("C-1", "OPTED_OUT", NOW - timedelta(days=179), None), "human"),
        (lambda tx: tx.add_stop("C-1", "DISPUTE", NOW, None), "human"),
        (lambda tx: tx.add_stop("C-1", "OF_NOBODYS_LIST", NOW, None), "human"),
        (lambda tx: tx.add_task("C-1", "follow_up", "broken_twice", NOW), "human"),
        (lambda tx: tx.set_holder(tx.open_conversation("C-1", "wechat", "o-1", NOW).conversation_id, "human", NOW, "li"), "human"),
        (lambda tx: tx.set_case_state("C-1", status="stopped"), "stopped"),
        (lambda tx: tx.set_case_state("C-1", status="settled"), "settled"),
    ],
)  # fmt: skip
def test_a_case_that_is_handed_back_is_followed_up_again_unless_something_holds_it(
    desk: Desk, deed: Callable[[Tx], Any], status: str
) -> None:
    here = begin(desk)
    desk.take_over(COLLECTOR, here, NOW)
    with desk.store.transaction() as tx:
        tx.set_case_state("C-1", status="human")
        deed(tx)
    desk.hand_back(COLLECTOR, here, NOW, "已说明")
    with desk.store.reading() as tx:
        assert tx.case("C-1").status == status
    assert (("note_case", "wang") in audited(desk)) is (status in ("active", "promised"))
