"""Answers over channels that can push: owed until they stand in the outbox, said once, facts only in the night."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from heyue.delivery.sender import LATER, REFUSED, UNKNOWN, DeliveryReport, Receipt
from heyue.desk import ANSWER, SILENT, Desk, Received
from heyue.desk.outbox import NotPermitted
from heyue.understanding.reading import read
from tests.outgoing import (
    CASE,
    NOW,
    OPENID,
    PHONE,
    Provider,
    decisions,
    hours,
    notice,
    open_outgoing,
    state,
    still,
)
from tests.unit.desk.conftest import COLLECTOR, LEAD

INTRODUCTION = "您好，这里是云山消费金融的智能助手（本消息由AI生成）。"
ASK = "请问您是赵*远本人吗？"
WHEN = "您打算哪天还？"
NIGHT = datetime.combine(NOW.date(), datetime.min.time(), NOW.tzinfo) + hours(23)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_outgoing(f"sqlite:///{tmp_path / 'heyue.db'}")
    yield desk
    desk.store.close()


def write(desk: Desk, text: str = "你好", at: datetime = NOW, key: str | None = None, channel: str = "wechat") -> Received:
    """A borrower's message over a channel that pushes."""
    return desk.receive(channel, OPENID if channel == "wechat" else PHONE, text, at, key, pushes=True)


def answer(desk: Desk, received: Received, *lines: str, at: datetime = NOW) -> bool:
    """What the bot does with it."""
    desk.hear(received.conversation_id, "smalltalk", "greet", 0.9, read("你好", at), at, received.turn_id)
    return desk.record_answer(received.conversation_id, received.turn_id, {}, list(lines), at)


def said(desk: Desk, received: Received) -> list[tuple[str, str]]:
    with desk.store.reading() as tx:
        return [(turn.speaker, turn.text) for turn in tx.turns(received.conversation_id)]


def owed(desk: Desk, at: datetime = NOW, in_work: float = 0) -> list[int]:
    return [each.turn_id for each in desk.owed_answers(at, timedelta(seconds=in_work))]


def test_an_answer_goes_out_as_one_message_and_once(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat")
    assert received.outcome == ANSWER
    assert answer(desk, received, INTRODUCTION, ASK)
    for _ in range(2):
        assert desk.deliver_reply(received.turn_id, NOW, {"wechat": wechat}) == "sent"
        desk.deliver_due(still(NOW), {"wechat": wechat})
    assert [(each.text, each.kind) for each in wechat.sent] == [(f"{INTRODUCTION}\n{ASK}", "reply")]
    assert wechat.sent[0].address == OPENID


def test_an_sms_answer_is_one_text_with_its_label(desk: Desk) -> None:
    received, sms = write(desk, channel="sms"), Provider()
    answer(desk, received, "云山消费金融为您服务。", ASK)
    desk.deliver_reply(received.turn_id, NOW, {"sms": sms})
    assert [each.text for each in sms.sent] == [f"云山消费金融为您服务。{ASK}（本消息由AI生成）"]


def test_an_answer_is_owed_from_the_acknowledgement_until_it_stands_in_the_outbox(desk: Desk) -> None:
    received = write(desk, key="msg-1")
    assert write(desk, key="msg-1").outcome == SILENT  # the provider's second try
    assert owed(desk) == [received.turn_id]
    assert owed(desk, in_work=30) == []
    (waiting,) = desk.owed_answers(NOW + timedelta(seconds=31))
    assert (waiting.text, waiting.channel, waiting.session_id) == ("你好", "wechat", received.session_id)
    answer(desk, received, INTRODUCTION)
    assert (owed(desk), state(desk, f"reply:{received.turn_id}")) == ([], "queued")


def test_an_answer_that_was_heard_and_not_recorded_is_owed_still(desk: Desk) -> None:
    received = write(desk)
    desk.hear(received.conversation_id, "smalltalk", "greet", 0.9, read("你好", NOW), NOW, received.turn_id)
    assert owed(desk, NOW + hours(1)) == [received.turn_id]


def test_nobody_waits_for_an_answer_for_ever_nor_for_the_bots_once_a_person_has_the_talk(desk: Desk) -> None:
    received = write(desk)
    assert owed(desk, NOW + hours(25)) == []
    later = write(desk, "在吗", NOW + hours(1))
    desk.take_over(LEAD, later.conversation_id, NOW + hours(1))
    assert owed(desk, NOW + hours(2)) == []
    assert later.turn_id != received.turn_id


def test_an_answer_of_a_provider_that_is_down_goes_out_later(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat", Receipt(LATER))
    answer(desk, received, INTRODUCTION)
    assert desk.deliver_reply(received.turn_id, NOW, {"wechat": wechat}) == "queued"
    desk.deliver_due(still(NOW + timedelta(minutes=5)), {"wechat": wechat})
    assert state(desk, f"reply:{received.turn_id}") == "sent"


def test_an_answer_is_no_contact_that_counts(desk: Desk) -> None:
    for minute in range(3):
        at = NOW + timedelta(minutes=minute)
        received = write(desk, at=at)
        answer(desk, received, INTRODUCTION, at=at)
        desk.deliver_reply(received.turn_id, at, {"wechat": Provider("wechat")})
    assert desk.judge(notice(), NOW + hours(1)).allowed


def test_who_has_opted_out_is_still_answered(desk: Desk) -> None:
    desk.opt_out("wechat", OPENID, NOW)
    received, wechat = write(desk), Provider("wechat")
    assert answer(desk, received, INTRODUCTION)
    assert desk.deliver_reply(received.turn_id, NOW, {"wechat": wechat}) == "sent"


def _opts_out_elsewhere(desk: Desk, at: datetime) -> None:
    desk.opt_out("sms", PHONE, at)


def _opts_out_by_callback(desk: Desk, at: datetime) -> None:
    desk.opt_out("wechat", OPENID, at)


def _opts_out_in_words(desk: Desk, at: datetime) -> None:
    write(desk, "退订", at)  # taken in, not yet worked on


def _opts_out_in_dialogue(desk: Desk, at: datetime) -> None:
    received = write(desk, "别再给我发消息了", at)
    with desk.store.transaction() as tx:
        tx.add_opt_out(OPENID, "wechat", at, received.turn_id)


@pytest.mark.parametrize(
    "refuse", [_opts_out_elsewhere, _opts_out_by_callback, _opts_out_in_words, _opts_out_in_dialogue]
)
def test_an_answer_in_work_is_not_sent_once_he_has_opted_out_and_nobody_is_called(
    desk: Desk, refuse: Callable[[Desk, datetime], None]
) -> None:
    received, wechat = write(desk), Provider("wechat")
    answer(desk, received, INTRODUCTION)
    refuse(desk, NOW + timedelta(seconds=2))
    desk.deliver_reply(received.turn_id, NOW + timedelta(seconds=3), {"wechat": wechat})
    assert (wechat.sent, fates(desk, received)) == ([], [("withheld", "opted_out_since")])
    assert called(desk, received)[::2] == ("bot", [])


def test_a_collectors_line_in_work_is_not_sent_once_he_has_opted_out(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat")
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    desk.say(COLLECTOR, received.conversation_id, "您好，我是云山消费金融的小王。", NOW)
    write(desk, "TD", NOW + timedelta(seconds=2))
    desk.deliver_due(still(NOW + timedelta(seconds=3)), {"wechat": wechat})
    assert (wechat.sent, fates(desk, received)) == ([], [("withheld", "opted_out_since")])


def test_the_refusal_itself_is_confirmed_even_when_it_comes_twice(desk: Desk) -> None:
    received, wechat = write(desk, "退订"), Provider("wechat")
    answer(desk, received, INTRODUCTION)
    desk.opt_out("wechat", OPENID, NOW + timedelta(seconds=1))
    write(desk, "退订", NOW + timedelta(seconds=2))
    assert desk.deliver_reply(received.turn_id, NOW + timedelta(seconds=3), {"wechat": wechat}) == "sent"


def test_an_answer_that_still_waits_is_not_said_once_a_person_has_the_talk(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat", Receipt(LATER))
    answer(desk, received, INTRODUCTION)
    desk.deliver_reply(received.turn_id, NOW, {"wechat": wechat})
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    desk.deliver_due(still(NOW + hours(1)), {"wechat": wechat})
    assert (len(wechat.sent), state(desk, f"reply:{received.turn_id}")) == (1, "withheld")
    assert decisions(desk, f"reply:{received.turn_id}")[-1] == ("delivery", False, ["handled"])


def test_a_farewell_goes_out_while_the_talk_is_handed_over(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat")
    answer(desk, received, INTRODUCTION)
    with desk.store.transaction() as tx:
        tx.set_holder(received.conversation_id, "handing_over", NOW, "bot", "wants a person")
    assert desk.deliver_reply(received.turn_id, NOW, {"wechat": wechat}) == "sent"


def test_a_talk_that_a_person_kept_for_days_goes_on_without_another_introduction(desk: Desk) -> None:
    received, later = write(desk), NOW + timedelta(days=2)
    answer(desk, received, INTRODUCTION, ASK)
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    write(desk, "在吗", later)
    desk.hand_back(COLLECTOR, received.conversation_id, later, "好了")
    again = write(desk, "还在吗", later)
    assert answer(desk, again, ASK, at=later)


def test_a_message_that_two_workers_bring_is_taken_in_once(desk: Desk) -> None:
    received = write(desk)
    heard = []
    for _ in range(2):
        heard.append(desk.hear(received.conversation_id, "smalltalk", "greet", 0.9, read("你好", NOW), NOW, received.turn_id))
        desk.record_answer(received.conversation_id, received.turn_id, {}, [INTRODUCTION], NOW)
    assert (bool(heard[0].lines), heard[1].lines) == (True, [])


# the night


def test_in_the_night_facts_are_said_and_demands_are_left_out(desk: Desk) -> None:
    received, wechat = write(desk, at=NIGHT), Provider("wechat")
    assert answer(desk, received, INTRODUCTION, WHEN, at=NIGHT)
    desk.deliver_reply(received.turn_id, NIGHT, {"wechat": wechat})
    assert [each.text for each in wechat.sent] == [INTRODUCTION]
    assert said(desk, received) == [("borrower", "你好"), ("bot", INTRODUCTION)]


def test_where_nothing_but_a_demand_was_to_be_said_the_borrower_hears_until_when_he_must_wait(desk: Desk) -> None:
    first, second = write(desk, at=NIGHT), write(desk, "在吗", NIGHT)
    answer(desk, first, INTRODUCTION, at=NIGHT)
    answer(desk, second, WHEN, at=NIGHT)
    assert said(desk, second)[-1] == ("bot", desk.contact_policy.night_line)


def test_an_answer_that_the_gate_refuses_stands_in_no_transcript_and_calls_a_person(desk: Desk) -> None:
    received = write(desk)
    assert not answer(desk, received, "您这样的人真不要脸，云山消费金融（本消息由AI生成）")
    assert (said(desk, received), owed(desk)) == ([("borrower", "你好")], [])
    assert decisions(desk, f"reply:{received.turn_id}") == [("enqueue", False, ["line"])]
    talk = desk.open_talk(LEAD, received.conversation_id, NOW)
    assert (talk.conversation.holder, talk.note) == ("handing_over", "answer not sent: line")


# answers in the response itself


def test_an_answer_given_in_the_response_is_not_sent_again_and_leaves_the_quota_alone(desk: Desk) -> None:
    wechat = Provider("wechat")
    for number in range(8):
        received = write(desk, at=NOW + timedelta(seconds=number))
        answer(desk, received, INTRODUCTION)
        for _ in range(2):  # the provider asks again when it got no response
            assert desk.passive_reply(received.turn_id, NOW + timedelta(seconds=number)) == INTRODUCTION
        desk.passive_given(received.turn_id, is_written=True)
    desk.deliver_due(still(NOW + hours(1)), {"wechat": wechat})
    assert wechat.sent == []
    last = write(desk, at=NOW + hours(1))
    answer(desk, last, INTRODUCTION, at=NOW + hours(1))
    assert desk.deliver_reply(last.turn_id, NOW + hours(1), {"wechat": wechat}) == "sent"


def test_what_was_sent_already_is_not_given_in_the_response(desk: Desk) -> None:
    received = write(desk)
    assert desk.passive_reply(received.turn_id, NOW) is None
    answer(desk, received, INTRODUCTION)
    desk.deliver_reply(received.turn_id, NOW, {"wechat": Provider("wechat")})
    assert desk.passive_reply(received.turn_id, NOW) is None


def test_the_bot_leaves_one_of_five_messages_to_a_person(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat")
    answer(desk, received, INTRODUCTION)
    desk.deliver_reply(received.turn_id, NOW, {"wechat": wechat})
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    for _ in range(4):
        desk.say(COLLECTOR, received.conversation_id, "您好，我是客服小王。", NOW)
    desk.deliver_due(still(NOW), {"wechat": wechat})
    assert len(wechat.sent) == 5
    with pytest.raises(NotPermitted) as refusal:
        desk.say(COLLECTOR, received.conversation_id, "还在吗？", NOW)
    assert refusal.value.why == "reply_quota"


# lines that do not come from the engine


def test_a_fault_is_answered_once_and_not_owed_any_more(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat")
    for _ in range(2):
        desk.send_reply(
            received.conversation_id, received.turn_id, [INTRODUCTION + "系统有点忙"], NOW, {"wechat": wechat}
        )
    assert (len(wechat.sent), owed(desk)) == (1, [])


def test_the_bots_own_answer_that_comes_after_that_is_not_said_and_stands_in_no_transcript(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat")
    desk.send_reply(received.conversation_id, received.turn_id, [INTRODUCTION + "系统有点忙"], NOW, {"wechat": wechat})
    assert not answer(desk, received, INTRODUCTION, ASK)
    desk.deliver_due(still(NOW + hours(1)), {"wechat": wechat})
    assert (len(wechat.sent), said(desk, received)) == (1, [("borrower", "你好"), ("bot", INTRODUCTION + "系统有点忙")])


def test_a_fault_is_not_told_once_a_person_has_the_talk(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat")
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    line = INTRODUCTION + "系统有点忙"
    decision = desk.send_reply(received.conversation_id, received.turn_id, [line], NOW, {"wechat": wechat})
    assert (wechat.sent, decision.verdict.refused) == ([], ("handled",))


def test_a_stranger_is_answered_over_wechat_too(desk: Desk) -> None:
    line = desk.answer_stranger("wechat", "oNobody", "您好，这里是自动服务号，打扰了。", "key-1", NOW)
    assert desk.deliver([line.message_id], NOW, {"wechat": Provider("wechat")}) == {line.message_id: "sent"}


def test_a_stranger_hears_a_neutral_line_once_and_nothing_of_a_debt(desk: Desk) -> None:
    sms = Provider()
    for _ in range(2):
        desk.answer_stranger("sms", "19900001111", "您好，这里是自动服务号，打扰了。", "key-1", NOW)
        desk.deliver_due(still(NOW), {"sms": sms})
    assert [each.address for each in sms.sent] == ["19900001111"]
    assert desk.answer_stranger("sms", "19900001111", "您的欠款", "key-2", NOW).verdict.refused == ("disclosure",)


# what became of a line


REFUSED_BY_WECHAT = Receipt(REFUSED, code="45015")


def fates(desk: Desk, received: Received) -> list[tuple[str | None, str | None]]:
    """What the transcript says of each line of the lender's side."""
    with desk.store.reading() as tx:
        turns = [turn for turn in tx.turns(received.conversation_id) if turn.speaker != "borrower"]
    return [(turn.sending.state, turn.sending.code) if turn.sending else (None, None) for turn in turns]


def called(desk: Desk, received: Received) -> tuple[str, str | None, list[tuple[str, str, str | None]]]:
    """Who has the talk, the note in it, and what people have to do."""
    talk = desk.open_talk(LEAD, received.conversation_id, NOW)
    with desk.store.reading() as tx:
        tasks = [(each.task, each.why, each.conversation_id) for each in tx.open_tasks(9, LEAD.login, False)]
    return talk.conversation.holder, talk.note, tasks


def test_a_line_shows_where_it_stands_from_the_queue_to_the_report(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat")
    answer(desk, received, INTRODUCTION, ASK)
    assert fates(desk, received) == [("queued", None)] * 2
    desk.deliver_reply(received.turn_id, NOW, {"wechat": wechat})
    assert fates(desk, received) == [("sent", None)] * 2
    desk.record_report(DeliveryReport("stand-in", "delivered", NOW, f"reply:{received.turn_id}"))
    assert fates(desk, received) == [("delivered", None)] * 2
    assert called(desk, received)[0] == "bot"


@pytest.mark.parametrize(
    ("fate", "why"),
    [(("refused", "45015"), "provider"), (("lapsed", None), "lapsed"), (("withheld", "line"), "line"),
     (("failed", "BLOCKED"), "not_delivered")],
)  # fmt: skip
def test_an_answer_that_does_not_reach_the_borrower_is_marked_and_calls_a_person(
    desk: Desk, fate: tuple[str, str | None], why: str
) -> None:
    received, (ends, _) = write(desk), fate
    answer(desk, received, INTRODUCTION)
    if ends == "withheld":  # the line check has learnt something since it was queued
        _rewrite(desk, f"reply:{received.turn_id}", "您这样的人真不要脸，云山消费金融（本消息由AI生成）")
    wechat = Provider("wechat", *[REFUSED_BY_WECHAT] * (ends == "refused"))
    desk.deliver_due(still(NOW + hours(25 if ends == "lapsed" else 0)), {"wechat": wechat})
    if ends == "failed":
        desk.record_report(DeliveryReport("stand-in", "failed", NOW, f"reply:{received.turn_id}", code="BLOCKED"))
    assert fates(desk, received) == [fate]
    assert called(desk, received) == (
        "handing_over", f"answer not sent: {why}", [("answer", why, received.conversation_id)]
    )  # fmt: skip


def test_an_answer_whose_worker_died_may_be_lost_so_a_person_is_called(desk: Desk) -> None:
    received = write(desk)
    answer(desk, received, INTRODUCTION)
    with desk.store.transaction() as tx:  # as a worker leaves it that dies in the provider's call
        tx.move_outgoing(f"reply:{received.turn_id}", ["queued"], state="sending", sent_at=NOW)
    desk.deliver_due(still(NOW + timedelta(minutes=3)), {"wechat": Provider("wechat")})
    assert fates(desk, received) == [("unknown", None)]
    assert called(desk, received)[::2] == ("handing_over", [("answer", "interrupted", received.conversation_id)])


LEFT_OPEN = ("interrupted", ("handing_over", [("answer", "interrupted")]))
TALKS_ON = (None, ("bot", []))


@pytest.mark.parametrize(
    ("meanwhile", "after_minutes", "expected"),
    [
        ("nothing", 1, TALKS_ON), ("nothing", 3, LEFT_OPEN), ("delivered", 3, TALKS_ON), ("answered again", 3, TALKS_ON),
        ("nothing", 3 * 24 * 60, TALKS_ON),
    ],
    ids=["a report may still come", "no report has come", "a report has come", "the talk has gone on", "long ago, as before an update"],
)  # fmt: skip
def test_an_answer_of_which_the_provider_left_open_whether_it_took_it_is_not_forgotten(
    desk: Desk, meanwhile: str, after_minutes: int, expected: tuple[str | None, tuple[str, list[tuple[str, str]]]]
) -> None:
    received, wechat = write(desk), Provider("wechat", Receipt(UNKNOWN, code="http_500"))
    answer(desk, received, INTRODUCTION)
    desk.deliver_due(still(NOW), {"wechat": wechat})
    if meanwhile == "delivered":
        desk.record_report(DeliveryReport("stand-in", "delivered", NOW, f"reply:{received.turn_id}"))
    elif meanwhile == "answered again":
        later = NOW + timedelta(seconds=9)
        answer(desk, write(desk, "在吗", at=later), ASK, at=later)
        desk.deliver_due(still(later), {"wechat": wechat})
    for _ in range(2):  # once
        desk.deliver_due(still(NOW + timedelta(minutes=after_minutes)), {"wechat": wechat})
    holder, note, tasks = called(desk, received)
    assert (note and note.removeprefix("answer not sent: "), (holder, [task[:2] for task in tasks])) == expected
    assert len(wechat.sent) == (2 if meanwhile == "answered again" else 1)


def test_a_person_is_called_once_and_the_bot_is_silent_from_there(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat", *[REFUSED_BY_WECHAT] * 2)
    answer(desk, received, INTRODUCTION)
    again = write(desk, "在吗")
    answer(desk, again, INTRODUCTION)
    desk.deliver_due(still(NOW), {"wechat": wechat})
    assert fates(desk, received) == [("refused", "45015")] * 2
    assert len(called(desk, received)[2]) == 1
    assert write(desk, "喂").outcome == SILENT


def test_what_arrived_after_all_is_no_longer_marked(desk: Desk) -> None:
    received = write(desk)
    answer(desk, received, INTRODUCTION)
    desk.deliver_due(still(NOW), {"wechat": Provider("wechat", REFUSED_BY_WECHAT)})
    desk.record_report(DeliveryReport("stand-in", "delivered", NOW, f"reply:{received.turn_id}"))
    assert fates(desk, received) == [("delivered", None)]


def test_who_lost_the_introduction_is_introduced_to_before_anything_else_is_said(desk: Desk) -> None:
    received = write(desk)
    answer(desk, received, INTRODUCTION)
    desk.deliver_due(still(NOW), {"wechat": Provider("wechat", REFUSED_BY_WECHAT)})
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    with pytest.raises(NotPermitted) as refusal:
        desk.say(COLLECTOR, received.conversation_id, "您好，我是客服小王。", NOW)
    assert refusal.value.why == "organisation"


def test_a_collectors_line_that_is_not_taken_says_so_and_calls_nobody_else(desk: Desk) -> None:
    received = write(desk)
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    desk.say(COLLECTOR, received.conversation_id, "您好，我是云山消费金融的小王。", NOW)
    assert fates(desk, received) == [("queued", None)]
    desk.deliver_due(still(NOW), {"wechat": Provider("wechat", REFUSED_BY_WECHAT)})
    assert fates(desk, received) == [("refused", "45015")]
    assert called(desk, received)[::2] == ("human", [])
    assert [each.is_cut_off for each in desk.running_talks(COLLECTOR, NOW)] == [True]
    desk.say(COLLECTOR, received.conversation_id, "您好，我是云山消费金融的小王。", NOW + timedelta(seconds=9))
    assert [each.is_cut_off for each in desk.running_talks(COLLECTOR, NOW)] == [False]


def test_a_collectors_line_that_lapses_once_the_bot_has_the_talk_again_calls_a_person(desk: Desk) -> None:
    received = write(desk)
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    desk.say(COLLECTOR, received.conversation_id, "您好，我是云山消费金融的小王。", NOW)
    desk.hand_back(COLLECTOR, received.conversation_id, NOW, "好了")
    desk.deliver_due(still(NOW + hours(25)), {"wechat": Provider("wechat")})
    assert called(desk, received)[::2] == ("handing_over", [("answer", "lapsed", received.conversation_id)])


def _rewrite(desk: Desk, message_id: str, words: str) -> None:
    """Put other words into a message that waits."""
    with desk.store.engine.begin() as connection:
        sealed = desk.store.keys.seal(json.dumps({"text": words, "parameters": {}}))
        query = text("UPDATE outbox SET body_sealed = :sealed WHERE message_id = :message_id")
        connection.execute(query, {"sealed": sealed, "message_id": message_id})


# people


def test_a_collectors_line_goes_out_through_the_same_gate(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat")
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    line = "您好，我是云山消费金融的小王。"
    assert desk.say(COLLECTOR, received.conversation_id, line, NOW) == []
    desk.deliver_due(still(NOW), {"wechat": wechat})
    assert [(each.text, each.kind, each.address) for each in wechat.sent] == [(line, "human", OPENID)]
    assert said(desk, received)[-1] == ("collector", line)
    assert write(desk, "好的", NOW).said_meanwhile == ()  # he has it already


def test_a_collectors_line_that_the_gate_refuses_is_not_said_and_the_no_is_logged(desk: Desk) -> None:
    received = write(desk, at=NIGHT)
    desk.take_over(COLLECTOR, received.conversation_id, NIGHT)
    with pytest.raises(NotPermitted) as refusal:
        desk.say(COLLECTOR, received.conversation_id, "我是云山消费金融的小王，您打算哪天还？", NIGHT)
    assert (refusal.value.why, refusal.value.says) == ("night_demand", "夜间只答复事实，不催促还款")
    assert said(desk, received) == [("borrower", "你好")]
    with desk.store.engine.connect() as connection:
        logged = connection.exec_driver_sql("SELECT kind, allowed, rules FROM gate_decisions").all()
    assert [tuple(row) for row in logged] == [("human", 0, "T-02")]


def test_where_no_provider_is_configured_a_collectors_line_is_refused_rather_than_lost(desk: Desk) -> None:
    received = write(desk)
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    elsewhere = Desk(desk.store, desk.policy, desk.contact_policy)  # a coach whose environment names no provider
    with pytest.raises(NotPermitted) as refusal:
        elsewhere.say(COLLECTOR, received.conversation_id, "您好，我是云山消费金融的小王。", NOW)
    assert (refusal.value.why, said(desk, received)) == ("channel", [("borrower", "你好")])


def test_a_day_later_a_collectors_line_is_a_contact_of_its_own(desk: Desk) -> None:
    received, wechat = write(desk), Provider("wechat")
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    tomorrow = NOW + hours(25)
    line = "您好，我是云山消费金融的小王。"
    desk.say(COLLECTOR, received.conversation_id, line, tomorrow)
    desk.deliver_due(still(tomorrow), {"wechat": wechat})
    with pytest.raises(NotPermitted) as refusal:
        desk.say(COLLECTOR, received.conversation_id, "您看到了吗？", tomorrow + hours(1))
    assert refusal.value.why == "channel_day"
    with pytest.raises(NotPermitted) as refusal:
        desk.say(COLLECTOR, received.conversation_id, "您好", tomorrow.replace(hour=21))
    assert "window" in refusal.value.why


def test_over_a_channel_that_can_only_answer_a_collectors_line_waits_for_the_next_message(desk: Desk) -> None:
    received = desk.receive("wechat", OPENID, "你好", NOW)
    desk.take_over(COLLECTOR, received.conversation_id, NOW)
    assert desk.say(COLLECTOR, received.conversation_id, "您好", NOW.replace(hour=23)) == []
    assert desk.deliver_due(still(NOW), {"wechat": Provider("wechat")}) == {}
    here = received.conversation_id
    assert [turn.sending and turn.sending.state for turn in desk.open_talk(COLLECTOR, here, NOW).turns] == [None, "waits"]
    assert desk.receive("wechat", OPENID, "在", NOW.replace(hour=23)).said_meanwhile == ("您好",)
    assert {turn.sending for turn in desk.open_talk(COLLECTOR, here, NOW).turns} == {None}
    assert CASE.wechat_openid == OPENID


@pytest.mark.parametrize(
    ("written", "back", "fate"),
    [
        (NOW, NOW + hours(2), "sent"),
        (NOW, NIGHT, "lapsed"),
        (NIGHT, NIGHT + timedelta(minutes=5), "sent"),
        (NIGHT, NIGHT + hours(4), "lapsed"),
    ],
)
def test_an_answer_that_a_provider_held_up_does_not_come_in_the_night(
    desk: Desk, written: datetime, back: datetime, fate: str
) -> None:
    received, wechat = write(desk, at=written), Provider("wechat", Receipt(LATER))
    answer(desk, received, INTRODUCTION, at=written)
    desk.deliver_due(still(written), {"wechat": wechat})
    desk.deliver_due(still(back), {"wechat": wechat})
    assert state(desk, f"reply:{received.turn_id}") == fate
