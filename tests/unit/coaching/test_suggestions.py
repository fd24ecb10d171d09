"""The playbook covers what it must, breaks no rule, and three lines differ from each other and from what was said."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from heyue.coaching.debtor_types import TYPES
from heyue.coaching.playbook import ALL, STATES, Line, lines, techniques
from heyue.coaching.situations import SITUATIONS
from heyue.coaching.suggestions import SHOWN, filled, is_like, pairs, suggest
from heyue.conduct.disclosure import debt_pattern
from heyue.conduct.line_check import check_line

LEAST = 4
FACTS = {
    "amount_due": "3,200元",
    "days_overdue": "12",
    "promise_day": "11月27日",
    "promise_amount": "2,000元",
}
EVERY = [line for state in STATES for line in lines(state)]


@pytest.mark.parametrize("state", STATES)
def test_every_type_and_situation_has_lines(state: str) -> None:
    usable = [line for line in lines(state) if filled(line.text, {}) is not None]
    few = {
        (debtor_type, situation)
        for debtor_type, situation in itertools.product(TYPES, SITUATIONS)
        if sum(line.fits(debtor_type, situation) for line in usable) < LEAST
    }
    assert not few


def test_names_exist() -> None:
    for line in EVERY:
        assert line.types <= {*TYPES, ALL}, line.text
        assert line.situations <= {*SITUATIONS, ALL}, line.text
        assert techniques()[line.technique].verdict != "forbidden", line.text
        assert line.not_for
        assert filled(line.text, FACTS) is not None


def test_no_line_stands_twice() -> None:
    assert [text for text, count in Counter(line.text for line in EVERY).items() if count > 1] == []


@pytest.mark.parametrize("line", EVERY, ids=lambda line: line.text[:16])
def test_no_line_breaks_a_rule(line: Line) -> None:
    assert check_line(filled(line.text, FACTS)) == ()


@pytest.mark.parametrize("state", ["opening", "verifying"])
def test_nothing_names_the_debt_before_verification(state: str) -> None:
    assert [line.text for line in lines(state) if debt_pattern().search(line.text)] == []


@pytest.mark.parametrize(("state", "debtor_type"), itertools.product(STATES, TYPES))
def test_three_that_differ(state: str, debtor_type: str) -> None:
    found = suggest(state, debtor_type, "unable_short", "工资没发，我也没办法", [], FACTS)
    assert len(found) == SHOWN
    assert len({each.technique for each in found}) == SHOWN
    for one, other in itertools.combinations(found, 2):
        assert not is_like(pairs(one.text), [pairs(other.text)])


def test_what_was_said_is_not_suggested_again() -> None:
    first = suggest("venting", "provocative", "unwilling", "烦死了", [], {})
    again = suggest("venting", "provocative", "unwilling", "烦死了", [each.text for each in first], {})
    assert again
    assert not {each.text for each in first} & {each.text for each in again}


def test_a_line_with_an_unknown_fact_is_left_out() -> None:
    assert filled("您说的是{promise_day}", {}) is None
