"""The first draw for review over a store that is full already: a portion at a time, the latest talks first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from heyue.desk import Desk
from heyue.desk.review_draw import DRAWN_AT_ONCE
from tests.unit.desk.conftest import NOW
from tests.unit.desk.review_talks import THREAT, add_talk
from tests.unit.desk.test_review_queue import queued

DAY = timedelta(days=1)


def drawn_in_portions(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two talks of each portion, of five, two of which ended at one moment; what ends meanwhile is drawn at once."""
    monkeypatch.setattr("heyue.desk.review_draw.DRAWN_AT_ONCE", 2)
    oldest, latest = add_talk(desk, THREAT, at=NOW - 9 * DAY), add_talk(desk, THREAT, at=NOW - 2 * DAY)
    together = [add_talk(desk, THREAT, at=NOW - 5 * DAY) for _ in range(3)]
    assert desk.fill_queue(NOW)
    found = [here for here, _, _ in queued(desk)]
    assert found[0] == latest
    assert found[1] in together
    meanwhile = add_talk(desk, THREAT, at=NOW + DAY)
    assert desk.fill_queue(NOW + DAY)
    found = [here for here, _, _ in queued(desk)]
    assert meanwhile in found
    assert oldest not in found
    assert set(together) < set(found)
    assert not desk.fill_queue(NOW + DAY)
    assert not desk.fill_queue(NOW + 2 * DAY)
    assert sorted(here for here, _, _ in queued(desk)) == sorted([oldest, latest, meanwhile, *together])


def test_the_first_draw_goes_portion_by_portion(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn_in_portions(desk, monkeypatch)


def test_a_talk_that_is_read_after_its_portion_is_drawn_by_the_next_draw(desk: Desk) -> None:
    with desk.store.transaction() as tx:
        here = tx.add_talk("phone", "upload", "late", NOW - 9 * DAY).conversation_id
        tx.add_turn(here, "borrower", "再说吧，你们别打给我单位", NOW - 9 * DAY)
    assert not desk.fill_queue(NOW)
    assert queued(desk) == []
    desk.read_talk(here, NOW + DAY)
    with desk.store.transaction() as tx:  # whatever it was read as: it shall be reviewed
        tx.connection.exec_driver_sql("UPDATE talk_readings SET confidence = 0.1")
    assert not desk.fill_queue(NOW + DAY)
    assert [each[0] for each in queued(desk)] == [here]


def test_a_small_store_is_drawn_at_once(desk: Desk) -> None:
    talks = [add_talk(desk, THREAT, at=NOW - number * DAY) for number in range(5)]
    assert len(talks) < DRAWN_AT_ONCE
    assert not desk.fill_queue(NOW)
    assert {here for here, _, _ in queued(desk)} == set(talks)
