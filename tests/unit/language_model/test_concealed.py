"""What becomes a mark before anything is sent, and comes back from it."""

from __future__ import annotations

from datetime import datetime

import pytest

from heyue.language_model.concealed import Concealed, marks_in
from heyue.settings import ZONE

AT = datetime(2026, 11, 26, 10, tzinfo=ZONE)
KNOWN = {"赵明远": "姓名", "云山消费金融": "机构", "现金分期": "产品", "512X": "号码"}

SECRETS = {
    "the borrower's name": ("我是赵明远本人", ["赵明远"]),
    "his ID digits": ("尾号512X", ["512X"]),
    "the lender and the product": ("云山消费金融的现金分期", ["云山", "现金分期"]),
    "a phone": ("打13800138000", ["138001"]),
    "a phone with spaces": ("打138 0013 8000", ["0013"]),
    "a phone with dashes": ("打138-0013-8000", ["0013"]),
    "a phone in wide digits": ("打１３８００１３８０００", ["００１３８"]),
    "a phone spelt out": ("打一三八零零一三八零零零", ["零零一三八"]),
    "a landline": ("打010-65551234", ["6555"]),
    "an identity number": ("身份证110101199003075126", ["199003"]),
    "an identity number with X": ("身份证11010119900307512X", ["199003", "512X"]),
    "a bank card": ("卡号6222 0202 0000 1234 567", ["6222", "1234"]),
    "a WeChat id": ("加微信wx_zhang88", ["zhang", "88"]),
    "an e-mail address": ("发zhao.my+1@example.com", ["zhao", "example"]),
    "an address of the web": ("看https://x.example/u?id=77", ["example", "77"]),
    "a sum": ("欠你们3200元", ["3200"]),
    "a sum in numerals": ("先还两千五", ["两千五"]),
    "a day": ("12月5号还", ["12", "5号"]),
    "a day of the week": ("下周五还", ["下周五"]),
    "another person's name": ("我叫李建国，不认识他", ["李建国"]),
    "a name after kin": ("钱是我老公钱建军管", ["钱建军"]),
    "a name with a title": ("你们张经理答应过我", ["张经理"]),
    "a name that the tagger tears in two": ("这钱是郑海峰借的", ["郑海峰", "海峰"]),
    "a name that no dictionary has": ("这是高欣怡的电话", ["高欣怡", "欣怡"]),
    "a place": ("我住北京市朝阳区", ["北京", "朝阳"]),
    "a house": ("我住建国路88号", ["88"]),
}


@pytest.mark.parametrize("name", SECRETS)
def test_it_is_a_mark_and_comes_back(name: str) -> None:
    text, secrets = SECRETS[name]
    concealed = Concealed(AT, KNOWN)
    sent = concealed.conceal(text)
    assert [each for each in secrets if each in sent] == []
    assert marks_in(sent)
    assert concealed.reveal(sent) == text


KEPT = ["谢谢您，我明白了", "过几天再说吧", "钱都花在孩子身上了", "高兴还来不及", "方便的时候再打", "你们有完没完", "我一定想办法"]


@pytest.mark.parametrize("text", KEPT)
def test_what_tells_nobody_anything_stays(text: str) -> None:
    assert Concealed(AT, KNOWN).conceal(text) == text


def test_the_same_words_have_the_same_mark_and_others_another() -> None:
    concealed = Concealed(AT, {})
    first, second = concealed.conceal("先还500元"), concealed.conceal("500元还是800元")
    assert marks_in(first) == marks_in(second)[:1]
    assert len(set(marks_in(second))) == 2


def test_marks_that_somebody_writes_himself_are_none() -> None:
    assert {"〔姓名1〕", "〔金额1〕"} & set(marks_in(Concealed(AT, KNOWN).conceal("说〔姓名1〕和〔金额1〕"))) == set()


def test_an_unknown_mark_is_not_filled_in() -> None:
    with pytest.raises(KeyError):
        Concealed(AT, KNOWN).reveal("〔密码1〕")


def test_more_than_a_message_is_not_read() -> None:
    assert len(Concealed(AT, KNOWN).conceal("好" * 5_000)) == 400
