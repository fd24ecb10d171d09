"""What all that use the desk ask of it in a day, over a big store: for measuring it and for looking at its statements."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from heyue.access.audit import AuditFilter
from heyue.access.people import operator
from heyue.delivery.sender import DeliveryReport
from heyue.desk import Desk
from heyue.desk.case_view import case_view
from heyue.desk.contact import Arrived
from heyue.desk.feed import FeedTurn
from heyue.desk.outreach import STAGES
from heyue.desk.persons import Asked, Correction
from heyue.records import OutboundMessage, TalkFilter
from heyue.review.records import FINISHED, FREE, MINE, OPEN_ONES, SECOND, ReviewFilter
from tests.big_store.people import COLLECTORS, CREDITORS, NOW, Talk, case_id, phone
from tests.outgoing import Provider
from tests.unit.desk.conftest import ADMIN, COLLECTOR, LEAD, REVIEWER
from tests.unit.desk.review_talks import (
    CONFIRMED,
    SECOND_REVIEWER,
    THREAT,
    add_talk,
    finished,
    review_in,
    work_with,
)
from tests.unit.desk.test_contact import Borrower
from tests.unit.desk.test_upload import TURNS, talks

BOT, GATE, OUTREACH, COACH, OPERATOR = "bot", "gate", "outreach", "coach", "operator"
SHELL = operator("shell")
PASSWORD = "a-Long-Passwort-1"
WEEK, YEARS = timedelta(days=7), timedelta(days=1_000)
PROMISE = (("greet", "你好"), ("confirm_identity", "是我"), ("promise_to_pay", "周五还两千"), ("affirm", "对"))
numbers = itertools.count(1)


@dataclass(frozen=True)
class Deed:
    """Something that is done at the desk. `do` gets how often it was done before, and takes other people each time."""

    face: str
    name: str
    do: Callable[[int], object]


class Day:
    """The deeds over a store with so many cases."""

    def __init__(self, desk: Desk, count: int) -> None:
        self.desk, self.count, self.sms, self.all = desk, count, Provider(), desk.everything_wanted()

    def deeds(self) -> Iterator[Deed]:
        """All of them, each once."""
        for face, deeds in ((BOT, self.bots()), (GATE, self.gates()), (OUTREACH, self.outreachs()),
                            (COACH, self.live() | self.reviews() | self.figures() | self.access()),
                            (OPERATOR, self.operators())):  # fmt: skip
            for name, do in deeds.items():
                yield Deed(face, name, do)

    def talk(self, n: int, origin: int = 0, is_old: bool = False) -> Talk:
        """A talk whose number ends in `origin` (0 to 6: the bot's), near the latest or near the first."""
        number = 10 * (n + 1) + origin if is_old else (self.count // 10 - 12 - n) * 10 + origin
        return Talk(number % self.count, self.count)

    def bots(self) -> dict[str, Callable[[int], object]]:
        desk = self.desk
        return {
            "a new contact, to the promise": lambda n: self._borrower(2 * n).hold([*PROMISE]),
            "a message": lambda n: desk.receive("sms", phone(4 * n), "在吗", NOW, f"new-{next(numbers)}"),
            "messages together": lambda n: desk.receive_together(
                [Arrived("sms", phone(6 * n + 22 + 2 * each), "在吗", NOW, f"t-{next(numbers)}") for each in range(2)]
            ),
            "answers that were left": lambda n: desk.left_answers(NOW, ["sms"]),
            "a message of a stranger": lambda n: desk.receive("sms", f"137{n:08}", "在吗", NOW),
            "a message over a channel that pushes": self._pushed,
            "answers that are owed": lambda n: desk.owed_answers(NOW + timedelta(minutes=5)),
            "the bot's word in a talk": lambda n: desk.bot_may_speak(self.talk(n).conversation_id),
            "a turn of a call": lambda n: desk.record_turn(
                FeedTurn(f"call-{n}", str(next(numbers)), "phone", "borrower", "喂", NOW, case_id(n * 2 + 1), "wang")
            ),
            "the address of a talk handed over": lambda n: desk.address_handed_over(self.talk(0).conversation_id),
        }  # fmt: skip

    def _borrower(self, number: int) -> Borrower:
        return Borrower(self.desk, phone(number * 11 % self.count // 2 * 2), at=NOW)

    def _pushed(self, n: int) -> None:
        desk, at = self.desk, NOW + timedelta(minutes=3)
        desk.answer_stranger("sms", f"136{n:08}", "您好，请稍后", f"s-{next(numbers)}", at)
        for number, send in enumerate((desk.deliver_reply, lambda turn, at, _: desk.passive_reply(turn, at))):
            received = desk.receive("sms", phone(14 * n + 20 + 2 * number), "你好", at, f"p-{next(numbers)}", pushes=True)
            desk.owes_answer(received.conversation_id, received.turn_id)
            if received.outcome == "answer":
                desk.send_reply(received.conversation_id, received.turn_id, ["您好，有什么可以帮您"], at)
                send(received.turn_id, at, {"sms": self.sms})
                desk.reply_due_at(received.turn_id)
                desk.unheard_before(received.conversation_id, received.turn_id)
                desk.passive_given(received.turn_id, is_written=False)

    def _message(self, number: int) -> OutboundMessage:
        return OutboundMessage(
            f"day:{next(numbers)}", case_id(number), "sms", phone(number), "reminder", "请查看官方App，退订请回复退订。本消息由AI生成",
            template="reminder_early_1",
        )  # fmt: skip

    def gates(self) -> dict[str, Callable[[int], object]]:
        desk = self.desk
        return {
            "judge a message": lambda n: desk.judge(self._message(6 * n + 13), NOW),
            "put a message into the outbox": lambda n: desk.enqueue(self._message(6 * n + 15), NOW),
            "deliver what is due (10)": lambda n: desk.deliver_due(lambda: NOW, {"sms": self.sms}, 10),
            "a provider's report": lambda n: desk.record_report(
                DeliveryReport("stand-in", "failed", NOW, provider_id=f"p-none-{next(numbers)}")
            ),
            "refuse and open a channel": self._refuse,
            "what processes share": self._shared,
            "keep an event that nobody knows": lambda n: desk.keep_event("wechat", f"event_{n}", NOW),
            "events that nobody knows": lambda n: desk.unknown_events(NOW),
        }

    def _shared(self, n: int) -> None:
        state = self.desk.provider_state(lambda: NOW)
        with state.exclusive(f"token-{n}"):
            state.put(f"token-{n}", "word", NOW)
            state.get(f"token-{n}", NOW)

    def _refuse(self, n: int) -> None:
        number = phone(8 * n + 33)
        self.desk.opt_out("sms", number, NOW)
        self.desk.opt_in("sms", number, NOW)

    def outreachs(self) -> dict[str, Callable[[int], object]]:
        desk, creditor = self.desk, CREDITORS[0]
        return {
            "preview a plan": lambda n: desk.preview(LEAD, self.all, NOW),
            "preview a plan of one creditor": lambda n: desk.preview(LEAD, replace(self.all, creditor=creditor), NOW),
            "plan and queue 500 cases": lambda n: desk.run_outreach(NOW, replace(self.all, most=500)),
            "count the campaigns, for the page": lambda n: desk.count_campaigns(NOW + timedelta(days=n), f"day {n}"),
            "campaigns": lambda n: desk.campaigns(LEAD),
            "creditors": lambda n: desk.creditors(LEAD),
            "tasks": lambda n: desk.tasks(LEAD),
            "take, look into, give away and finish a task": self._task,
            "settle promises": lambda n: desk.settle_promises(NOW + timedelta(days=n)),
            "a campaign from start to end": self._campaign,
        }

    def _task(self, n: int) -> None:
        desk = self.desk
        desk.tasks(COLLECTOR)
        free = [each.task_id for each in desk.tasks(LEAD) if each.assignee is None]
        for here in free[:2]:
            desk.take_task(LEAD, here, NOW)
            desk.open_task(LEAD, here, NOW, is_masked=False)
        desk.finish_task(LEAD, free[0], True, NOW)
        desk.assign_task(LEAD, free[1], desk.task_takers(LEAD)[0].login, NOW)

    def _campaign(self, n: int) -> None:
        desk = self.desk
        number = desk.add_campaign(LEAD, f"新{n}", frozenset({"reminder"}), STAGES, "没有案件的债权人", NOW)
        desk.start_campaign(LEAD, number, NOW)
        desk.run_campaigns(NOW)
        desk.pause_campaign(LEAD, number, NOW)
        desk.end_campaign(LEAD, number, NOW)

    def live(self) -> dict[str, Callable[[int], object]]:
        desk = self.desk
        return {
            "running talks": lambda n: desk.running_talks(LEAD, NOW),
            "open a talk": lambda n: desk.open_talk(LEAD, self.talk(n, n % 10).conversation_id, NOW),
            "refresh a talk": lambda n: desk.refresh_talk(LEAD, self.talk(n, is_old=True).conversation_id, NOW),
            "unmask a talk": lambda n: desk.unmask(LEAD, self.talk(n).conversation_id, NOW),
            "take over, say, hand back": self._in_hand,
            "read a talk": lambda n: (desk.unread_talks(), desk.read_talk(desk.claim_talks(1, NOW)[0][0], NOW)),
            "upload a transcript": lambda n: desk.take_transcripts(
                REVIEWER, talks({"id": f"up-{next(numbers)}", "turns": TURNS}), NOW
            ),
            "demonstration cases": lambda n: (desk.demonstration_cases(NOW), desk.trial_talk("DEMO-002", NOW)),
            "look a case up": self._case,
            "what stops a case": self._stops,
        }

    def _stops(self, n: int) -> None:
        here = case_id(2 * n + 20)
        for state in ("LAWYER", "OPTED_OUT"):
            self.desk.add_stop(LEAD, here, state, "来函", NOW)
            self.desk.stop_states(LEAD, here, NOW)
            self.desk.lift_stop(LEAD, here, state, "已结束", NOW)

    def _case(self, n: int) -> object:
        with self.desk.store.reading() as tx:
            return case_view(tx, case_id(2 * n + 20), NOW, self.desk.policy)

    def _in_hand(self, n: int) -> None:
        desk, here = self.desk, self.talk(n, 2).conversation_id
        desk.take_over(LEAD, here, NOW)
        desk.broken_rules(LEAD, here, "您好")
        desk.fitted_suggestions(LEAD, here, NOW)
        desk.say(LEAD, here, "您好，我来处理", NOW)
        desk.hand_back(LEAD, here, NOW, "已答复")

    def reviews(self) -> dict[str, Callable[[int], object]]:
        desk = self.desk
        filters = {
            "free": ReviewFilter(), "mine": ReviewFilter(MINE), "open": ReviewFilter(OPEN_ONES),
            "finished": ReviewFilter(FINISHED), "flagged": ReviewFilter(why="flagged"),
            "by rule": ReviewFilter(talk=TalkFilter(rule=THREAT.rule)),
            "by words": ReviewFilter(OPEN_ONES, talk=TalkFilter(words="没有人说过的话")),
            "of one collector": ReviewFilter(FREE, talk=TalkFilter(handler=COLLECTORS[3])),
            "of a week": ReviewFilter(FINISHED, talk=TalkFilter(since=NOW - 60 * WEEK, until=NOW - 59 * WEEK)),
        }  # fmt: skip
        queues = {
            f"review queue, {name}": lambda n, wanted=wanted: desk.review_queue(REVIEWER, wanted, NOW, n % 3)
            for name, wanted in filters.items()
        }
        return queues | {
            "draw for review": lambda n: desk.fill_queue(NOW + timedelta(minutes=n)),
            "a review from claim to appeal": self._reviewed,
            "a calibration": self._calibrated,
            "scores": lambda n: desk.scores(COLLECTOR),
            "appeals": lambda n: (desk.open_appeals(LEAD), desk.ruled_appeals(LEAD)),
            "agreement of double reviews": lambda n: desk.double_review_agreement(LEAD),
            "rule health": lambda n: desk.rule_health(LEAD),
            "export reviews": lambda n: desk.export_reviews(LEAD, ReviewFilter(MINE), "csv", NOW),
            "export labels": lambda n: next(desk.labelled_talks("lead", NOW, True), None),
        }

    def _reviewed(self, n: int) -> None:
        desk = self.desk
        here = add_talk(desk, THREAT, at=NOW, case_id=None)
        number = review_in(desk, here)
        desk.claim_review(REVIEWER, number, NOW)
        desk.release_review(REVIEWER, number, NOW)
        desk.assign_review(LEAD, number, REVIEWER.login, NOW)
        desk.proposed_answers(REVIEWER, number, [], NOW)
        finished(desk, REVIEWER, here, work_with(CONFIRMED), at=NOW)
        finished(desk, SECOND_REVIEWER, here, work_with(CONFIRMED), SECOND, at=NOW)
        desk.refresh_review(REVIEWER, number, NOW)
        desk.open_score(COLLECTOR, here, NOW)
        desk.appeal(COLLECTOR, here, "那句话是在引用客户的话", NOW)
        desk.refresh_score(COLLECTOR, here, NOW)
        appeal = next(each for each, _ in desk.open_appeals(LEAD) if each.review_id == number)
        desk.rule_on_appeal(LEAD, appeal.appeal_id, True, "听了录音", {"no_threat": "yes"}, NOW)

    def _calibrated(self, n: int) -> None:
        desk, both = self.desk, [REVIEWER.login, SECOND_REVIEWER.login]
        here = add_talk(desk, THREAT, at=NOW, case_id=None)
        desk.open_calibration(LEAD, here, both, NOW)
        desk.calibrations(LEAD)
        found = desk.calibration(LEAD, here).calibration
        desk.note_calibration(LEAD, here, "一致", found.revision, NOW, is_closing=True)

    def figures(self) -> dict[str, Callable[[int], object]]:
        desk = self.desk
        return {
            "figures of a day": lambda n: desk.contact_facts(LEAD, NOW - timedelta(days=1), NOW, NOW),
            "rules broken in a day": lambda n: desk.rule_breaks(LEAD, NOW - timedelta(days=1), NOW),
            "talks to look at": lambda n: desk.talks_to_look_at(LEAD, NOW - timedelta(days=1), NOW, NOW),
            "note an export": lambda n: desk.note_export(LEAD, "week", 3, NOW),
        }

    def access(self) -> dict[str, Callable[[int], object]]:
        desk = self.desk
        filters = {
            "all": AuditFilter(), "of one person": AuditFilter(actor="nobody"), "of one event": AuditFilter(event="no_event"),
            "of one case": AuditFilter(case_id=case_id(20)), "of a day": AuditFilter(since=NOW - timedelta(days=1)),
            "of a day long ago": AuditFilter(since=NOW - 90 * WEEK, until=NOW - 90 * WEEK + timedelta(days=1)),
            "before a day": AuditFilter(until=NOW - 90 * WEEK),
        }  # fmt: skip
        trails = {f"audit, {name}": lambda n, wanted=wanted: desk.audit_trail(ADMIN, wanted) for name, wanted in filters.items()}
        return trails | {"users": lambda n: (desk.users(ADMIN), desk.reviewers(LEAD)), "a user signs in and out": self._signed_in}

    def operators(self) -> dict[str, Callable[[int], object]]:
        desk = self.desk
        return {
            "what waits, for Prometheus": lambda n: self._standing(),
            "preview retention": lambda n: [*desk.plan_retention(NOW + YEARS)],
            "retention": lambda n: desk.run_retention(NOW + YEARS, "day"),
            "a person's rights": self._rights,
            "a checkpoint of the log": lambda n: desk.audit_checkpoint(SHELL, NOW),
        }

    def _standing(self) -> None:
        with self.desk.store.reading() as tx:
            tx.standing(NOW)

    def _rights(self, n: int) -> None:
        desk, asked = self.desk, Asked(phone=phone(20 * n + 31))
        desk.export_person(SHELL, asked, NOW)
        desk.correct_person(SHELL, asked, Correction(name="钱某"), NOW)
        desk.lift_hold(SHELL, desk.set_hold(SHELL, case_id(20 * n + 31), "诉讼", NOW), "结案", NOW)
        desk.erase_person(SHELL, asked, NOW)
        desk.holds(SHELL), desk.person_requests(SHELL)

    def _signed_in(self, n: int) -> None:
        desk, login = self.desk, f"person{next(numbers)}"
        desk.add_user(login, "某人", "reviewer", PASSWORD, ADMIN, NOW, email=f"{login}@example.com")
        desk.change_user(login, ADMIN, NOW, name="某某")
        desk.sign_in(login, "wrong", NOW)
        by_password, by_email = desk.sign_in(login, PASSWORD, NOW), desk.sign_in_by_email(f"{login}@example.com", NOW)
        for each in (by_password, by_email):
            token = getattr(each, "token")  # noqa: B009  a verdict that is none fails here
            desk.who(token, NOW)
            desk.visit(token, NOW + timedelta(minutes=5))
            desk.sign_out(token, NOW)
