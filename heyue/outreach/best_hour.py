"""At which hour this borrower is likely to answer, learnt from answers; and another hour where one was tried in vain.

The share of messages answered in each hour has a Beta posterior: a prior from the policy, corrected by all borrowers,
corrected by this one. What he writes by himself shows as well when he has time. The hour is chosen by Thompson sampling, so
that hours of which little is known are tried too, and people of whom nothing is known are spread over the day.
"""

from __future__ import annotations

import hashlib
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from heyue.outreach.policy import HourRules
from heyue.settings import ZONE

Rates = Mapping[int, float]


@dataclass
class Evidence:
    """By hour of the day: how many messages were sent, how many of them answered."""

    sent: Counter[int] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)

    def add(self, other: Evidence) -> None:
        """Take the evidence of somebody else in."""
        self.sent += other.sent
        self.answered += other.answered


def evidence_of(sent: Iterable[datetime], heard: Sequence[datetime], rules: HourRules) -> Evidence:
    """What the messages to one borrower and his own show.

    Args:
        sent: ours. heard: his, in order of time.
    """
    found, wait = Evidence(), timedelta(hours=rules.answer_hours)
    for at in sent:
        after = bisect_right(heard, at)
        found.sent[_hour(at)] += 1
        found.answered[_hour(at)] += after < len(heard) and heard[after] - at <= wait
    by_himself = Counter(_hour(at) for at in {each.replace(minute=0, second=0, microsecond=0) for each in heard})
    found.add(Evidence(by_himself, by_himself))
    return found


def answer_rates(prior: Rates, evidence: Evidence, weight: float) -> dict[int, float]:
    """The share of messages that is answered by hour. `weight`: how many messages the prior is worth."""
    return {
        hour: (weight * share + evidence.answered[hour]) / (weight + evidence.sent[hour])
        for hour, share in prior.items()
    }


def drawn_rates(prior: Rates, evidence: Evidence, weight: float, seed: str) -> dict[int, float]:
    """What the share of answered messages might be by hour: one draw from each posterior, the same for the same seed."""
    draw = random.Random(seed)
    return {
        hour: draw.betavariate(
            weight * share + evidence.answered[hour],
            weight * (1 - share) + evidence.sent[hour] - evidence.answered[hour],
        )
        for hour, share in prior.items()
    }


def best_hour(rates: Rates, tried: Collection[int], hours: Collection[int], apart: int) -> int | None:
    """The most promising of `hours`, at least `apart` from those tried in vain where that can be had; None: there is none.

    Of hours that are worth the same the earliest.
    """
    far = [hour for hour in hours if all(abs(hour - each) >= apart for each in tried)]
    fresh = far or [hour for hour in hours if hour not in tried]
    ranked = sorted(fresh or hours, key=lambda hour: (-rates.get(hour, 0.0), hour))
    return ranked[0] if ranked else None


def spread(message_id: str, minutes: int) -> timedelta:
    """A delay of this message within its hour, the same whenever it is asked for."""
    digest = hashlib.sha256(message_id.encode()).digest()
    return timedelta(seconds=int.from_bytes(digest[:4], "big") % (60 * minutes))


def _hour(at: datetime) -> int:
    return at.astimezone(ZONE).hour
