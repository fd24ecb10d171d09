"""Which situation follows from the answers to the questions about a talk, in the order of contracts.md section 4."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from heyue.coaching.reading import read_talk
from heyue.coaching.situations import SITUATIONS, answers_of, situations_by
from heyue.coaching.talk_training import LabelledTalk, situation_examples
from heyue.coaching.transcript import transcript_from_dict
from heyue.settings import ZONE
from heyue.understanding.linear_text import Blocks, LinearText, Scales

SURE = 20.0  # nats
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=ZONE)
CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data" / "days_ahead.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
LABELS = (
    "outright:rest", "outright:deceased", "outright:dispute", "outright:wrong_party", "outright:already_paid",
    "outright:unreachable", "broken:yes", "broken:no", "day:yes", "day:no", "unable:yes", "unable:no", "in_sight:yes",
    "in_sight:no",
)  # fmt: skip


def answering(*answers: str) -> LinearText:
    """A model that gives these answers to everybody, and no clear one to the other questions."""
    bias = np.array([SURE * (label in answers) for label in LABELS])
    return LinearText(LABELS, (), np.zeros(0), np.zeros((3, len(LABELS))), bias, Scales())


def sure_of(situation: str) -> LinearText:
    """A model of the collector's words that always gives this situation."""
    bias = np.array([SURE * (name == situation) for name in SITUATIONS])
    return LinearText(SITUATIONS, (), np.zeros(0), np.zeros((3, len(SITUATIONS))), bias, Scales())


def seen(words: str, *flags: str) -> Blocks:
    return Blocks(words, "", np.zeros(3, dtype=np.float32), flags)


def reached(model: LinearText, *flags: str, collector_says: str = "", by_collector: str = "cooperative") -> str:
    (shares,) = situations_by(model, sure_of(by_collector), [seen("嗯", *flags)], [seen(collector_says)])
    assert sum(shares.values()) == pytest.approx(1.0)
    assert set(shares) == set(SITUATIONS)
    return max(shares, key=shares.__getitem__)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_answers_that_a_situation_teaches_lead_back_to_it(situation: str) -> None:
    answers = answers_of(situation, broken_enough=False)
    given = answering(*(f"{question}:{answer}" for question, answer in answers.items()))
    assert reached(given) == situation


def test_what_stops_every_reminder_goes_before_broken_promises() -> None:
    assert reached(answering("outright:dispute"), "broken_by_now:3+") == "dispute"


def test_two_broken_promises_go_before_a_clear_day() -> None:
    assert reached(answering("outright:rest", "broken:no", "day:yes"), "broken_by_now:2") == "broken_promises"


def test_one_broken_promise_leaves_the_talk_to_tell() -> None:
    assert reached(answering("outright:rest", "broken:no", "day:yes"), "broken_by_now:1") == "cooperative"


def test_a_talk_teaches_nothing_about_questions_that_its_situation_leaves_open() -> None:
    assert answers_of("dispute", broken_enough=True) == {"outright": "dispute"}
    assert answers_of("broken_promises", broken_enough=True) == {"outright": "rest"}
    assert "day" not in answers_of("unable_short", broken_enough=False)


def test_who_has_no_money_is_unable_though_he_names_a_day() -> None:
    given = answering("outright:rest", "broken:no", "unable:yes", "in_sight:yes", "day:yes")
    assert reached(given) == "unable_short"


@pytest.mark.parametrize(
    ("collector_says", "flags", "expected"),
    [
        ("请您节哀", (), "deceased"),
        ("", (), "cooperative"),  # nobody speaks for the lender, or only the bot
        ("请您节哀", ("turns:0",), "unreachable"),  # the borrower has not said a word
        ("请您节哀", ("broken_by_now:2",), "deceased"),
    ],
)
def test_what_the_collector_says_counts_beside_what_the_borrower_does(
    collector_says: str, flags: tuple[str, ...], expected: str
) -> None:
    hardly = answering("outright:rest", "broken:no", "unable:no", "day:yes")
    hardly.bias[:] = hardly.bias / 4  # less sure than the other
    assert reached(hardly, *flags, collector_says=collector_says, by_collector="deceased") == expected


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_how_far_ahead_the_named_days_lie_is_shown_to_the_model(case: dict[str, object]) -> None:
    said = [{"speaker": "borrower", "text": text} for text in case["given"]]  # type: ignore[attr-defined]
    flags = read_talk(transcript_from_dict({"id": "t", "turns": said}), NOW).flags
    assert sorted(flag for flag in flags if "ahead" in flag or "est:" in flag) == case["expect"]


def test_days_are_counted_from_the_turn_that_names_them() -> None:
    turns = [
        {"speaker": "borrower", "text": "12月20号才有", "at": (NOW + timedelta(days=days)).isoformat()}
        for days in (0, 20)
    ]
    flags = read_talk(transcript_from_dict({"id": "t", "turns": turns}), NOW).flags
    assert {"c@nearest:week", "c@farthest:month"} <= set(flags)


def test_who_has_not_said_a_word_was_not_reached() -> None:
    given = answering("outright:already_paid")
    silent = read_talk(
        transcript_from_dict({"id": "t", "turns": [{"speaker": "collector", "text": "您好，请回电"}]}), NOW
    ).flags
    assert reached(given, *silent) == "unreachable"


@pytest.mark.parametrize(
    ("on_file", "later", "flag"),
    [
        (0, 0, "broken_by_now:0"),
        (0, 5, "broken_by_now:1"),
        (1, 5, "broken_by_now:2"),
        (2, 0, "broken_by_now:2"),
    ],
)
def test_promises_broken_on_file_and_days_gone_by_in_the_talk_are_counted_together(
    on_file: int, later: int, flag: str
) -> None:
    turns = [
        {"speaker": "borrower", "text": "后天还五百", "at": NOW.isoformat()},
        {"speaker": "borrower", "text": "在开会", "at": (NOW + timedelta(days=later)).isoformat()},
    ]
    case = {"days_overdue": 9, "amount_due": "500.00", "broken_promises": on_file}
    assert flag in read_talk(transcript_from_dict({"id": "t", "case": case, "turns": turns}), NOW).flags


def test_a_day_changed_in_the_same_sitting_is_one_broken_promise() -> None:
    said = [("后天还五百", timedelta(0)), ("还是大后天还吧", timedelta(minutes=5)), ("在开会", timedelta(days=9))]
    turns = [{"speaker": "borrower", "text": text, "at": (NOW + later).isoformat()} for text, later in said]
    assert "broken_by_now:1" in read_talk(transcript_from_dict({"id": "t", "turns": turns}), NOW).flags


@pytest.mark.parametrize(
    ("said", "recalled"),
    [
        ("您上次说中秋以后给", True),
        ("您说展会结束就付，展会完了", True),
        ("约好的十二号，没有收到", True),
        ("您说说是什么原因", False),
        ("请问您打算哪天还", False),
    ],
)
def test_an_earlier_promise_that_the_collector_recalls_is_seen_where_one_is_broken_on_file(
    said: str, recalled: bool
) -> None:
    turns = [{"speaker": "collector", "text": said}, {"speaker": "borrower", "text": "忙"}]
    case = {"days_overdue": 9, "amount_due": "500.00", "broken_promises": 1}
    flags = read_talk(transcript_from_dict({"id": "t", "case": case, "turns": turns}), NOW).flags
    assert ("broken:recalled" in flags) is recalled


@pytest.mark.parametrize("bot_turns", [frozenset(), frozenset({1})], ids=["a person", "the bot"])
def test_days_gone_by_are_not_broken_where_the_collector_says_that_money_has_come(bot_turns: frozenset[int]) -> None:
    turns = [
        {"speaker": "borrower", "text": "后天还五百，25号再还五百", "at": NOW.isoformat()},
        {"speaker": "collector", "text": "两笔都收到了，谢谢", "at": (NOW + timedelta(days=40)).isoformat()},
    ]
    case = {"days_overdue": 9, "amount_due": "500.00", "broken_promises": 0}
    transcript = replace(transcript_from_dict({"id": "t", "case": case, "turns": turns}), bot_turns=bot_turns)
    assert "broken_by_now:0" in read_talk(transcript, NOW).flags


@pytest.mark.parametrize(("answers", "weights"), [(1, [1.0]), (3, [0.1, 1.0]), (4, [0.1, 0.1, 1.0])])
def test_beginnings_are_learnt_from_with_less_weight(answers: int, weights: list[float]) -> None:
    turns = [
        turn
        for number in range(answers)
        for turn in ({"speaker": "collector", "text": f"问{number}"}, {"speaker": "borrower", "text": f"答{number}"})
    ]
    talk = LabelledTalk("voice", transcript_from_dict({"id": "t", "turns": turns}), "undetermined", "unwilling", None)
    own, collector = situation_examples(talk)
    assert [example.weight for example in own] == weights
    assert own[0].masked.count("\n") == collector[0].masked.count("\n") == 0  # one turn of each
    assert own[-1].masked.count("\n") == collector[-1].masked.count("\n") == answers - 1
    assert {example.label for example in (*own, *collector)} == {"unwilling"}
