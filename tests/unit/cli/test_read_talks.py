"""The coach's reader and talks that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from structlog.testing import capture_logs

from heyue.cli import read_talks
from heyue.cli.read_talks import read_all, read_waiting
from heyue.desk import Desk
from heyue.desk.reading import LEASE
from heyue.errors import StoreUnavailable
from heyue.records import Case
from heyue.settings import ZONE
from heyue.store.rights_tables import data_keys
from tests.unit.desk.conftest import NOW, desk_over

NAME, PHONES = "赵明远", [f"1380013800{number}" for number in range(3)]
CASES = [Case(f"C-{phone}", NAME, "云山消费金融", 320_000, date(2026, 11, 15), phone=phone) for phone in PHONES]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_over(tmp_path, CASES) as opened:
        yield opened


@pytest.fixture
def talks(desk: Desk) -> list[str]:
    return [
        desk.receive("sms", phone, f"我是{NAME}", NOW + timedelta(minutes=number)).conversation_id
        for number, phone in enumerate(PHONES)
    ]


def damage(desk: Desk, conversation_id: str) -> None:
    with desk.store.engine.begin() as connection:
        query = "UPDATE messages SET text_sealed = :torn WHERE conversation_id = :here"
        connection.execute(text(query), {"torn": b"\x01torn", "here": conversation_id})


def test_a_damaged_talk_is_told_without_personal_data_and_the_others_are_read(
    desk: Desk, talks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_talks, "MOST_AT_ONCE", 1)  # those that cannot be read take nobody's place
    damage(desk, talks[0])
    damage(desk, talks[1])
    unreadable: dict[str, int] = {}
    with capture_logs() as logged:
        assert read_all(desk, unreadable) == 1
        assert read_waiting(desk, unreadable) == 0
    assert unreadable == {talks[0]: 1, talks[1]: 1}
    assert [here for here, _ in desk.unread_talks()] == talks[:2]
    assert [each["error"] for each in logged if each["event"] == "reader.talk_unreadable"] == ["SealBroken"] * 2
    assert not any(word in str(logged) for word in (NAME, *PHONES))


def test_what_another_reader_has_in_hand_is_left_to_it_until_its_lease_is_over(desk: Desk, talks: list[str]) -> None:
    long_ago = datetime.now(ZONE) - LEASE - timedelta(seconds=1)
    dead, alive = desk.claim_talks(1, long_ago), desk.claim_talks(1, datetime.now(ZONE))
    assert dead == alive == [(talks[0], 1)]
    assert read_all(desk, {}) == 2
    assert desk.unread_talks() == alive


def test_a_store_whose_keys_cannot_be_opened_is_away(desk: Desk, talks: list[str]) -> None:
    with desk.store.engine.begin() as connection:
        connection.execute(insert(data_keys).values(key_id=1, look_up_sealed=b"\x01torn", begun_at=NOW))
    with pytest.raises(StoreUnavailable):
        read_waiting(desk, {})
