"""The coach's reader: what it finds is kept, found again by search, and never older than the talk."""

from __future__ import annotations

from datetime import timedelta

from heyue.desk import Desk
from heyue.records import TalkFilter
from tests.unit.desk.conftest import NOW, PHONE

TALK = (
    ("borrower", "你们有病吧，天天催，催命啊？"),
    ("bot", "您好，这里是云山消费金融的智能助手，给您添麻烦了。"),
    ("borrower", "滚，老子就是不还，你能把我怎么样"),
)


def hold(desk: Desk, turns: tuple[tuple[str, str], ...] = TALK) -> str:
    here = desk.receive("sms", PHONE, turns[0][1], NOW).conversation_id
    with desk.store.transaction() as tx:
        for minute, (speaker, text) in enumerate(turns[1:], 1):
            tx.add_turn(here, speaker, text, NOW + timedelta(minutes=minute))
    return here


def words(desk: Desk, wanted: str) -> list[str]:
    with desk.store.reading() as tx:
        return [talk.conversation.conversation_id for talk in tx.talks(TalkFilter(words=wanted), 10)]


def test_a_talk_is_read_once_and_again_when_it_goes_on(desk: Desk) -> None:
    here = hold(desk)
    assert desk.unread_talks() == [(here, 3)]
    reading = desk.read_talk(here, NOW)
    assert (reading.debtor_type, reading.turn_count) == ("provocative", 3)
    assert [each["turn"] for each in reading.details["types"]] == [0, 2]
    assert len(reading.details["tension"]) == 3
    assert desk.unread_talks() == []
    desk.receive("sms", PHONE, "算了，周五还两千吧", NOW + timedelta(minutes=5))
    assert desk.unread_talks() == [(here, 4)]
    again = desk.read_talk(here, NOW)
    assert again.promise_count == 1
    assert [each["turn"] for each in again.details["types"]] == [0, 2, 3]


def test_the_case_learns_the_type_once_it_is_sure(desk: Desk) -> None:
    desk.read_talk(hold(desk), NOW)
    with desk.store.reading() as tx:
        assert tx.case("C-1").debtor_type == "provocative"


def test_a_turn_that_comes_while_it_reads_leaves_the_talk_unread(desk: Desk) -> None:
    here = hold(desk)
    reading = desk.read_talk(here, NOW)
    desk.receive("sms", PHONE, "喂", NOW + timedelta(minutes=5))
    with desk.store.transaction() as tx:  # as if the reading before had been kept only now
        tx.put_reading(here, reading, [text for _, text in TALK], NOW)
    assert desk.unread_talks() == [(here, 4)]


def test_words_are_found_in_sealed_messages_however_they_are_written(desk: Desk) -> None:
    here = hold(desk)
    desk.read_talk(here, NOW)
    assert words(desk, "老子就是不还") == words(desk, "老子就是不還") == words(desk, "催 命") == words(desk, "病") == [here]
    assert words(desk, "老子就是要还") == []


def test_filters_choose_talks(desk: Desk) -> None:
    here = hold(desk)
    desk.read_talk(here, NOW)
    found = {
        TalkFilter(debtor_type="provocative"): 1, TalkFilter(debtor_type="victim"): 0, TalkFilter(handler=""): 1,
        TalkFilter(handler="wang"): 0, TalkFilter(since=NOW): 1, TalkFilter(until=NOW): 0,
        TalkFilter(least_tension=0.99): 0, TalkFilter(most_confidence=1.0): 1, TalkFilter(rule="abuse"): 0,
        TalkFilter(is_flagged=True): 0, TalkFilter(is_flagged=False): 1, TalkFilter(channel="sms", origin="bot"): 1,
    }  # fmt: skip
    with desk.store.reading() as tx:
        for wanted, count in found.items():
            assert (tx.count_talks(wanted), len(tx.talks(wanted, 10))) == (count, count), wanted
        assert tx.talks(TalkFilter(), 10)[0].conversation.conversation_id == here
        assert tx.talks(TalkFilter(), 10, after=1) == []


def test_the_bot_may_answer_at_night_who_writes_at_night(desk: Desk) -> None:
    night = NOW.replace(hour=23)
    here = desk.receive("sms", PHONE, "在吗", night).conversation_id
    with desk.store.transaction() as tx:
        tx.add_turn(here, "bot", TALK[1][1], night)
        tx.add_turn(here, "collector", "您好，我是客服小王，工号1024", night)
    assert [(each["turn"], each["rule"]) for each in desk.read_talk(here, night).details["violations"]] == [(2, "quiet_hours")]
