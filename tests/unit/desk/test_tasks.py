"""To-dos: seen by those who can act on the case, taken by one of them, closed to all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from heyue.access.people import User, operator
from heyue.access.roles import role_of
from heyue.desk import Desk
from heyue.desk.base import NotAllowed
from heyue.desk.tasks import TaskGone, TaskNotTaken
from tests.outgoing import CASES, NOW, OPENID, open_outgoing, run_together
from tests.unit.desk.conftest import COLLECTOR, LEAD, OTHER_COLLECTOR
from tests.unit.desk.review_talks import audited

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_outgoing(f"sqlite:///{tmp_path / 'heyue.db'}")
    for user in (COLLECTOR, OTHER_COLLECTOR, LEAD):
        desk.add_user(user.login, user.name, user.role.key, "Wolke-7-Regen", operator("test"), NOW)
    yield desk
    desk.store.close()


def given(desk: Desk, case_id: str = "C-1", conversation_id: str | None = None, task: str = "follow_up") -> int:
    """A task; its number."""
    with desk.store.transaction() as tx:
        tx.set_case_state(case_id, status="human")
        tx.add_task(case_id, task, "late_end", NOW, conversation_id)
        return max(each.task_id for each in tx.open_tasks(99, "", False))


def listed(desk: Desk, user: User) -> list[int]:
    return [each.task_id for each in desk.tasks(user)]


def test_collectors_see_what_nobody_has_masked_and_their_own_first(desk: Desk) -> None:
    first, second = given(desk), given(desk, "C-4")
    assert listed(desk, COLLECTOR) == listed(desk, OTHER_COLLECTOR) == [first, second]
    assert {each.borrower_name for each in desk.tasks(COLLECTOR)} == {"赵*远", "李*曼"}
    desk.take_task(COLLECTOR, second, NOW)
    assert listed(desk, COLLECTOR) == [second, first]
    assert audited(desk)[-1] == "task_taken"


def test_what_one_collector_has_is_not_there_for_another(desk: Desk) -> None:
    task = given(desk)
    desk.take_task(COLLECTOR, task, NOW)
    assert listed(desk, OTHER_COLLECTOR) == []
    deeds: list[Callable[[], object]] = [
        lambda: desk.take_task(OTHER_COLLECTOR, task, NOW), lambda: desk.open_task(OTHER_COLLECTOR, task, NOW),
        lambda: desk.finish_task(OTHER_COLLECTOR, task, False, NOW),
        lambda: desk.open_task(OTHER_COLLECTOR, task, NOW, is_masked=False),
    ]  # fmt: skip
    for deed in deeds:
        with pytest.raises(TaskGone):
            deed()
    assert listed(desk, LEAD) == [task]


def test_a_case_with_which_somebody_else_is_talking_is_not_there_for_a_collector(desk: Desk) -> None:
    talk = desk.receive("wechat", OPENID, "在吗", NOW, pushes=True).conversation_id
    task = given(desk)  # of the case, not of the talk
    desk.take_over(COLLECTOR, talk, NOW)
    assert (listed(desk, COLLECTOR), listed(desk, OTHER_COLLECTOR)) == ([task], [])
    with pytest.raises(TaskGone):
        desk.take_task(OTHER_COLLECTOR, task, NOW)
    desk.hand_back(COLLECTOR, talk, NOW, "好了")
    assert listed(desk, OTHER_COLLECTOR) == [task]


def test_a_task_is_taken_before_its_case_is_looked_into_or_it_is_done(desk: Desk) -> None:
    task = given(desk)
    for deed in (lambda: desk.open_task(COLLECTOR, task, NOW), lambda: desk.finish_task(COLLECTOR, task, True, NOW)):
        with pytest.raises(TaskNotTaken):
            deed()  # type: ignore[no-untyped-call]
    desk.take_task(COLLECTOR, task, NOW)
    opened = desk.open_task(COLLECTOR, task, NOW)
    assert (opened.case.borrower_name, opened.case.phone) == ("赵*远", "138****8000")
    assert desk.open_task(COLLECTOR, task, NOW, is_masked=False).case == CASES[0].__class__(
        **{**vars(CASES[0]), "status": "human"}
    )
    assert audited(desk)[-2:] == ["case_viewed", "case_unmasked"]


@pytest.mark.parametrize(("gives_back", "status"), [(True, "active"), (False, "human")])
def test_who_has_done_it_keeps_the_case_or_gives_it_back_once(desk: Desk, gives_back: bool, status: str) -> None:
    task = given(desk)
    desk.take_task(COLLECTOR, task, NOW)
    desk.finish_task(COLLECTOR, task, gives_back, LATER)
    with desk.store.reading() as tx:
        assert tx.case("C-1").status == status
    assert listed(desk, LEAD) == []
    with pytest.raises(TaskGone):
        desk.finish_task(LEAD, task, True, LATER)


def test_of_collectors_who_take_it_at_once_one_has_it(desk: Desk) -> None:
    task, taken = given(desk), []

    def take(user: User) -> None:
        try:
            desk.take_task(user, task, NOW)
            taken.append(user.login)
        except TaskGone:
            pass

    run_together([lambda user=user: take(user) for user in (COLLECTOR, OTHER_COLLECTOR)])  # type: ignore[misc]
    assert [each.assignee for each in desk.tasks(LEAD)] == taken


def test_a_lead_gives_a_task_to_somebody_who_can_do_it(desk: Desk) -> None:
    task = given(desk)
    desk.take_task(COLLECTOR, task, NOW)
    desk.assign_task(LEAD, task, OTHER_COLLECTOR.login, NOW)
    assert (listed(desk, COLLECTOR), listed(desk, OTHER_COLLECTOR)) == ([], [task])
    desk.add_user("zhou", "周老师", "reviewer", "Wolke-7-Regen", operator("test"), NOW)
    with pytest.raises(TaskGone):
        desk.assign_task(LEAD, task, "zhou", NOW)
    with pytest.raises(NotAllowed):
        desk.assign_task(OTHER_COLLECTOR, task, COLLECTOR.login, NOW)


def test_who_takes_the_talk_over_has_its_task_and_giving_it_back_ends_that(desk: Desk) -> None:
    talk = desk.receive("wechat", OPENID, "在吗", NOW, pushes=True).conversation_id
    task = given(desk, conversation_id=talk, task="answer")
    assert listed(desk, OTHER_COLLECTOR) == [task]
    desk.take_over(COLLECTOR, talk, NOW)
    assert [each.assignee for each in desk.tasks(LEAD)] == [COLLECTOR.login]
    assert listed(desk, OTHER_COLLECTOR) == []
    desk.hand_back(COLLECTOR, talk, LATER, "好了")
    assert listed(desk, LEAD) == []


@pytest.mark.parametrize("role", ["trainee", "reviewer", "admin"])
def test_who_follows_no_case_up_has_no_tasks(desk: Desk, role: str) -> None:
    user, task = User(role, "测试", role_of(role)), given(desk)
    for deed in (
        lambda: desk.tasks(user), lambda: desk.take_task(user, task, NOW), lambda: desk.finish_task(user, task, True, NOW),
        lambda: desk.open_task(user, task, NOW),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            deed()  # type: ignore[no-untyped-call]
