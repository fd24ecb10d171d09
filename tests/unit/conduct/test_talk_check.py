"""The two rules of conduct: who speaks is said, and nobody is disturbed at night."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from heyue.conduct.line_facts import LineFacts, is_quiet
from heyue.conduct.talk_check import check_talk, says_who

MORNING = datetime.fromisoformat("2026-11-24T10:00:00+08:00")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("您好，我是云山消费金融的客服，工号1024", True),
        ("【云山分期】王先生您好，账单已出", True),
        ("万桦贷小骆，找一下蒋先生", True),
        ("许先生您好，融易贷洪敏，想跟您谈谈还款", True),
        ("您好呀 众禾金融小白～ 您本期逾期4天了", True),
        ("喂，您好，这边是北川银行信用卡中心", True),
        ("你甭管我哪位，你欠没欠钱自己不知道？", False),
        ("喂，那笔钱你啥时候还？", False),
        ("您的信用卡逾期了，今天必须处理", False),
        ("负责你账户的工作人员。", False),
        ("宋大哥您好 盛安财富的曹经理", True),
        ("杜老师早，麦浪借款小宋提醒：账单逾期10天", True),
        ("麦浪分期的小宋", True),
        ("打算怎么还，可以分期的。", False),
        ("请回复还款日期或回复分期期数。", False),
        ("把银行卡号、有效期发我", False),
        ("马老板，一万八，四十天了", False),
        ("赵阿姨，您看今天能还多少", False),
        ("我叫三个人去你店里坐坐", False),
    ],
)
def test_who_speaks(text: str, says: bool) -> None:
    assert says_who(text) is says


@pytest.mark.parametrize(
    ("at", "quiet"),
    [(time(21, 59, 59), False), (time(22), True), (time(0), True), (time(7, 59, 59), True), (time(8), False)],
)
def test_the_night_window(at: time, quiet: bool) -> None:
    assert is_quiet(at) is quiet


def test_no_identity_stands_at_the_first_turn() -> None:
    found = check_talk([(0, "喂，那笔钱啥时候还？", MORNING), (2, "今天能不能还？", MORNING)])
    assert [(each.turn, each.rule) for each in found if each.rule == "no_identity"] == [(0, "no_identity")]


def test_who_speaks_may_be_said_later() -> None:
    found = check_talk([(0, "请问是王先生吗？", MORNING), (2, "我是云山银行的小李", MORNING)])
    assert not [each for each in found if each.rule == "no_identity"]


def test_each_turn_at_night_counts() -> None:
    night = MORNING.replace(hour=22, minute=5)
    found = check_talk([(0, "您好，我是云山银行的小李", night), (2, "打扰您了", night), (4, "您好", None)])
    assert [each.turn for each in found if each.rule == "quiet_hours"] == [0, 2]


def test_no_turn_of_a_collector_breaks_nothing() -> None:
    assert check_talk([]) == []


def test_who_is_firm_but_clean_is_not_flagged() -> None:
    firm = (
        "您好，我是云山消费金融的小罗，工号2077，这笔账已经逾期四十天了",
        "您答应过三回，三回都没有到账，这次请给我一个准日子",
        "再拖下去罚息会一直按合同算，逾期也会如实上报",
        "一直协商不成的话，公司可能依法起诉，这个我得提前跟您讲",
        "您不方便就直说不方便，别一会儿下周一会儿月底",
        "那就定二十号，九百块，只走App，别转给任何个人",
    )
    assert check_talk([(number, text, MORNING) for number, text in enumerate(firm)]) == []


def test_one_threat_among_firm_turns_is_found() -> None:
    turns = ("您好，我是云山银行的小李", "再不还，我明天就把你照片贴到你们厂门口", "您看什么时候方便？")
    found = check_talk([(number, text, MORNING) for number, text in enumerate(turns)])
    assert [(each.turn, each.rule) for each in found] == [(1, "exposure_threat")]


def test_facts_hold_in_all_of_a_talk() -> None:
    turns = [(0, "您好，我是云山银行的小李", MORNING), (2, "他那笔逾期四十天了", MORNING)]
    assert check_talk(turns) == []
    assert [(each.turn, each.rule) for each in check_talk(turns, LineFacts(role="other"))] == [
        (2, "third_party_disclosure")
    ]
