"""A server dies between a message and its answer: what the borrower gets when the message comes again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from heyue.access.people import User
from heyue.access.roles import role_of
from heyue.desk import ANSWER, SILENT, Desk, Received
from heyue.records import Case
from heyue.settings import ZONE
from heyue.understanding.reading import read
from tests.flows import flow_of
from tests.unit.desk.conftest import desk_over

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)  # a Tuesday
PHONE, OTHER_PHONE = "13800138000", "13800138001"
CASES = [
    Case(f"C-{phone}", "赵明远", "云山消费金融", 320_000, date(2026, 11, 15), phone=phone, id_last4="1004")
    for phone in (PHONE, OTHER_PHONE)
]
COLLECTOR = User("wang", "王主管", role_of("lead"))
CLAIM = [("greet", "你好"), ("confirm_identity", "是我")]
PROMISE = [*CLAIM, ("give_id_digits", "1004"), ("promise_to_pay", "周五还两千"), ("give_reason", "忘了")]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_over(tmp_path, CASES) as opened:
        yield opened


def receive(desk: Desk, text: str, key: str | None = None, phone: str = PHONE) -> Received:
    return desk.receive("sms", phone, text, NOW, key)


def take_in(desk: Desk, received: Received, intent: str, text: str) -> list[str]:
    """The outcomes of the answer; that nobody has seen yet."""
    heard = desk.hear(
        received.conversation_id, flow_of(intent), intent, 0.9, read(text, NOW), NOW, received.turn_id
    )
    return [line.name for line in heard.lines]


def answer(desk: Desk, received: Received, intent: str, text: str) -> list[str]:
    """The outcomes that reach the borrower."""
    lines = take_in(desk, received, intent, text)
    return lines if desk.record_answer(received.conversation_id, received.turn_id, {}, lines, NOW) else []


def say(desk: Desk, intent: str, text: str) -> list[str]:
    return answer(desk, receive(desk, text), intent, text)


def hold(desk: Desk, talk: list[tuple[str, str]]) -> None:
    for intent, text in talk:
        say(desk, intent, text)


def owes(desk: Desk, received: Received) -> bool:
    return desk.owes_answer(received.conversation_id, received.turn_id)


def promises(desk: Desk) -> list[str | None]:
    with desk.store.transaction() as tx:
        return [promise.terms.amount for promise in tx.promises(CASES[0].case_id)]


def test_digits_that_are_sent_again_are_no_sum(desk: Desk) -> None:
    hold(desk, CLAIM)
    lost = take_in(desk, receive(desk, "1004"), "give_id_digits", "1004")
    assert say(desk, "give_id_digits", "1004") == lost
    assert "ask_amount" in say(desk, "promise_to_pay", "周五还")


def test_wrong_digits_that_are_sent_again_count_once(desk: Desk) -> None:
    hold(desk, CLAIM)
    for _ in range(3):
        take_in(desk, receive(desk, "9999"), "give_id_digits", "9999")
    assert say(desk, "give_id_digits", "9999") == ["wrong_digits", "ask_verify"]


def test_a_yes_that_is_sent_again_hears_of_the_one_promise(desk: Desk) -> None:
    hold(desk, PROMISE)
    assert "recorded" in take_in(desk, receive(desk, "对"), "affirm", "对")
    for _ in range(2):  # and the second try is lost as well
        assert "recorded" in take_in(desk, receive(desk, "对"), "affirm", "对")
    assert "recorded" in say(desk, "affirm", "对")
    assert promises(desk) == ["2000.00"]
    assert "goodbye" in say(desk, "affirm", "对")  # now it answers the next question


def test_another_message_after_a_lost_answer_is_taken_in(desk: Desk) -> None:
    hold(desk, PROMISE)
    take_in(desk, receive(desk, "对"), "affirm", "对")
    assert "already_noted" in say(desk, "promise_to_pay", "周五还两千")
    assert promises(desk) == ["2000.00"]


def test_a_delivery_that_comes_again_is_owed_its_answer_until_that_stands(desk: Desk) -> None:
    hold(desk, PROMISE)
    received = receive(desk, "对", "key-1")
    assert owes(desk, received)  # received only
    take_in(desk, received, "affirm", "对")
    again = receive(desk, "对", "key-1")
    assert (again.outcome, again.turn_id) == (SILENT, received.turn_id)
    assert owes(desk, again)  # taken in, but not answered
    assert "recorded" in answer(desk, again, "affirm", "对")
    assert not owes(desk, receive(desk, "对", "key-1"))
    assert promises(desk) == ["2000.00"]


def test_a_delivery_that_comes_again_after_later_messages_is_owed_nothing(desk: Desk) -> None:
    first = receive(desk, "你好", "key-1")
    say(desk, "greet", "在吗")
    assert not owes(desk, first)


def test_the_key_of_another_contact_is_owed_nothing(desk: Desk) -> None:
    receive(desk, "你好", phone=OTHER_PHONE)
    receive(desk, "你好", "key-1")
    other = receive(desk, "你好", "key-1", OTHER_PHONE)
    assert (other.outcome, owes(desk, other)) == (SILENT, False)


def test_a_farewell_is_said_whatever_comes_next(desk: Desk) -> None:
    assert "to_human" in take_in(desk, receive(desk, "人工"), "want_human", "人工")
    next_one = receive(desk, "在吗")
    assert (next_one.outcome, owes(desk, next_one)) == (SILENT, True)
    assert "to_human" in answer(desk, next_one, "greet", "在吗")
    last = receive(desk, "在吗")
    assert (last.outcome, owes(desk, last)) == (SILENT, False)


def test_a_human_who_has_the_talk_silences_lost_answers_too(desk: Desk) -> None:
    received = receive(desk, "你好")
    take_in(desk, received, "greet", "你好")
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    assert not owes(desk, received)
    assert take_in(desk, receive(desk, "你好"), "greet", "你好") == []


def test_a_message_that_waits_while_a_human_is_called_is_owed_nothing(desk: Desk) -> None:
    calling, waiting = receive(desk, "人工"), receive(desk, "在吗")
    assert calling.outcome == waiting.outcome == ANSWER
    answer(desk, calling, "want_human", "人工")
    assert take_in(desk, waiting, "greet", "在吗") == []
    assert not owes(desk, waiting)


def test_digits_whose_answer_only_did_not_arrive_are_no_sum(desk: Desk) -> None:
    hold(desk, [*CLAIM, ("give_id_digits", "1004")])
    assert say(desk, "give_id_digits", "1004") == ["disclose_middle", "ask_when"]
    assert say(desk, "promise_to_pay", "周五还") == ["ask_amount"]
    assert say(desk, "promise_to_pay", "1004") == ["ask_reason"]  # asked for a sum it is one
