"""What a case needs on one day (tests/data/outreach.jsonl), and that one person gets one message a day within his hours."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heyue.conduct.contact_policy import default_contact_policy
from heyue.outreach.debtor import Planned, plan_debtor
from heyue.outreach.plan import next_step
from heyue.outreach.policy import default_outreach_policy
from heyue.outreach.standing import CallHuman, Notice, Rest, Send, Standing, Way
from heyue.settings import ZONE
from tests.unit.outreach.standings import NOW, TODAY, rules, standing

TABLE = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data/outreach.jsonl").read_text(encoding="utf-8").splitlines()
]
WINDOW = default_contact_policy().window
PRIOR = default_outreach_policy().hours.prior


def planned(*standings: Standing, at: datetime = NOW) -> list[Planned]:
    return plan_debtor(standings, at, rules(["courtesy", "reminder", "promise"]), WINDOW, PRIOR)


def sent(found: list[Planned]) -> list[Planned]:
    return [each for each in found if isinstance(each.step, Send)]


@pytest.mark.parametrize("row", TABLE, ids=[row["id"] for row in TABLE])
def test_the_plan_of_a_case(row: dict[str, Any]) -> None:
    here, expect = standing(row["given"]), row["expect"]
    (found,) = plan_debtor([here], NOW, rules(row["given"].get("purposes")), WINDOW, PRIOR)
    step = found.step
    if "rest" in expect:
        assert isinstance(step, Rest), step
        assert step.why == expect["rest"]
        assert step.until == (TODAY + timedelta(days=expect["until"]) if "until" in expect else step.until)
    elif "call" in expect:
        assert step == CallHuman(expect["task"], expect["call"])
    else:
        assert isinstance(step, Send), step
        said = {"kind": step.kind, "wording": step.wording, "number": step.number, "id": step.message_id}
        assert {name: said[name] for name in expect} == expect


def test_every_reason_has_words() -> None:
    named = {row["expect"].get("rest") or row["expect"].get("call") for row in TABLE} - {None}
    assert named <= set(default_outreach_policy().reasons)


# one person


def test_of_several_cases_the_promise_goes_first_and_the_others_wait() -> None:
    found = planned(standing({"overdue": 20}), standing({"case_id": "C-2", "overdue": 3, "promises": [[0, "due", -3]]}))
    assert [getattr(each.step, "kind", getattr(each.step, "why", "")) for each in found] == ["other_case", "promise_day"]


def test_of_equal_cases_the_longest_overdue_goes() -> None:
    found = planned(standing({"case_id": "C-2", "overdue": 3}), standing({"overdue": 20}))
    assert [each.standing.case.case_id for each in sent(found)] == ["C-1"]


def test_what_he_wrote_about_one_case_counts_for_the_other() -> None:
    found = planned(standing({"overdue": 20}), standing({"case_id": "C-2", "overdue": 3, "heard": [-1]}))
    assert [each.step for each in found] == [Rest("in_talk", TODAY + timedelta(days=1))] * 2


def test_who_was_written_to_today_about_another_case_is_left_alone() -> None:
    written = standing({"case_id": "C-2", "overdue": 3, "notices": [["remind:C-2:early:x", "reminder", "sms", 0]]})
    assert not sent(planned(standing({"overdue": 20}), written))


# when and where


def test_after_silence_another_hour_then_another_channel() -> None:
    here, hours, channels = standing({"overdue": 6}), [], []
    for day in range(0, 12, 3):
        (step,) = planned(replace(here, case=replace(here.case, due_date=TODAY - timedelta(days=6))), at=NOW + timedelta(days=day))
        assert isinstance(step.step, Send)
        assert step.not_before is not None
        hours.append(step.not_before.hour)
        channels.append(step.ways[0].channel)
        gone = replace_notice(step)
        here = replace(here, notices=[*here.notices, gone])
    assert channels == ["wechat", "wechat", "sms", "sms"]
    assert len(set(hours)) == 4
    assert abs(hours[0] - hours[1]) >= default_outreach_policy().hours.apart


def replace_notice(step: Planned) -> Any:
    assert isinstance(step.step, Send)
    assert step.not_before is not None
    return Notice(step.step.message_id, step.step.kind, step.ways[0].channel, step.not_before)


def test_where_he_wrote_last_is_tried_first() -> None:
    here = standing({"overdue": 8, "heard": [-5]})
    ways = [Way("wechat", "w"), Way("sms", "s", True, NOW - timedelta(days=5))]
    (found,) = planned(replace(here, ways=ways))
    assert [way.channel for way in found.ways] == ["sms", "wechat"]


def test_where_the_last_message_was_lost_another_channel_goes_first() -> None:
    here = standing({"overdue": 8})
    lost = Notice("remind:C-1:middle:x", "reminder", "wechat", NOW - timedelta(days=3), False, True)
    (found,) = planned(replace(here, notices=[lost]))
    assert [way.channel for way in found.ways] == ["sms", "wechat"]
    (later,) = planned(replace(here, notices=[lost, replace(lost, is_lost=False)]))
    assert [way.channel for way in later.ways] == ["wechat", "sms"]


def test_dead_addresses_are_not_among_the_ways() -> None:
    (found,) = planned(standing({"overdue": 8, "ways": [["sms", False], ["wechat", True]]}))
    assert [way.channel for way in found.ways] == ["wechat"]


def test_the_same_plan_is_made_again_to_the_second() -> None:
    assert planned(standing({"overdue": 8}))[0].not_before == planned(standing({"overdue": 8}))[0].not_before


def test_people_of_one_hour_are_spread_over_it() -> None:
    found = [planned(standing({"case_id": f"C-{n}", "overdue": 8}))[0].not_before for n in range(200)]
    minutes = {at.minute for at in found if at}
    assert len(minutes) > 40


MOMENTS = st.integers(0, 24 * 60 - 1).map(lambda m: datetime.combine(TODAY, time(m // 60, m % 60), ZONE))
NOTICES = st.lists(
    st.tuples(st.sampled_from(["remind:C-1:middle:x", "promise_broken:C-1:1:x", "promise_eve:C-1:1:y"]),
              st.sampled_from(["reminder", "promise_broken", "promise_eve"]), st.sampled_from(["sms", "wechat"]),
              st.integers(-20, 0), st.booleans()), max_size=5,
).map(lambda found: sorted(map(list, found), key=lambda each: each[3]))  # fmt: skip
PROMISES = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(-12, 12)),
              st.sampled_from(["open", "due", "kept", "broken", "partly_kept", "superseded"]), st.integers(-20, 0)), max_size=3,
).map(lambda found: list(map(list, found)))  # fmt: skip
STANDINGS = st.fixed_dictionaries(
    {
        "overdue": st.integers(-5, 60), "status": st.sampled_from(["active", "promised", "human", "stopped", "settled"]),
        "owed": st.sampled_from([0, 320_000]), "notices": NOTICES, "promises": PROMISES,
        "heard": st.lists(st.integers(-20, 0), max_size=3).map(sorted), "broken": st.integers(0, 2),
        "paid": st.integers(-10, 0),
    }
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(STANDINGS, min_size=1, max_size=4), MOMENTS)
def test_whatever_is_known_one_person_gets_at_most_one_message_in_the_window(
    known: list[dict[str, Any]], at: datetime
) -> None:
    cases = [standing({**each, "case_id": f"C-{n}"}) for n, each in enumerate(known)]
    found = planned(*cases, at=at)
    assert [each.standing.case.case_id for each in found] == [each.case.case_id for each in cases]
    going = sent(found)
    assert len(going) <= 1
    if any(notice.is_counted and notice.at.date() == TODAY for case in cases for notice in case.notices):
        assert not going
    for each in going:
        assert each.standing.case.status in ("active", "promised")
        assert each.not_before is not None
        assert each.not_after is not None
        assert at <= each.not_before < each.not_after
        assert WINDOW.hold(each.not_before)
        assert each.not_after == datetime.combine(TODAY, WINDOW.end, ZONE)


@settings(max_examples=200, deadline=None)
@given(STANDINGS)
def test_planned_again_after_it_went_out_nothing_more_goes_that_day(known: dict[str, Any]) -> None:
    here = standing(known)
    for found in sent(planned(here)):
        after = replace(here, notices=sorted([*here.notices, replace_notice(found)], key=lambda each: each.at))
        assert not sent(planned(after, at=NOW + timedelta(hours=10)))


@settings(max_examples=200, deadline=None)
@given(STANDINGS)
def test_a_case_seen_for_itself_always_has_a_step(known: dict[str, Any]) -> None:
    assert isinstance(next_step(standing(known), TODAY, rules()), Send | Rest | CallHuman)
