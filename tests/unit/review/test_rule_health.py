"""The health of the rules, with the interval's published values."""

from __future__ import annotations

import pytest

from heyue.review.rule_health import (
    RuleHealthLimits,
    load_rule_health_limits,
    rule_health,
    wilson_interval,
)

LIMITS = RuleHealthLimits("1", 20, 0.7)


# R. G. Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3
@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_published_shares(right: int, count: int, low: float, high: float) -> None:
    assert wilson_interval(right, count) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("confirmed", "rejected", "state"),
    [(20, 0, "healthy"), (19, 0, "too_few"), (18, 2, "watch"), (90, 10, "healthy"), (0, 30, "watch")],
)
def test_the_state_of_a_rule(confirmed: int, rejected: int, state: str) -> None:
    (found,) = rule_health([("abuse", True)] * confirmed + [("abuse", False)] * rejected, LIMITS)
    assert (found.hits, found.confirmed, found.state) == (confirmed + rejected, confirmed, state)
    assert found.low <= found.precision <= found.high


def test_every_rule_stands_for_itself() -> None:
    found = rule_health([("harassment", True), ("abuse", False), ("harassment", False)], LIMITS)
    assert [(each.rule, each.precision) for each in found] == [("abuse", 0.0), ("harassment", 0.5)]
    assert rule_health([], LIMITS) == []


def test_the_shipped_limits_are_read() -> None:
    assert load_rule_health_limits().fewest_hits >= 1
