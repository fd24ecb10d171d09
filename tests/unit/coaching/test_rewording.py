"""Suggestions in a language model's words: what passes, and by which rule the rest does not."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from heyue.coaching.rewording import FittedLine
from heyue.records import Case
from heyue.settings import ZONE

AT = datetime(2026, 11, 26, 10, tzinfo=ZONE)
CASE = Case("C-1", "赵明远", "云山消费金融", 320_000, date(2026, 11, 15), id_last4="5126", product="现金分期")
CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data" / "fitted_lines.jsonl").read_text(encoding="utf-8").splitlines()
]


def task(line: str, borrower: str = "我最近压力好大，你别催了", verified: bool = True) -> FittedLine:
    talk = (("collector", "您好，我是客服。"), ("borrower", borrower))
    return FittedLine(line, talk, CASE, verified, AT)


@pytest.mark.parametrize("case", CASES, ids=[f"{each['id']} {each['why']}" for each in CASES])
def test_a_reply_is_shown_or_refused_by_its_rule(case: dict[str, Any]) -> None:
    given = dict(case["given"])
    reply = given.pop("reply")
    assert (task(**given).judged(reply).refused_by or "used") == case["expect"]


def test_the_facts_of_the_suggestion_are_filled_in_and_not_sent() -> None:
    asked = task("赵明远您好，您看12月5号先还500元，可以吗？", "我是赵明远，电话13800138000，下周五还两千")
    sent = "".join(each.content for each in asked.messages())
    assert [each for each in ("赵明远", "12月5", "500", "13800138000", "下周五", "两千") if each in sent] == []
    said = asked.judged("〔姓名1〕您好，您看〔日期2〕先还〔金额2〕，可以吗？")
    assert said.refused_by == "mark"
    said = asked.judged("〔姓名1〕您好，〔日期1〕先还〔金额1〕，您看可以吗？")
    assert said.line == "赵明远您好，12月5号先还500元，您看可以吗？"
