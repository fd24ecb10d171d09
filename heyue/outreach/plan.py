"""What a case needs on one day: a message, a person, or rest. Promises go before reminders (see promises.py).

Source: domain.md, "A contact, step by step" 6, "Stages by days overdue", situation `unreachable`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from heyue.outreach.policy import COURTESY, PROMISE, REMINDER, OutreachPolicy
from heyue.outreach.promises import promise_step
from heyue.outreach.standing import CallHuman, Rest, Send, Standing, Step
from heyue.policy import Policy
from heyue.settings import ZONE

HANDOVER = "handover"
BY_OTHERS = {"human": "with_human", "stopped": "stopped", "settled": "settled"}  # case status: why outreach rests


@dataclass(frozen=True)
class Rules:
    """All that the plan goes by. `purposes`: of what is to be written (courtesy, reminder, promise)."""

    outreach: OutreachPolicy
    policy: Policy
    purposes: Collection[str]


def next_step(standing: Standing, day: date, rules: Rules) -> Step:
    """What this case needs on `day`, seen for itself."""
    if (by_others := BY_OTHERS.get(standing.case.status)) is not None:
        return Rest(by_others)
    if PROMISE in rules.purposes and (step := promise_step(standing, day, rules.outreach.promise, rules.policy)):
        return step
    if standing.owed_fen <= 0:
        return Rest("settled")
    days = standing.case.days_overdue(day)
    return _courtesy(standing, day, rules) if days <= 0 else _reminder(standing, day, rules)


def _courtesy(standing: Standing, day: date, rules: Rules) -> Step:
    """A notice some days before the due date, where it is wanted."""
    if COURTESY not in rules.purposes:
        return Rest("not_wanted")
    due = standing.case.due_date
    if -standing.case.days_overdue(day) not in rules.outreach.courtesy_days_before:
        return Rest("not_due")
    return Send(COURTESY, f"courtesy:{standing.case.case_id}:{due.isoformat()}", "courtesy", day)


def _reminder(standing: Standing, day: date, rules: Rules) -> Step:
    """A reminder of the stage, not too soon after the last one or after an answer; at the end a person."""
    stage = rules.policy.stage(standing.case.days_overdue(day))
    if REMINDER not in rules.purposes:
        return Rest("not_wanted")
    if stage == HANDOVER:
        return CallHuman("follow_up", "late_end")
    if waiting := _waits(standing, day, rules.outreach.stages[stage], rules.outreach.after_answer_days):
        return waiting
    if not any(way.is_usable for way in standing.ways):
        return CallHuman("check_contact", "no_address")
    tried = standing.unanswered()
    if len(tried) >= rules.outreach.silence.most_tries:
        return CallHuman("check_contact", "silent")
    subject = f"remind:{standing.case.case_id}:{stage}"
    return Send("reminder", subject, f"reminder_{stage}", day, len(standing.about(subject)), tried=tried)


def _waits(standing: Standing, day: date, every_days: int, after_answer_days: int) -> Rest | None:
    if standing.heard_at is not None:
        until = standing.heard_at.astimezone(ZONE).date() + timedelta(days=after_answer_days)
        if day < until:
            return Rest("in_talk", until)
    sent = [each for each in standing.notices if each.is_counted]
    if sent:
        until = sent[-1].at.astimezone(ZONE).date() + timedelta(days=every_days)
        if day < until:
            return Rest("spacing", until)
    return None
