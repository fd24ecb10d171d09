"""Promises as the rules judge them against the table tests/data/promises.jsonl, and what holds for any text."""

from __future__ import annotations

import json
import time
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from heyue.understanding.amounts import find_amounts
from heyue.understanding.clauses import JUST_BEFORE, Clause, clauses_of, readable
from heyue.understanding.dates import find_dates
from heyue.understanding.promise_rules import Verdict, judge_by_rules, offered
from heyue.understanding.promises import MOST_TOGETHER, Promise, extract_promises, judged_promises, pieces_of

DATA = Path(__file__).parents[2] / "data"
CASES = [json.loads(line) for line in (DATA / "promises.jsonl").read_text(encoding="utf-8").splitlines()]
PLAIN = [json.loads(line) for line in (DATA / "plain_promises.jsonl").read_text(encoding="utf-8").splitlines()]
CHINA = timezone(timedelta(hours=8))
TODAY = "2026-11-20"  # a Friday
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=CHINA)
PIECES = [
    "明天", "下周五", "月底", "25号", "还", "給", "转", "两千", "一半", "全部", "不行", "不对", "已经", "了", "吗", "等", "工资", "到账",
    "就", "说", "过几天", "尽快", "，", "。", "？", " ", "之前", "最晚", "我", "没钱", "…", "１", "\u200b", "👍", "(",
]  # fmt: skip
anything = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
days_and_sums = st.lists(
    st.sampled_from(["8号", "9号", "八号九号", "明天", "后天", "里", "之前", "最晚", "，", "或者", "到", "两千", "三百", "周五", "以后"]), max_size=12
).map("".join)  # fmt: skip
moments = st.datetimes(datetime(2019, 1, 1), datetime(2050, 12, 31), timezones=st.just(CHINA))


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']} {case['given']}" for case in CASES])
def test_promises(case: dict) -> None:
    now = datetime.fromisoformat(f"{case.get('now', TODAY)}T10:00:00+08:00")
    found = [promise.terms().as_dict() for promise in judged_promises(case["given"], now, judge_by_rules)]
    assert found == case["expect"], case["why"]


@pytest.mark.parametrize("case", PLAIN, ids=[f"{case['id']} {case['given']}" for case in PLAIN])
def test_what_is_said_plainly_is_read_so_whatever_the_trained_model_makes_of_it(case: dict) -> None:
    found = [promise.terms().as_dict() for promise in extract_promises(case["given"], NOW)]
    assert found == case["expect"], case["why"]


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("不，下周五还不了五百块。", []),
        ("下周五五百块都不还", []),
        ("周五没钱还五百", []),
        ("下周五我还不起一千", []),
        ("25号不会还的", []),
        ("下周五还不了全部，先还五百", ["2026-11-27"]),
        ("下周五还不上，25号还五百", ["2026-11-25"]),
        ("明天不还你是孙子，25号还五百", ["2026-11-25"]),
    ],
)
def test_a_day_turned_down_at_once_is_never_promised(said: str, days: list[str]) -> None:
    """Whatever the trained model makes of the rest: an invented promise is the worst mistake."""
    found = extract_promises(said, NOW)
    assert [each.start.isoformat() for each in found if each.start] == days
    assert found or not days


@pytest.mark.parametrize(
    ("said", "certainty"),
    [
        ("要是老板周五结账，周六我就还三千", "conditional"),
        ("如果贷款批下来，28号就还清", "conditional"),
        ("我要是借到了，明天就转五百", "conditional"),
        ("主要是手机坏了，周五就转五百", "firm"),
        ("周五我就转五百", "firm"),
    ],
)
def test_a_day_that_an_if_stands_before_is_promised_on_condition(said: str, certainty: str) -> None:
    """However rare such words are in the lessons of the trained model."""
    assert {each.certainty for each in extract_promises(said, NOW)} == {certainty}


@pytest.mark.parametrize("unit", ["下周五，", "年底之前", "25号还500，", "明天还。", "1号2号3号", "😀", "好的好的还"], ids=ascii)
def test_a_long_text_is_judged_piece_by_piece(unit: str) -> None:
    """Each day is held against each other: of a whole archive of days in one line that would take minutes."""
    text = unit * (5 * MOST_TOGETHER // len(unit))
    pieces = list(pieces_of(text))
    assert "".join(piece for _, piece in pieces) == text
    assert all(len(piece) <= MOST_TOGETHER and text[begin : begin + len(piece)] == piece for begin, piece in pieces)
    for promise in extract_promises(text, NOW):
        assert text[slice(*promise.span)] == promise.text


@settings(deadline=None, max_examples=500)
@given(text=anything, now=moments)
def test_any_text_gives_promises_inside_it(text: str, now: datetime) -> None:
    for promise in extract_promises(text, now):
        begin, end = promise.span
        assert 0 <= begin < end <= len(text)
        assert text[begin:end] == promise.text
        assert promise.start is None or promise.start >= now.date()
        assert promise.start is None or promise.end is None or promise.start <= promise.end
        assert promise.certainty in ("firm", "conditional", "vague")
        assert promise.certainty != "vague" or promise.start is promise.end is None
        assert Promise.from_dict(json.loads(json.dumps(promise.as_dict()))) == promise


def promises_everything(plain: str, clauses: list[Clause], today: date) -> Verdict:
    """A judge that takes every day and every sum for promised: what no model should do, and one may."""
    days = {day.span: "firm" for clause in clauses for day in clause.dates if day.kind == "future"}
    return Verdict(days, frozenset(each.span for clause in clauses for each in clause.sums), "vague" if clauses else None)


@settings(deadline=None, max_examples=500)
@given(text=days_and_sums, now=moments)
@example(text="八号九号，定八号九号里，一千二", now=datetime(2026, 11, 28, 15, tzinfo=CHINA))
def test_whatever_is_judged_promised_becomes_promises_that_differ(text: str, now: datetime) -> None:
    found = judged_promises(text, now, promises_everything)
    assert found or not clauses_of(readable(text), [], [])
    assert len({(each.start, each.end) for each in found}) == len(found)


@settings(deadline=None, max_examples=200)
@given(text=st.lists(st.sampled_from(PIECES), max_size=15).map("".join))
def test_the_time_of_day_changes_nothing_where_no_part_of_it_is_named(text: str) -> None:
    early, late = (NOW.replace(hour=hour) for hour in (0, 23))
    assert extract_promises(text, early) == extract_promises(text, late)


@pytest.mark.parametrize("piece", [*PIECES, "明天还，", "还两千，不对，", "等我发了工资", "说下月初给 ", "欠一半", "还过周五"])
def test_time_grows_with_length_only(piece: str) -> None:
    """Four times the text takes about four times as long (no pattern backtracks badly)."""
    extract_promises(piece, NOW)
    small, large = seconds(piece * 150), seconds(piece * 600)
    assert large < 12 * small + 0.05


def seconds(text: str) -> float:
    """The best of three."""
    times = []
    for _ in range(3):
        begun = time.process_time()  # what other processes take does not count
        extract_promises(text, NOW)
        times.append(time.process_time() - begun)
    return min(times)


def test_only_the_words_just_before_a_sum_say_what_it_is() -> None:
    text = "一号到十号" + "欠一半" * 1_000  # everything before each of a thousand sums would be a million characters
    sums = find_amounts(text)
    (clause,) = clauses_of(text, find_dates(text, NOW), sums)
    assert max(len(clause.before(each)) for each in sums) == JUST_BEFORE
    assert offered(clause) == []


def test_fillers_that_can_be_cut_in_two_ways_take_no_exponential_time() -> None:
    (clause,) = clauses_of("就是哦不对好的一定剩下班" * 100 + "鹅", [], [])
    assert not clause.is_bare  # it would not come back in years
    (clause,) = clauses_of("哦不对就是好的" * 100, [], [])
    assert clause.is_bare
