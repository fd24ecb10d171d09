"""How often each rule of conduct is right: its precision among the flags that reviewers confirmed or rejected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from importlib.resources import files
from math import sqrt
from pathlib import Path
from typing import NamedTuple

from heyue.review.data_file import DataFile

HEALTHY, WATCH, TOO_FEW = "healthy", "watch", "too_few"
Z_95 = 1.959964  # of the normal distribution, for an interval of 95 %
_MOST = 1_000_000


class RuleHealthLimits(NamedTuple):
    """The fields of rule_health.yml."""

    version: str
    fewest_hits: int
    healthy_from: float


class RuleHealth(NamedTuple):
    """A rule by its reviewed flags. `low`, `high`: the 95 % interval of the precision; `state`: healthy, watch, too_few."""

    rule: str
    hits: int
    confirmed: int
    precision: float
    low: float
    high: float
    state: str


def rule_health(verdicts: Iterable[tuple[str, bool]], limits: RuleHealthLimits) -> list[RuleHealth]:
    """The health of each rule that was reviewed, in alphabetical order.

    Args:
        verdicts: one a reviewed flag: the rule, and whether the reviewer confirmed it.
    """
    told: defaultdict[str, list[bool]] = defaultdict(list)
    for rule, confirmed in verdicts:
        told[rule].append(confirmed)
    return [_health(rule, len(given), sum(given), limits) for rule, given in sorted(told.items())]


def load_rule_health_limits(path: Path | None = None) -> RuleHealthLimits:
    """The limits of `path`, or those shipped with the package.

    Raises:
        BadInput: the file cannot be read or a field is wrong; the message names file and field.
    """
    data = DataFile.read(path if path is not None else files("heyue.review") / "rule_health.yml")
    data.only(*RuleHealthLimits._fields)
    return RuleHealthLimits(
        data.text("version"), data.count("fewest_hits", 1, _MOST), data.share("healthy_from")
    )


def wilson_interval(right: int, count: int) -> tuple[float, float]:
    """The 95 % score interval of a share, for a count of at least one.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    """
    share, z2 = right / count, Z_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = Z_95 / (1 + z2 / count) * sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return max(round(middle - reach, 6), 0.0), min(round(middle + reach, 6), 1.0)


def _health(rule: str, hits: int, confirmed: int, limits: RuleHealthLimits) -> RuleHealth:
    low, high = wilson_interval(confirmed, hits)
    state = TOO_FEW if hits < limits.fewest_hits else HEALTHY if low >= limits.healthy_from else WATCH
    return RuleHealth(rule, hits, confirmed, confirmed / hits, low, high, state)
