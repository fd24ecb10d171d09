"""Who owes nothing promises nothing and explains no delay."""

from __future__ import annotations

import pytest

from heyue.coaching.situations import SITUATIONS
from heyue.coaching.who_owes import borrowers_promises, borrowers_reason
from heyue.understanding.promises import Promise

PROMISES = [Promise(None, None, "2000.00", "firm", "还你两千", (0, 4))]


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
    assert borrowers_promises(PROMISES, situations) == (PROMISES if is_borrower else [])
    assert borrowers_reason("illness", situations) == ("illness" if is_borrower else None)
    assert borrowers_reason("payment_failure", situations) == "payment_failure"
    assert borrowers_reason(None, situations) is None
