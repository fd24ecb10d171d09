"""The promise ledger: states by day and payment, and what must hold for any payments."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heyue.ledger import Payments, settle, without_reversed
from heyue.policy import default_policy
from heyue.records import PromiseTerms, RecordedPromise
from heyue.settings import ZONE

POLICY = default_policy().promise
MADE = datetime(2026, 11, 20, 10, tzinfo=ZONE)


def promise(number: int, day: int | None, fen: int = 100_000, state: str = "open") -> RecordedPromise:
    last = date(2026, 11, day) if day else None
    certainty = "firm" if day else "vague"
    return RecordedPromise(str(number), "C-1", PromiseTerms(last, last, None, certainty), fen, state, MADE)


def paid(day: int, fen: int) -> tuple[datetime, int]:
    return datetime(2026, 11, day, 12, tzinfo=ZONE), fen


@pytest.mark.parametrize(
    ("payments", "today", "state", "paid_fen", "why"),
    [
        ([], 24, "open", 0, "its day has not come"),
        ([], 27, "due", 0, "its day has come"),
        ([], 28, "due", 0, "a day of grace"),
        ([], 29, "broken", 0, "the grace is over"),
        ([paid(27, 100_000)], 27, "kept", 100_000, "paid on the day"),
        ([paid(28, 100_000)], 29, "kept", 100_000, "paid within the grace"),
        ([paid(29, 100_000)], 29, "broken", 100_000, "paid too late"),
        ([paid(27, 99_900)], 29, "kept", 99_900, "short by no more than the tolerance"),
        ([paid(27, 99_899)], 29, "partly_kept", 99_899, "short by more than the tolerance"),
        ([paid(26, 40_000)], 26, "open", 40_000, "a part, the day still to come"),
        ([paid(26, 40_000), paid(27, 60_000)], 27, "kept", 100_000, "in two parts"),
        ([paid(27, 100_000), paid(28, -100_000)], 29, "broken", 0, "taken back"),
        ([paid(19, 100_000)], 29, "broken", 0, "paid before it was promised"),
        ([paid(27, 150_000)], 27, "kept", 100_000, "more than promised"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_one_promise(payments: Payments, today: int, state: str, paid_fen: int, why: str) -> None:
    (after,) = settle([promise(1, 27)], payments, date(2026, 11, today), POLICY)
    assert (after.state, after.paid_fen) == (state, paid_fen)


def test_instalments_are_served_by_their_day() -> None:
    later, earlier = promise(1, 30), promise(2, 25)
    after = settle([later, earlier], [paid(25, 150_000)], date(2026, 11, 25), POLICY)
    assert [(each.state, each.paid_fen) for each in after] == [("open", 50_000), ("kept", 100_000)]


def test_superseded_promises_take_no_money() -> None:
    after = settle(
        [promise(1, 25, state="superseded"), promise(2, 27)], [paid(25, 100_000)], date(2026, 11, 25), POLICY
    )
    assert [(each.state, each.paid_fen) for each in after] == [("superseded", 0), ("kept", 100_000)]


def test_a_promise_without_a_day_stays_open_until_paid() -> None:
    assert settle([promise(1, None)], [], date(2027, 6, 1), POLICY)[0].state == "open"
    assert settle([promise(1, None)], [paid(25, 100_000)], date(2026, 11, 25), POLICY)[0].state == "kept"


PROMISES = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(20, 30)), st.integers(1, 500_000)), min_size=1, max_size=5
).map(lambda terms: [promise(number, day, fen) for number, (day, fen) in enumerate(terms)])
SUMS = st.lists(st.tuples(st.integers(20, 30), st.integers(1, 300_000)), max_size=8).map(
    lambda sums: sorted(paid(day, fen) for day, fen in sums)
)


@given(PROMISES, SUMS, st.integers(0, 60))
def test_money_is_neither_made_nor_lost(
    promises: list[RecordedPromise], payments: Payments, days: int
) -> None:
    today = date(2026, 11, 20) + timedelta(days=days)
    after = settle(promises, payments, today, POLICY)
    allotted = sum(each.paid_fen for each in after)
    assert allotted <= sum(fen for _, fen in payments)
    assert all(0 <= each.paid_fen <= each.amount_due_fen for each in after)
    owed = sum(each.amount_due_fen for each in promises)
    if sum(fen for _, fen in payments) >= owed:
        assert allotted == owed


@given(PROMISES, SUMS, st.integers(20, 30), st.integers(1, 300_000))
def test_a_reversal_undoes_its_payment(
    promises: list[RecordedPromise], payments: Payments, day: int, fen: int
) -> None:
    last = paid(30, fen)
    reversed_ = [*payments, last, (last[0] + timedelta(minutes=1), -fen)]
    assert without_reversed(reversed_) == payments
    today = date(2026, 11, day)
    assert settle(promises, reversed_, today, POLICY) == settle(promises, payments, today, POLICY)


@given(PROMISES, SUMS)
def test_settling_twice_changes_nothing(promises: list[RecordedPromise], payments: Payments) -> None:
    today = date(2026, 11, 28)
    once = settle(promises, payments, today, POLICY)
    assert settle(once, payments, today, POLICY) == once
