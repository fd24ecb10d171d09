"""The use cases of to-dos: what the bot has given to people; who sees it, takes it, looks into its case, and has done it.

Who sees only his own talks (roles.yml) sees what he has and what nobody has, but no case with which somebody else is talking.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from heyue.access.people import User
from heyue.conversation.facts import masked_name
from heyue.desk.base import DeskBase, require
from heyue.desk.masking import masked_case
from heyue.errors import Refused
from heyue.ledger import settle
from heyue.records import Case, RecordedPromise
from heyue.store import Tx
from heyue.store.task_queries import HumanTask

ACTION = "do_tasks"  # roles.yml
LISTED = 200


class TaskGone(Refused):
    """The task is done, in other hands, or not for this person; which of these is not said."""


class TaskNotTaken(Refused):
    """Who does a task takes it first."""


@dataclass(frozen=True)
class OpenTask:
    """A task with its case."""

    task: HumanTask
    case: Case
    promises: list[RecordedPromise]
    stops: list[str]
    is_masked: bool


class TaskDesk(DeskBase):
    """To-dos."""

    def tasks(self, user: User) -> list[HumanTask]:
        """What people have to do, of what the user may see: his own first, then what nobody has; names masked.

        Raises:
            NotAllowed.
        """
        require(user, ACTION)
        with self.store.reading() as tx:
            found: list[HumanTask] = tx.open_tasks(LISTED, user.login, sees_own_only(user))
        return [replace(each, borrower_name=masked_name(each.borrower_name)) for each in found]

    def task_takers(self, user: User) -> list[User]:
        """To whom the user may give a task.

        Raises:
            NotAllowed: the role may not assign.
        """
        require(user, "assign")
        with self.store.reading() as tx:
            return [each for each in tx.users() if each.may(ACTION)]

    def take_task(self, user: User, task_id: int, at: datetime) -> None:
        """The user does it from now on. Audited.

        Raises:
            NotAllowed. TaskGone: it is not there for him, or somebody was quicker.
        """
        with self.store.transaction() as tx:
            task = self._seen(tx, user, task_id)
            if task.assignee != user.login:
                if task.assignee is not None or not tx.assign_task(task_id, user.login, None):
                    raise TaskGone(f"task {task_id} is in other hands")
                self._note(tx, "task_taken", task, user, at)

    def assign_task(self, user: User, task_id: int, login: str, at: datetime) -> None:
        """Give a task to somebody who does tasks, whoever has it now. Audited.

        Raises:
            NotAllowed. UnknownUser: nobody has this login. TaskGone: it is done, or that person does no tasks.
        """
        require(user, "assign")
        with self.store.transaction() as tx:
            task, other = self._seen(tx, user, task_id), tx.user(login)
            if not other.may(ACTION) or not tx.assign_task(task_id, login, task.assignee):
                raise TaskGone(f"task {task_id} cannot be given to {login!r}")
            self._note(tx, "task_assigned", task, user, at, to=login)

    def open_task(self, user: User, task_id: int, at: datetime, is_masked: bool = True) -> OpenTask:
        """The case of a task that the user has; the look is audited.

        Raises:
            NotAllowed. TaskGone: it is not there for him. TaskNotTaken.
        """
        if not is_masked:
            require(user, "unmask")
        with self.store.transaction() as tx:
            task = self._taken(tx, user, task_id)
            case = tx.case(task.case_id)
            self._note(tx, "case_viewed" if is_masked else "case_unmasked", task, user, at)
            promises = settle(tx.promises(case.case_id), tx.payments(case.case_id), at.date(), self.policy.promise)
            shown = masked_case(case) if is_masked else case
            return OpenTask(replace(task, borrower_name=shown.borrower_name), shown, promises, tx.stops(case.case_id), is_masked)

    def finish_task(self, user: User, task_id: int, gives_back: bool, at: datetime) -> None:
        """A person has looked after a case. Audited.

        Args:
            gives_back: the bot goes on with it, if it is still with a person.

        Raises:
            NotAllowed. TaskGone: it was done before, or is not there for him. TaskNotTaken.
        """
        with self.store.transaction() as tx:
            task = self._taken(tx, user, task_id)
            tx.finish_task(task_id, user.login, at)
            if gives_back and tx.case(task.case_id).status == "human":
                tx.set_case_state(task.case_id, status="active")
            self._note(tx, "outreach_task_done", task, user, at, gives_back=gives_back)

    def _seen(self, tx: Tx, user: User, task_id: int) -> HumanTask:
        require(user, ACTION)
        task: HumanTask | None = tx.open_task(task_id, user.login, sees_own_only(user))
        if task is None:
            raise TaskGone(f"there is no task {task_id} for {user.login}")
        return task

    def _taken(self, tx: Tx, user: User, task_id: int) -> HumanTask:
        """A task that the user does; who assigns work need not take it."""
        task = self._seen(tx, user, task_id)
        if task.assignee != user.login and not user.role.may("assign"):
            raise TaskNotTaken(f"task {task_id} is nobody's yet")
        return task

    def _note(self, tx: Tx, event: str, task: HumanTask, user: User, at: datetime, **details: object) -> None:
        tx.audit(event, at, case_id=task.case_id, conversation_id=task.conversation_id, actor=user.login,
                 details={"task": task.task_id, **details})  # fmt: skip


def sees_own_only(user: User) -> bool:
    """Whether the role shows its holder nothing of what others work at."""
    return user.role.sees != "all"
