"""What every store must do with exercises. Part of the contract in store_contract.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from heyue.practice.records import BY_KIND, Assignment, PracticeTalk, UnknownPractice, Uttered
from heyue.settings import ZONE
from heyue.store import Store

AT = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
TALK = PracticeTalk(
    "0123",
    "sun",
    "evasive-01",
    "evasive",
    "easy",
    7,
    BY_KIND,
    True,
    AT,
    AT.date(),
    turn_count=1,
    resumed_at=AT,
)
TURNS = (Uttered("borrower", "喂？", 0.0),)
MORE = (*TURNS, Uttered("collector", "您好，我是客服小李。", 12.5), Uttered("borrower", "说吧。", 12.5))


def add(store: Store, talk: PracticeTalk = TALK) -> None:
    with store.transaction() as tx:
        tx.add_practice_talk(talk, TURNS)


class PracticeContract:
    """The contract of exercises. A subclass gives the fixture `store`."""

    def test_an_exercise_comes_back_as_it_went_in(self, store: Store) -> None:
        add(store)
        with store.reading() as tx:
            assert tx.practice_talk("0123") == TALK
            assert tx.practice_turns("0123") == TURNS
            assert tx.practice_talks("sun") == tx.practice_talks() == [TALK]
            assert tx.practice_talks("li") == []
            with pytest.raises(UnknownPractice):
                tx.practice_talk("4567")

    def test_the_words_of_an_exercise_are_sealed(self, store: Store) -> None:
        add(store)
        with store.engine.connect() as connection:
            sealed = connection.execute(text("SELECT turns_sealed FROM practice_talks")).scalar_one()
        assert "喂".encode() not in bytes(sealed)

    def test_who_speaks_in_two_windows_is_heard_once(self, store: Store) -> None:
        add(store, replace(TALK, waited=30.0))
        later = AT + timedelta(seconds=12)
        with store.transaction() as tx:
            assert tx.put_practice_turns("0123", 1, MORE, later)
            assert not tx.put_practice_turns("0123", 1, MORE, later)
            assert tx.practice_talk("0123") == replace(TALK, turn_count=3, resumed_at=later)
            assert tx.practice_turns("0123") == MORE

    def test_a_finished_exercise_does_not_change(self, store: Store) -> None:
        add(store)
        result: dict[str, Any] = {
            "how": "stopped",
            "points": 80.5,
            "is_passed": False,
            "guess": "victim",
            "finished_at": AT,
        }
        with store.transaction() as tx:
            assert tx.change_practice_talk("0123", sections={"opening": 100.0, "closing": None}, **result)
            assert not tx.change_practice_talk("0123", points=100.0)
            assert not tx.put_practice_turns("0123", 1, MORE, AT)
            done = tx.practice_talk("0123")
        assert done == replace(TALK, sections={"opening": 100.0, "closing": None}, **result)

    def test_a_branch_outlives_the_talk_that_it_left(self, store: Store) -> None:
        add(store)
        add(store, replace(TALK, talk_id="0124", parent_id="0123", parent_turn=1))
        with store.transaction() as tx:
            tx.drop_practice_talk("0123")
            assert [(each.talk_id, each.parent_id) for each in tx.practice_talks()] == [("0124", None)]

    def test_an_assignment_is_done_by_a_finished_exercise(self, store: Store) -> None:
        due = date(2026, 12, 1)
        with store.transaction() as tx:
            asked: dict[str, Any] = {"kind": None, "persona": None, "level": "hard", "assigned_at": AT}
            tx.add_assignment("sun", "chen", due_on=due + timedelta(days=1), **asked)
            tx.add_assignment("sun", "chen", due_on=due, **asked)
            first, second = tx.assignments("sun")
            assert first == Assignment(first.assignment_id, "sun", "chen", None, None, "hard", AT, due)
            assert tx.assignments("li") == []
        add(store, replace(TALK, assignment_id=second.assignment_id))
        with store.transaction() as tx:
            assert [each.talk_id for each in tx.assignments()] == [None, None]
            tx.change_practice_talk("0123", points=90.0, is_passed=True, finished_at=AT)
            assert [(each.talk_id, each.points) for each in tx.assignments()] == [
                (None, None),
                ("0123", 90.0),
            ]
            tx.drop_assignment(second.assignment_id)
            assert tx.assignments() == [first]
            assert tx.practice_talk("0123").assignment_id is None
