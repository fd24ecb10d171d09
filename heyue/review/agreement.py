"""How far two or more reviewers agree beyond chance, per item of the scorecard and per label.

Source: J. Cohen, "A Coefficient of Agreement for Nominal Scales", 1960; K. Krippendorff, "Computing Krippendorff's
Alpha-Reliability", 2011.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import permutations
from typing import NamedTuple

from heyue.errors import BadInput

Value = Hashable
Difference = Callable[[Value, Value], float]
LEVELS = ("nominal", "interval")


class Agreement(NamedTuple):
    """What reviewers agree on.

    `units`: talks judged at least twice; `alike`: the share of them on which all agree. `kappa`: Cohen's, where there
    are exactly two judgements a unit; `alpha`: Krippendorff's. None where it is not defined.
    """

    units: int
    alike: float | None
    kappa: float | None
    alpha: float | None


def cohen_kappa(a: Sequence[Value], b: Sequence[Value]) -> float | None:
    """(observed agreement - agreement by chance) / (1 - agreement by chance) of two raters over the same units.

    Returns:
        None without units, or where both give one and the same value to all (chance alone agrees wholly).

    Raises:
        BadInput: the raters did not judge the same number of units.
    """
    if len(a) != len(b):
        raise BadInput(
            f"two raters judged {len(a)} and {len(b)} units; give one value of each for every unit"
        )
    count = len(a)
    if not count:
        return None
    alike = sum(one == other for one, other in zip(a, b, strict=True))
    of_a, of_b = Counter(a), Counter(b)
    by_chance = sum(of_a[value] * of_b[value] for value in of_a)  # in units squared, so that it stays exact
    return None if by_chance == count**2 else (alike * count - by_chance) / (count**2 - by_chance)


def krippendorff_alpha(units: Sequence[Sequence[Value | None]], level: str = "nominal") -> float | None:
    """1 - observed disagreement / disagreement by chance.

    Args:
        units: the values that the raters gave to each unit; None, or fewer values, where one did not judge it.
        level: "nominal" (alike or not) or "interval" (numbers, squared difference).

    Returns:
        None where fewer than two values can be paired or all values are the same.

    Raises:
        BadInput: the level is not known.
    """
    if level not in LEVELS:
        raise BadInput(f"level {level!r} is not known; take one of {', '.join(LEVELS)}")
    judged = [given for unit in units if len(given := [value for value in unit if value is not None]) > 1]
    totals = Counter(value for given in judged for value in given)
    difference = _unlike if level == "nominal" else _squared
    observed = sum(_spread(Counter(given), difference) / (len(given) - 1) for given in judged)
    by_chance = _spread(totals, difference) / max(totals.total() - 1, 1)
    return None if by_chance == 0 else 1 - observed / by_chance


def agreement_by_item(judgements: Mapping[str, Sequence[Mapping[str, Value]]]) -> dict[str, Agreement]:
    """The agreement on each item or label.

    Args:
        judgements: per transcript, one mapping of item (or label) to value for each reviewer, the reviewers always in
            the same order where there are two. An item that a reviewer left out is missing.
    """
    items = dict.fromkeys(name for talk in judgements.values() for said in talk for name in said)
    return {
        item: _agreement([[said[item] for said in talk if item in said] for talk in judgements.values()])
        for item in items
    }


def _agreement(units: list[list[Value]]) -> Agreement:
    judged = [unit for unit in units if len(unit) > 1]
    if not judged:
        return Agreement(0, None, None, None)
    alike = sum(len(set(unit)) == 1 for unit in judged) / len(judged)
    is_paired = all(len(unit) == 2 for unit in judged)
    kappa = cohen_kappa([unit[0] for unit in judged], [unit[1] for unit in judged]) if is_paired else None
    return Agreement(len(judged), alike, kappa, krippendorff_alpha(judged))


def _spread(counts: Counter[Value], difference: Difference) -> float:
    """The differences between all ordered pairs of values, summed."""
    return sum(counts[one] * counts[other] * difference(one, other) for one, other in permutations(counts, 2))


def _unlike(one: Value, other: Value) -> float:
    return float(one != other)


def _squared(one: Value, other: Value) -> float:
    return float((one - other) ** 2)  # type: ignore[operator]
