"""What processes share about a provider: values that expire, one at a time to fetch them."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from heyue.desk import Desk, provider_state
from heyue.desk.provider_state import LEASE
from heyue.settings import ZONE
from tests.outgoing import NOW, hours, open_outgoing, run_together


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'heyue.db'}"


def clock() -> datetime:
    return datetime.now(ZONE)


def test_a_value_stands_until_it_expires_and_is_read_by_every_process(url: str) -> None:
    mine, theirs = (open_outgoing(url).provider_state(clock) for _ in range(2))
    mine.put("token", "abc", NOW + hours(2))
    mine.put("cursor", "7")
    assert theirs.get("token", NOW + hours(1)) == "abc"
    assert theirs.get("token", NOW + hours(2)) is None
    theirs.put("token", "def", NOW + hours(4))
    assert (mine.get("token", NOW + hours(3)), mine.get("cursor", NOW + hours(999))) == ("def", "7")
    assert mine.get("nothing", NOW) is None


def test_only_one_at_a_time_is_inside(url: str) -> None:
    desks = [open_outgoing(url) for _ in range(4)]
    inside, most, fetched = 0, 0, 0
    lock = threading.Lock()

    def fetch(desk: Desk) -> None:
        nonlocal inside, most, fetched
        state = desk.provider_state(clock)
        for _ in range(3):
            with state.exclusive("token"):
                with lock:
                    inside += 1
                    most = max(most, inside)
                if state.get("token", clock()) is None:
                    fetched += 1
                    state.put("token", "abc", clock() + hours(1))
                time.sleep(0.01)
                with lock:
                    inside -= 1

    run_together([lambda desk=desk: fetch(desk) for desk in desks])  # type: ignore[misc]
    assert (most, fetched) == (1, 1)


def test_who_fails_inside_lets_others_in_and_who_died_does_not_for_long(url: str) -> None:
    desk, at = open_outgoing(url), [NOW]
    state = desk.provider_state(lambda: at[0])
    with pytest.raises(ZeroDivisionError), state.exclusive("token"):
        raise ZeroDivisionError
    with state.exclusive("token"):
        pass
    with desk.store.transaction() as tx:
        assert tx.take_lease("token", "a process that died", NOW, NOW + LEASE)
        assert not tx.take_lease("token", "another", NOW + LEASE - timedelta(seconds=1), NOW + 2 * LEASE)
    at[0] = NOW + LEASE
    with state.exclusive("token"):
        pass


def test_a_lease_taken_while_the_clock_was_ahead_is_over_when_it_is_back(url: str) -> None:
    with open_outgoing(url).store.transaction() as tx:
        assert tx.take_lease("token", "a process that died", NOW + hours(5), NOW + hours(5) + LEASE)
        assert tx.take_lease("token", "another", NOW, NOW + LEASE)
        assert not tx.take_lease("token", "a third, whose clock is behind", NOW - timedelta(seconds=5), NOW + LEASE - timedelta(seconds=5))


def test_who_takes_longer_than_the_lease_stays_alone_inside(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_state, "LEASE", timedelta(seconds=0.6))
    desks = [open_outgoing(url) for _ in range(2)]
    began: list[str] = []

    def work(name: str, desk: Desk) -> None:
        with desk.provider_state(clock).exclusive("cursor"):
            began.append(f"{name} in")
            time.sleep(2)  # more than three leases
            began.append(f"{name} out")

    run_together([lambda desk=desk, name=name: work(name, desk) for name, desk in zip("ab", desks, strict=True)])  # type: ignore[misc]
    assert [each.partition(" ")[2] for each in began] == ["in", "out", "in", "out"]
    assert began[0][0] == began[1][0]
