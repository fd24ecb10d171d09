"""Campaigns: what leads plan, start, pause and end, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from heyue.access.people import User
from heyue.access.roles import role_of
from heyue.desk import Desk
from heyue.desk.base import NotAllowed
from heyue.desk.campaigns import BadCampaign, CannotChange
from heyue.desk.outreach import STAGES, Wanted
from tests.outgoing import Provider, run_together, still
from tests.outreaching import DAWN, open_outreach, overdue, promise, write

LEAD = User("lead", "主管", role_of("lead"))
REMINDERS = frozenset({"reminder"})


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'heyue.db'}"


@pytest.fixture
def desk(url: str) -> Iterator[Desk]:
    opened = open_outreach(url, overdue(1), overdue(2, 3), overdue(3, 20, creditor="江岸银行"), overdue(4, 40))
    yield opened
    opened.store.close()


def started(desk: Desk, **fields: object) -> int:
    given = {"name": "十一月", "purposes": REMINDERS, "stages": STAGES, "creditor": None} | fields
    number = desk.add_campaign(LEAD, at=DAWN, **given)  # type: ignore[arg-type]
    desk.start_campaign(LEAD, number, DAWN)
    return number


def sent_through_the_day(desk: Desk, sms: Provider) -> list[str]:
    for minutes in [*range(0, 690, 30), 689]:
        desk.deliver_due(still(DAWN + timedelta(minutes=minutes)), {"sms": sms})
    return sorted(str(message.case_id) for message in sms.sent)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["C-1", "C-2", "C-3"]), ({"stages": frozenset({"middle"})}, ["C-1"]), ({"creditor": "江岸银行"}, ["C-3"]),
        ({"purposes": frozenset({"promise"})}, []),
    ],
)  # fmt: skip
def test_a_campaign_writes_to_those_it_is_for(desk: Desk, fields: dict[str, object], expected: list[str]) -> None:
    number = started(desk, **fields)
    desk.run_campaigns(DAWN)
    assert sent_through_the_day(desk, Provider()) == expected
    (line,) = desk.campaigns(LEAD)
    assert line.campaign.campaign_id == number
    assert (line.outcome.reached, dict(line.outcome.states)) == (len(expected), {"sent": len(expected)} if expected else {})


def test_nothing_goes_out_before_it_is_started_and_in_the_preview(desk: Desk) -> None:
    desk.add_campaign(LEAD, "草稿", REMINDERS, STAGES, None, DAWN)
    seen = desk.preview(LEAD, Wanted(REMINDERS), DAWN)
    assert {step.case_id: step.action for step in seen} == {"C-1": "send", "C-2": "send", "C-3": "send", "C-4": "follow_up"}
    assert desk.run_campaigns(DAWN) == {}
    assert sent_through_the_day(desk, Provider()) == []


def test_a_pause_holds_back_what_waits_and_a_start_lets_it_go(desk: Desk) -> None:
    number, sms = started(desk), Provider()
    desk.run_campaigns(DAWN)
    desk.pause_campaign(LEAD, number, DAWN)
    desk.run_campaigns(DAWN + timedelta(minutes=20))
    assert desk.deliver_due(still(DAWN + timedelta(hours=11)), {"sms": sms}) == {}
    desk.start_campaign(LEAD, number, DAWN + timedelta(hours=11))
    assert desk.deliver_due(still(DAWN + timedelta(hours=11, minutes=29)), {"sms": sms}) == {"sent": 3}


def test_what_ended_sends_nothing_and_does_not_start_again(desk: Desk) -> None:
    number = started(desk)
    desk.run_campaigns(DAWN)
    desk.end_campaign(LEAD, number, DAWN)
    assert sent_through_the_day(desk, Provider()) == []
    with pytest.raises(CannotChange):
        desk.start_campaign(LEAD, number, DAWN)


def test_two_workers_plan_a_campaign_once(url: str, desk: Desk) -> None:
    started(desk)
    other, done = open_outreach(url), []
    run_together([partial(lambda each: done.append(each.run_campaigns(DAWN)), each) for each in (desk, other)])
    assert sorted(sum(each.values()) for each in done) == [0, 4]
    other.store.close()


def test_a_campaign_is_planned_again_after_a_quarter_of_an_hour_and_not_at_night(desk: Desk) -> None:
    started(desk)
    assert desk.run_campaigns(DAWN.replace(hour=7)) == {}
    assert desk.run_campaigns(DAWN)["send"] == 3
    assert desk.run_campaigns(DAWN + timedelta(minutes=14)) == {}
    write(desk, "put_case", overdue(5))
    assert desk.run_campaigns(DAWN + timedelta(minutes=16))["send"] == 1
    assert desk.run_campaigns(DAWN.replace(hour=20)) == {}


def test_without_a_sender_a_running_campaign_touches_nothing(url: str, desk: Desk) -> None:
    started(desk)
    bare = open_outreach(url, pushing=frozenset())
    assert bare.run_campaigns(DAWN) == {}
    with bare.store.reading() as tx:
        assert tx.case("C-4").status == "active"
        assert tx.open_tasks(9, LEAD.login, False) == []
    bare.store.close()


def test_the_outcome_counts_what_borrowers_did_after_the_first_message(desk: Desk) -> None:
    promise(desk, "C-1", DAWN.date() + timedelta(days=9), DAWN - timedelta(days=3))
    started(desk)
    desk.run_campaigns(DAWN)
    sent_through_the_day(desk, Provider())
    evening = DAWN.replace(hour=20)
    desk.receive("sms", "13900000002", "周五还两千", evening)
    promise(desk, "C-2", DAWN.date() + timedelta(days=1), evening)
    write(desk, "add_payment", "C-2", evening + timedelta(days=1), 200_000)
    write(desk, "add_payment", "C-3", DAWN - timedelta(days=1), 5_000)
    (line,) = desk.campaigns(LEAD)
    found = line.outcome
    assert (found.reached, found.answered, found.promised, found.paid, found.paid_fen) == (2, 1, 1, 1, 200_000)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": "  "}, "name"), ({"name": "很" * 61}, "name"), ({"purposes": frozenset()}, "purposes"),
        ({"purposes": frozenset({"spam"})}, "purposes"), ({"stages": frozenset()}, "stages"),
    ],
)  # fmt: skip
def test_a_campaign_that_makes_no_sense_is_refused(desk: Desk, fields: dict[str, object], why: str) -> None:
    with pytest.raises(BadCampaign) as refusal:
        started(desk, **fields)
    assert refusal.value.why == why


@pytest.mark.parametrize("role", ["trainee", "collector", "reviewer", "admin"])
def test_only_leads_have_to_do_with_campaigns(desk: Desk, role: str) -> None:
    user = User(role, "测试", role_of(role))
    deeds: list[Callable[[], object]] = [
        lambda: desk.add_campaign(user, "x", REMINDERS, STAGES, None, DAWN), lambda: desk.campaigns(user),
        lambda: desk.preview(user, Wanted(REMINDERS), DAWN), lambda: desk.start_campaign(user, 1, DAWN),
        lambda: desk.creditors(user),
    ]  # fmt: skip
    for deed in deeds:
        with pytest.raises(NotAllowed):
            deed()
