"""The conversation rules, case by case (tests/data/conversation.jsonl)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from heyue.conversation import engine
from heyue.conversation.dialogue import Dialogue
from heyue.conversation.exchange import Exchange
from heyue.policy import default_policy
from heyue.records import Case
from heyue.understanding.reading import read
from tests.flows import flow_of

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data/conversation.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
NOW = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
CASE = Case(
    case_id="C-1", borrower_name="赵明远", creditor="云山消费金融", amount_due_fen=320000, minimum_due_fen=32000,
    due_date=date(2026, 11, 15), gender="男", phone="13800002001", wechat_openid="o1", id_last4="512X",
    product="现金分期",
)  # fmt: skip
VERIFIED = [["confirm_identity", "是我"], ["give_id_digits", "512x"]]


def converse(turns: list[list[str]], case: Case = CASE) -> tuple[Dialogue, list[Exchange]]:
    """Run a contact through the rules: the dialogue at its end, and every exchange."""
    dialogue, exchanges = Dialogue(), []
    for intent, text in turns:
        dialogue = Dialogue.from_dict(dialogue.as_dict())
        exchange = Exchange(case, default_policy(), NOW, dialogue, intent, 0.9, read(text, NOW))
        engine.hear(exchange, flow_of(intent))
        exchanges.append(exchange)
    return dialogue, exchanges


def effect_names(exchanges: list[Exchange]) -> list[str]:
    return [type(effect).__name__ for exchange in exchanges for effect in exchange.effects]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_contact(case: dict[str, Any]) -> None:
    given, expect = case["given"], case["expect"]
    person = replace(CASE, **{
        name: date.fromisoformat(value) if name == "due_date" else value
        for name, value in given.get("case", {}).items()
    })  # fmt: skip
    turns = (VERIFIED if given.get("verified") else []) + given["turns"]
    dialogue, exchanges = converse(turns, person)
    if "said" in expect:
        assert exchanges[-1].said == expect["said"]
    for outcome in expect.get("also_said", []):
        assert outcome in exchanges[-1].said
    if "recorded" in expect:
        assert [[t.start and t.start.isoformat(), t.end and t.end.isoformat(), t.amount, t.certainty]
                for t in dialogue.recorded] == expect["recorded"]  # fmt: skip
    for name, value in expect.get("dialogue", {}).items():
        assert getattr(dialogue, name) == value
    for name in expect.get("effects", []):
        assert name in effect_names(exchanges)
    for name in expect.get("no_effects", []):
        assert name not in effect_names(exchanges)
