"""Every answer that the bot can give by SMS, filled with the longest facts that are plausible, is kept short.

Which lines come together in one answer is found by talks at random with the engine itself: 6,000 find 376 answers, 20,000 find 379.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml

from heyue.conduct.contact_policy import default_contact_policy
from heyue.conduct.contact_words import demands, names_consequences
from heyue.conversation import engine
from heyue.conversation.dialogue import Dialogue
from heyue.conversation.exchange import Exchange
from heyue.conversation.facts import facts_of
from heyue.conversation.off_script import _data as off_script
from heyue.conversation.outcomes import TO_ANYONE, TO_THE_BORROWER
from heyue.delivery.sms_text import compact, segments, signed
from heyue.policy import default_policy
from heyue.records import Case, PromiseTerms
from heyue.understanding.reading import Reading, read
from tests.flows import flow_of, flows

DOMAIN = Path(__file__).parents[3] / "bot/domain"
NOW = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
SIGNATURE = "重庆市蚂蚁消费金融"
LONGEST = Case(
    "C-1", "买买提阿不都热", "重庆市蚂蚁消费金融有限公司", 123_456_789, date(2025, 11, 15), gender="女", phone="13800002001",
    id_last4="512X", product="循环借款（随借随还）", minimum_due_fen=12_345_678,
)  # fmt: skip
SAID = (
    "嗯", "是我", "512X", "我的身份证后四位512X，钱已经还了", "1234", "30号还全部", "下个月看看", "等工资到了就还", "2月30日还", "昨天还",
    "11月30日还1000元，12月5日还2000元，12月10日还3000元，12月20日还4000元", "明年5月1日还", "失业了没收入", "20号以后还", "一千五",
    "好的", "不对，改成28号", "不知道", "你谁啊", "过几天就还",
)  # fmt: skip
TALKS, TURNS = 6_000, 12
DISCLOSURE = "disclose"
READ_BACK = {"read_back", "read_back_without_reason", "recorded", "confirm_before_goodbye"}


@cache
def answers() -> frozenset[tuple[str, ...]]:
    """The outcomes that stand together in one answer."""
    draw, found, readings = random.Random(1), set(), [read(text, NOW) for text in SAID]
    for _ in range(TALKS):
        found |= answers_of_a_talk(draw, readings)
    return frozenset(found)


def answers_of_a_talk(draw: random.Random, readings: list[Reading]) -> set[tuple[str, ...]]:
    dialogue, found, intents = Dialogue(), set(), sorted(flows())
    case = replace(LONGEST, id_last4=draw.choice([LONGEST.id_last4] * 9 + [None]))
    for _ in range(TURNS):
        dialogue = Dialogue.from_dict(dialogue.as_dict())
        proves = not dialogue.verified and draw.random() < 0.3
        intent, reading = ("give_id_digits", readings[2]) if proves else (draw.choice(intents), draw.choice(readings))
        exchange = Exchange(case, default_policy(), NOW, dialogue, intent, draw.choice([0.4, 0.9]), reading, "sms")
        engine.hear(exchange, flow_of(intent))
        found.add(tuple(sorted_out(outcome) for outcome in exchange.said))
    return found


def sorted_out(outcome: str) -> str:
    """The outcome; all that name the bill under one name, since which it is only depends on the day."""
    return DISCLOSURE if outcome.startswith(f"{DISCLOSURE}_") else outcome


@cache
def variations() -> dict[str, list[tuple[str | None, str]]]:
    """By outcome its wordings with the channel that each is for; None: for all others."""
    found = {}
    for file in DOMAIN.glob("*.yml"):
        for name, texts in (yaml.safe_load(file.read_text(encoding="utf-8")).get("responses") or {}).items():
            found[name.removeprefix("utter_")] = [(each.get("channel"), each["text"]) for each in texts]
    return found


@cache
def wordings() -> dict[str, list[str]]:
    """By outcome what Rasa chooses from over SMS: the wordings for that channel, where there are some."""
    found = {}
    for outcome, texts in variations().items():
        own = [text for channel, text in texts if channel == "sms"]
        found[outcome] = own or [text for _, text in texts]
    disclosing = [texts for outcome, texts in found.items() if sorted_out(outcome) == DISCLOSURE]
    return found | {DISCLOSURE: [text for texts in disclosing for text in texts]}


def facts(payments: int) -> dict[str, str]:
    """The longest facts; a promise of so many payments, each within some days."""
    terms = [PromiseTerms(date(2026, 12, 10 + each), date(2026, 12, 20 + each), "123456.78") for each in range(payments)]
    return facts_of(LONGEST, default_policy(), Dialogue(verified=True, terms=terms, reason="third_party_use"), NOW.date())


def sms(said: tuple[str, ...], payments: int) -> str:
    """The longest SMS of an answer, as heyue.desk and the sender make it."""
    known, label = facts(payments), default_contact_policy().label
    lines = [max((text.format(**known) for text in wordings()[outcome]), key=len) for outcome in said]
    text = "\n".join(lines) if label in "".join(lines) else f"{''.join(lines)}（{label}）"
    return signed(compact(text), SIGNATURE)


def most(said: tuple[str, ...], payments: int) -> int:
    """What the policy allows an answer."""
    limit = default_contact_policy().channels["sms"].most_segments
    assert limit is not None
    return limit + (payments - 1 if READ_BACK & set(said) else 0)


def test_the_talks_bring_every_outcome_about() -> None:
    assert {outcome for said in answers() for outcome in said} == {sorted_out(each) for each in TO_ANYONE | TO_THE_BORROWER}


@pytest.mark.parametrize("payments", range(1, default_policy().promise.max_instalments + 1))
def test_no_answer_by_sms_is_longer_than_the_policy_allows(payments: int) -> None:
    too_long = {said: segments(sms(said, payments)) for said in answers() if segments(sms(said, payments)) > most(said, payments)}
    assert too_long == {}


@pytest.mark.parametrize("outcome", sorted(TO_ANYONE | TO_THE_BORROWER | {"technical_fault", "stranger"}))
def test_each_response_by_itself_takes_two_segments_at_most(outcome: str) -> None:
    assert segments(sms((outcome,), 1)) <= 2


@pytest.mark.parametrize("said", [("ask_identity",), ("ask_when",), ("narrow_vague", "ask_when"), ("not_understood", "ask_amount")])
def test_most_answers_in_a_talk_take_one_segment(said: tuple[str, ...]) -> None:
    usual = {"creditor": "云山消费金融", "person": "赵*远先生", "horizon": "30", "factor": "身份证号后四位"}
    text = "".join(max((each.format(**usual) for each in wordings()[outcome]), key=len) for outcome in said)
    assert segments(signed(f"{text}（{default_contact_policy().label}）", "云山消费金融")) == 1


def test_what_a_language_model_words_is_no_longer_than_what_it_replaces() -> None:
    worded = "字" * off_script()["longest"] + f"（{default_contact_policy().label}）"
    for said in answers():
        if place := set(off_script()["outcomes"]) & set(said):
            others = tuple(outcome for outcome in said if outcome not in place)
            assert segments(sms(others, 1) + worded) <= most(said, 1), said


@pytest.mark.parametrize("outcome", ["introduction", "disclose_early", "disclose_middle", "disclose_late", "disclose_not_due", "recorded"])
def test_a_shorter_wording_keeps_what_must_be_said(outcome: str) -> None:
    must = {
        "introduction": ["{creditor}", "{label}", "智能助手", "人工", "退订"], "recorded": ["{promise}", "{pay_ways}", "个人账户", "人工", "{complaint_phone}"],
    }.get(outcome, ["{creditor}", "{product}", "{amount}", "{due_date}"])  # fmt: skip
    assert [(text, word) for text in wordings()[outcome] for word in must if word not in text] == []


@pytest.mark.parametrize("outcome", sorted(outcome for outcome, texts in variations().items() if any(channel for channel, _ in texts)))
def test_by_night_a_shorter_wording_is_judged_as_the_longer_one(outcome: str) -> None:
    """What demands is left out then (T-02), and what names consequences never goes (L-11)."""
    policy, known = default_contact_policy(), facts(1)
    for judge in (demands, names_consequences):
        said = {channel: judge(text.format(**known), policy) for channel, text in variations()[outcome]}
        assert said["sms"] == said[None], judge
