"""A server dies between a message and its answer: what the borrower gets when the message comes again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

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


def test_a_message_that_two_processes_were_brought_is_heard_once_even_after_the_next(desk: Desk) -> None:
    """Both find it unanswered; by the time the second has its turn, the next message has been heard as well."""
    hold(desk, CLAIM)
    first, second = receive(desk, "1004", "key-1"), receive(desk, "周五还两千", "key-2")
    assert answer(desk, first, "give_id_digits", "1004")
    answer(desk, second, "promise_to_pay", "周五还两千")
    assert take_in(desk, first, "give_id_digits", "1004") == []


def test_a_message_that_was_overtaken_is_heard_all_the_same(desk: Desk) -> None:
    hold(desk, PROMISE[:3])
    first, second = receive(desk, "周五还两千", "key-1"), receive(desk, "忘了", "key-2")
    answer(desk, second, "give_reason", "忘了")
    assert answer(desk, first, "promise_to_pay", "周五还两千")


def test_a_message_knows_that_the_one_before_is_not_heard_yet(desk: Desk) -> None:
    first, second = receive(desk, "你好", "key-1"), receive(desk, "是我", "key-2")
    assert (first.is_behind, second.is_behind) == (False, True)
    assert desk.unheard_before(second.conversation_id, second.turn_id) == {first.turn_id}
    take_in(desk, first, "greet", "你好")
    assert desk.unheard_before(second.conversation_id, second.turn_id) == frozenset()


def test_a_message_that_two_processes_were_brought_is_behind_in_both(desk: Desk) -> None:
    receive(desk, "你好", "key-1")
    assert [receive(desk, "是我", "key-2").is_behind for _ in range(2)] == [True, True]


def test_what_was_said_to_a_human_keeps_no_message_waiting(desk: Desk) -> None:
    say(desk, "greet", "你好")
    waiting = receive(desk, "是我")
    desk.take_over(COLLECTOR, waiting.conversation_id, NOW)
    assert [receive(desk, text).is_behind for text in ("在吗", "你是谁")] == [False, False]
    desk.hand_back(COLLECTOR, waiting.conversation_id, NOW, "好了")
    first, second = receive(desk, "还在吗"), receive(desk, "是我")
    assert (first.is_behind, second.is_behind) == (False, True)
    assert desk.unheard_before(second.conversation_id, second.turn_id) == {first.turn_id}
    assert owes(desk, first)
    assert take_in(desk, first, "greet", "还在吗")
    assert desk.unheard_before(second.conversation_id, second.turn_id) == frozenset()


def test_a_message_that_a_human_reads_costs_no_look_at_those_before(desk: Desk) -> None:
    here = receive(desk, "你好").conversation_id
    asked: list[str] = []
    event.listen(desk.store.engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))
    counts = []
    for _ in ("bot", "human"):
        asked.clear()
        receive(desk, "在吗")
        counts.append(sum("BETWEEN" in each for each in asked))
        desk.take_over(COLLECTOR, here, NOW)
    assert counts == [1, 0]


def test_an_answer_that_was_lost_before_a_human_had_the_talk_keeps_being_known(desk: Desk) -> None:
    here = receive(desk, "你好")
    lost = take_in(desk, here, "greet", "你好")
    desk.take_over(COLLECTOR, here.conversation_id, NOW)
    desk.hand_back(COLLECTOR, here.conversation_id, NOW, "好了")
    assert say(desk, "greet", "你好") == lost


def test_an_answer_that_comes_after_the_goodbye_to_a_later_message_is_not_said(desk: Desk) -> None:
    """Two processes without locks (Redis has forgotten them): one words an answer, the other meanwhile ends the contact."""
    first, later = receive(desk, "你好"), receive(desk, "打错了，我不认识这个人")
    late = take_in(desk, first, "greet", "你好")
    assert "wrong_party" in answer(desk, later, "wrong_number", "打错了，我不认识这个人")
    assert not desk.record_answer(first.conversation_id, first.turn_id, {}, late, NOW)


def test_an_answer_that_comes_after_that_to_a_later_message_is_said_while_the_contact_goes_on(desk: Desk) -> None:
    first, later = receive(desk, "你好"), receive(desk, "在吗")
    late = take_in(desk, first, "greet", "你好")
    answer(desk, later, "greet", "在吗")
    assert desk.record_answer(first.conversation_id, first.turn_id, {}, late, NOW)
