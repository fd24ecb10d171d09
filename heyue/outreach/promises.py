"""A promise followed to its end: the eve (gentle), the day, after the grace days thanks or asking why first, then a person.

Source: domain.md, "A contact, step by step" 6, situation `broken_promises`.
"""

from __future__ import annotations

from datetime import date, timedelta

from heyue.outreach.policy import PromiseRules
from heyue.outreach.standing import CallHuman, Rest, Send, Standing, Step
from heyue.policy import Policy
from heyue.records import RecordedPromise
from heyue.settings import ZONE

STANDING, MISSED = ("open", "due"), ("broken", "partly_kept")


def promise_step(standing: Standing, day: date, rules: PromiseRules, policy: Policy) -> Step | None:
    """What the promises of a case ask for on `day`; None when they ask for nothing and the stage decides."""
    if thanks := _thanks(standing, day, rules):
        return thanks
    waiting = [each for each in standing.promises if each.state in STANDING]
    if waiting:
        return _before_the_day(standing, min(waiting, key=_last_day), day, rules, policy)
    return _after_the_day(standing, day, rules) if standing.owed_fen > 0 else None


def _last_day(promise: RecordedPromise) -> date:
    return promise.terms.end or date.max


def _send(standing: Standing, kind: str, wording: str, promise: RecordedPromise, day: date) -> Send:
    subject = f"{kind}:{standing.case.case_id}:{promise.promise_id}"
    number = len(standing.about(subject))
    return Send(kind, subject, wording, day, number, promise, standing.unanswered())


def _thanks(standing: Standing, day: date, rules: PromiseRules) -> Send | None:
    """Thanks for the promise that a payment has just kept, once; of several that it kept, for the last."""
    paid_at = standing.last_paid_at
    if paid_at is None or (day - paid_at.astimezone(ZONE).date()).days > rules.thanks_days:
        return None
    kept = [each for each in standing.promises if each.state == "kept"]
    if not kept:
        return None
    send = _send(standing, "promise_kept", "promise_kept", kept[-1], day)
    return None if standing.about(send.subject) else send


def _before_the_day(
    standing: Standing, promise: RecordedPromise, day: date, rules: PromiseRules, policy: Policy
) -> Step:
    """While a promise stands: the eve unless it was made then, and the day itself."""
    made, end = promise.recorded_at.astimezone(ZONE).date(), promise.terms.end
    if end is None:
        asks = made + timedelta(days=rules.undated_days)
        return Rest("promise_stands", asks) if day < asks else _ask_for_a_date(standing, promise, day, rules)
    if day > end:
        return Rest("promise_grace", end + timedelta(days=policy.promise.grace_days + 1))
    eve = end - timedelta(days=1)
    if day < eve or made == day:
        return Rest("promise_stands", eve if day < eve else end)
    if standing.heard_at and standing.heard_at.astimezone(ZONE).date() == day:
        return Rest("in_talk")
    kind = "promise_eve" if day == eve else "promise_day"
    send = _send(standing, kind, kind, promise, day)
    return Rest("planned") if standing.about(send.subject) else send


def _ask_for_a_date(standing: Standing, promise: RecordedPromise, day: date, rules: PromiseRules) -> Step:
    """A promise without a date stands as long as nobody asks."""
    send = _send(standing, "promise_day", "promise_undated", promise, day)
    return _asked(standing, send, day, rules)


def _after_the_day(standing: Standing, day: date, rules: PromiseRules) -> Step | None:
    """A promise that was not kept: ask why, first; a second one goes to a person."""
    missed = [each for each in standing.promises if each.state in MISSED and each.terms.end is not None]
    if not missed or (day - _last_day(missed[-1])).days > rules.ask_why_days:
        return None
    broken = standing.case.broken_promises + sum(each.state == "broken" for each in missed)
    if broken >= rules.broken_to_human:
        return CallHuman("follow_up", "broken_twice")
    promise = missed[-1]
    wording = "promise_partly" if promise.state == "partly_kept" else "promise_broken"
    send = _send(standing, "promise_broken", wording, promise, day)
    if standing.heard_at and standing.heard_at.astimezone(ZONE).date() > _last_day(promise):
        return None  # he has written since: from here the stage decides
    return _asked(standing, send, day, rules)


def _asked(standing: Standing, send: Send, day: date, rules: PromiseRules) -> Step:
    """Ask, ask once more, then call a person."""
    asked = standing.about(send.subject)
    if not asked:
        return send
    again = asked[-1].at.astimezone(ZONE).date() + timedelta(days=rules.ask_again_days)
    if day < again:
        return Rest("spacing", again)
    if len(asked) >= rules.asks:
        return CallHuman("follow_up", "promise_silent")
    return send
