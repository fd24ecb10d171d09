"""The tension of a talk: between 0 and 1, up with insults and broken rules, down with calm words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from heyue.coaching.tension import heat_of, tension_curve

CALM, HOT = "好的，周五还", "滚，你们这帮骗子，凭什么扣我钱！！"


def curve(*talk: tuple[bool, str], broken: frozenset[int] = frozenset()) -> list[float]:
    return tension_curve([borrower for borrower, _ in talk], [text for _, text in talk], broken)


def test_insults_heat_and_calm_words_cool() -> None:
    rising = curve((True, CALM), (True, HOT), (True, HOT))
    assert rising[0] < rising[1] < rising[2]
    assert curve((True, HOT), (True, CALM))[1] < curve((True, HOT))[0]


def test_a_broken_rule_heats() -> None:
    talk = [(True, CALM), (False, "今天必须还")]
    assert curve(*talk, broken=frozenset({1}))[1] > curve(*talk)[1]


@given(st.lists(st.tuples(st.booleans(), st.text(max_size=30)), max_size=20))
def test_always_between_0_and_1(talk: list[tuple[bool, str]]) -> None:
    found = curve(*talk, broken=frozenset(range(len(talk))))
    assert len(found) == len(talk)
    assert all(0 <= level <= 1 for level in found)


@given(st.text(max_size=200))
def test_heat_is_bounded(text: str) -> None:
    assert 0 <= heat_of(text) <= 1
