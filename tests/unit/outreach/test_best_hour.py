"""The hour at which somebody is likely to answer: from the prior, from everybody, from himself."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from heyue.outreach.best_hour import Evidence, answer_rates, best_hour, drawn_rates, evidence_of, spread
from heyue.outreach.debtor import learnt_rates
from heyue.outreach.policy import default_outreach_policy
from heyue.settings import ZONE

RULES = default_outreach_policy().hours
HOURS = tuple(RULES.prior)
MORNING = datetime(2026, 11, 20, 10, 5, tzinfo=ZONE)


def days(count: int, at: datetime = MORNING) -> list[datetime]:
    return [at + timedelta(days=n) for n in range(count)]


def test_without_any_answer_the_prior_decides() -> None:
    rates = learnt_rates(Evidence(), RULES)
    assert rates == pytest.approx(dict(RULES.prior))
    assert best_hour(rates, (), HOURS, RULES.apart) == max(RULES.prior, key=lambda hour: RULES.prior[hour])


def test_who_answers_in_the_morning_is_written_to_in_the_morning() -> None:
    sent = days(3)
    heard = [at + timedelta(minutes=20) for at in sent]
    rates = answer_rates(RULES.prior, evidence_of(sent, heard, RULES), RULES.own_weight)
    assert best_hour(rates, (), HOURS, RULES.apart) == 10


def test_one_answer_does_not_overthrow_what_everybody_shows() -> None:
    everybody = Evidence(Counter(dict.fromkeys(HOURS, 1000)), Counter(dict.fromkeys(HOURS, 50) | {12: 600}))
    rates = learnt_rates(everybody, RULES)
    one = evidence_of(days(1), [MORNING + timedelta(hours=1)], RULES)
    assert best_hour(answer_rates(rates, one, RULES.own_weight), (), HOURS, RULES.apart) == 12


def test_messages_that_nobody_answers_make_an_hour_worse() -> None:
    evidence = evidence_of(days(20, MORNING.replace(hour=19)), [], RULES)
    rates = answer_rates(RULES.prior, evidence, RULES.own_weight)
    assert best_hour(rates, (), HOURS, RULES.apart) != 19


def test_an_answer_after_a_day_is_none() -> None:
    late = MORNING + timedelta(hours=RULES.answer_hours + 3)
    assert evidence_of([MORNING], [late], RULES).answered[10] == 0
    assert evidence_of([MORNING], [MORNING + timedelta(hours=3), late], RULES).answered[10] == 1


def test_who_showed_his_hour_is_mostly_written_to_then_and_others_all_over_the_day() -> None:
    shown = evidence_of(days(4), [at + timedelta(minutes=20) for at in days(4)], RULES)
    known = Counter(drawn_hour(shown, f"remind:C-{n}") for n in range(300))
    unknown = Counter(drawn_hour(Evidence(), f"remind:C-{n}") for n in range(300))
    assert known[10] > 240
    assert set(unknown) == set(HOURS)
    assert max(unknown.values()) < 100
    assert drawn_hour(shown, "remind:C-1") == drawn_hour(shown, "remind:C-1")


def drawn_hour(evidence: Evidence, seed: str) -> int | None:
    return best_hour(drawn_rates(RULES.prior, evidence, RULES.own_weight, seed), (), HOURS, RULES.apart)


def test_another_hour_is_far_from_those_tried_while_there_is_one() -> None:
    rates = dict(RULES.prior)
    tried: list[int] = []
    for _ in HOURS:
        hour = best_hour(rates, tried, HOURS, RULES.apart)
        assert hour is not None
        if any(all(abs(each - other) >= RULES.apart for other in tried) for each in HOURS):
            assert all(abs(hour - other) >= RULES.apart for other in tried)
        assert hour not in tried
        tried.append(hour)
    assert best_hour(rates, tried, HOURS, RULES.apart) is not None
    assert best_hour(rates, (), (), RULES.apart) is None


def test_the_delay_of_a_message_is_the_same_whenever_it_is_asked_for() -> None:
    found = {spread(f"remind:C-{n}:early", 55) for n in range(500)}
    assert spread("remind:C-1:early", 55) == spread("remind:C-1:early", 55)
    assert all(timedelta(0) <= each < timedelta(minutes=55) for each in found)
    assert len(found) > 400
