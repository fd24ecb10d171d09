"""Who owes nothing promises nothing and explains no delay."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from heyue.coaching.situations import SITUATIONS
from heyue.coaching.standing import Standing
from heyue.coaching.who_owes import borrowers_promises, borrowers_reason
from heyue.settings import ZONE
from heyue.understanding.promises import Promise

ENDED = datetime(2026, 11, 24, 9, 0, tzinfo=ZONE)
FIRM = Promise(None, None, "2000.00", "firm", "还你两千", (0, 4))
WAITING = Promise(None, None, None, "conditional", "真没到我再转一回", (0, 8))


@pytest.mark.parametrize(
    ("shares", "is_borrower"),
    [
        ({"cooperative": 0.9, "already_paid": 0.1}, True),
        ({"already_paid": 0.6, "cooperative": 0.4}, False),
        ({"wrong_party": 0.3, "unreachable": 0.3, "unwilling": 0.4}, False),
        ({"deceased": 1.0}, False),
        ({"dispute": 1.0}, True),
    ],
)
def test_promises_and_reasons_are_those_of_a_borrower(shares: dict[str, float], is_borrower: bool) -> None:
    situations = dict.fromkeys(SITUATIONS, 0.0) | shares
    found = borrowers_promises([Standing(FIRM, 1, ENDED)], ENDED, situations)
    assert found == ([FIRM] if is_borrower else [])
    assert borrowers_reason("illness", situations) == ("illness" if is_borrower else None)
    assert borrowers_reason("payment_failure", situations) == "payment_failure"
    assert borrowers_reason(None, situations) is None


@pytest.mark.parametrize(("situation", "stands"), [("already_paid", [WAITING, FIRM]), ("wrong_party", [])])
def test_who_has_paid_may_have_promised_it_before_or_pay_again(situation: str, stands: list[Promise]) -> None:
    said = [
        Standing(WAITING, 5, ENDED),
        Standing(FIRM, 1, ENDED - timedelta(days=2)),
        Standing(FIRM, 5, ENDED),
    ]
    assert borrowers_promises(said, ENDED, dict.fromkeys(SITUATIONS, 0.0) | {situation: 1.0}) == stands
