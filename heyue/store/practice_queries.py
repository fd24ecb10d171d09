"""Practice: the exercises of trainees with their words, and the exercises that leads assign."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from heyue.practice.records import Assignment, PracticeTalk, UnknownPractice, Uttered
from heyue.store.practice_tables import practice_assignments, practice_talks
from heyue.store.queries import Queries

LISTED = [column for column in practice_talks.c if column.name != "turns_sealed"]


class PracticeQueries(Queries):
    """Exercises and assignments."""

    def add_practice_talk(self, talk: PracticeTalk, turns: Sequence[Uttered]) -> None:
        """Keep a new exercise."""
        values = vars(talk) | {"sections": None, **self._sealed_turns(turns)}
        self.connection.execute(insert(practice_talks).values(**values))

    def practice_talk(self, talk_id: str) -> PracticeTalk:
        """One exercise without its words.

        Raises:
            UnknownPractice: there is none of this number.
        """
        found = self._talks(practice_talks.c.talk_id == talk_id)
        if not found:
            raise UnknownPractice(f"no exercise has the number {talk_id!r}")
        return found[0]

    def practice_turns(self, talk_id: str) -> tuple[Uttered, ...]:
        """The words of an exercise."""
        sealed = self.connection.execute(
            select(practice_talks.c.turns_sealed).where(practice_talks.c.talk_id == talk_id)
        ).scalar_one()
        return tuple(Uttered(*each) for each in json.loads(self.keys.open(sealed)))

    def put_practice_turns(
        self, talk_id: str, before: int, turns: Sequence[Uttered], resumed_at: datetime
    ) -> bool:
        """Write the words of an exercise that still has as many turns as before. False: it went on elsewhere."""
        here = (practice_talks.c.talk_id == talk_id) & (practice_talks.c.turn_count == before)
        is_open = practice_talks.c.finished_at.is_(None)
        values = {"resumed_at": resumed_at, "waited": 0.0, **self._sealed_turns(turns)}
        done = self.connection.execute(update(practice_talks).where(here, is_open).values(**values))
        return bool(done.rowcount == 1)

    def change_practice_talk(self, talk_id: str, **values: Any) -> bool:
        """Write new values into columns of an exercise. False: it is finished."""
        if "sections" in values:
            values["sections"] = json.dumps(dict(values["sections"]))
        is_open = practice_talks.c.finished_at.is_(None)
        done = self.connection.execute(
            update(practice_talks).where(practice_talks.c.talk_id == talk_id, is_open).values(**values)
        )
        return bool(done.rowcount == 1)

    def drop_practice_talk(self, talk_id: str) -> None:
        """Forget an exercise."""
        self.connection.execute(delete(practice_talks).where(practice_talks.c.talk_id == talk_id))

    def practice_talks(self, login: str | None = None) -> list[PracticeTalk]:
        """The exercises of a person, or of all, without their words; the first begun first."""
        return self._talks(*([] if login is None else [practice_talks.c.login == login]))

    def add_assignment(self, login: str, by: str, **asked: Any) -> None:
        """Keep an exercise that a lead asks for. `asked`: the other columns of an assignment."""
        self.connection.execute(insert(practice_assignments).values(login=login, assigned_by=by, **asked))

    def assignments(self, login: str | None = None) -> list[Assignment]:
        """What is asked of a person, or of all, and what came of it; what is due first comes first."""
        query = select(practice_assignments).order_by(
            practice_assignments.c.due_on, practice_assignments.c.assignment_id
        )
        if login is not None:
            query = query.where(practice_assignments.c.login == login)
        done = {
            talk.assignment_id: talk
            for talk in self._talks(
                practice_talks.c.assignment_id.is_not(None), practice_talks.c.finished_at.is_not(None)
            )
        }
        return [_assignment(row, done.get(row["assignment_id"])) for row in self._rows(query)]

    def drop_assignment(self, assignment_id: int) -> None:
        """Take an exercise back; the talks that it led to stay."""
        here = practice_assignments.c.assignment_id == assignment_id
        self.connection.execute(delete(practice_assignments).where(here))

    def _talks(self, *conditions: Any) -> list[PracticeTalk]:
        query = (
            select(*LISTED).where(*conditions).order_by(practice_talks.c.started_at, practice_talks.c.talk_id)
        )
        return [_talk(row) for row in self._rows(query)]

    def _rows(self, query: Any) -> Any:
        return self.connection.execute(query).mappings()

    def _sealed_turns(self, turns: Sequence[Uttered]) -> dict[str, Any]:
        sealed = self.keys.seal(json.dumps(turns, ensure_ascii=False))
        return {"turns_sealed": sealed, "turn_count": len(turns)}


def _talk(row: Any) -> PracticeTalk:
    return PracticeTalk(**{**row, "sections": json.loads(row["sections"]) if row["sections"] else {}})


def _assignment(row: Any, talk: PracticeTalk | None) -> Assignment:
    asked = Assignment(**row)
    if talk is None:
        return asked
    return replace(asked, talk_id=talk.talk_id, points=talk.points, is_passed=talk.is_passed)
