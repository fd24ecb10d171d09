"""The learnt decision on promises: what messages teach, how it is kept, and what holds for any text."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heyue.errors import BadInput, Broken
from heyue.understanding.clauses import clauses_of, readable
from heyue.understanding.dates import find_dates
from heyue.understanding.promise_model import PromiseModel
from heyue.understanding.promise_rules import TODAY
from heyue.understanding.promise_training import day_labels, read_messages, train_promises, undated_label
from heyue.understanding.promises import judged_promises

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=timezone(timedelta(hours=8)))  # a Friday


def promise(
    start: str | None, end: str | None = None, amount: str | None = None, certainty: str = "firm"
) -> dict:
    return {"start": start, "end": end or start, "amount": amount, "certainty": certainty}


def message(text: str, *promises: dict) -> dict:
    return {"now": NOW.isoformat(), "text": text, "gold": {"promises": list(promises)}}


LESSONS = 12 * [
    message("明天还", promise("2026-11-21")),
    message("周六我弄五百", promise("2026-11-21", amount="500.00")),
    message("后天弄", promise("2026-11-22")),
    message("明天出差"),
    message("后天结婚花了两万"),
    message("周六看病"),
    message("手头松了弄", promise(None, certainty="vague")),
    message("工资发了弄", promise(None, certainty="conditional")),
    message("这就弄", promise("2026-11-20")),
    message("我弄三百，房租花了两千", promise(None, amount="300.00")),
    message("别打了"),
]


@pytest.fixture(scope="module")
def model() -> PromiseModel:
    return train_promises(LESSONS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("周日弄", [("2026-11-22", None, "firm")]),
        ("周日出差", []),
        ("工资发了弄", [(None, None, "conditional")]),
        ("这就弄", [("2026-11-20", None, "firm")]),
        ("我弄四百，房租花了三千", [(None, "400.00", "firm")]),
        ("别打了", []),
    ],
)
def test_what_messages_teach(model: PromiseModel, text: str, expected: list) -> None:
    found = [each.terms().as_dict() for each in judged_promises(text, NOW, model.judge)]
    assert [(each["start"], each["amount"], each["certainty"]) for each in found] == expected


def test_training_twice_gives_the_same_model(model: PromiseModel) -> None:
    assert train_promises(LESSONS) == model


def test_survives_saving(model: PromiseModel, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "promises.json"
    model.save(path)
    again = PromiseModel.load(path)
    for lesson in LESSONS:
        plain = readable(lesson["text"])
        clauses = clauses_of(plain, find_dates(lesson["text"], NOW), [])
        assert again.judge(plain, clauses, NOW.date()) == model.judge(plain, clauses, NOW.date())
    assert [each.name for each in path.parent.iterdir()] == ["promises.json"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 0}', '{"format": 1, "day": {}}'])
def test_a_bad_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "promises.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Broken, match=r"promises\.json"):
        PromiseModel.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="missing"):
        PromiseModel.load(tmp_path / "missing.json")


@pytest.mark.parametrize(
    "bad", [{}, {"text": "明天还", "now": "soon", "gold": {"promises": []}}, message("明天还", {})]
)
def test_a_message_without_labels_is_named(bad: dict) -> None:
    with pytest.raises(BadInput, match="not a labelled message"):
        train_promises([bad])


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "voice.jsonl").write_text("{}\nnot json\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"voice\.jsonl, line 2"):
        read_messages(tmp_path)


def test_two_days_that_make_one_span_are_both_promised() -> None:
    days = find_dates("最快周六，最慢周一", NOW)
    assert day_labels(days, [promise("2026-11-21", "2026-11-23")], "2026-11-20") == ["firm", "firm"]


@pytest.mark.parametrize(
    ("promises", "label"),
    [
        ([], "none"),
        ([promise(None, certainty="vague")], "vague"),
        ([promise("2026-11-20")], TODAY),
        ([promise("2026-11-27")], None),
        ([promise(None), promise(None)], None),
    ],
)
def test_the_label_of_a_message_without_a_promised_day(promises: list, label: str | None) -> None:
    assert undated_label(promises, "2026-11-20") == label


PIECES = ["明天", "周六", "月底", "弄", "还", "五百", "两万", "全部", "出差", "工资发了", "这就", "不对", "，", "。", " ", "吗", "\u200b", "👍", "1"]  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(text=st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)))
def test_any_text_gives_promises_inside_it(model: PromiseModel, text: str) -> None:
    for each in judged_promises(text, NOW, model.judge):
        begin, end = each.span
        assert 0 <= begin < end <= len(text)
        assert text[begin:end] == each.text
        assert each.start is None or each.start >= NOW.date()
        assert each.start is None or each.end is None or each.start <= each.end
        assert each.certainty in ("firm", "conditional", "vague")
