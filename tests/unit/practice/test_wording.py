"""A debtor's answer in a language model's words: the same said otherwise passes, whatever is more or else does not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from heyue.practice.debtor import Turn, begin
from heyue.practice.persona import personas
from heyue.practice.wording import DebtorLine
from heyue.settings import ZONE

AT = datetime(2026, 11, 26, 10, tzinfo=ZONE)
CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data" / "debtor_wordings.jsonl").read_text(encoding="utf-8").splitlines()
]


def task(kind: str, act: str, line: str, collector: str = "您好，我是客服，您看怎么安排合适？") -> DebtorLine:
    persona = next(each for each in personas().values() if each.kind == kind)
    exercise = begin(persona, "easy", 7, AT)
    said = line.format(id_last4=persona.case.id_last4)
    turns = (Turn("collector", collector, AT, 0.3), Turn("borrower", said, AT, 0.3, act=act))
    return DebtorLine(replace(exercise, turns=(*exercise.turns, *turns)))


@pytest.mark.parametrize("case", CASES, ids=[f"{each['id']} {each['why']}" for each in CASES])
def test_a_reply_is_said_or_refused_by_its_rule(case: dict[str, Any]) -> None:
    given = dict(case["given"])
    reply = given.pop("reply")
    assert (task(**given).judged(reply).refused_by or "used") == case["expect"]


def test_facts_are_marks_in_what_is_sent_and_words_in_what_is_said() -> None:
    asked = task("cooperative", "promise_dated", "好，下周五我还五百块。", "我叫李建国，电话13800138000，您先还两千行吗？")
    sent = "".join(each.content for each in asked.messages())
    assert [each for each in ("下周五", "五百", "两千", "李建国", "13800138000") if each in sent] == []
    assert asked.judged("没问题，〔日期1〕我还〔金额1〕。").line == "没问题，下周五我还五百块。"
    assert asked.judged("没问题，〔日期1〕我还〔金额2〕。").refused_by == "mark"  # the sum that the trainee named


def test_what_he_has_said_before_is_not_said_again() -> None:
    asked = task("promiser", "vent", "我没想当个没信用的人。")
    before = replace(asked.exercise.turns[-1], text="我真的没想当个没信用的人啊。")
    again = DebtorLine(replace(asked.exercise, turns=(before, *asked.exercise.turns)))
    assert again.judged("我真没想当个没信用的人。").refused_by == "repeat"
