"""Outreach over PostgreSQL: workers that plan and send side by side, a campaign from start to outcome."""

from __future__ import annotations

from functools import partial

import pytest

from heyue.desk.outreach import STAGES
from tests.integration.test_store_postgres import cluster, url  # noqa: F401  fixtures
from tests.outgoing import Provider, run_together, still
from tests.outreaching import ALL, DAWN, TODAY, days_of_work, open_outreach, overdue, promise
from tests.unit.desk.test_campaign_outcomes import counts_by_a_worker
from tests.unit.desk.test_campaigns import LEAD, REMINDERS, sent_through_the_day
from tests.unit.desk.test_outreach import moments_of_a_day

pytestmark = pytest.mark.postgres


def test_workers_that_plan_and_send_at_the_same_moment_send_once(url: str) -> None:  # noqa: F811
    cases = [overdue(n) for n in range(16)] + [overdue(20 + n, 3, phone=f"139{n:08}", id_last4=None) for n in range(4)]
    workers = [open_outreach(url, *cases), open_outreach(url), open_outreach(url)]
    sms = Provider()
    run_together([partial(each.run_outreach, DAWN, ALL) for each in workers])
    for at in moments_of_a_day():
        run_together([partial(each.deliver_due, still(at), {"sms": sms}) for each in workers])
    assert len(sms.ids) == len(set(sms.ids)) == 16
    assert len({message.address for message in sms.sent}) == 16
    for worker in workers:
        worker.store.close()


def test_a_campaign_from_start_to_outcome(url: str) -> None:  # noqa: F811
    desk = open_outreach(url, overdue(1), overdue(2, 40))
    number = desk.add_campaign(LEAD, "十一月", REMINDERS, STAGES, None, DAWN)
    desk.start_campaign(LEAD, number, DAWN)
    assert desk.run_campaigns(DAWN) == {"follow_up": 1, "send": 1}
    desk.pause_campaign(LEAD, number, DAWN)
    desk.start_campaign(LEAD, number, DAWN)
    assert sent_through_the_day(desk, Provider()) == ["C-1"]
    desk.receive("sms", "13900000001", "周五还", DAWN.replace(hour=20))
    (line,) = desk.campaigns(LEAD)
    assert (line.outcome.reached, line.outcome.answered, line.outcome.paid_fen) == (1, 1, 0)
    (task,) = desk.tasks(LEAD)
    desk.finish_task(LEAD, task.task_id, True, DAWN)
    assert desk.tasks(LEAD) == []
    desk.store.close()


def test_a_promise_to_its_end(url: str) -> None:  # noqa: F811
    desk, sms = open_outreach(url, overdue(1)), Provider()
    promise(desk, "C-1", TODAY, DAWN.replace(day=24))
    kinds = [[each.kind for each in sms.sent] for _ in days_of_work(desk, {"sms": sms}, DAWN, 3)]
    assert kinds == [["promise_day"], ["promise_day"], ["promise_day", "promise_broken"]]
    desk.store.close()


def test_a_large_campaign_is_counted_by_a_worker(url: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("heyue.desk.campaign_outcomes.COUNTED_WHILE_WAITING", 1)
    desk = open_outreach(url, overdue(1), overdue(2))
    counts_by_a_worker(desk)
    desk.store.close()
