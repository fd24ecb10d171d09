"""What a debtor hears in the trainee's line: computed moves, the terms it offers, what it grants."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from heyue.practice.hearing import Heard, hear, offered
from heyue.practice.persona import Persona, personas
from heyue.practice.state import State, Terms
from tests.unit.practice.talks import AT

VERIFIED = State(verified=True, introduced=True, informed=True)


@pytest.fixture
def debtor() -> Persona:
    return next(each for each in personas().values() if each.case.minimum_due_fen != 50_000)


def heard(line: str, debtor: Persona, *earlier: str, state: State = VERIFIED) -> Heard:
    return hear(line, earlier, state, debtor, AT)


@pytest.mark.parametrize(
    ("line", "move"),
    [
        ("再不还我就去你单位告诉你领导你欠钱。", "threat"),
        ("利息和罚息我全给您免了。", "concede_too_much"),
        ("我跟您确认一下，12月3号还500元，对吗？", "read_back"),
    ],
)
def test_moves_are_heard(line: str, move: str, debtor: Persona) -> None:
    assert move in heard(line, debtor).moves


def test_who_speaks_and_asks_is_heard_before_verification(debtor: Persona) -> None:
    line = f"您好，我是{debtor.case.creditor}的小李，工号1024，请问是{debtor.name}吗？"
    found = heard(line, debtor, state=State())
    assert {"introduce", "verify"} <= set(found.moves)
    assert "disclose" not in found.moves


def test_the_debt_before_verification_is_a_disclosure(debtor: Persona) -> None:
    line = "您有一笔贷款已经逾期了。"
    assert "disclose" in heard(line, debtor, state=State()).moves
    assert "disclose" not in heard(line, debtor).moves
    assert heard(line, debtor).names_debt


def test_saying_the_same_again_is_a_repeat_but_reading_back_is_not(debtor: Persona) -> None:
    asked = "请您今天把全部欠款还清。"
    assert "repeat" in heard("请您今天把全部欠款都还清。", debtor, asked).moves
    assert "repeat" not in heard("您听我解释一下规则。", debtor, asked).moves
    terms = "12月3号还500元。"
    assert "repeat" not in heard("确认一下，12月3号还500元，对吗？", debtor, terms).moves


@pytest.mark.parametrize(
    ("line", "terms"),
    [
        ("12月3号先还500元可以吗", Terms(date(2026, 12, 3), 50_000)),
        ("那您下周三呢", Terms(date(2026, 12, 2), None)),
        ("先还五百行不行", Terms(None, 50_000)),
        ("您看怎么安排合适", Terms()),
        ("11月10号就到期了，已经逾期16天", Terms()),
    ],
)
def test_the_terms_of_a_line(line: str, terms: Terms, debtor: Persona) -> None:
    assert offered(line, debtor, AT) == terms


@pytest.mark.parametrize(
    ("line", "grants"),
    [
        ("利息给您免掉", True),
        ("您只还本金就行", True),
        ("剩下的就不用还了", True),
        ("征信记录我帮您删掉", True),
        ("利息不能给您免掉", False),
        ("减免要提交申请，审批下来才知道，我没法给您免掉利息", False),
        ("您是想把利息免掉吗", False),
        ("先还一部分，利息就少涨一些", False),
    ],
)
def test_what_is_granted_beyond_policy(line: str, grants: bool, debtor: Persona) -> None:
    assert ("concede_too_much" in heard(line, debtor).moves) is grants


def test_accepting_a_day_past_the_horizon_grants_too_much(debtor: Persona) -> None:
    state = replace(VERIFIED, proposal=Terms(date(2027, 3, 1), None))
    assert "concede_too_much" in heard("好的，就按您说的3月1号，没问题。", debtor, state=state).moves
    assert "concede_too_much" not in heard("3月1号太晚了，我们能不能早一点？", debtor, state=state).moves
