"""Sending, whatever database is below: nobody gets a message twice, or one that the gate does not let out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from sqlalchemy import text

from heyue.delivery.sender import LATER, REFUSED, UNKNOWN, DeliveryReport, Receipt
from heyue.desk import Desk
from heyue.desk.case_view import case_view
from heyue.desk.provider_events import MOST_NAMES
from heyue.records import Case, OutboundMessage, PromiseTerms
from heyue.settings import ZONE
from heyue.store import Tx
from tests.outgoing import (
    CASE,
    NOW,
    OPENID,
    PHONE,
    SAME_PERSON,
    SAME_PHONE,
    SOMEBODY_ELSE,
    WORDS,
    Provider,
    decisions,
    hours,
    notice,
    open_outgoing,
    run_together,
    state,
    still,
)

ROUNDS = 10
MORNING = datetime(2026, 11, 27, 9, 0, tzinfo=ZONE)
TERMS = PromiseTerms(NOW.date() + timedelta(days=2), NOW.date() + timedelta(days=2), "2000.00")
INTRODUCTION = "您好，这里是云山消费金融的智能助手（本消息由AI生成）。"
DIE_IN_SEND = """
import os, signal, sys
from tests.outgoing import still, NOW, Provider, open_outgoing
desk = open_outgoing(sys.argv[1])
dying = Provider(then=lambda: os.kill(os.getpid(), signal.SIGKILL))
desk.deliver_due(still(NOW), {"sms": dying})
"""


def report(outcome: str = "delivered", at: datetime = NOW, **names: str | bool) -> DeliveryReport:
    return DeliveryReport("stand-in", outcome, at, **({"message_id": "m-1"} | names))  # type: ignore[arg-type]


def answered_ahead(desk: Desk, at: datetime, lines: Sequence[str] = (INTRODUCTION, "好的。")) -> list[str]:
    """The ids of answers to one borrower, said while the clock showed a later moment."""
    found = []
    for place, line in enumerate(lines):
        received = desk.receive("sms", PHONE, "你好", at + timedelta(seconds=place), pushes=True)
        _write(desk, "save_dialogue", received.conversation_id, {"verified": True})
        desk.send_reply(received.conversation_id, received.turn_id, [line], at + timedelta(seconds=place))
        found.append(f"reply:{received.turn_id}")
    return found


class DeliveryContract:
    """The contract. A subclass gives the fixture `url`: an empty database."""

    @pytest.fixture
    def desk(self, url: str) -> Iterator[Desk]:
        desk = open_outgoing(url)
        yield desk
        desk.store.close()

    # once

    def test_a_message_is_queued_once_and_sent_once_with_every_yes_in_the_log(self, desk: Desk) -> None:
        sms = Provider()
        first, again = desk.enqueue(notice(), NOW), desk.enqueue(notice(text="别的话"), NOW + hours(1))
        assert (first.state, first.is_new, again.state, again.is_new) == ("queued", True, "queued", False)
        for _ in range(3):
            desk.deliver_due(still(NOW), {"sms": sms})
        assert (sms.ids, state(desk)) == (["m-1"], "sent")
        assert sms.sent[0].text == notice().text
        assert decisions(desk) == [("enqueue", True, []), ("delivery", True, [])]
        assert desk.enqueue(notice(), NOW + hours(2)).state == "sent"

    def test_what_the_gate_refuses_is_not_queued_and_the_no_is_logged(self, desk: Desk) -> None:
        with desk.store.transaction() as tx:
            tx.add_stop("C-1", "DISPUTE", NOW, None)
        decision = desk.enqueue(notice(), NOW)
        assert (decision.state, decision.verdict.rules) == ("withheld", ("X-10",))
        assert (state(desk), decisions(desk)) == (None, [("enqueue", False, ["DISPUTE"])])

    def test_the_case_shows_what_went_out_and_why_not_without_the_words(self, desk: Desk) -> None:
        desk.enqueue(notice(), NOW)
        desk.deliver_due(still(NOW), {"sms": Provider()})
        desk.enqueue(notice("m-2"), NOW + hours(1))
        with desk.store.reading() as tx:
            view = case_view(tx, "C-1", NOW, desk.policy)
        assert [(each["message_id"], each["state"]) for each in view["outgoing"]] == [("m-1", "sent")]
        said = [(each["message_id"], each["stage"], each["rules"]) for each in view["gate_decisions"]]
        assert said == [("m-1", "enqueue", ""), ("m-1", "delivery", ""), ("m-2", "enqueue", "F-06")]
        assert WORDS[:8] not in json.dumps(view, ensure_ascii=False)

    def test_answers_go_before_notices(self, desk: Desk) -> None:
        sms = Provider()
        desk.enqueue(notice("a", SOMEBODY_ELSE), NOW)
        received = desk.receive("sms", PHONE, "你好", NOW, pushes=True)
        desk.send_reply(received.conversation_id, received.turn_id, ["云山消费金融为您服务。"], NOW + hours(1))
        desk.deliver_due(still(NOW + hours(1)), {"sms": sms}, most=1)
        assert [each.kind for each in sms.sent] == ["reply"]

    def test_a_dry_run_writes_nothing(self, desk: Desk) -> None:
        assert desk.judge(notice(), NOW).allowed
        assert not desk.judge(notice(), NOW.replace(hour=21)).allowed
        assert (state(desk), decisions(desk)) == (None, [])

    def test_two_workers_send_a_message_once(self, url: str, desk: Desk) -> None:
        sms, workers = Provider(), [desk, open_outgoing(url)]
        for number in range(ROUNDS):
            at = NOW + timedelta(days=3 * number)
            desk.enqueue(notice(f"m-{number}"), at)
            run_together([partial(each.deliver_due, still(at), {"sms": sms}) for each in workers])
        assert sms.ids == [f"m-{number}" for number in range(ROUNDS)]
        workers[1].store.close()

    def test_two_workers_say_a_strangers_line_once(self, url: str, desk: Desk) -> None:
        sms, workers = Provider(), [desk, open_outgoing(url)]
        for number in range(ROUNDS):
            line = desk.answer_stranger("sms", "19900001111", "您好，打扰了。", f"k-{number}", NOW)
            run_together([partial(each.deliver, [line.message_id], NOW, {"sms": sms}) for each in workers])
        assert len(sms.ids) == len(set(sms.ids)) == ROUNDS
        workers[1].store.close()

    # a clock that was ahead

    def test_an_answer_said_while_the_clock_was_ahead_goes_out_when_it_is_back(self, desk: Desk) -> None:
        sms = Provider("sms", Receipt(LATER))
        said = answered_ahead(desk, NOW + hours(1))
        for seconds, count in ((0, 1), (1, 1), (4, 1), (5, 3), (6, 3)):  # the provider puts the first off by 5 s
            desk.deliver_due(still(NOW + timedelta(seconds=seconds)), {"sms": sms})
            assert len(sms.sent) == count, seconds
        assert sms.ids == [said[0], *said]

    def test_what_the_hour_holds_back_stays_back_though_the_clock_was_ahead(self, desk: Desk) -> None:
        night, sms = NOW.replace(hour=22, minute=30), Provider()
        (said,) = answered_ahead(desk, MORNING + hours(1), [f"{INTRODUCTION}请您尽快还款。"])
        for minute in range(3):
            desk.deliver_due(still(night + timedelta(minutes=minute)), {"sms": sms})
        assert (sms.sent, state(desk, said)) == ([], "queued")
        assert [each[1] for each in decisions(desk, said)] == [True, False], "judged once more, then put off until the morning"
        desk.deliver_due(still(MORNING), {"sms": sms})
        assert sms.ids == [said]

    def test_a_notice_planned_for_later_is_not_brought_forward(self, desk: Desk) -> None:
        desk.enqueue(notice(not_before=NOW + hours(2)), NOW + hours(1))
        desk.deliver_due(still(NOW), {"sms": Provider()})
        assert state(desk) == "queued"

    def test_a_message_owed_an_answer_since_a_moment_to_come_is_answered_as_if_it_came_now(self, desk: Desk) -> None:
        owed = desk.receive("sms", PHONE, "你好", NOW + hours(1), pushes=True).turn_id
        assert desk.owed_answers(NOW) == []
        assert [each.turn_id for each in desk.owed_answers(NOW + timedelta(seconds=31))] == [owed]

    def test_a_claim_made_while_the_clock_was_ahead_ends_in_time(self, url: str, desk: Desk) -> None:
        desk.enqueue(notice(), NOW)
        subprocess.run([sys.executable, "-c", DIE_IN_SEND, url], check=False, env=dict(os.environ))
        for minutes, expected in ((0, "sending"), (1, "sending"), (3, "unknown")):
            desk.deliver_due(still(NOW - hours(1) + timedelta(minutes=minutes)), {"sms": Provider()})
            assert state(desk) == expected, minutes

    def test_a_message_that_cannot_be_judged_does_not_keep_others_back(self, desk: Desk) -> None:
        sms = Provider()
        desk.enqueue(notice("its talk is gone"), NOW)
        desk.enqueue(notice("m-2", SOMEBODY_ELSE, not_before=NOW + timedelta(seconds=1)), NOW)
        with desk.store.engine.begin() as connection:
            connection.execute(text("UPDATE outbox SET conversation_id = 'gone' WHERE message_id = 'its talk is gone'"))
        desk.deliver_due(still(NOW + timedelta(minutes=1)), {"sms": sms})
        assert sms.ids == ["m-2"]

    @pytest.mark.parametrize(
        "other", [notice("m-b", CASE, "wechat"), notice("m-b", SAME_PHONE), notice("m-b", SAME_PERSON)],
        ids=["another channel", "another case with the same number", "another case of the same person"],
    )  # fmt: skip
    def test_of_two_workers_that_race_for_the_last_permitted_message_one_sends(
        self, url: str, desk: Desk, other: OutboundMessage
    ) -> None:
        sent = []
        workers = [desk, open_outgoing(url)]
        for number in range(ROUNDS):
            at = NOW + timedelta(days=7 * number)
            mine, theirs = notice(f"m-a{number}"), replace(other, message_id=f"m-b{number}")
            for message in (mine, theirs):
                assert desk.enqueue(message, at).state == "queued"
            providers = {"sms": Provider(), "wechat": Provider("wechat")}
            deeds = [
                partial(worker.deliver, [message.message_id], at, providers)
                for worker, message in zip(workers, (mine, theirs), strict=True)
            ]
            run_together(deeds)
            sent.append(sum(len(each.sent) for each in providers.values()))
            states = {state(desk, mine.message_id), state(desk, theirs.message_id)}
            assert states == {"sent", "withheld"}
        assert sent == [1] * ROUNDS
        workers[1].store.close()

    # counts

    @pytest.mark.parametrize("case", [CASE, SAME_PHONE, SAME_PERSON])
    def test_contacts_are_counted_for_the_person_over_cases_and_channels(
        self, desk: Desk, case: Case
    ) -> None:
        sms = Provider()
        desk.enqueue(notice("m-1", case), NOW)
        desk.deliver_due(still(NOW), {"sms": sms})
        later = NOW + hours(5)
        for number, other in enumerate([notice("a"), notice("b", SAME_PERSON), notice("c", CASE, "wechat")]):
            assert "bot_day" in desk.judge(other, later).refused, number
            assert desk.judge(other, NOW + timedelta(days=1)).allowed
        assert desk.judge(notice("d", SOMEBODY_ELSE), later).allowed

    def test_the_fourth_sms_in_seven_days_waits_for_the_eighth(self, desk: Desk) -> None:
        sms = Provider()
        for day in (0, 2, 4):
            desk.enqueue(notice(f"m-{day}"), NOW + timedelta(days=day))
            desk.deliver_due(still(NOW + timedelta(days=day)), {"sms": sms})
        assert len(sms.sent) == 3
        assert desk.judge(notice("x"), NOW + timedelta(days=6)).refused == ("channel_week",)
        assert desk.judge(notice("x", CASE, "wechat"), NOW + timedelta(days=6)).allowed
        assert desk.judge(notice("x"), NOW + timedelta(days=7)).allowed

    def test_calls_that_people_made_elsewhere_count_too(self, desk: Desk) -> None:
        with desk.store.transaction() as tx:
            for number in range(3):
                talk = tx.add_talk("phone", "feed", f"t-{number}", NOW, case_id="C-2", handler="wang")
                assert talk is not None
                tx.add_turn(talk.conversation_id, "collector", "您好，请问是赵先生吗？", NOW)
        assert desk.judge(notice(), NOW).refused == ("all_day",)

    @pytest.mark.parametrize(
        ("receipt", "expected", "counts"),
        [
            (Receipt("accepted", "p-1"), "sent", True), (Receipt(REFUSED, code="bad"), "refused", False),
            (Receipt(LATER), "queued", False), (Receipt(UNKNOWN), "unknown", True), (OSError("boom"), "unknown", True),
        ],
    )  # fmt: skip
    def test_what_may_have_reached_the_borrower_counts_and_nothing_else(
        self, desk: Desk, receipt: Receipt | Exception, expected: str, counts: bool
    ) -> None:
        desk.enqueue(notice(), NOW)
        assert desk.deliver_due(still(NOW), {"sms": Provider("sms", receipt)}) == {expected: 1}
        assert state(desk) == expected
        assert desk.judge(notice("other"), NOW).allowed == (not counts)

    # providers that fail

    def test_what_was_not_taken_is_tried_again_ever_more_seldom(self, desk: Desk) -> None:
        sms = Provider("sms", *[Receipt(LATER)] * 3, Receipt(LATER, retry_after_seconds=90))
        desk.enqueue(notice(), NOW)
        tried = []
        for second in range(0, 300, 5):
            at = NOW + timedelta(seconds=second)
            if desk.deliver_due(still(at), {"sms": sms}):
                tried.append(second)
        assert tried == [0, 5, 15, 35, 125]
        assert state(desk) == "sent"

    @pytest.mark.parametrize(("is_in_a_talk", "latest"), [(True, 60), (False, 600)])
    def test_a_provider_that_stays_away_is_asked_again_within_a_minute_for_a_talk(
        self, desk: Desk, is_in_a_talk: bool, latest: int
    ) -> None:
        received = desk.receive("sms", PHONE, "你好", NOW, pushes=True)
        if is_in_a_talk:
            desk.send_reply(received.conversation_id, received.turn_id, ["云山消费金融为您服务。"], NOW)
        else:
            desk.enqueue(notice(), NOW)
        tried, at = [NOW], NOW
        for _ in range(10):
            at += timedelta(seconds=5)
            while not desk.deliver_due(still(at), {"sms": Provider("sms", Receipt(LATER))}):
                at += timedelta(seconds=5)
            tried.append(at)
        assert max((later - before).total_seconds() for before, later in pairwise(tried)) == latest

    def test_what_cannot_arrive_that_day_any_more_lapses(self, desk: Desk) -> None:
        down = Provider("sms", *[Receipt(LATER, retry_after_seconds=3 * 3600)] * 9)
        desk.enqueue(notice(), NOW.replace(hour=19, minute=30))
        desk.deliver_due(still(NOW.replace(hour=19, minute=31)), {"sms": down})
        assert (state(desk), len(down.sent)) == ("lapsed", 1)

    def test_a_channel_without_a_sender_here_is_left_to_other_workers(self, desk: Desk) -> None:
        desk.enqueue(notice(channel="wechat"), NOW)
        assert desk.deliver_due(still(NOW), {"sms": Provider()}) == {}
        assert state(desk) == "queued"

    # death between claim and record

    def test_a_worker_killed_while_it_sends_leaves_a_message_that_is_never_sent_again(
        self, url: str, desk: Desk
    ) -> None:
        desk.enqueue(notice(), NOW)
        died = subprocess.run([sys.executable, "-c", DIE_IN_SEND, url], check=False, env=dict(os.environ))
        assert died.returncode == -signal.SIGKILL
        assert state(desk) == "sending"
        sms = Provider()
        for minutes in (1, 3, 60):
            desk.deliver_due(still(NOW + timedelta(minutes=minutes)), {"sms": sms})
        assert (state(desk), sms.sent) == ("unknown", [])
        assert not desk.judge(notice("other"), NOW).allowed  # it may have arrived, so it counts
        assert desk.record_report(report(at=NOW + hours(1)))
        assert state(desk) == "delivered"

    def test_a_slow_worker_still_says_what_became_of_its_claim(self, url: str, desk: Desk) -> None:
        other = open_outgoing(url)
        slow = Provider(then=lambda: other.deliver_due(still(NOW + timedelta(minutes=5)), {}))
        desk.enqueue(notice(), NOW)
        desk.deliver_due(still(NOW), {"sms": slow})
        assert (state(desk), len(slow.sent)) == ("sent", 1)
        other.store.close()

    # reports

    @pytest.mark.parametrize(
        ("outcomes", "expected"),
        [
            (["delivered"], "delivered"), (["failed"], "failed"), (["failed", "delivered"], "delivered"),
            (["delivered", "failed"], "delivered"), (["delivered", "delivered"], "delivered"),
        ],
    )  # fmt: skip
    def test_reports_in_any_order_and_number_come_to_the_same(
        self, desk: Desk, outcomes: list[str], expected: str
    ) -> None:
        desk.enqueue(notice(), NOW)
        desk.deliver_due(still(NOW), {"sms": Provider()})
        known = [desk.record_report(report(outcome)) for outcome in outcomes]
        assert known == [outcome not in outcomes[:place] for place, outcome in enumerate(outcomes)]
        assert state(desk) == expected

    def test_a_report_that_is_quicker_than_the_answer_counts(self, desk: Desk) -> None:
        desk.enqueue(notice(), NOW)
        early = report(message_id="", provider_id="p-1")
        sms = Provider("sms", Receipt("accepted", "p-1"), then=lambda: desk.record_report(early))
        desk.deliver_due(still(NOW), {"sms": sms})
        assert state(desk) == "delivered"

    def test_what_was_taken_after_all_is_not_sent_again(self, desk: Desk) -> None:
        desk.enqueue(notice(), NOW)
        sms = Provider("sms", Receipt(LATER))
        desk.deliver_due(still(NOW), {"sms": sms})
        desk.record_report(report())
        desk.deliver_due(still(NOW + hours(1)), {"sms": sms})
        assert (state(desk), len(sms.sent)) == ("delivered", 1)
        assert not desk.judge(notice("other"), NOW).allowed

    def test_what_arrived_though_it_was_given_up_counts(self, desk: Desk) -> None:
        evening = NOW.replace(hour=19, minute=30)
        desk.enqueue(notice(), evening)
        desk.deliver_due(still(evening), {"sms": Provider("sms", Receipt(LATER, retry_after_seconds=3 * 3600))})
        assert state(desk) == "lapsed"
        desk.record_report(report(at=evening + timedelta(minutes=1)))
        assert (state(desk), desk.judge(notice("other"), evening + timedelta(minutes=2)).allowed) == ("delivered", False)

    def test_a_dead_number_is_not_written_to_again(self, desk: Desk) -> None:
        desk.enqueue(notice(), NOW)
        desk.deliver_due(still(NOW), {"sms": Provider()})
        desk.record_report(report("failed", is_address_dead=True))
        assert desk.judge(notice("other"), NOW + timedelta(days=3)).refused == ("address",)

    def test_a_report_about_nothing_of_ours_is_kept_and_changes_nothing(self, desk: Desk) -> None:
        assert desk.record_report(report(message_id="", provider_id="p-9"))
        assert desk.record_report(report(message_id="nobody's"))
        assert not desk.record_report(report(message_id="nobody's"))

    # events that nothing here knows

    def test_events_that_nothing_here_knows_are_kept_by_name_number_and_moment(self, url: str, desk: Desk) -> None:
        desks = [desk, open_outgoing(url)]
        for number in range(ROUNDS):
            run_together([partial(each.keep_event, "wecom", "next_year", NOW + hours(number)) for each in desks])
        desk.keep_event("wechat", "a{b}' OR 1=1 --" + "x" * 90, NOW)
        desk.keep_event("wechat", "", NOW)
        latest, *others = desk.unknown_events(NOW)
        assert (latest.channel, latest.name, latest.times) == ("wecom", "next_year", 2 * ROUNDS)
        assert (latest.first_at, latest.last_at) == (NOW, NOW + hours(ROUNDS - 1))
        assert {each.name for each in others} == {"a?b???OR?1?1?--" + "x" * 25, "?"}
        assert [each.name for each in desk.unknown_events(NOW + timedelta(days=180))] == ["next_year"]
        desks[1].store.close()

    def test_events_under_ever_new_names_are_kept_together_at_last(self, desk: Desk) -> None:
        for number in range(MOST_NAMES + 5):
            desk.keep_event("wechat", f"event_{number}", NOW)
        found = {each.name: each.times for each in desk.unknown_events(NOW)}
        assert len(found) == MOST_NAMES + 1
        assert found["others"] == 5

    # between enqueue and delivery

    @pytest.mark.parametrize(
        ("deed", "refused"),
        [
            (lambda desk: desk.opt_out("sms", PHONE, NOW), ["opt_out"]),
            (lambda desk: desk.opt_out("wechat", OPENID, NOW), ["opt_out"]),
            (lambda desk: _write(desk, "add_stop", "C-1", "DECEASED", NOW, None), ["DECEASED"]),
            (lambda desk: _write(desk, "add_stop", "C-2", "DECEASED", NOW, None), ["DECEASED"]),
            (lambda desk: _write(desk, "set_contact_state", PHONE, "wrong_party", NOW), ["address"]),
            (lambda desk: _write(desk, "add_payment", "C-1", NOW, 320_000), ["debt"]),
            (lambda desk: _write(desk, "add_promise", "C-1", "k", TERMS, 200_000, NOW, None, None), ["promise"]),
        ],
    )  # fmt: skip
    def test_what_changes_after_it_was_queued_still_stops_it(
        self, desk: Desk, deed: Callable[[Desk], object], refused: list[str]
    ) -> None:
        sms = Provider()
        desk.enqueue(notice(), NOW)
        deed(desk)
        desk.deliver_due(still(NOW), {"sms": sms})
        assert (sms.sent, state(desk)) == ([], "withheld")
        assert decisions(desk)[-1] == ("delivery", False, refused)

    def test_a_dispute_about_one_case_does_not_stop_another(self, desk: Desk) -> None:
        _write(desk, "add_stop", "C-2", "DISPUTE", NOW, None)
        assert desk.judge(notice(), NOW).allowed
        assert desk.judge(notice("m", SAME_PHONE), NOW).refused == ("DISPUTE",)

    def test_who_opens_the_channel_again_is_written_to_again(self, desk: Desk) -> None:
        desk.opt_out("sms", PHONE, NOW - hours(1))
        _write(desk, "add_stop", "C-1", "OPTED_OUT", NOW - hours(1), None)
        _write(desk, "set_case_state", "C-1", status="stopped")
        assert set(desk.judge(notice(), NOW).refused) == {"OPTED_OUT", "opt_out", "handled"}
        desk.opt_in("sms", PHONE, NOW)
        assert desk.judge(notice(), NOW).allowed

    def test_a_refusal_said_again_holds_from_then(self, desk: Desk) -> None:
        assert desk.opt_out("sms", PHONE, NOW - timedelta(days=200))
        assert desk.judge(notice(), NOW).allowed
        assert not desk.opt_out("sms", PHONE, NOW)
        assert not desk.opt_out("sms", PHONE, NOW - timedelta(days=1))  # a callback that comes late
        assert not desk.judge(notice(), NOW + timedelta(days=179)).allowed

    @pytest.mark.parametrize("found", ["wrong_party", "invalid"])
    def test_no_opting_out_or_in_makes_an_address_the_borrowers(self, desk: Desk, found: str) -> None:
        _write(desk, "set_contact_state", PHONE, found, NOW)
        desk.opt_out("sms", PHONE, NOW)
        assert "address" in desk.judge(notice(), NOW + timedelta(days=181)).refused
        desk.opt_in("sms", PHONE, NOW)
        assert desk.judge(notice(), NOW).refused == ("address",)

    def test_a_talk_with_somebody_else_proves_nothing(self, desk: Desk) -> None:
        talk = desk.receive("sms", SOMEBODY_ELSE.phone or "", "你好", NOW).conversation_id
        _write(desk, "save_dialogue", talk, {"verified": True})
        told = notice(text=f"【{CASE.creditor}】{WORDS}您应还3,200元", conversation_id=talk)
        assert desk.judge(told, NOW).refused == ("disclosure",)

    def test_a_provider_that_says_he_takes_no_more_is_heeded(self, desk: Desk) -> None:
        desk.enqueue(notice(channel="wechat"), NOW)
        refusing = Provider("wechat", Receipt(REFUSED, code="43101", opted_out=True))
        desk.deliver_due(still(NOW), {"wechat": refusing})
        assert desk.judge(notice("other"), NOW + timedelta(days=10)).refused == ("opt_out",)

    # hours

    def test_what_comes_in_the_evening_waits_for_the_morning(self, desk: Desk) -> None:
        sms, evening = Provider(), NOW.replace(hour=20)
        decision = desk.enqueue(notice(), evening)
        assert (decision.state, decision.verdict.allowed, decision.verdict.opens_at) == ("queued", False, MORNING)
        for at in (evening, evening + hours(4), MORNING - timedelta(seconds=1)):
            assert desk.deliver_due(still(at), {"sms": sms}) == {}
        assert desk.deliver_due(still(MORNING), {"sms": sms}) == {"sent": 1}

    def test_each_message_of_a_slow_batch_is_judged_when_it_is_sent(self, desk: Desk) -> None:
        at = [NOW.replace(hour=19, minute=58)]
        slow = Provider(then=lambda: at.append(at[-1] + timedelta(minutes=3)))
        for number, case in enumerate((CASE, SOMEBODY_ELSE)):
            desk.enqueue(notice(f"m-{number}", case, not_after=NOW + timedelta(days=2)), at[0])
        assert desk.deliver_due(lambda: at[-1], {"sms": slow}) == {"sent": 1, "queued": 1}
        assert len(slow.sent) == 1
        assert desk.deliver_due(still(MORNING), {"sms": Provider()}) == {"sent": 1}

    def test_a_message_is_judged_once_its_debtor_is_free(self, desk: Desk) -> None:
        """The wait for whoever holds the debtor must not send by the clock of before."""
        at, held = NOW.replace(hour=19, minute=58, second=30), desk.store.transaction
        desk.enqueue(notice(not_after=NOW + timedelta(days=2)), at)

        @contextmanager
        def waiting() -> Iterator[Tx]:
            nonlocal at
            with held() as tx:
                at = at + timedelta(seconds=61)
                yield tx

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(desk.store, "transaction", waiting)
            sms = Provider()
            desk.deliver_due(lambda: at, {"sms": sms})
        assert (sms.sent, state(desk)) == ([], "queued")

    def test_a_worker_that_was_away_all_day_does_not_send_at_night(self, desk: Desk) -> None:
        sms = Provider()
        desk.enqueue(notice(), NOW)
        desk.enqueue(notice("m-2", SOMEBODY_ELSE, not_after=NOW + timedelta(days=2)), NOW)
        assert desk.deliver_due(still(NOW.replace(hour=22)), {"sms": sms}) == {"lapsed": 1, "queued": 1}
        assert desk.deliver_due(still(MORNING), {"sms": sms}) == {"sent": 1}
        assert sms.ids == ["m-2"]

    # at rest

    def test_no_words_and_addresses_stand_in_the_outbox_in_plain(self, desk: Desk) -> None:
        text_of_it = f"【{CASE.creditor}】赵*远先生{WORDS}"
        assert desk.enqueue(notice(text=text_of_it, parameters={"name": "赵*远"}), NOW).state == "queued"
        desk.provider_state(lambda: NOW).put("wechat.token", "SECRET-TOKEN", NOW + hours(2))
        with desk.store.engine.connect() as connection:
            rows = [row for table in ("outbox", "gate_decisions", "provider_state")
                    for row in connection.execute(text(f"SELECT * FROM {table}"))]  # fmt: skip
        kept = b"".join(bytes(v) if isinstance(v, memoryview | bytes) else str(v).encode() for row in rows for v in row)
        for secret in (PHONE, WORDS[:8], "赵*远", "SECRET-TOKEN"):
            assert secret.encode() not in kept


def _write(desk: Desk, query: str, *values: object, **named: object) -> None:
    with desk.store.transaction() as tx:
        getattr(tx, query)(*values, **named)
