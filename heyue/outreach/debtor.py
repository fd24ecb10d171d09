"""One person, all his cases: at most one message a day, about what matters most, at his hour, over his channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from heyue.conduct.contact_policy import Hours
from heyue.outreach.best_hour import (
    Evidence,
    Rates,
    answer_rates,
    best_hour,
    drawn_rates,
    evidence_of,
    spread,
)
from heyue.outreach.plan import Rules, next_step
from heyue.outreach.policy import HourRules
from heyue.outreach.standing import Notice, Rest, Send, Standing, Step, Way
from heyue.settings import ZONE

MOST_PRESSING = ("promise_day", "promise_eve", "promise_kept", "promise_broken", "reminder", "courtesy")


@dataclass(frozen=True)
class Planned:
    """What is to be done for a case. Of a message: by which ways, the best first, and between which moments."""

    standing: Standing
    step: Step
    ways: Sequence[Way] = ()
    not_before: datetime | None = None
    not_after: datetime | None = None


def plan_debtor(standings: Sequence[Standing], at: datetime, rules: Rules, window: Hours, rates: Rates) -> list[Planned]:
    """What one person's cases need on the day of `at`, from that moment on.

    Args:
        standings: of all his cases that are planned. window: when he may be written to. rates: by hour of the day, the
            share of messages that people answer.
    """
    day, together = at.astimezone(ZONE).date(), _heard_together(standings)
    steps = [next_step(each, day, rules) for each in together]
    both = list(zip(together, steps, strict=True))
    due = sorted((_rank(standing, step) for standing, step in both if isinstance(step, Send)))
    is_written_to = _is_written_to(together, day)
    planned = []
    for standing, step in both:
        if not isinstance(step, Send):
            planned.append(Planned(standing, step))
        elif is_written_to:
            planned.append(Planned(standing, Rest("planned")))
        elif _rank(standing, step) != due[0]:
            planned.append(Planned(standing, Rest("other_case")))
        else:
            planned.append(_timed(standing, step, at, rules, window, rates))
    return planned


def learnt_rates(evidence: Evidence, rules: HourRules) -> dict[int, float]:
    """When people answer: the policy's expectation corrected by what all borrowers showed."""
    return answer_rates(rules.prior, evidence, rules.prior_weight)


def _heard_together(standings: Sequence[Standing]) -> list[Standing]:
    """What he wrote about one case answers for the others too."""
    heard = sorted(at for standing in standings for at in standing.heard)
    return [replace(standing, heard=heard) for standing in standings]


def _rank(standing: Standing, step: Send) -> tuple[int, date, str]:
    """What goes first when several cases of one person are due."""
    return MOST_PRESSING.index(step.kind), standing.case.due_date, standing.case.case_id


def _is_written_to(standings: Sequence[Standing], day: date) -> bool:
    """Whether a message to this person has gone or waits on that day."""
    return any(_day(each) == day and each.is_counted for standing in standings for each in standing.notices)


def _day(notice: Notice) -> date:
    return notice.at.astimezone(ZONE).date()


def _timed(standing: Standing, step: Send, at: datetime, rules: Rules, window: Hours, rates: Rates) -> Planned:
    """The message with its moment and its channels."""
    hours, here = rules.outreach.hours, at.astimezone(ZONE)
    own = evidence_of([each.at for each in standing.notices if each.is_counted], standing.heard, hours)
    own_rates = drawn_rates(rates, own, hours.own_weight, step.message_id)
    tried = {each.at.astimezone(ZONE).hour for each in step.tried}
    hour = best_hour(own_rates, tried, _hours_left(here, window), hours.apart)
    if hour is None:
        return Planned(standing, Rest("day_over", step.day + timedelta(days=1)))
    moment = datetime.combine(step.day, time(hour), ZONE) + spread(step.message_id, rules.outreach.spread_minutes)
    end = datetime.combine(step.day, window.end, ZONE)
    ways = _ways(standing, step, rules)
    return Planned(standing, step, ways, max(moment, at), end)


def _hours_left(here: datetime, window: Hours) -> list[int]:
    """The hours of the day that begin inside the window and have not passed."""
    return [
        hour
        for hour in range(24)
        if window.begin <= time(hour) < window.end and hour >= here.hour and (hour > here.hour or here.minute < 30)
    ]


def _ways(standing: Standing, step: Send, rules: Rules) -> list[Way]:
    """The usable addresses, the one to try first: where he wrote last, after silence the next one, after a failure another."""
    wanted: Mapping[str, int] = {channel: rank for rank, channel in enumerate(rules.outreach.channels)}
    usable = [way for way in standing.ways if way.is_usable and way.channel in wanted]
    never = datetime.min.replace(tzinfo=ZONE)
    usable.sort(key=lambda way: wanted[way.channel])
    usable.sort(key=lambda way: way.heard_at or never, reverse=True)
    first = len(step.tried) // rules.outreach.silence.tries_an_address % len(usable) if usable else 0
    latest = {each.channel: each.is_lost for each in standing.notices}
    return sorted(usable[first:] + usable[:first], key=lambda way: latest.get(way.channel, False))
