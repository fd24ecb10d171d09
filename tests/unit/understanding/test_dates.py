"""Days against the table tests/data/dates.jsonl, and what holds for any text."""

from __future__ import annotations

import json
import time
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heyue.understanding import calendar as cal
from heyue.understanding.dates import DateMention, find_dates

TABLE = Path(__file__).parents[2] / "data/dates.jsonl"
CASES = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
CHINA = timezone(timedelta(hours=8))
TODAY = "2026-11-20"  # a Friday
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=CHINA)
PIECES = [
    "今天", "下周", "周五", "三", "十", "廿", "月", "号", "日", "2", "31", "12/5", "2027", "-", "年", "前", "之后", "最晚", "到", "或者",
    "春节", "腊月", "闰", "初", "农历", "半", "个", "天", "内", "两", "还", "給", "，", "。", " ", "１", "晚上", "点", "\u200b", "👍", "(", "a",
]  # fmt: skip
anything = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
moments = st.datetimes(datetime(2019, 1, 1), datetime(2050, 12, 31), timezones=st.just(CHINA))


def as_row(mention: DateMention) -> list[str | None]:
    days = [each.isoformat() if each else None for each in (mention.start, mention.end)]
    return days if mention.kind == "future" else [*days, mention.kind]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']} {case['given']}" for case in CASES])
def test_dates(case: dict) -> None:
    now = datetime.fromisoformat(f"{case.get('now', TODAY)}T10:00:00+08:00")
    assert [as_row(mention) for mention in find_dates(case["given"], now)] == case["expect"], case["why"]


@pytest.mark.parametrize(
    ("said", "hour", "kind"),
    [
        ("早上就还清了，你查一下", 9, "past"),
        ("早上就还清了，你查一下", 23, "past"),
        ("早上就還清了，你查一下", 0, "past"),  # who is still up speaks of the day before
        ("早上转三千", 9, "future"),
        ("早上转三千", 13, "past"),  # no money can come this morning
        ("中午就还清了", 10, "future"),
        ("中午就还清了", 13, "past"),
        ("今天早上还了三千", 9, "past"),
        ("晚上就还清了", 15, "future"),
        ("晚上还了再说", 20, "future"),
        ("今天还清了", 10, "past"),
        ("今天就还清了", 10, "future"),
        ("今天我自己全还了", 10, "future"),
        ("下午会还了它", 14, "future"),
    ],
)
def test_a_part_of_today_is_past_when_it_is_over_or_what_was_done_in_it_is_told(
    said: str, hour: int, kind: str
) -> None:
    (mention,) = find_dates(said, NOW.replace(hour=hour))
    assert mention.kind == kind


@settings(deadline=None, max_examples=400)
@given(text=anything, now=moments)
def test_any_text_gives_ordered_days_inside_it(text: str, now: datetime) -> None:
    position = 0
    for mention in find_dates(text, now):
        begin, end = mention.span
        assert position <= begin < end <= len(text)
        assert text[begin:end] == mention.text
        assert mention.start is None or mention.end is None or mention.start <= mention.end
        assert (mention.start is None) == (mention.kind == "invalid")
        assert DateMention.from_dict(json.loads(json.dumps(mention.as_dict()))) == mention
        position = end


@settings(deadline=None, max_examples=100)
@given(day=st.dates(date(2020, 1, 1), date(2050, 12, 1)), count=st.integers(1, 99))
def test_so_many_days_later(day: date, count: int) -> None:
    now = datetime(day.year, day.month, day.day, 12, tzinfo=CHINA)
    (later,) = find_dates(f"{count}天后", now)
    (within,) = find_dates(f"{count}天内", now)
    until = day + timedelta(days=count)
    assert (later.start, later.end) == (until, until)
    assert (within.start, within.end) == (day, until)


@settings(deadline=None, max_examples=100)
@given(day=st.dates(date(2020, 1, 1), date(2050, 12, 1)), weekday=st.integers(0, 6))
def test_weekdays_of_any_week(day: date, weekday: int) -> None:
    now, name = datetime(day.year, day.month, day.day, 12, tzinfo=CHINA), "一二三四五六日"[weekday]
    monday = day - timedelta(days=day.weekday())
    for said, weeks in (("这周", 0), ("下周", 1), ("下下周", 2)):
        assert find_dates(said + name, now)[0].start == monday + timedelta(days=7 * weeks + weekday)
    bare = find_dates(f"周{name}", now)[0].start
    assert bare is not None
    assert 0 <= (bare - day).days <= 6
    assert bare.weekday() == weekday


@pytest.mark.parametrize("year", range(2020, 2051))
def test_lunar_years_agree_with_another_calendar(year: int) -> None:
    lunar = pytest.importorskip("lunar_python").Lunar
    months = cal.lunar_years()[year]
    for (month, leap), first, length in zip(months.months, months.firsts, months.lengths, strict=True):
        for day in (1, length):
            other = lunar.fromYmd(year, -month if leap else month, day).getSolar().toYmd()
            assert (first + timedelta(days=day - 1)).isoformat() == other


@pytest.mark.parametrize("piece", [*PIECES, "三千", "20号到", "农历闰", "再过", "2026年"])
def test_time_grows_with_length_only(piece: str) -> None:
    """Four times the text takes about four times as long (no pattern backtracks badly)."""
    find_dates(piece, NOW)
    small, large = seconds(piece * 200), seconds(piece * 800)
    assert large < 12 * small + 0.05


def seconds(text: str) -> float:
    """Processor seconds, the best of three: other processes do not count."""
    times = []
    for _ in range(3):
        begun = time.process_time()
        find_dates(text, NOW)
        times.append(time.process_time() - begun)
    return min(times)
