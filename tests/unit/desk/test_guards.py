"""Who may do what, for every use case there is: a new one without an entry here fails.

Each use case that a person calls is tried by everybody who must not, over records of somebody else, before somebody who may.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from heyue.access.people import User, operator
from heyue.access.roles import role_of
from heyue.desk import Desk
from heyue.desk.base import NotAllowed
from heyue.desk.live import HeldBy, NotHeld
from heyue.desk.outreach import Wanted
from heyue.desk.review_queue import NotForYou
from heyue.desk.tasks import TaskGone, TaskNotTaken
from heyue.errors import UnknownConversation
from heyue.policy import default_policy
from heyue.practice.records import BY_KIND, UnknownPractice
from heyue.review.records import ReviewFilter, UnknownReview
from heyue.store import Keys, Store
from tests.unit.desk.conftest import (
    ADMIN,
    CASES,
    COLLECTOR,
    DEMO_PHONE,
    LEAD,
    NOW,
    OTHER_COLLECTOR,
    PHONE,
    REVIEWER,
    TRAINEE,
    desk_over,
)
from tests.unit.desk.review_talks import (
    CONFIRMED,
    SECOND_REVIEWER,
    THREAT,
    add_talk,
    audited,
    finished,
    review_in,
    work_with,
)

OTHER_TRAINEE = User("qian", "钱同学", role_of("trainee"))
EVERYBODY = (TRAINEE, OTHER_TRAINEE, COLLECTOR, OTHER_COLLECTOR, REVIEWER, SECOND_REVIEWER, LEAD, ADMIN)
NO = (NotAllowed, UnknownConversation, NotHeld, UnknownReview, NotForYou, UnknownPractice, TaskGone, TaskNotTaken)
LATER = NOW + timedelta(minutes=1)
HELLO = "您好，我是云杉消费金融的客服小李，工号1024，请问您是本人吗？"

# called by processes of ours, never with a person's wishes: what they may do is settled by the contact gate
MACHINE = frozenset(["address_handed_over", "answer_stranger", "bot_may_speak", "claim_talks", "count_campaigns", "deliver", "deliver_due", "deliver_reply", "enqueue", "everything_wanted", "fill_queue", "get_ready", "hear", "judge", "keep_event", "left_answers", "may_word", "message_states", "opt_in", "opt_out", "owed_answers", "owes_answer", "passive_given", "passive_reply", "plan_outreach", "plan_retention", "provider_state", "read_talk", "receive", "receive_together", "record_answer", "record_report", "record_turn", "reply_due_at", "run_campaigns", "run_outreach", "run_retention", "send_reply", "settle_promises", "unheard_before", "unknown_events", "unread_talks", "worded"])  # fmt: skip
# before anybody has signed in, and for demonstration cases only (tests/unit/coach_ui, tests/browser/test_try_it.py)
PUBLIC = frozenset(["sign_in", "sign_in_by_email", "who", "visit", "sign_out", "demonstration_cases", "say_as_borrower", "trial_talk"])
# of the command line and of two pages; those that name who asks (`by`) are tried in tests/unit/access/test_guards.py
OPERATOR = frozenset(["add_user", "audit_checkpoint", "audit_to_archive", "audit_trail", "change_user", "correct_person", "drop_archived_audit", "erase_person", "export_person", "holds", "key_status", "labelled_talks", "lift_hold", "person_requests", "rotate_keys", "set_hold", "users", "verify_audit"])


@dataclass(frozen=True)
class World:
    """Records of some people, to which others want to get."""

    desk: Desk
    held: str  # a borrower's talk in the hands of COLLECTOR
    scored: str  # a talk of COLLECTOR that was scored
    waiting: int  # a review that nobody has
    claimed: int  # a review in REVIEWER's hands
    appeal: int
    exercise: str  # of TRAINEE
    assignment: int  # for TRAINEE
    campaign: int
    task: int
    calibrated: str  # a talk that REVIEWER and LEAD judge in a calibration

    def work(self, number: int) -> int:
        with self.desk.store.reading() as tx:
            return int(tx.review(number).revision)


@dataclass(frozen=True)
class Guard:
    """A use case: how it is called, and who may."""

    call: Callable[[World, User], Any]
    may: tuple[User, ...]


def any_of(call: Callable[[World, User], Any], *may: User) -> Guard:
    """The use case, and the people who may."""
    return Guard(call, may)


WORKS = (COLLECTOR, LEAD)  # who may speak for the lender
REVIEWS = (REVIEWER, SECOND_REVIEWER, LEAD)
PRACTISES = (TRAINEE, OTHER_TRAINEE, COLLECTOR, OTHER_COLLECTOR, LEAD)
SINCE, UNTIL = NOW - timedelta(days=1), NOW + timedelta(days=1)
GUARDS: dict[str, Guard] = {
    # a talk in a collector's hands: he, a lead, and reviewers, who look
    "open_talk": any_of(lambda w, u: w.desk.open_talk(u, w.held, NOW), COLLECTOR, LEAD, REVIEWER, SECOND_REVIEWER),
    "refresh_talk": any_of(lambda w, u: w.desk.refresh_talk(u, w.held, NOW), COLLECTOR, LEAD, REVIEWER, SECOND_REVIEWER),
    "unmask": any_of(lambda w, u: w.desk.unmask(u, w.held, NOW), COLLECTOR, LEAD, REVIEWER, SECOND_REVIEWER),
    "take_over": any_of(lambda w, u: w.desk.take_over(u, w.held, NOW), *WORKS),
    "broken_rules": any_of(lambda w, u: w.desk.broken_rules(u, w.held, "您好"), COLLECTOR, LEAD, REVIEWER, SECOND_REVIEWER),
    "say": any_of(lambda w, u: w.desk.say(u, w.held, "您好，请讲", NOW), COLLECTOR),
    "hand_back": any_of(lambda w, u: w.desk.hand_back(u, w.held, NOW, "谈好了"), COLLECTOR),
    # a collector's score
    "open_score": any_of(lambda w, u: w.desk.open_score(u, w.scored, NOW), COLLECTOR, LEAD),
    "refresh_score": any_of(lambda w, u: w.desk.refresh_score(u, w.scored, NOW), COLLECTOR, LEAD),
    "scores": any_of(lambda w, u: w.desk.scores(u), COLLECTOR, OTHER_COLLECTOR),
    "appeal": any_of(lambda w, u: w.desk.appeal(u, w.held, "不对", LATER), *()),
    "open_appeals": any_of(lambda w, u: w.desk.open_appeals(u), LEAD),
    "ruled_appeals": any_of(lambda w, u: w.desk.ruled_appeals(u), LEAD),
    "rule_on_appeal": any_of(lambda w, u: w.desk.rule_on_appeal(u, w.appeal, False, "听了录音", {}, LATER), LEAD),
    # reviews
    "review_queue": any_of(lambda w, u: w.desk.review_queue(u, ReviewFilter(), NOW), *REVIEWS),
    "export_reviews": any_of(lambda w, u: w.desk.export_reviews(u, ReviewFilter(), "csv", NOW), *REVIEWS),
    "reviewers": any_of(lambda w, u: w.desk.reviewers(u), LEAD),
    "claim_review": any_of(lambda w, u: w.desk.claim_review(u, w.waiting, NOW), *REVIEWS),
    "assign_review": any_of(lambda w, u: w.desk.assign_review(u, w.waiting, REVIEWER.login, NOW), LEAD),
    "release_review": any_of(lambda w, u: w.desk.release_review(u, w.claimed, NOW), REVIEWER, LEAD),
    "open_review": any_of(lambda w, u: w.desk.open_review(u, w.claimed, NOW), *REVIEWS),
    "refresh_review": any_of(lambda w, u: w.desk.refresh_review(u, w.claimed, NOW), *REVIEWS),
    "proposed_answers": any_of(lambda w, u: w.desk.proposed_answers(u, w.claimed, [CONFIRMED], NOW), *REVIEWS),
    "save_review": any_of(lambda w, u: w.desk.save_review(u, w.claimed, work_with(CONFIRMED), w.work(w.claimed), NOW), REVIEWER),
    "open_calibration": any_of(lambda w, u: w.desk.open_calibration(u, w.scored, [REVIEWER.login, LEAD.login], NOW), LEAD),
    "calibrations": any_of(lambda w, u: w.desk.calibrations(u), *REVIEWS),
    "calibration": any_of(lambda w, u: w.desk.calibration(u, w.calibrated), REVIEWER, LEAD),
    "note_calibration": any_of(lambda w, u: w.desk.note_calibration(u, w.calibrated, "说好了", 0, NOW), LEAD),
    "double_review_agreement": any_of(lambda w, u: w.desk.double_review_agreement(u), *REVIEWS),
    "rule_health": any_of(lambda w, u: w.desk.rule_health(u), *REVIEWS),
    "take_transcripts": any_of(lambda w, u: w.desk.take_transcripts(u, [], NOW), *REVIEWS),
    # what stops messages
    "stop_states": any_of(lambda w, u: w.desk.stop_states(u, "C-1", NOW), LEAD),
    "add_stop": any_of(lambda w, u: w.desk.add_stop(u, "C-1", "LAWYER", "来函告知", NOW), LEAD),
    "lift_stop": any_of(lambda w, u: w.desk.lift_stop(u, "C-1", "DISPUTE", "已核实答复", NOW), LEAD),
    # figures
    "contact_facts": any_of(lambda w, u: w.desk.contact_facts(u, SINCE, UNTIL, NOW), LEAD),
    "rule_breaks": any_of(lambda w, u: w.desk.rule_breaks(u, SINCE, UNTIL), LEAD),
    "talks_to_look_at": any_of(lambda w, u: w.desk.talks_to_look_at(u, SINCE, UNTIL, NOW), LEAD),
    "note_export": any_of(lambda w, u: w.desk.note_export(u, "x.csv", 1, NOW), *REVIEWS),
    # campaigns and what they give to people
    "add_campaign": any_of(lambda w, u: w.desk.add_campaign(u, "十一月", frozenset({"reminder"}), frozenset({"early"}), None, NOW), LEAD),
    "campaigns": any_of(lambda w, u: w.desk.campaigns(u), LEAD),
    "creditors": any_of(lambda w, u: w.desk.creditors(u), LEAD),
    "preview": any_of(lambda w, u: w.desk.preview(u, Wanted(frozenset({"reminder"})), NOW), LEAD),
    "start_campaign": any_of(lambda w, u: w.desk.start_campaign(u, w.campaign, NOW), LEAD),
    "pause_campaign": any_of(lambda w, u: (w.desk.start_campaign(u, w.campaign, NOW), w.desk.pause_campaign(u, w.campaign, NOW)), LEAD),
    "end_campaign": any_of(lambda w, u: w.desk.end_campaign(u, w.campaign, NOW), LEAD),
    "tasks": any_of(lambda w, u: w.desk.tasks(u), *WORKS, OTHER_COLLECTOR),
    "take_task": any_of(lambda w, u: w.desk.take_task(u, w.task, NOW), *WORKS),
    "open_task": any_of(lambda w, u: w.desk.open_task(u, w.task, NOW), LEAD),  # a collector takes it first
    "assign_task": any_of(lambda w, u: w.desk.assign_task(u, w.task, COLLECTOR.login, NOW), LEAD),
    "task_takers": any_of(lambda w, u: w.desk.task_takers(u), LEAD),
    "fitted_suggestions": any_of(lambda w, u: w.desk.fitted_suggestions(u, w.held, NOW), COLLECTOR, LEAD, REVIEWER, SECOND_REVIEWER),
    "finish_task": any_of(lambda w, u: w.desk.finish_task(u, w.task, True, NOW), LEAD),
    # a trainee's exercise
    "start_practice": any_of(lambda w, u: w.desk.start_practice(u, BY_KIND, "easy", NOW, "victim"), *PRACTISES),
    "start_assigned": any_of(lambda w, u: w.desk.start_assigned(u, w.assignment, NOW), TRAINEE),
    "practice": any_of(lambda w, u: w.desk.practice(u, w.exercise, NOW), TRAINEE, LEAD),
    "refresh_practice": any_of(lambda w, u: w.desk.refresh_practice(u, w.exercise), TRAINEE, LEAD),
    "practice_branches": any_of(lambda w, u: w.desk.practice_branches(u, w.exercise), TRAINEE, LEAD),
    "practise_line": any_of(lambda w, u: w.desk.practise_line(u, w.exercise, "您慢慢说，我在听。", LATER), TRAINEE),
    "practice_hints": any_of(lambda w, u: w.desk.practice_hints(u, w.exercise), TRAINEE),
    "practice_warnings": any_of(lambda w, u: w.desk.practice_warnings(u, w.exercise, "您好"), TRAINEE),
    "pause_practice": any_of(lambda w, u: w.desk.pause_practice(u, w.exercise, LATER), TRAINEE),
    "resume_practice": any_of(lambda w, u: w.desk.resume_practice(u, w.exercise, LATER), TRAINEE),
    "branch_practice": any_of(lambda w, u: w.desk.branch_practice(u, w.exercise, LATER), TRAINEE),
    "finish_practice": any_of(lambda w, u: w.desk.finish_practice(u, w.exercise, None, LATER), TRAINEE),
    "practice_report": any_of(lambda w, u: w.desk.practice_report(u, w.exercise), TRAINEE, LEAD),
    "practice_record": any_of(lambda w, u: w.desk.practice_record(u, TRAINEE.login), TRAINEE, LEAD),
    "practice_team": any_of(lambda w, u: w.desk.practice_team(u), LEAD),
    "assign_practice": any_of(lambda w, u: w.desk.assign_practice(u, [TRAINEE.login], "easy", NOW.date(), NOW), LEAD),
    "unassign_practice": any_of(lambda w, u: w.desk.unassign_practice(u, w.assignment, NOW), LEAD),
    "note_certificate": any_of(lambda w, u: w.desk.note_certificate(u, TRAINEE.login, "x.xlsx", NOW), TRAINEE, LEAD),
    # a list: what is in it depends on who asks (test_live.py)
    "running_talks": any_of(lambda w, u: w.desk.running_talks(u, NOW), *EVERYBODY),
}  # fmt: skip


def use_cases() -> dict[str, inspect.Signature]:
    """Every use case of the desk by its name."""
    found = inspect.getmembers(Desk, inspect.isfunction)
    return {name: inspect.signature(function) for name, function in found if not name.startswith("_")}


def test_every_use_case_says_who_may() -> None:
    known = set(GUARDS) | MACHINE | PUBLIC | OPERATOR
    assert set(use_cases()) == known, "a use case that is new, or gone: say here who may call it"
    assert len(GUARDS) + len(MACHINE) + len(PUBLIC) + len(OPERATOR) == len(known)


def test_a_use_case_for_people_asks_who_it_is_and_one_for_processes_does_not() -> None:
    for name, signature in use_cases().items():
        assert ("user" in signature.parameters) is (name in GUARDS), name


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A store with the records of the world, and their numbers."""
    folder = tmp_path_factory.mktemp("world")
    with desk_over(folder, CASES) as desk:
        for user in EVERYBODY:
            desk.add_user(user.login, user.name, user.role.key, "Wolke-7-Regen", operator("test"), NOW)
        return folder / "heyue.db", _fill(desk)


def _fill(desk: Desk) -> dict[str, Any]:
    held = desk.receive("sms", PHONE, "你好", NOW).conversation_id
    desk.take_over(COLLECTOR, held, NOW)
    scored = add_talk(desk, THREAT)
    finished(desk, REVIEWER, scored, work_with(CONFIRMED))
    desk.appeal(COLLECTOR, scored, "那句话是在引用客户的话", LATER)
    claimed = review_in(desk, add_talk(desk, THREAT, handler="somebody"))
    desk.claim_review(REVIEWER, claimed, NOW)
    calibrated = add_talk(desk, THREAT, handler="somebody")
    desk.open_calibration(LEAD, calibrated, [REVIEWER.login, LEAD.login], NOW)
    exercise = desk.start_practice(TRAINEE, BY_KIND, "easy", NOW, "provocative").talk_id
    desk.practise_line(TRAINEE, exercise, HELLO, NOW)
    desk.assign_practice(LEAD, [TRAINEE.login], "easy", NOW.date(), NOW)
    campaign = desk.add_campaign(LEAD, "十一月", frozenset({"reminder"}), frozenset({"early"}), None, NOW)
    with desk.store.transaction() as tx:
        tx.add_task("C-1", "follow_up", "silent", NOW)
        tx.add_stop("C-1", "DISPUTE", NOW, None)
        (assignment,), (task,) = tx.assignments(TRAINEE.login), tx.open_tasks(9, LEAD.login, False)
    return {
        "held": held, "scored": scored, "waiting": review_in(desk, add_talk(desk, THREAT, handler="somebody")), "claimed": claimed,
        "appeal": desk.open_appeals(LEAD)[0][0].appeal_id, "exercise": exercise, "assignment": assignment.assignment_id,
        "campaign": campaign, "task": task.task_id, "calibrated": calibrated,
    }  # fmt: skip


@pytest.fixture
def world(built: tuple[Path, dict[str, Any]], tmp_path: Path) -> Iterator[World]:
    file, numbers = built
    for part in file.parent.glob("heyue.db*"):
        shutil.copy(part, tmp_path)
    store = Store.open(f"sqlite:///{tmp_path / 'heyue.db'}", Keys.from_data_key(bytes(32)))
    yield World(Desk(store, default_policy()), **numbers)
    store.close()


def is_refused(world: World, guard: Guard, user: User) -> bool:
    """Whether somebody gets a no: a named refusal, or that somebody else has it."""
    try:
        return isinstance(guard.call(world, user), HeldBy)
    except NO:
        return True


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_who_may_not_is_refused_and_leaves_nothing_behind(world: World, name: str) -> None:
    guard, before = GUARDS[name], audited(world.desk)
    let_in = [user.login for user in EVERYBODY if user not in guard.may and not is_refused(world, guard, user)]
    assert let_in == []
    assert audited(world.desk) == before


@pytest.mark.parametrize("name", sorted(name for name in GUARDS if GUARDS[name].may))
def test_who_may_is_let_in(world: World, name: str) -> None:
    """Else the refusals would prove nothing."""
    assert not is_refused(world, GUARDS[name], GUARDS[name].may[0])


def test_one_appeals_against_the_own_score_only(world: World) -> None:
    mine = add_talk(world.desk, THREAT)
    finished(world.desk, REVIEWER, mine, work_with(CONFIRMED))
    for user in EVERYBODY:
        if user != COLLECTOR:
            with pytest.raises(NO):
                world.desk.appeal(user, mine, "不对", LATER)
    world.desk.appeal(COLLECTOR, mine, "不对", LATER)


def test_a_trainee_looks_at_a_demonstration_talk_and_unmasks_nothing(world: World) -> None:
    here = world.desk.receive("sms", DEMO_PHONE, "你好", NOW).conversation_id
    assert world.desk.open_talk(TRAINEE, here, NOW).case is not None
    for look in (lambda: world.desk.unmask(TRAINEE, here, NOW), lambda: world.desk.refresh_talk(TRAINEE, here, NOW, is_masked=False)):
        with pytest.raises(NotAllowed):
            look()
