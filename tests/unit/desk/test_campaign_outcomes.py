"""What came of campaigns: counted at once where they are small, by a worker now and then where they are large."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from heyue.desk import Desk
from heyue.desk.campaign_outcomes import CampaignLine
from tests.outgoing import Provider, run_together
from tests.outreaching import DAWN, open_outreach, overdue, write
from tests.unit.desk.test_campaigns import LEAD, sent_through_the_day, started

EVENING = DAWN.replace(hour=20)
MINUTES, DAY = timedelta(minutes=15), timedelta(days=1)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'heyue.db'}"


@pytest.fixture
def desk(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Two messages make a campaign large."""
    monkeypatch.setattr("heyue.desk.campaign_outcomes.COUNTED_WHILE_WAITING", 1)
    opened = open_outreach(url, overdue(1), overdue(2))
    yield opened
    opened.store.close()


def sent_to_two(desk: Desk) -> int:
    number = started(desk)
    desk.run_campaigns(DAWN)
    assert len(sent_through_the_day(desk, Provider())) == 2
    return number


def paid(desk: Desk, at: datetime) -> None:
    write(desk, "add_payment", "C-1", at, 100)


def line(desk: Desk) -> CampaignLine:
    (found,) = desk.campaigns(LEAD)
    return found


def count(desk: Desk, at: datetime) -> int:
    return desk.count_campaigns(at, "a worker")


def counts_by_a_worker(desk: Desk) -> None:
    """The page shows what a worker has kept, and counts nothing itself; he counts again after a quarter of an hour."""
    sent_to_two(desk)
    assert (line(desk).is_waiting, line(desk).outcome.reached) == (True, 0)
    assert count(desk, EVENING) == 1
    found = line(desk)
    assert (found.is_waiting, found.counted_at) == (False, EVENING)
    assert (found.outcome.reached, dict(found.outcome.states)) == (2, {"sent": 2})
    paid(desk, EVENING)
    assert count(desk, EVENING + MINUTES - timedelta(seconds=1)) == 0
    assert line(desk).outcome.paid == 0
    assert count(desk, EVENING + MINUTES) == 1
    assert (line(desk).outcome.paid, line(desk).outcome.paid_fen) == (1, 100)


def test_a_large_campaign_is_counted_by_a_worker(desk: Desk) -> None:
    counts_by_a_worker(desk)


def test_a_small_campaign_is_counted_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heyue.desk.campaign_outcomes.COUNTED_WHILE_WAITING", 2)
    sent_to_two(desk)
    count(desk, EVENING)
    paid(desk, EVENING)
    assert (line(desk).counted_at, line(desk).outcome.paid) == (None, 1)


def test_a_draft_is_not_counted(desk: Desk) -> None:
    desk.add_campaign(LEAD, "草稿", frozenset({"reminder"}), frozenset({"early"}), None, DAWN)
    assert count(desk, EVENING) == 0
    assert not line(desk).is_waiting


@pytest.mark.parametrize("most", [1, 100])
def test_an_ended_campaign_is_counted_daily_and_after_ninety_days_no_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("heyue.desk.campaign_outcomes.COUNTED_WHILE_WAITING", most)
    number = sent_to_two(desk)
    desk.end_campaign(LEAD, number, EVENING)
    moments = [EVENING, EVENING + MINUTES, EVENING + 2 * MINUTES, EVENING + DAY, EVENING + DAY + MINUTES, EVENING + 90 * DAY]
    assert [count(desk, at) for at in moments] == [1, 1, 0, 0, 1, 1]
    paid(desk, EVENING + 91 * DAY)
    assert count(desk, EVENING + 200 * DAY) == 0
    assert (line(desk).counted_at, line(desk).outcome.paid) == (moments[-1], 0)


def test_of_two_workers_one_counts_a_campaign(url: str, desk: Desk) -> None:
    sent_to_two(desk)
    other, done = open_outreach(url), []
    run_together([partial(lambda each, name: done.append(each.count_campaigns(EVENING, name)), *who) for who in ((desk, "a"), (other, "b"))])
    assert sum(done) == 1
    other.store.close()


def test_a_worker_that_died_while_it_counted_holds_nobody_up_for_long(desk: Desk) -> None:
    number = sent_to_two(desk)
    with desk.store.transaction() as tx:
        assert tx.take_lease(f"campaign_outcome.{number}", "a dead worker", EVENING, EVENING + timedelta(minutes=10))
    assert count(desk, EVENING + timedelta(minutes=9)) == 0
    assert count(desk, EVENING + timedelta(minutes=10)) == 1


def test_a_worker_that_is_to_end_begins_no_count(desk: Desk) -> None:
    sent_to_two(desk)
    assert desk.count_campaigns(EVENING, "a worker", lambda: True) == 0
