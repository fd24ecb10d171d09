"""What people have to do: given to them by outreach, or by an answer that did not arrive; who may see it and who does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import case as ranked
from sqlalchemy import insert, or_, select, update

from heyue.store.outreach_tables import human_tasks
from heyue.store.queries import Queries
from heyue.store.tables import cases, conversations

HERE = human_tasks.c


@dataclass(frozen=True)
class HumanTask:
    """What a person has to do for a case.

    `task`: follow_up, check_contact (`why`: of outreach.yml) or answer (`why`: see heyue.desk.unsent), in the talk
    `conversation_id`. `assignee`: who does it, if somebody has it already.
    """

    task_id: int
    case_id: str
    borrower_name: str = field(repr=False)
    task: str = field()
    why: str = field()
    at: datetime = field()
    conversation_id: str | None = None
    assignee: str | None = None


class TaskQueries(Queries):
    """Tasks of people."""

    def add_task(
        self, case_id: str, task: str, why: str, at: datetime, conversation_id: str | None = None
    ) -> None:  # fmt: skip
        """A person has to look after a case."""
        self.must_last = True
        row = {"case_id": case_id, "task": task, "why": why, "at": at, "conversation_id": conversation_id}
        self.connection.execute(insert(human_tasks).values(**row))

    def has_open_task(self, conversation_id: str) -> bool:
        """Whether a person has something to do in this talk."""
        query = select(HERE.task_id).where(HERE.conversation_id == conversation_id, HERE.done_at.is_(None))
        return self.connection.execute(query.limit(1)).first() is not None

    def is_to_be_done(self, case_id: str) -> bool:
        """Whether a person has something to do for this case."""
        query = select(HERE.task_id).where(HERE.case_id == case_id, HERE.done_at.is_(None))
        return self.connection.execute(query.limit(1)).first() is not None

    def open_tasks(self, most: int, login: str, is_own: bool) -> list[HumanTask]:
        """What people have to do: first what this person has, then what nobody has; of each the oldest first.

        Args:
            is_own: without what another person has, and without cases with which another person is talking.
        """
        mine_first = ranked((HERE.assignee == login, 0), (HERE.assignee.is_(None), 1), else_=2)
        query = self._open(login, is_own).order_by(mine_first, HERE.at, HERE.task_id).limit(most)
        return [self._task(row) for row in self.connection.execute(query)]

    def open_task(self, task_id: int, login: str, is_own: bool) -> HumanTask | None:
        """One of these; None when there is none, or it is done, or not for this person."""
        row = self.connection.execute(self._open(login, is_own).where(HERE.task_id == task_id)).one_or_none()
        return self._task(row) if row else None

    def _open(self, login: str, is_own: bool) -> Any:
        wanted = (
            HERE.task_id, HERE.case_id, cases.c.name_sealed, HERE.task, HERE.why, HERE.at, HERE.conversation_id,
            HERE.assignee,
        )  # fmt: skip
        query = select(*wanted).join(cases, cases.c.case_id == HERE.case_id).where(HERE.done_at.is_(None))
        if not is_own:
            return query
        talks = conversations.c
        others = select(talks.conversation_id).where(
            talks.case_id == HERE.case_id, talks.origin == "bot", talks.holder == "human", talks.handler != login
        )
        return query.where(or_(HERE.assignee == login, HERE.assignee.is_(None) & ~others.exists()))

    def _task(self, row: Any) -> HumanTask:
        task_id, case_id, name, *rest = row
        return HumanTask(task_id, case_id, self.keys.open(name), *rest)

    def assign_task(self, task_id: int, login: str, before: str | None) -> bool:
        """Give an open task to somebody, if it still is `before`'s (None: nobody's). Whether it was."""
        self.must_last = True
        was = HERE.assignee.is_(None) if before is None else HERE.assignee == before
        here = (HERE.task_id == task_id) & HERE.done_at.is_(None) & was
        return bool(self.connection.execute(update(human_tasks).where(here).values(assignee=login)).rowcount == 1)

    def assign_talk(self, conversation_id: str, login: str) -> None:
        """Who takes a talk over has what is to be done in it."""
        here = (HERE.conversation_id == conversation_id) & HERE.done_at.is_(None)
        self.connection.execute(update(human_tasks).where(here).values(assignee=login))

    def finish_talk(self, conversation_id: str, login: str, at: datetime) -> None:
        """What was to be done in a talk is done."""
        here = (HERE.conversation_id == conversation_id) & HERE.done_at.is_(None)
        self.connection.execute(update(human_tasks).where(here).values(done_at=at, done_by=login))

    def finish_task(self, task_id: int, login: str, at: datetime) -> bool:
        """A person has done it. False when it was done before."""
        here = (HERE.task_id == task_id) & HERE.done_at.is_(None)
        done = self.connection.execute(update(human_tasks).where(here).values(done_at=at, done_by=login))
        return bool(done.rowcount == 1)
