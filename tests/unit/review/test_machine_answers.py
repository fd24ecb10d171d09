"""What the machine answers on the scorecard: single lines, and the talks that were labelled by hand.

tests/data/scorecard_talks.jsonl holds the labels of 60 talks of nlu_data/types: `tuned` were looked at while the cues
were written. `held_out` were labelled before the machine saw them: at first 371 of its 389 answers were right; what then
was plainly mistaken was mended, so the figure of today (383 of 393) is no longer that of unseen talks.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heyue.coaching.assessment import assess
from heyue.coaching.transcript import BORROWER, COLLECTOR, Said, Transcript, transcript_from_dict
from heyue.review.answer_cues import answer_cues, clause_around
from heyue.review.findings import FINDERS
from heyue.review.machine_answers import propose_answers
from heyue.review.scorecard import RULES, Answer, check_evidence, default_scorecard, score
from heyue.settings import ZONE

ROOT = Path(__file__).parents[3]
LABELLED = [
    json.loads(line)
    for line in (ROOT / "tests/data/scorecard_talks.jsonl").read_text(encoding="utf-8").splitlines()
]
CARD = default_scorecard()
NOW = datetime(2026, 11, 20, 10, tzinfo=ZONE)  # a Friday
# The share of an item's answers that must be right over all labelled talks: what was reached, less two talks.
RIGHT = {
    "says_who": 0.96, "verified_person": 0.94, "empathy": 0.87, "courtesy": 0.96, "asked_reason": 0.92,
    "asked_day": 0.90, "asked_amount": 0.92, "offered_option": 0.95, "read_back_day": 0.93,
    "read_back_amount": 0.91, "named_pay_way": 0.93, "polite_close": 0.87,
}  # fmt: skip
RIGHT_BY_RULE = 0.97
MAY_BE_SILENT = {"says_who": 3, "verified_person": 10, "asked_reason": 14}  # talks of the 60


def talk(*turns: str) -> Transcript:
    """A talk of turns that begin with C or B for who says it."""
    said = (Said(COLLECTOR if text[0] == "C" else BORROWER, text[1:], NOW) for text in turns)
    return Transcript(tuple(said))


def proposed(transcript: Transcript) -> dict[str, Answer]:
    return {each.item: each for each in propose_answers(transcript, assess(transcript, NOW), CARD)}


@cache
def talks() -> dict[str, Transcript]:
    wanted = {row["id"] for row in LABELLED}
    lines = (
        json.loads(line)
        for path in sorted((ROOT / "nlu_data/types").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    return {raw["id"]: transcript_from_dict(raw) for raw in lines if raw["id"] in wanted}


@cache
def outcomes() -> dict[str, Counter[str]]:
    """Per item and set, how many answers of the machine were right, wrong, or not given."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in LABELLED:
        said = proposed(talks()[row["id"]])
        for item, verdict in row["answers"].items():
            result = "silent" if item not in said else "right" if said[item].verdict == verdict else "wrong"
            found[item][result] += 1
            found[row["set"]][result] += 1
    return found


def right_share(name: str) -> float:
    count = outcomes()[name]
    return count["right"] / (count["right"] + count["wrong"])


def test_the_labels_answer_every_item_of_the_card() -> None:
    assert len({row["id"] for row in LABELLED}) == len(LABELLED) == 60
    assert {len({row["id"].rsplit("-", 1)[0] for row in LABELLED})} == {20}
    for row in LABELLED:
        assert set(row["answers"]) == {each.id for each in CARD.items}


@pytest.mark.parametrize("item", [each.id for each in CARD.items])
def test_enough_answers_to_an_item_are_right(item: str) -> None:
    assert right_share(item) >= RIGHT.get(item, RIGHT_BY_RULE)
    assert outcomes()[item]["silent"] <= MAY_BE_SILENT.get(item, 0)


@pytest.mark.parametrize(("which", "floor"), [("tuned", 0.96), ("held_out", 0.94)])
def test_enough_answers_to_all_items_are_right(which: str, floor: float) -> None:
    assert right_share(which) >= floor


def test_every_quote_stands_in_its_turn() -> None:
    for transcript in talks().values():
        check_evidence(list(proposed(transcript).values()), [turn.text for turn in transcript.turns])


def test_every_cue_and_finder_belongs_to_an_item_of_the_card() -> None:
    items = {each.id for each in CARD.items}
    assert set(answer_cues()) <= items
    assert set(FINDERS) <= set(answer_cues())
    assert {rule for cues in answer_cues().values() for rule in cues.broken_by} <= set(RULES)
    assert {cues.otherwise for cues in answer_cues().values()} <= {"yes", "no", None}


@pytest.mark.parametrize(
    ("turns", "item", "verdict", "quote"),
    [
        (("C您好，我是云山银行的小李，请问是王先生吗？", "B是我", "C您的账单逾期三天了"), "verified_person", "yes", "请问是王先生吗"),
        (("C您好，我是云山银行的小李，您的账单逾期三天了", "B知道"), "verified_person", "no", "您的账单逾期三天了"),
        (("C您好，我是云山分期的小李，请问是王先生吗？", "B哪位？", "C您逾期三天了"), "verified_person", None, None),
        (("C您好，我是云山分期的小李，请问是王先生吗？", "B我是他老婆"), "verified_person", "yes", "请问是王先生吗"),
        (("C您的账单到期了", "B下周五还两千", "C好的，11月27日，2000元"), "read_back_day", "yes", "11月27日"),
        (("C您的账单到期了", "B下周五还两千", "C好的，11月27日，2000元"), "read_back_amount", "yes", "2000元"),
        (("C您的账单到期了", "B下周五还两千", "C好的，11月28日还是1000元？"), "read_back_day", "no", None),
        (("C您的账单到期了", "B下周五还两千", "C好的，11月28日还是1000元？"), "read_back_amount", "no", None),
        (("C下周五可以吗？", "B可以", "C谢谢"), "read_back_day", "yes", "下周五可以吗"),
        (("C那您打算什么时候还？", "B周五"), "courtesy", "yes", None),
        (("C你算什么东西，少废话", "B周五"), "courtesy", "no", "算什么东西"),
        (("C为什么没还呢？", "B忘了"), "asked_reason", "yes", "为什么没还呢"),
        (("C您还款吧", "B厂里没发工资", "C工资的事我理解，先还一点"), "asked_reason", "yes", "工资的事我理解"),
        (("C请通过官方App还款", "B下周五还两千"), "named_pay_way", "yes", "请通过官方App还款"),
        (("C客服热线见官网", "B下周五还两千"), "named_pay_way", "no", None),
        (("C您哪天还？", "B周五", "C好的，祝您生活愉快，再见"), "polite_close", "yes", "祝您生活愉快"),
        (("C您哪天还？", "B周五", "C谢谢，那金额是多少？"), "polite_close", "no", None),
    ],
)  # fmt: skip
def test_single_talks(turns: tuple[str, ...], item: str, verdict: str | None, quote: str | None) -> None:
    answer = proposed(talk(*turns)).get(item)
    assert (answer.verdict if answer else None) == verdict
    if quote is not None:
        assert answer is not None
        assert quote in answer.evidence[0].text


def test_a_flag_answers_its_item_and_a_rejected_one_does_not() -> None:
    transcript = talk("C您好，我是云山银行的小李", "C你再不还，我叫人打断你的腿", "B你敢")
    found = assess(transcript, NOW)
    assert proposed(transcript)["no_threat"].verdict == "no"
    assert score(CARD, propose_answers(transcript, found, CARD)).points == 0
    lenient = {each.item: each for each in propose_answers(transcript, replace(found, violations=[]), CARD)}
    assert lenient["no_threat"].verdict == "yes"


def test_an_item_that_the_machine_does_not_know_stays_open() -> None:
    own = replace(CARD.items[-1], id="smile", question="声音里有笑意？")
    card = replace(CARD, items=(*CARD.items[:-1], own))
    transcript = talk("C您好，我是云山银行的小李", "B你好")
    answers = propose_answers(transcript, assess(transcript, NOW), card)
    assert score(card, answers).unanswered[-1] == "smile"


def test_a_talk_without_times_has_its_day_read_back_all_the_same() -> None:
    turns = [
        ("collector", "您好，账单到期了"),
        ("borrower", "12月8号还两千"),
        ("collector", "好的，12月8日2000元"),
    ]
    bare = transcript_from_dict({"turns": [{"speaker": who, "text": text} for who, text in turns]})
    found = proposed(bare)
    assert found["read_back_day"].verdict == "yes"
    assert found["lawful_hours"].verdict == "not_applicable"


@pytest.mark.parametrize(
    ("text", "place", "clause"),
    [
        ("好的，我理解，您先忙", (4, 6), "我理解"),
        ("我理解", (1, 3), "我理解"),
        ("好 我理解 您忙", (3, 5), "我理解"),
    ],
)
def test_a_quote_is_the_clause(text: str, place: tuple[int, int], clause: str) -> None:
    assert clause_around(text, text, place) == clause


PIECES = [
    "您好",
    "我是云山银行的小李",
    "，",
    "？",
    "逾期",
    "下周五",
    "两千",
    "还",
    "可以吗",
    "可以",
    "谢谢",
    "\n",
    " ",
    "废话",
    "理解",
    "App",
    "１２",
]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("CB"), st.lists(st.sampled_from(PIECES), min_size=1, max_size=6)),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_is_said_the_evidence_stands_in_the_talk(turns: list[tuple[str, list[str]]]) -> None:
    transcript = talk(*(who + "".join(pieces) for who, pieces in turns))
    answers = propose_answers(transcript, assess(transcript, NOW), CARD)
    check_evidence(answers, [turn.text for turn in transcript.turns])
    score(CARD, answers)
