"""The use case of rule health: how often each rule's flags were right, which were not, and which were missed."""

from __future__ import annotations

from dataclasses import dataclass

from heyue.access.people import User
from heyue.desk.base import DeskBase, require
from heyue.review.records import JudgedFlag
from heyue.review.rule_health import RuleHealth, load_rule_health_limits, rule_health

MOST_JUDGED = 20_000  # finished reviews that the health is measured on, the latest


@dataclass(frozen=True)
class RulesHealth:
    """`health`: of each rule that was reviewed. `rejected`: flags that were wrong; `missed`: what reviewers added.
    `latest`: how many reviews it is measured on, the latest; None where these are all.
    """

    health: list[RuleHealth]
    rejected: list[JudgedFlag]
    missed: list[JudgedFlag]
    latest: int | None = None


class RuleHealthDesk(DeskBase):
    """Health of the rules."""

    def rule_health(self, user: User) -> RulesHealth:
        """The health of the rules by the latest finished reviews; of several verdicts on a flag the last holds.

        Raises:
            NotAllowed: the role reviews nothing.
        """
        require(user, "review")
        with self.store.reading() as tx:
            flags = list(tx.judged_flags(MOST_JUDGED))
            latest = MOST_JUDGED if tx.has_judged_more(MOST_JUDGED) else None
        machines = [each for each in flags if not each.is_added]
        return RulesHealth(
            rule_health(((each.rule, each.is_confirmed) for each in machines), load_rule_health_limits()),
            [each for each in machines if not each.is_confirmed],
            [each for each in flags if each.is_added and each.is_confirmed],
            latest,
        )
