"""Answers of one talk do not overtake each other, whatever holds one of them up; what is claimed for a response is honest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from heyue.delivery.sender import ACCEPTED, LATER, DeliveryReport, Receipt
from heyue.desk import Desk, Received
from tests.outgoing import NOW, OPENID, PHONE, Provider, decisions, notice, open_outgoing, state, still
from tests.unit.desk.test_replies import INTRODUCTION, answer, owed, write

SECOND = timedelta(seconds=1)
LINES = ("您好，这里是云山消费金融的智能助手（本消息由AI生成）。", "好的。", "请问还有别的吗？")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_outgoing(f"sqlite:///{tmp_path / 'heyue.db'}")
    yield desk
    desk.store.close()


def answered(desk: Desk, *lines: str, channel: str = "wechat") -> list[Received]:
    """Messages of one borrower, a second apart, each answered with a line."""
    found = []
    for place, line in enumerate(lines):
        received = write(desk, f"第{place}条", NOW + place * SECOND, channel=channel)
        assert answer(desk, received, line, at=NOW + place * SECOND)
        found.append(received)
    return found


def texts(provider: Provider) -> list[str]:
    """What the provider has taken, in its order, without what it put off."""
    return [message.text for message in provider.sent]


@pytest.mark.parametrize("put_off", [1, 2, 3])
def test_an_answer_waits_for_the_one_before_that_the_provider_put_off(desk: Desk, put_off: int) -> None:
    first, second, third = answered(desk, *LINES)
    wechat = Provider("wechat", *[Receipt(LATER)] * put_off)
    for received in (first, second, third):
        desk.deliver_reply(received.turn_id, NOW + 3 * SECOND, {"wechat": wechat})
    assert texts(wechat) == [LINES[0]]
    for minutes in range(1, 6):
        desk.deliver_due(still(NOW + timedelta(minutes=minutes)), {"wechat": wechat})
    assert texts(wechat) == [LINES[0]] * put_off + list(LINES)


def test_an_answer_waits_while_another_worker_has_the_one_before_in_hand(desk: Desk) -> None:
    first, second = answered(desk, *LINES[:2])
    wechat = Provider("wechat")
    held = Provider("wechat", then=lambda: desk.deliver_reply(second.turn_id, NOW + 3 * SECOND, {"wechat": wechat}))
    desk.deliver_reply(first.turn_id, NOW + 2 * SECOND, {"wechat": held})
    assert (texts(held), texts(wechat)) == ([LINES[0]], [])
    desk.deliver_due(still(NOW + 10 * SECOND), {"wechat": wechat})
    assert texts(wechat) == [LINES[1]]


def test_an_answer_is_not_given_in_a_response_before_one_that_waits(desk: Desk) -> None:
    first, second = answered(desk, *LINES[:2])
    wechat = Provider("wechat", Receipt(LATER))
    desk.deliver_reply(first.turn_id, NOW + 2 * SECOND, {"wechat": wechat})
    assert desk.passive_reply(second.turn_id, NOW + 2 * SECOND) is None
    desk.deliver_due(still(NOW + timedelta(minutes=1)), {"wechat": wechat})
    assert texts(wechat)[1:] == list(LINES[:2])


def test_an_answer_that_would_lapse_behind_another_goes_first(desk: Desk) -> None:
    first, second = answered(desk, *LINES[:2])
    with desk.store.transaction() as tx:
        tx.move_outgoing(f"reply:{first.turn_id}", ["queued"], due_at=NOW + timedelta(hours=20), not_after=NOW + timedelta(hours=30))
    assert desk.deliver_reply(second.turn_id, NOW + 2 * SECOND, {"wechat": Provider("wechat")}) == "sent"


def test_a_dead_workers_claim_holds_nobody_up_for_ever(desk: Desk) -> None:
    first, second = answered(desk, *LINES[:2])
    with desk.store.transaction() as tx:
        tx.move_outgoing(f"reply:{first.turn_id}", ["queued"], state="sending", sent_at=NOW)
    wechat = Provider("wechat")
    assert desk.deliver_reply(second.turn_id, NOW + 100 * SECOND, {"wechat": wechat}) == "queued"
    assert desk.deliver_reply(second.turn_id, NOW + 130 * SECOND, {"wechat": wechat}) == "sent"


def test_other_talks_do_not_wait(desk: Desk) -> None:
    (first,) = answered(desk, INTRODUCTION)
    desk.deliver_reply(first.turn_id, NOW, {"wechat": Provider("wechat", Receipt(LATER))})
    (other,) = answered(desk, "云山消费金融为您服务。", channel="sms")
    assert desk.deliver_reply(other.turn_id, NOW, {"sms": Provider()}) == "sent"


# in the response itself


def test_what_is_claimed_for_a_response_counts_as_sent_only_when_it_is_written(desk: Desk) -> None:
    (received,) = answered(desk, INTRODUCTION)
    assert desk.passive_reply(received.turn_id, NOW) == INTRODUCTION
    assert state(desk, f"reply:{received.turn_id}") == "sending"
    desk.passive_given(received.turn_id, True)
    assert state(desk, f"reply:{received.turn_id}") == "sent"


def test_what_could_not_be_written_is_pushed_once(desk: Desk) -> None:
    (received,) = answered(desk, INTRODUCTION)
    wechat = Provider("wechat")
    assert desk.passive_reply(received.turn_id, NOW) == INTRODUCTION
    desk.passive_given(received.turn_id, False)
    for _ in range(2):
        assert desk.deliver_reply(received.turn_id, NOW, {"wechat": wechat}) == "sent"
    assert texts(wechat) == [INTRODUCTION]
    assert desk.passive_reply(received.turn_id, NOW) is None  # the provider's late repetition
    desk.passive_given(received.turn_id, False)
    assert state(desk, f"reply:{received.turn_id}") == "sent"


def test_what_a_repetition_is_given_meanwhile_is_not_pushed_as_well(desk: Desk) -> None:
    (received,) = answered(desk, INTRODUCTION)
    assert [desk.passive_reply(received.turn_id, NOW) for _ in range(2)] == [INTRODUCTION] * 2
    desk.passive_given(received.turn_id, False)  # the first connection was closed
    assert state(desk, f"reply:{received.turn_id}") == "unknown"
    desk.passive_given(received.turn_id, True)
    assert state(desk, f"reply:{received.turn_id}") == "sent"


def test_a_crash_before_the_response_is_written_leaves_the_answer_unknown(desk: Desk) -> None:
    (received,) = answered(desk, INTRODUCTION)
    desk.passive_reply(received.turn_id, NOW)
    wechat = Provider("wechat")
    desk.deliver_due(still(NOW + timedelta(minutes=3)), {"wechat": wechat})
    assert (state(desk, f"reply:{received.turn_id}"), wechat.sent) == ("unknown", [])


# messages that are let go


@pytest.mark.parametrize(("later", "hours"), [(True, 0.1), (False, 25)])
def test_a_message_that_is_never_answered_calls_a_person(
    desk: Desk, later: bool, hours: float, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = write(desk)
    if later:  # a crash took the answer away, and he wrote again before it was found
        answer(desk, write(desk, "在吗", NOW + SECOND), INTRODUCTION, at=NOW + SECOND)
    assert owed(desk, NOW + timedelta(hours=hours)) == []
    with desk.store.reading() as tx:
        assert tx.conversation(lost.conversation_id).holder == "handing_over"
        assert tx.has_open_task(lost.conversation_id)
    assert "replies.let_go" in capsys.readouterr().out


def test_nobody_is_called_where_a_person_has_the_talk(desk: Desk) -> None:
    received = write(desk)
    with desk.store.transaction() as tx:
        tx.set_holder(received.conversation_id, "human", NOW, "lin")
    assert owed(desk, NOW + timedelta(minutes=1)) == []
    with desk.store.reading() as tx:
        assert not tx.has_open_task(received.conversation_id)


# addresses and numbers


@pytest.mark.parametrize(("channel", "address"), [("sms", OPENID), ("wechat", PHONE)])
def test_a_message_goes_only_to_an_address_of_its_channel(desk: Desk, channel: str, address: str) -> None:
    desk.enqueue(notice(channel=channel, address=address), NOW)
    assert state(desk) is None
    ((stage, allowed, refused),) = decisions(desk)
    assert (stage, allowed, refused[:1]) == ("enqueue", False, ["role"])


def test_a_providers_number_of_any_length_is_kept_and_found_again(desk: Desk) -> None:
    number = "9" * 300
    desk.enqueue(notice(), NOW)
    desk.deliver(["m-1"], NOW, {"sms": Provider("sms", Receipt(ACCEPTED, provider_id=number))})
    desk.record_report(DeliveryReport("stand-in", "delivered", datetime.now(NOW.tzinfo), provider_id=number))
    assert state(desk) == "delivered"
    with desk.store.reading() as tx:
        kept = tx.connection.exec_driver_sql("SELECT provider_id FROM outbox").scalar_one()
    assert len(kept) == 128
