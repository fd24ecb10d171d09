"""The demonstration talks: all of the list are there, in office hours of the last weeks, and go in once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from heyue.desk import Desk
from heyue.launch.demonstration_talks import load_demonstration_talks, talks_of
from heyue.launch.product import ROOT
from heyue.policy import default_policy
from heyue.settings import ZONE
from heyue.store import Keys, Store

LISTED, DATA = ROOT / "bot/demo/talks.csv", ROOT / "nlu_data"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)


def test_every_talk_of_the_list_is_there_at_a_time_when_one_may_call() -> None:
    talks = list(talks_of(LISTED, DATA, NOW))
    assert len({talk.external_id for talk in talks}) == len(talks) >= 40
    times = [turn.at for talk in talks for turn in talk.transcript.turns if turn.at]
    assert all(8 <= at.hour < 20 and at.date() <= NOW.date() for at in times)


def test_they_go_in_once(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'heyue.db'}", Keys.from_data_key(bytes(32)))
    store.migrate()
    desk = Desk(store, default_policy())
    count = load_demonstration_talks(desk, LISTED, DATA, NOW)
    assert count == len(desk.unread_talks(1_000)) >= 40
    assert load_demonstration_talks(desk, LISTED, DATA, NOW) == 0
    store.close()
