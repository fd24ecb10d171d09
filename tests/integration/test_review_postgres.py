"""Quality review over PostgreSQL: the same from draw to ruling, and two who claim at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from heyue.desk import Desk
from heyue.desk.live import HeldBy
from heyue.policy import default_policy
from heyue.records import TalkFilter
from heyue.review.records import FINISHED, SECOND, ReviewFilter
from heyue.review.scorecard import NO, YES
from heyue.store import Keys, Store
from tests.integration.test_store_postgres import Cluster, cluster, url  # noqa: F401  fixtures
from tests.unit.desk.conftest import CASES, COLLECTOR, LEAD, NOW, REVIEWER
from tests.unit.desk.review_talks import (
    CONFIRMED,
    SECOND_REVIEWER,
    THREAT,
    add_talk,
    finished,
    listed,
    review_in,
    work_with,
)
from tests.unit.desk.test_review_draw import drawn_in_portions

pytestmark = pytest.mark.postgres


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:  # noqa: F811
    store = Store.open(url, Keys.from_data_key(bytes(32)))
    store.migrate()
    with store.transaction() as tx:
        tx.put_cases([(case, "usable") for case in CASES])
        for user in (COLLECTOR, LEAD, REVIEWER, SECOND_REVIEWER):
            tx.add_user(user, None, NOW)
    yield Desk(store, default_policy())
    store.close()


def test_from_draw_to_ruling(desk: Desk) -> None:
    here = add_talk(desk, THREAT)
    for _ in range(2):
        desk.fill_queue(NOW)
    assert listed(desk, REVIEWER, why="flagged", talk=TalkFilter(rule=THREAT.rule, words="单位的同事"))
    review_in(desk, here, SECOND)
    finished(desk, REVIEWER, here, work_with(CONFIRMED, empathy=NO))
    finished(desk, SECOND_REVIEWER, here, work_with(CONFIRMED, empathy=NO), SECOND)
    assert desk.export_reviews(REVIEWER, ReviewFilter(view=FINISHED), "csv", NOW)[0].verdicts["empathy"] == NO
    assert desk.double_review_agreement(REVIEWER)[0] == 1
    assert desk.rule_health(REVIEWER).health[0].confirmed == 1
    desk.appeal(COLLECTOR, here, "不服", NOW)
    ((appeal, _),) = desk.open_appeals(LEAD)
    desk.rule_on_appeal(LEAD, appeal.appeal_id, True, "属实", {"no_threat": YES}, NOW)
    assert desk.scores(COLLECTOR)[0][0].review.points == 92.0
    desk.open_calibration(LEAD, here, [REVIEWER.login, LEAD.login], NOW)
    assert desk.note_calibration(LEAD, here, "结论", 0, NOW, is_closing=True)
    assert desk.calibrations(LEAD)[0][0].note == "结论"
    assert len(list(desk.labelled_talks("lead", NOW, is_masked=True))) == 1


def test_the_first_draw_goes_portion_by_portion(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn_in_portions(desk, monkeypatch)


def test_of_two_who_claim_at_once_one_has_it(desk: Desk) -> None:
    number, start = review_in(desk, add_talk(desk, THREAT)), threading.Barrier(2)
    outcomes: list[HeldBy | None] = []

    def claim(user: object) -> None:
        start.wait(10)
        outcomes.append(desk.claim_review(user, number, NOW + timedelta(seconds=1)))  # type: ignore[arg-type]

    threads = [threading.Thread(target=claim, args=[user]) for user in (REVIEWER, SECOND_REVIEWER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(each is None for each in outcomes) == [False, True]
