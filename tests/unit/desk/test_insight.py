"""Figures over a real store."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from heyue.access.people import User, operator
from heyue.desk import Desk
from heyue.desk.base import NotAllowed
from heyue.insight.breaks import RuleBreak
from heyue.insight.contact import ContactFact
from heyue.store.talk_tables import flag_verdicts, reviews
from tests.contacts import add_contact
from tests.unit.desk.conftest import ADMIN, COLLECTOR, LEAD, NOW, REVIEWER, TRAINEE

DAY = timedelta(days=1)


def facts(
    desk: Desk, since: datetime = NOW - 28 * DAY, until: datetime = NOW + DAY
) -> dict[str, ContactFact]:
    return {each.conversation_id: each for each in desk.contact_facts(LEAD, since, until, NOW)}


@pytest.mark.parametrize("user", [TRAINEE, COLLECTOR, REVIEWER, ADMIN])
def test_only_leads_see_figures(desk: Desk, user: User) -> None:
    with pytest.raises(NotAllowed):
        desk.contact_facts(user, NOW - DAY, NOW, NOW)
    with pytest.raises(NotAllowed):
        desk.rule_breaks(user, NOW - DAY, NOW)
    with pytest.raises(NotAllowed):
        desk.talks_to_look_at(user, NOW - DAY, NOW, NOW)


def test_a_contact_of_the_bot(desk: Desk) -> None:
    at = NOW - 10 * DAY
    here = add_contact(desk, at, overdue=12, promised=(at + DAY).date(), paid_at=at + DAY)
    assert facts(desk)[here] == ContactFact(
        here, at, "sms", "bot", None, "middle", "promiser", "cooperative", "forgot", "right_party", "kept",
        (at + DAY).date(), 0.8, 0.2, (),
    )  # fmt: skip


def test_a_promise_is_broken_when_its_day_and_the_grace_have_passed_though_nobody_wrote_it_down(
    desk: Desk,
) -> None:
    at = NOW - 10 * DAY
    broken = add_contact(desk, at, promised=(at + DAY).date())
    running = add_contact(desk, at, promised=(NOW + DAY).date())
    found = facts(desk)
    assert (found[broken].promise, found[running].promise) == ("broken", "open")


def test_a_talk_led_by_a_collector_names_who_led_it(desk: Desk) -> None:
    desk.add_user("wang", "王小姐", "collector", "Wolke-7-Regen", operator("test"), NOW)
    known, unknown = add_contact(desk, NOW, collector="wang"), add_contact(desk, NOW, collector="工号307")
    found = facts(desk)
    assert (found[known].led_by, found[known].handler) == ("human", "王小姐（wang）")
    assert found[unknown].handler == "工号307"


def test_a_talk_that_a_human_took_over_counts_as_led_by_a_human(desk: Desk) -> None:
    here = add_contact(desk, NOW)
    desk.take_over(COLLECTOR, here, NOW)
    assert facts(desk)[here].led_by == "human"


def test_the_stage_of_a_talk_from_elsewhere_comes_from_its_facts(desk: Desk) -> None:
    with desk.store.transaction() as tx:
        late = tx.add_talk("phone", "upload", "x-1", NOW, facts={"days_overdue": 20})
        bare = tx.add_talk("phone", "upload", "x-2", NOW)
    found = facts(desk)
    assert late
    assert bare
    assert found[late.conversation_id].stage == "late"
    assert found[bare.conversation_id].stage is None


def test_complaints_and_opt_outs_belong_to_the_contact_that_brought_them_about(desk: Desk) -> None:
    angry, quiet = add_contact(desk, NOW, stop="COMPLAINT_OPEN", opts_out=True), add_contact(desk, NOW)
    found = facts(desk)
    assert found[angry].marks == ("COMPLAINT_OPEN", "OPTED_OUT")
    assert found[quiet].marks == ()


def test_only_contacts_of_the_time_count_and_the_probe_is_none(desk: Desk) -> None:
    since = NOW - DAY
    first, _, _ = (add_contact(desk, at) for at in (since, since - timedelta(seconds=1), NOW))
    with desk.store.transaction() as tx:
        case_id = tx.listed_talk(first).conversation.case_id  # type: ignore[union-attr]
        probe = tx.case(case_id or "")
        tx.put_case(type(probe)(**{**vars(probe), "case_id": "PROBE-1"}))
        tx.open_conversation("PROBE-1", "sms", "13700000000", since)
    assert list(facts(desk, since, NOW)) == [first]


def judge(desk: Desk, here: str, round_: str, state: str, verdicts: dict[str, bool]) -> None:
    """A review of the talk, saved after those before it."""
    with desk.store.engine.begin() as connection:
        number = connection.exec_driver_sql("SELECT count(*) FROM reviews").scalar_one()
        review = {
            "review_id": number,
            "conversation_id": here,
            "round": round_,
            "why": "flags",
            "state": state,
        }
        at = NOW + timedelta(minutes=number)
        connection.execute(insert(reviews).values(**review, queued_at=NOW, saved_at=at))
        for rule, is_confirmed in verdicts.items():
            verdict = {"review_id": number, "turn": 0, "rule": rule, "is_confirmed": is_confirmed}
            connection.execute(insert(flag_verdicts).values(**verdict, is_added=rule == "made_up_fee"))


def test_what_reviewers_said_of_a_flag_holds_and_what_they_added_counts(desk: Desk) -> None:
    here = add_contact(desk, NOW, rules=["abuse", "harassment"])
    judge(desk, here, "first", "done", {"abuse": True})
    judge(desk, here, "adjudication", "done", {"abuse": False, "made_up_fee": True})
    judge(desk, here, "second", "claimed", {"harassment": False})
    found = set(desk.rule_breaks(LEAD, NOW - DAY, NOW + DAY))
    assert found == {
        RuleBreak(here, 0, "abuse", False), RuleBreak(here, 0, "harassment", None), RuleBreak(here, 0, "made_up_fee", True),
    }  # fmt: skip


def test_who_takes_figures_away_is_written_down_or_refused(desk: Desk) -> None:
    desk.note_export(LEAD, "heyue.xlsx", 3, NOW)
    with desk.store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT event, actor, details FROM audit_events").all()
    assert rows == [("figures_exported", "chen", '{"what": "heyue.xlsx", "contacts": 3}')]
    with pytest.raises(NotAllowed):
        desk.note_export(COLLECTOR, "heyue.xlsx", 3, NOW)


def test_no_name_number_or_word_of_a_borrower_stands_in_the_figures(desk: Desk) -> None:
    add_contact(desk, NOW, rules=["abuse"])
    shown = repr(facts(desk)) + repr(desk.rule_breaks(LEAD, NOW - DAY, NOW + DAY))
    for secret in ("钱多多", "139", "周五"):
        assert secret not in shown
