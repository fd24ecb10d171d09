"""The desk over a real store: who answers, what is kept, and that a human's word silences the bot."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from heyue.access.people import User
from heyue.access.roles import role_of
from heyue.conversation.outcomes import DisclosureBlocked
from heyue.desk import ANSWER, SILENT, STRANGER, Desk, Received
from heyue.errors import UnknownConversation
from heyue.policy import default_policy
from heyue.records import Case, PromiseTerms
from heyue.settings import ZONE
from heyue.understanding.reading import read
from tests.flows import flow_of
from tests.unit.desk.conftest import desk_over

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)  # a Tuesday
PHONE, OPENID = "13800138000", "oZxQ8abc_1"
CASE = Case(
    "C-1", "赵明远", "云山消费金融", 320_000, date(2026, 11, 15), gender="男", phone=PHONE, wechat_openid=OPENID,
    id_last4="512X", product="现金分期", minimum_due_fen=32_000,
)  # fmt: skip
COLLECTOR = User("wang", "王主管", role_of("lead"))
FRIDAY = PromiseTerms(date(2026, 11, 27), date(2026, 11, 27), "2000.00")
VERIFY = [("greet", "你好"), ("confirm_identity", "是我"), ("give_id_digits", "512X")]
PROMISE = [*VERIFY, ("promise_to_pay", "周五还两千"), ("give_reason", "忘了"), ("affirm", "对")]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_over(tmp_path, [CASE]) as opened:
        yield opened


class Borrower:
    """Writes to the desk as channel, actions and broker do it together. His clock goes on a minute a message."""

    def __init__(self, desk: Desk, address: str = PHONE, channel: str = "sms", at: datetime = NOW) -> None:
        self.desk, self.address, self.channel, self.at = desk, address, channel, at
        self.conversation_id = ""

    def say(self, intent: str, text: str) -> list[str]:
        """The names of the lines that reach him."""
        self.at += timedelta(minutes=1)
        received = self.desk.receive(self.channel, self.address, text, self.at)
        self.conversation_id = received.conversation_id
        return self.answer(received, intent, text) if received.outcome == ANSWER else []

    def answer(self, received: Received, intent: str, text: str) -> list[str]:
        reading = read(text, self.at)
        heard = self.desk.hear(
            received.conversation_id, flow_of(intent), intent, 0.9, reading, self.at, received.turn_id
        )
        lines = [line.name for line in heard.lines]
        stands = self.desk.record_answer(
            received.conversation_id, received.turn_id, reading.as_dict(), lines, self.at
        )
        return lines if stands else []

    def hold(self, talk: list[tuple[str, str]]) -> list[str]:
        """The lines of a whole talk."""
        return [line for intent, text in talk for line in self.say(intent, text)]


def speakers(desk: Desk, conversation_id: str) -> list[str]:
    with desk.store.transaction() as tx:
        return [turn.speaker for turn in tx.turns(conversation_id)]


# who answers


def test_a_message_is_kept_before_it_is_answered(desk: Desk) -> None:
    received = desk.receive("sms", PHONE, "你好", NOW)
    assert (received.outcome, received.session_id) == (ANSWER, f"{received.conversation_id}.0")
    with desk.store.transaction() as tx:
        (turn,) = tx.turns(received.conversation_id)
    assert (turn.turn_id, turn.speaker, turn.text, turn.at) == (received.turn_id, "borrower", "你好", NOW)


@pytest.mark.parametrize("written", [PHONE, "+86 138-0013-8000", "008613800138000"])
def test_one_contact_however_the_number_is_written(desk: Desk, written: str) -> None:
    first = desk.receive("sms", PHONE, "你好", NOW)
    assert desk.receive("sms", written, "在吗", NOW).conversation_id == first.conversation_id


def test_a_message_that_comes_twice_is_answered_once(desk: Desk) -> None:
    first = desk.receive("sms", PHONE, "周五还", NOW, "key-1")
    again = desk.receive("sms", PHONE, "周五还", NOW, "key-1")
    other = desk.receive("sms", PHONE, "周五还", NOW, "key-2")
    assert [each.outcome for each in (first, again, other)] == [ANSWER, SILENT, ANSWER]
    assert again.turn_id == first.turn_id
    assert speakers(desk, first.conversation_id) == ["borrower", "borrower"]


def test_a_message_that_comes_twice_at_once_is_answered_once(desk: Desk) -> None:
    for round_ in range(30):
        outcomes: list[str] = []
        start = threading.Barrier(3)

        def receive(start: threading.Barrier, outcomes: list[str], key: str) -> None:
            start.wait(10)
            outcomes.append(desk.receive("sms", PHONE, "你好", NOW, key).outcome)

        threads = [
            threading.Thread(target=receive, args=(start, outcomes, f"key-{round_}")) for _ in range(3)
        ]
        run_all(threads)
        assert sorted(outcomes) == [ANSWER, SILENT, SILENT]


def run_all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_a_stranger_hears_one_line_a_day(desk: Desk) -> None:
    days = [NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1), NOW + timedelta(days=1)]
    heard = [desk.receive("sms", "19912345678", "你是谁", at) for at in days]
    assert {each.outcome for each in heard} == {STRANGER}
    assert [each.first_time for each in heard] == [True, False, True, False]


def test_sessions_are_cut_so_that_they_stay_short(desk: Desk) -> None:
    cut = desk.policy.conduct.turns_per_session
    received = [desk.receive("sms", PHONE, "在吗", NOW) for _ in range(2 * cut + 1)]
    parts = [each.session_id.rpartition(".")[2] for each in received]
    assert parts == ["0"] * cut + ["1"] * cut + ["2"]
    assert len({each.conversation_id for each in received}) == 1


def test_of_several_cases_the_longest_overdue_that_is_not_settled(desk: Desk) -> None:
    with desk.store.transaction() as tx:
        tx.put_case(replace(CASE, case_id="C-0", due_date=date(2026, 9, 1), status="settled"))
        tx.put_case(replace(CASE, case_id="C-2", due_date=date(2026, 11, 1)))
    received = desk.receive("sms", PHONE, "你好", NOW)
    with desk.store.transaction() as tx:
        assert tx.conversation(received.conversation_id).case_id == "C-2"


# where a contact ends and the next begins


@pytest.mark.parametrize(
    ("talk", "pause", "same"),
    [
        (VERIFY, timedelta(hours=23), True),
        (VERIFY, timedelta(hours=25), False),
        (PROMISE, timedelta(hours=23), True),
        ([*PROMISE, ("goodbye", "再见")], timedelta(minutes=29), True),
        ([*PROMISE, ("goodbye", "再见")], timedelta(minutes=32), False),
        ([*VERIFY, ("opt_out", "退订")], timedelta(minutes=29), True),
        ([*VERIFY, ("opt_out", "退订")], timedelta(minutes=32), False),
        ([("want_human", "人工")], timedelta(days=10), True),  # nobody has come yet: the bot keeps silent
    ],
    ids=lambda value: value[-1][0] if isinstance(value, list) else str(value),
)
def test_how_long_a_contact_goes_on(
    desk: Desk, talk: list[tuple[str, str]], pause: timedelta, same: bool
) -> None:
    borrower = Borrower(desk)
    borrower.hold(talk)
    later = desk.receive("sms", PHONE, "在吗", borrower.at + pause)
    assert (later.conversation_id == borrower.conversation_id) is same


def test_a_reopened_contact_goes_on_verified_and_a_new_one_verifies_again(desk: Desk) -> None:
    borrower = Borrower(desk)
    borrower.hold([*PROMISE, ("goodbye", "再见")])
    borrower.at += timedelta(minutes=20)
    assert "amount_due" in borrower.say("ask_amount", "我欠多少")
    borrower.at += timedelta(days=2)
    later = borrower.say("ask_amount", "我欠多少")
    assert "amount_due" not in later
    assert "ask_identity" in later


def test_the_dialogue_outlives_a_restart(desk: Desk) -> None:
    Borrower(desk).hold(PROMISE[:-1])
    restarted = Desk(desk.store, default_policy())
    borrower = Borrower(restarted, at=NOW + timedelta(minutes=10))
    assert "recorded" in borrower.say("affirm", "对")


# a human takes over


def test_after_a_hand_over_the_bot_is_silent_until_it_is_handed_back(desk: Desk) -> None:
    borrower = Borrower(desk)
    assert "to_human" in borrower.hold([*VERIFY, ("want_human", "转人工")])
    here = borrower.conversation_id
    assert borrower.say("greet", "在吗") == []
    desk.take_over(COLLECTOR, here, borrower.at)
    assert borrower.say("greet", "在吗") == []
    borrower.at += timedelta(days=3)
    assert borrower.say("greet", "在吗") == []
    desk.hand_back(COLLECTOR, here, borrower.at, "已说明")
    assert borrower.say("ask_amount", "欠多少") != []
    assert borrower.conversation_id == here


def test_messages_to_a_human_are_kept(desk: Desk) -> None:
    borrower = Borrower(desk)
    borrower.say("greet", "你好")
    desk.take_over(COLLECTOR, borrower.conversation_id, borrower.at)
    borrower.say("affirm", "好")
    assert speakers(desk, borrower.conversation_id)[-1] == "borrower"
    assert not desk.bot_may_speak(borrower.conversation_id)


def test_what_a_human_wrote_comes_with_the_answer_to_the_next_message(desk: Desk) -> None:
    borrower = Borrower(desk)
    borrower.say("greet", "你好")
    desk.take_over(COLLECTOR, borrower.conversation_id, borrower.at)
    for line in ("您好，我是客服小王，工号1024", "您慢慢说"):
        assert desk.say(COLLECTOR, borrower.conversation_id, line, borrower.at) == []
    first, again = (desk.receive("sms", PHONE, "在", borrower.at, "key-1") for _ in range(2))
    assert first.said_meanwhile == again.said_meanwhile == ("您好，我是客服小王，工号1024", "您慢慢说")
    assert desk.receive("sms", PHONE, "好", borrower.at).said_meanwhile == ()


def test_a_human_between_message_and_answer_stops_the_answer(desk: Desk) -> None:
    borrower = Borrower(desk)
    borrower.hold(PROMISE[:-1])
    received = desk.receive("sms", PHONE, "对", borrower.at)
    desk.take_over(COLLECTOR, received.conversation_id, borrower.at)
    assert borrower.answer(received, "affirm", "对") == []
    with desk.store.transaction() as tx:
        assert tx.promises("C-1") == []


def race_for_the_word(desk: Desk, head_start: float) -> bool:
    """Let a human take over while the bot answers; whether the answer stands, which then must stand as a whole.

    `head_start`: seconds that the human begins before the bot; negative, the bot before the human.
    """
    with desk.store.transaction() as tx:
        here = tx.open_conversation("C-1", "sms", PHONE, NOW).conversation_id
        turn_id, _ = tx.add_turn(here, "borrower", "你好", NOW)
    start, stood, said_then = threading.Barrier(2), [], []

    def answer() -> None:
        start.wait(10)
        time.sleep(max(head_start, 0))
        stood.append(desk.record_answer(here, turn_id, {}, ["一", "二", "三"], NOW))

    def take_over() -> None:
        start.wait(10)
        time.sleep(max(-head_start, 0))
        desk.take_over(COLLECTOR, here, NOW)
        said_then.append(speakers(desk, here).count("bot"))

    run_all([threading.Thread(target=answer), threading.Thread(target=take_over)])
    assert said_then == [3 if stood[0] else 0]
    assert speakers(desk, here).count("bot") == said_then[0]
    return stood[0]


def test_no_line_of_the_bot_stands_after_a_take_over(desk: Desk) -> None:
    head_starts = [(number % 21 - 10) / 500 for number in range(200)]  # from 20 ms before to 20 ms behind
    assert {race_for_the_word(desk, each) for each in head_starts} == {True, False}


# what is said


@pytest.mark.parametrize(
    "line",
    ["您已逾期9天", "应还3,200.00元", "您的账单", "现金分期", "尾号512X对吗", "关于您的欠款", "请还3200块"],
)
def test_a_line_that_tells_of_the_debt_is_not_said_before_verification(desk: Desk, line: str) -> None:
    borrower = Borrower(desk)
    borrower.say("greet", "你好")
    here = borrower.conversation_id
    before = speakers(desk, here)
    received = desk.receive("sms", PHONE, "什么事", NOW)
    with pytest.raises(DisclosureBlocked):
        desk.record_answer(here, received.turn_id, {}, ["您好", line], NOW)
    assert speakers(desk, here) == [*before, "borrower"]
    borrower.hold(VERIFY[1:])
    assert desk.record_answer(here, received.turn_id, {}, [line], NOW)


def test_an_answer_that_is_written_twice_stands_once(desk: Desk) -> None:
    received = desk.receive("sms", PHONE, "你好", NOW)
    for _ in range(2):
        assert desk.record_answer(received.conversation_id, received.turn_id, {}, ["您好", "请问"], NOW)
    assert speakers(desk, received.conversation_id) == ["borrower", "bot", "bot"]


def test_how_a_message_was_understood_is_kept_with_it(desk: Desk) -> None:
    Borrower(desk).say("promise_to_pay", "周五还两千")
    with desk.store.transaction() as tx:
        turn = tx.turns_of_case("C-1")[0]
    assert turn.reading is not None
    assert turn.reading["promises"][0]["amount"] == "2000.00"


def test_an_unknown_conversation_has_its_error(desk: Desk) -> None:
    with pytest.raises(UnknownConversation):
        desk.hear("nowhere", "smalltalk", "greet", 0.9, read("你好", NOW), NOW)
    with pytest.raises(UnknownConversation):
        desk.record_answer("nowhere", 1, {}, ["您好"], NOW)


# what reaches the store


def test_a_confirmed_promise_stands_with_the_message_that_made_it(desk: Desk) -> None:
    borrower = Borrower(desk)
    assert "recorded" in borrower.hold(PROMISE)
    with desk.store.transaction() as tx:
        (promise,) = tx.promises("C-1")
        cause = next(turn for turn in tx.turns_of_case("C-1") if turn.turn_id == promise.cause_turn_id)
        case = tx.case("C-1")
        assert [outcome for _, outcome, _ in tx.attempts("C-1")] == ["right_party"]
    assert (promise.terms, promise.amount_due_fen, promise.state) == (FRIDAY, 200_000, "open")
    assert (cause.speaker, cause.text) == ("borrower", "对")
    assert (case.status, case.situation, case.reason) == ("promised", "cooperative", "forgot")


def test_nothing_is_recorded_before_the_yes(desk: Desk) -> None:
    assert "read_back" in Borrower(desk).hold(PROMISE[:-1])
    with desk.store.transaction() as tx:
        assert tx.promises("C-1") == []


def test_a_corrected_promise_supersedes_the_first(desk: Desk) -> None:
    borrower = Borrower(desk)
    borrower.hold([*PROMISE, ("correct", "不对，改成28号还三千"), ("affirm", "对")])
    with desk.store.transaction() as tx:
        first, second = tx.promises("C-1")
    assert (first.terms, first.state) == (FRIDAY, "superseded")
    assert (second.terms.start, second.terms.amount, second.state) == (date(2026, 11, 28), "3000.00", "open")


def test_the_same_promise_in_a_new_contact_takes_the_place_of_the_old(desk: Desk) -> None:
    Borrower(desk).hold(PROMISE)
    Borrower(desk, at=NOW + timedelta(days=2)).hold(PROMISE)
    with desk.store.transaction() as tx:
        assert [promise.state for promise in tx.promises("C-1")] == ["superseded", "open"]


def test_a_message_heard_twice_records_once(desk: Desk) -> None:
    borrower = Borrower(desk)
    borrower.hold(PROMISE)
    borrower.say("affirm", "对")
    borrower.say("promise_to_pay", "周五还两千")
    with desk.store.transaction() as tx:
        assert len(tx.promises("C-1")) == 1


@pytest.mark.parametrize(
    ("talk", "stops", "status", "state", "holder"),
    [
        ([("opt_out", "退订")], ["OPTED_OUT"], "active", "opted_out", "bot"),
        ([*VERIFY, ("opt_out", "别再发了")], ["OPTED_OUT"], "active", "opted_out", "bot"),
        (
            [("greet", "你好"), ("wrong_number", "打错了")],
            ["NUMBER_NOT_OWNER"],
            "stopped",
            "wrong_party",
            "bot",
        ),
        ([("third_party", "我是他老婆")], ["NUMBER_NOT_OWNER"], "stopped", "wrong_party", "bot"),
        ([("self_harm", "不想活了")], ["SELF_HARM"], "human", "usable", "handing_over"),
        ([("deceased", "他已经去世了")], ["DECEASED"], "human", "usable", "handing_over"),
        ([("complaint", "我要投诉你们")], ["COMPLAINT_OPEN"], "human", "usable", "handing_over"),
        ([("want_human", "转人工")], [], "human", "usable", "handing_over"),
    ],
    ids=lambda value: (
        value[-1][0] if isinstance(value, list) and value and isinstance(value[0], tuple) else None
    ),
)
def test_what_ends_a_contact_reaches_the_store(
    desk: Desk, talk: list[tuple[str, str]], stops: list[str], status: str, state: str, holder: str
) -> None:
    borrower = Borrower(desk)
    borrower.hold(talk)
    with desk.store.transaction() as tx:
        assert tx.stops("C-1") == stops
        assert tx.case("C-1").status == status
        assert {point.channel: point.state for point in tx.contact_points("C-1")} == {
            "phone": state, "wechat": "usable",
        }  # fmt: skip
        assert tx.is_opted_out(PHONE) is (state == "opted_out")
        assert tx.conversation(borrower.conversation_id).holder == holder


def test_three_wrong_answers_end_it_and_hand_over(desk: Desk) -> None:
    borrower = Borrower(desk)
    borrower.hold(VERIFY[:2])
    said = [borrower.say("give_id_digits", digits) for digits in ("1111", "2222", "3333", "512X")]
    assert "identity_failed" in said[2]
    assert said[3] == []
    with desk.store.transaction() as tx:
        assert [outcome for _, outcome, _ in tx.attempts("C-1")] == ["not_verified"] * 3
        assert tx.conversation(borrower.conversation_id).holder == "handing_over"


def test_a_promise_does_not_lift_what_a_human_must_lift(desk: Desk) -> None:
    borrower = Borrower(desk)
    borrower.hold([*VERIFY, ("opt_out", "退订")])
    borrower.hold([("promise_to_pay", "周五还两千"), ("give_reason", "忘了"), ("affirm", "对")])
    with desk.store.transaction() as tx:
        assert tx.stops("C-1") == ["OPTED_OUT"]
        assert tx.case("C-1").status == "promised"


def test_an_answer_that_fails_in_the_middle_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    borrower = Borrower(desk)
    borrower.hold(PROMISE[:-1])
    received = desk.receive("sms", PHONE, "对", borrower.at)
    with desk.store.transaction() as tx:
        before = tx.conversation(received.conversation_id)
    with monkeypatch.context() as broken:
        broken.setattr(Desk, "_tone", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            borrower.answer(received, "affirm", "对")
    with desk.store.transaction() as tx:
        assert tx.promises("C-1") == []
        assert tx.conversation(received.conversation_id) == before
    assert "recorded" in borrower.answer(received, "affirm", "对")
