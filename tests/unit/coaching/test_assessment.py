"""What the coach reads in a talk that the bot leads, whose standing phrases are no collector's words."""

from __future__ import annotations

from datetime import datetime

import pytest

from heyue.coaching.assessment import assess, assess_all
from heyue.coaching.transcript import BORROWER, COLLECTOR, Said, Transcript
from heyue.settings import ZONE

NOW = datetime(2026, 11, 27, 2, 45, tzinfo=ZONE)
OPENING = (
    (COLLECTOR, "您好，这里是云杉消费金融的智能助手（本消息由AI生成）。需要人工请回复“人工”，不想再收请回复“退订”。"),
    (COLLECTOR, "请问您是赵*远先生本人吗？"),
    (BORROWER, "我是赵明远本人"),
    (COLLECTOR, "谢谢。为确保只和您本人沟通，请回复身份证号后四位。"),
    (BORROWER, "5126"),
    (COLLECTOR, "谢谢您的核实。提醒您一下：云杉消费金融信用贷应还3,200元，11月24日到期，过了3天。"),
    (COLLECTOR, "请问您打算哪天还？"),
)
CLOSING = (
    (COLLECTOR, "跟您核对一下：11月29日（周日）还3,200元。"),
    (COLLECTOR, "请确认一下，这样对吗？"),
    (BORROWER, "对"),
    (COLLECTOR, "好的，已登记：11月29日（周日）还3,200元。请通过官方App“我的账单”办理。投诉可拨12378。"),
    (COLLECTOR, "您看还有其他问题吗？"),
)


def talk(answer: str, people: frozenset[int] = frozenset()) -> Transcript:
    """A talk that the bot leads, but for the turns of `people`."""
    said = tuple(Said(speaker, text) for speaker, text in (*OPENING, (BORROWER, answer), *CLOSING))
    lenders = frozenset(number for number, turn in enumerate(said) if turn.speaker == COLLECTOR)
    return Transcript(said, "wechat", bot_turns=lenders - people)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("后天还三千二，工资还没发", "salary_delayed"),
        ("后天还三千二，忘了这回事了", "forgot"),
        ("后天还三千二，住院呢腿打着石膏", "illness"),
        ("后天还三千二，卡被锁了转不出去", "payment_failure"),
        ("后天还三千二，上个月被裁了", "unemployment"),
        ("后天还三千二", None),
    ],
)
def test_a_reason_that_the_bot_is_told_stays_told(answer: str, reason: str | None) -> None:
    whole = talk(answer)
    said = [number for number, turn in enumerate(whole.turns) if turn.text == answer]
    read = assess_all([whole.until(number) for number in range(said[0], len(whole.turns))], NOW)
    assert [each.reason for each in read] == [reason] * len(read)


def test_one_turn_of_a_person_makes_it_a_talk_of_people() -> None:
    assert talk("好").is_by_bot
    assert not talk("好", people=frozenset({1})).is_by_bot
    assert not Transcript((Said(BORROWER, "在吗"),)).is_by_bot
    assert assess(talk("后天还三千二", people=frozenset({1})), NOW).promises


def test_of_who_has_not_said_a_word_nothing_is_known_and_the_opening_is_suggested() -> None:
    found = assess(Transcript((Said(COLLECTOR, "您好，我是云杉消费金融的小周，请问是赵先生吗？"),)), NOW)
    assert (found.debtor_type, found.situation, found.state) == ("undetermined", "unreachable", "opening")
    assert found.suggestions
