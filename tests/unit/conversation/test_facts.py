"""What the instalments of a promise come to, and how they are said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heyue.conversation.dialogue import Dialogue
from heyue.conversation.facts import parts_fen, spoken_part, spoken_promise
from heyue.records import PromiseTerms
from tests.unit.conversation.test_conversation import CASE

FRIDAY, TODAY = date(2026, 11, 27), date(2026, 11, 24)


def parts(*amounts: str | None) -> list[PromiseTerms]:
    return [PromiseTerms(FRIDAY, FRIDAY, amount) for amount in amounts]


@pytest.mark.parametrize(
    ("amounts", "fen"),
    [
        ([None], [320000]),
        (["full"], [320000]),
        (["500.00", None], [50000, 270000]),
        (["500.00", "full"], [50000, 270000]),
        (["minimum", "half"], [32000, 160000]),
        ([None, None], [160000, 160000]),
        (["500.00", None, None], [50000, 135000, 135000]),
        (["5000.00", None], [500000, 0]),
    ],
)
def test_what_each_instalment_comes_to(amounts: list[str | None], fen: list[int]) -> None:
    assert parts_fen(parts(*amounts), CASE) == fen


@given(st.lists(st.one_of(st.none(), st.just("full"), st.integers(1, 3200).map(lambda yuan: f"{yuan}.00")), min_size=1, max_size=4))
def test_who_keeps_every_instalment_has_paid_what_he_named_or_all(amounts: list[str | None]) -> None:
    named = sum(int(Decimal(each) * 100) for each in amounts if each not in (None, "full"))
    total = sum(parts_fen(parts(*amounts), CASE))
    is_open = any(each in (None, "full") for each in amounts)
    assert max(named, CASE.amount_due_fen if is_open else 0) <= total < max(named, CASE.amount_due_fen) + len(amounts)


@pytest.mark.parametrize(
    ("amounts", "last_is_rest", "said"),
    [
        (["500.00", None], True, "11月27日（周五）还500元，11月27日（周五）还余款2,700元"),
        (["500.00", None], False, "11月27日（周五）还500元，11月27日（周五）还款项（金额未定）"),
        (["500.00", "full"], False, "11月27日（周五）还500元，11月27日（周五）还余款2,700元"),
        (["5000.00", None], True, "11月27日（周五）还5,000元，11月27日（周五）还余款"),
        (["full"], False, "11月27日（周五）还全部3,200元"),
        ([None], True, "11月27日（周五）还款项（金额未定）"),
    ],
)
def test_how_instalments_are_said(amounts: list[str | None], last_is_rest: bool, said: str) -> None:
    assert spoken_promise(Dialogue(terms=parts(*amounts), last_is_rest=last_is_rest), CASE, TODAY) == said


def test_the_instalment_whose_day_is_open_is_named_by_its_sum() -> None:
    first = PromiseTerms(None, None, "500.00")
    assert spoken_part(Dialogue(terms=[first, *parts(None)], last_is_rest=True), CASE) == "500元"
    assert spoken_part(Dialogue(terms=parts("500.00", None)), CASE) == ""
