"""Which talks of a week somebody should look at, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from heyue.conduct.rules import rules
from heyue.insight.breaks import RuleBreak
from heyue.insight.contact import NO_ANSWER, ContactFact

COMPLAINT = "COMPLAINT_OPEN"
GRAVE = "H"  # severity in rules.yml: a human looks at it the same day
HOT = 0.67  # tension from which a talk counts as heated
UNSURE = 0.4  # probability of the type below which the machine did not understand the borrower


def talks_to_look_at(
    facts: Sequence[ContactFact], breaks: Iterable[RuleBreak], most: int = 5
) -> list[tuple[ContactFact, str]]:
    """The talks and why: complaint, rule, heat, turned (a heated talk that ended in a promise: to learn from), unsure.

    Each cause gives its strongest talk in turn, then its second, so that no cause fills the page; a talk comes once,
    under its first cause.
    """
    grave = _grave_breaks(breaks)
    ranked = {
        cause: iter(sorted(filter(holds, facts), key=_strength(grave)))
        for cause, holds in _causes(grave).items()
    }
    chosen: dict[str, tuple[ContactFact, str]] = {}
    while ranked and len(chosen) < most:
        for cause, left in list(ranked.items()):
            fact = next((each for each in left if each.conversation_id not in chosen), None)
            if fact is None:
                del ranked[cause]
            else:
                chosen[fact.conversation_id] = (fact, cause)
    return list(chosen.values())[:most]


def _grave_breaks(breaks: Iterable[RuleBreak]) -> dict[str, int]:
    """How many grave flags that no reviewer rejected each talk has."""
    found: dict[str, int] = {}
    for each in breaks:
        if each.is_confirmed is not False and rules()[each.rule].severity == GRAVE:
            found[each.conversation_id] = found.get(each.conversation_id, 0) + 1
    return found


def _causes(grave: Mapping[str, int]) -> dict[str, Callable[[ContactFact], bool]]:
    return {
        "complaint": lambda fact: COMPLAINT in fact.marks,
        "rule": lambda fact: fact.conversation_id in grave,
        "turned": lambda fact: _is_hot(fact) and fact.promise is not None,
        "heat": lambda fact: _is_hot(fact) and fact.promise is None,
        "unsure": _is_unsure,
    }


def _is_unsure(fact: ContactFact) -> bool:
    return fact.outcome != NO_ANSWER and fact.confidence is not None and fact.confidence < UNSURE


def _is_hot(fact: ContactFact) -> bool:
    return fact.peak_tension is not None and fact.peak_tension >= HOT


def _strength(grave: Mapping[str, int]) -> Callable[[ContactFact], tuple[int, float, str]]:
    """The most flags first, then the most heat; the id decides between equals, so that the choice stays."""
    return lambda fact: (
        -grave.get(fact.conversation_id, 0), -(fact.peak_tension or 0.0), fact.conversation_id,
    )  # fmt: skip
