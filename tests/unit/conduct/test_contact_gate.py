"""The contact gate: not one message outside the policy, whatever is known and whatever is not."""

from __future__ import annotations

import ast
import itertools
import re
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heyue.conversation
from heyue.conduct.contact_gate import NEVER_HEARD, Contact, Known, Touch, Verdict, judge_contact
from heyue.conduct.contact_policy import ContactPolicy, default_contact_policy, load_contact_policy
from heyue.conduct.contact_words import demands, sums_fen
from heyue.conversation.service import ENDINGS
from heyue.conversation.situation import CHECKED_BY_HUMAN
from heyue.errors import BadInput
from heyue.records import Case
from heyue.settings import ZONE

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=ZONE)
SHIPPED = default_contact_policy()
POLICY = replace(
    SHIPPED, approved_templates={"sms": frozenset({"notice"}), "wechat": frozenset({"notice"}), "wecom": frozenset()}
)
CASE = Case("C-1", "赵明远", "云山消费金融", 320_000, date(2026, 11, 15), phone="13800138000", id_last4="5126", product="现金分期")
FIRST = (
    "【云山消费金融】赵*远先生您好，有一项服务事项请您查看官方App，人工请回复人工，退订请回复退订。本消息由AI生成"
)
KNOWN = Known(
    can_send=True, case=CASE, owed_fen=320_000, role="debtor", address_state="usable", stops={}, opt_outs={},
    opted_out_since=False, has_promise=False, last_interruption=CASE.due_date, held_by_human=False, last_heard_at=NEVER_HEARD, answered=0,
    touches=(), is_first=True, is_verified=False, ledger_fen=frozenset({320_000}), broken_rules=(),
)  # fmt: skip
KINDS = tuple(POLICY.kinds)
PROACTIVE = tuple(name for name, kind in POLICY.kinds.items() if not kind.answers)
BY_BOT = tuple(name for name in PROACTIVE if POLICY.kinds[name].by == "bot")
CHANNELS = ("sms", "wechat")
HEARD = replace(KNOWN, last_heard_at=NOW - timedelta(hours=1))
ANSWERED = ("reply", "stranger")


def judged(
    kind: str = "reminder", known: Known = KNOWN, channel: str = "sms", at: datetime = NOW, text: str = FIRST,
    template: str | None = "notice", policy: ContactPolicy = POLICY,
) -> Verdict:  # fmt: skip
    return judge_contact(Contact(channel, kind, text, at, template), known, policy)


def lasting(known: Known, at: datetime) -> Known:
    """The same facts for a message at another moment: he wrote an hour before."""
    return replace(known, last_heard_at=at - timedelta(hours=1)) if known.last_heard_at != NEVER_HEARD else known


@pytest.mark.parametrize(("kind", "channel"), itertools.product(KINDS, CHANNELS))
def test_what_meets_every_rule_goes(kind: str, channel: str) -> None:
    neutral = "您好，这里是自动服务号，暂时没有与您相关的事项，打扰了。"
    verdict = judged(kind, HEARD if kind in ANSWERED else KNOWN, channel, text=neutral if kind == "stranger" else FIRST)
    assert verdict.allowed, verdict.refused
    assert (verdict.refused, verdict.rules, verdict.policy_version) == ((), (), SHIPPED.version)


# hours


@pytest.mark.parametrize(("kind", "channel"), itertools.product(PROACTIVE, CHANNELS))
def test_of_every_minute_of_a_day_only_those_of_the_window_let_a_message_out(kind: str, channel: str) -> None:
    midnight = datetime.combine(NOW.date(), time(0), ZONE)
    for minute in range(24 * 60):
        at = midnight + timedelta(minutes=minute)
        verdict = judged(kind, channel=channel, at=at)
        assert verdict.allowed == (9 * 60 <= minute < 20 * 60), at
        if not verdict.allowed:
            assert set(verdict.refused) <= {"wall", "window"}
            assert ("wall" in verdict.refused) == (minute < 8 * 60 or minute >= 22 * 60)
            assert verdict.opens_at is not None
            assert judged(kind, channel=channel, at=verdict.opens_at).allowed
            assert at < verdict.opens_at <= at + timedelta(days=1)


def test_the_last_moment_of_the_window_counts_to_the_microsecond() -> None:
    end = datetime(2026, 11, 26, 20, 0, tzinfo=ZONE)
    assert judged(at=end - timedelta(microseconds=1)).allowed
    assert not judged(at=end).allowed


def test_the_hours_are_those_of_shanghai_wherever_the_clock_stands() -> None:
    utc_night = datetime.fromisoformat("2026-11-26T02:00:00+00:00")
    assert judged(at=utc_night).allowed
    assert not judged(at=datetime.fromisoformat("2026-11-26T13:00:00+00:00")).allowed


def test_an_answer_goes_at_every_minute_but_demands_only_by_day() -> None:
    midnight = datetime.combine(NOW.date(), time(0), ZONE)
    for minute in range(24 * 60):
        at = midnight + timedelta(minutes=minute)
        for text, may in ((FIRST, True), (FIRST + "您打算哪天还？", 9 * 60 <= minute < 22 * 60)):
            verdict = judged("reply", lasting(HEARD, at), at=at, text=text, template=None)
            assert verdict.allowed == may, (at, text)
            assert verdict.refused in ((), ("night_demand",))


@pytest.mark.parametrize(
    ("text", "is_demand"),
    [
        ("您打算哪天还？", True), ("请尽快处理。", True), ("今天下午六点前必须到账", True), ("先还多少呢", True),
        ("麻烦您给一个具体日期", True), ("請儘快還款", True), ("什么时候方便结清", True), ("明天能不能还上", True),
        ("应还3,200元，11月15日到期。", False), ("同事会尽快回复您。", False), ("请通过官方App还款。", False),
        ("已登记：11月27日还2,000元。", False), ("紧急时请立即拨打110。", False), ("分期需要审批，也可以先还一部分。", False),
    ],
)  # fmt: skip
def test_what_asks_for_payment_is_told_from_facts(text: str, is_demand: bool) -> None:
    assert demands(text, SHIPPED) == is_demand


# stop states


@pytest.mark.parametrize(("state", "kind"), itertools.product(SHIPPED.stop_states, KINDS))
def test_every_stop_state_stops_what_it_says(state: str, kind: str) -> None:
    rule = SHIPPED.stop_states[state]
    known = replace(HEARD if kind in ANSWERED else KNOWN, stops={state: NOW - timedelta(days=1)})
    verdict = judged(kind, known, text="您好，打扰了。" if kind == "stranger" else FIRST)
    goes_on = (
        kind in ANSWERED
        or (rule.human and kind == "human")
        or (rule.is_plan and kind in ("courtesy", "promise_eve", "promise_day"))
    )
    assert verdict.allowed == goes_on
    if not goes_on:
        assert (verdict.refused, verdict.rules) == ((state,), (rule.rule,))
        assert verdict.opens_at is None


@pytest.mark.parametrize("kind", PROACTIVE)
def test_a_state_nobody_listed_and_states_nobody_knows_stop_everything(kind: str) -> None:
    assert judged(kind, replace(KNOWN, stops={"NEW_STATE": NOW})).refused == ("stops",)
    assert judged(kind, replace(KNOWN, stops=None)).refused == ("stops",)


def test_every_state_that_a_conversation_can_set_is_listed_so_that_nobody_is_silenced_as_unknown() -> None:
    """A word in capitals in the conversation's code is such a state: in the tables of endings and claims, or said outright."""
    found = {
        node.value
        for file in Path(heyue.conversation.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch("[A-Z]+(_[A-Z]+)*", node.value)
    }
    tables = {state for _, state, _, _ in ENDINGS.values() if state} | {state for *_, state in CHECKED_BY_HUMAN.values()}
    assert tables | {"HARDSHIP_REVIEW", "NUMBER_NOT_OWNER"} <= found, "the states are found no more by what they look like"
    assert found <= set(SHIPPED.stop_states)


def test_the_settings_block_of_the_compliance_notes_is_covered() -> None:
    assert set(SHIPPED.stop_states) == {
        "DECEASED", "LIMITED_CAPACITY", "DISPUTE", "COMPLAINT_OPEN", "PLAN_ACTIVE", "HARDSHIP_REVIEW", "OPTED_OUT",
        "NUMBER_NOT_OWNER", "LAWYER", "TIME_BARRED_REVIEW", "ASSIGNMENT_NOT_NOTIFIED", "LAWSUIT",
        "ALREADY_PAID_REVIEW", "SELF_HARM",  # two that the bot sets besides
    }  # fmt: skip
    assert (SHIPPED.channels["sms"].per_day, SHIPPED.channels["sms"].per_7_days) == (1, 3)
    assert (SHIPPED.channels["wechat"].per_day, SHIPPED.per_day) == (1, {"bot": 1, "all": 3})
    assert (SHIPPED.channels["wechat"].window_hours, SHIPPED.channels["wechat"].quota) == (48, 5)


# opt-outs


@pytest.mark.parametrize("days", [0, 1, 179, 180, 181])
def test_a_refusal_holds_for_180_days(days: int) -> None:
    known = replace(KNOWN, opt_outs={"sms": NOW - timedelta(days=days)}, stops={"OPTED_OUT": NOW - timedelta(days=days)})
    verdict = judged(known=known)
    assert verdict.allowed == (days >= 180)
    assert verdict.refused in ((), ("OPTED_OUT", "opt_out"))


@pytest.mark.parametrize("kind", PROACTIVE)
def test_who_refused_one_channel_hears_no_bot_on_any_and_a_person_only_on_another(kind: str) -> None:
    known = replace(KNOWN, opt_outs={"sms": NOW})
    assert not judged(kind, known, "sms").allowed
    assert judged(kind, known, "wechat").allowed == (kind == "human")


# counts


@st.composite
def touched(draw: st.DrawFn) -> list[Touch]:
    minutes = st.integers(-9 * 24 * 60, 9 * 60)
    one = st.builds(
        lambda ago, channel, by_human: Touch(NOW + timedelta(minutes=ago), channel, by_human),
        minutes, st.sampled_from(["sms", "wechat", "phone"]), st.booleans(),
    )  # fmt: skip
    return draw(st.lists(one, max_size=6))


@settings(max_examples=400, deadline=None)
@given(touched(), st.sampled_from(PROACTIVE), st.sampled_from(CHANNELS))
def test_no_count_is_ever_passed(touches: list[Touch], kind: str, channel: str) -> None:
    by_bot = kind in BY_BOT
    today = [each for each in touches if each.at.date() == NOW.date()]
    week = [each for each in touches if (NOW.date() - each.at.date()).days < 7 and each.channel == channel]
    may = (
        sum(each.channel == channel for each in today) < 1
        and (channel != "sms" or len(week) < 3)
        and (not by_bot or sum(not each.by_human for each in today) < 1)
        and len(today) < 3
    )
    verdict = judged(kind, replace(KNOWN, touches=touches), channel)
    assert verdict.allowed == may
    assert set(verdict.rules) <= {"F-06"}


def test_a_new_day_begins_at_midnight_in_shanghai() -> None:
    late = datetime(2026, 11, 25, 19, 59, tzinfo=ZONE)
    assert judged(known=replace(KNOWN, touches=[Touch(late, "sms", False)]), at=NOW).allowed
    early = datetime.fromisoformat("2026-11-25T16:30:00+00:00")  # half past midnight of the 26th
    assert not judged(known=replace(KNOWN, touches=[Touch(early, "sms", False)]), at=NOW).allowed


# WeChat's window and quota


@pytest.mark.parametrize(
    ("kind", "hours", "answered", "may"),
    [
        ("reply", 47.99, 3, True), ("reply", 48, 0, False), ("reply", 1, 4, False), ("human", 1, 4, True),
        ("human", 1, 5, False), ("human", 47, 0, True), ("human", 48, 0, False), ("reminder", 47, 0, True),
    ],
)  # fmt: skip
def test_free_words_keep_to_window_and_quota(kind: str, hours: float, answered: int, may: bool) -> None:
    known = replace(KNOWN, last_heard_at=NOW - timedelta(hours=hours), answered=answered)
    assert judged(kind, known, "wechat", template=None).allowed == may


def test_outside_the_window_only_an_approved_template_goes() -> None:
    assert judged(channel="wechat", template=None).refused == ("reply_window",)
    assert judged(channel="wechat", template="notice").allowed
    assert judged(channel="wechat", template="another").refused == ("template",)
    assert judged(channel="sms", template=None).refused == ("template",)
    assert judged(policy=SHIPPED).refused == ("template",)  # nothing is approved until somebody says so


def test_what_fills_a_template_must_stand_in_the_words_that_were_judged() -> None:
    filled = Contact("sms", "reminder", FIRST, NOW, "notice", parameters={"creditor": "云山消费金融"})
    assert judge_contact(filled, KNOWN, POLICY).allowed
    other = replace(filled, parameters={"creditor": "云山消费金融", "what": "您已逾期，应还9999元"})
    assert judge_contact(other, KNOWN, POLICY).refused == ("template",)


# every defect, and every combination of them

Defect = dict[str, object]
DEFECTS: list[tuple[str, Defect, tuple[str, ...]]] = [  # the check, the facts, the kinds that it stops
    ("channel", {"can_send": False}, KINDS),
    ("debt", {"owed_fen": 0}, tuple(kind for kind in PROACTIVE if kind != "promise_kept")),
    ("role", {"role": "contact"}, tuple(kind for kind in KINDS if kind != "stranger")),
    ("promise", {"has_promise": True}, ("reminder",)),
    ("handled", {"held_by_human": True}, (*BY_BOT, "reply")),
    ("handled", {"case": replace(CASE, status="human")}, BY_BOT),
    ("handled", {"case": replace(CASE, status="stopped")}, BY_BOT),
    ("time_barred", {"last_interruption": date(2023, 11, 26)}, tuple(kind for kind in KINDS if kind != "stranger")),
    ("address", {"address_state": "wrong_party"}, PROACTIVE),
    ("address", {"address_state": "invalid"}, PROACTIVE),
    ("line", {"broken_rules": ("abuse",)}, tuple(kind for kind in KINDS if kind != "stranger")),
]


@pytest.mark.parametrize(("check", "facts", "stopped"), DEFECTS)
def test_one_defect_stops_exactly_what_it_should(check: str, facts: Defect, stopped: tuple[str, ...]) -> None:
    for kind in KINDS:
        known = replace(HEARD if kind in ANSWERED else KNOWN, **facts)  # type: ignore[arg-type]
        verdict = judged(kind, known, text="您好，打扰了。" if kind == "stranger" else FIRST)
        assert verdict.refused == ((check,) if kind in stopped else ()), kind


NEEDED = [each.name for each in fields(Known)]


@pytest.mark.parametrize("fact", NEEDED)
def test_what_is_not_known_lets_nothing_out_unasked(fact: str) -> None:
    lets_out = {kind: judged(kind, replace(KNOWN, **{fact: None}), "wechat", template=None if fact in ("last_heard_at", "answered") else "notice").allowed
                for kind in BY_BOT}  # fmt: skip
    harmless = {
        "is_first": BY_BOT,  # then it must say all that a first message must, which it does
        "is_verified": BY_BOT,  # then it may not name the debt, which it does not
        "opted_out_since": BY_BOT,  # what answers nothing heeds every refusal anyway
        "ledger_fen": BY_BOT,  # then it may name no sum, which it does not
        "has_promise": tuple(kind for kind in BY_BOT if POLICY.kinds[kind].on_promise),
        "owed_fen": ("promise_kept",),
    }.get(fact, ())
    assert {kind for kind, may in lets_out.items() if may} == set(harmless)


@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.sampled_from(range(len(DEFECTS))), unique=True), st.sampled_from(KINDS), st.sampled_from(CHANNELS),
    st.integers(0, 24 * 60 - 1), st.lists(st.sampled_from([*SHIPPED.stop_states, "NEW"]), unique=True), touched(),
    st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 400)), st.lists(st.sampled_from(NEEDED), max_size=2),
)  # fmt: skip
def test_no_combination_lets_a_message_out_that_one_of_its_parts_stops(
    defects: list[int], kind: str, channel: str, minute: int, states: list[str], touches: list[Touch],
    refused_days: dict[str, int], unknown: list[str],
) -> None:  # fmt: skip
    at = datetime.combine(NOW.date(), time(0), ZONE) + timedelta(minutes=minute)
    text = "您好，打扰了。" if kind == "stranger" else FIRST
    base = lasting(HEARD if kind in ANSWERED else KNOWN, at)
    changes: list[Defect] = [DEFECTS[each][1] for each in defects]
    changes += [{"stops": dict.fromkeys(states, at)}, {"touches": touches}]
    changes += [{"opt_outs": {on: at - timedelta(days=days) for on, days in refused_days.items()}}]
    changes += [{name: None} for name in unknown]
    together, alone = base, []
    for change in changes:
        alone.append(judged(kind, replace(base, **change), channel, at, text).allowed)  # type: ignore[arg-type]
        together = replace(together, **change)  # type: ignore[arg-type]
    overwritten = len({name for change in changes for name in change}) < sum(len(change) for change in changes)
    verdict = judged(kind, together, channel, at, text)
    if not overwritten:
        assert verdict.allowed == all([judged(kind, base, channel, at, text).allowed, *alone])
    if verdict.allowed and kind in PROACTIVE:
        assert SHIPPED.window.hold(at)
        assert "NEW" not in (together.stops or {})


# words


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (FIRST.replace("云山消费金融", "我们"), ("organisation",)),
        (FIRST.replace("本消息由AI生成", ""), ("label",)),
        (FIRST.replace("本消息由AI生成", "本消息由AI发送"), ("label",)),
        (FIRST.replace("退订请回复退订", ""), ("ways_out",)),
        (FIRST.replace("人工请回复人工", ""), ("ways_out",)),
        (FIRST.replace("官方", ""), ("official_channel",)),
        (FIRST + "您已逾期11天", ("disclosure",)),
        (FIRST + "身份证尾号5126", ("disclosure",)),
        (FIRST + "应还3,200元", ("disclosure",)),
        *((FIRST + sum_said, ("disclosure",)) for sum_said in ("¥3,200", "￥3,200", "3200人民币", "３２００元", "三千二百元")),
        (FIRST + "請儘快還款", ("disclosure",)),
        (FIRST + "否则将向法院处理", ("consequences",)),
        (FIRST + "再加500元", ("amounts", "disclosure")),
    ],
)
def test_a_first_message_says_what_it_must_and_nothing_that_it_must_not(text: str, refused: tuple[str, ...]) -> None:
    assert judged(text=text).refused == refused


def test_a_verified_borrower_may_read_the_sums_of_the_ledger_and_no_others() -> None:
    known = replace(KNOWN, is_verified=True, ledger_fen=frozenset({320_000, 32_000}))
    assert judged(known=known, text=FIRST + "应还3,200元，最低320元").allowed
    assert judged(known=known, text=FIRST + "应还3,200.50元").refused == ("amounts",)
    assert judged(known=known, text=FIRST + "应还三千五百元").refused == ("amounts",)
    assert judged("human", known, text=FIRST + "您先还500元也可以").allowed
    assert judged("human", known, text=FIRST + "您先还一万二元吧").refused == ("amounts",)


def test_later_words_of_a_talk_need_not_say_who_writes_but_an_sms_is_always_labelled() -> None:
    later = replace(HEARD, is_first=False)
    assert judged("reply", later, "wechat", text="好的，您先忙。", template=None).allowed
    assert judged("reply", later, "sms", text="好的，您先忙。", template=None).refused == ("label",)
    assert judged("human", later, "sms", text="好的，您先忙。", template=None).allowed
    assert judged("human", replace(HEARD, is_first=True), "sms", text="好的。", template=None).refused == ("organisation",)


def test_a_person_may_say_what_he_has_given_a_reason_for() -> None:
    known = replace(HEARD, broken_rules=("false_concession",))
    contact = Contact("wechat", "human", FIRST, NOW, overridden=frozenset({"false_concession"}))
    assert judge_contact(contact, known, POLICY).allowed
    assert not judge_contact(replace(contact, overridden=frozenset({"abuse"})), known, POLICY).allowed
    named = replace(contact, text=FIRST + "您应还3,200元", overridden=frozenset({"third_party_disclosure"}))
    assert judge_contact(named, HEARD, POLICY).allowed  # he has made sure himself to whom he speaks
    assert judge_contact(replace(named, overridden=frozenset()), HEARD, POLICY).refused == ("disclosure",)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("应还5,200元", [520_000]), ("三千五百元", [350_000]), ("1.5万元", [1_500_000]), ("3，200.50元", [320_050]),
        ("拨打12378", []), ("11月27日", []), ("百元", [0]), ("两千块和500块", [200_000, 50_000]), ("￥9,999", [999_900]),
        ("¥ 320.5", [32_050]), ("9999人民币", [999_900]), ("9千多元", [900_000]), ("3千5百元", [350_000]), ("２万元", [2_000_000]),
    ],
)  # fmt: skip
def test_sums_are_read_however_they_are_written(text: str, fen: list[int]) -> None:
    assert list(sums_fen(text)) == fen


# a person's line: an answer for a day, then a contact of its own


@pytest.mark.parametrize(("hours", "is_proactive"), [(1, False), (23.9, False), (24, True), (200, True)])
def test_a_persons_line_answers_for_a_day(hours: float, is_proactive: bool) -> None:
    known = replace(KNOWN, last_heard_at=NOW - timedelta(hours=hours), stops={"DECEASED": NOW})
    verdict = judged("human", known)
    assert (verdict.is_proactive, verdict.allowed) == (is_proactive, not is_proactive)


# the policy file


@pytest.mark.parametrize("name", ["kind", "channel"])
def test_what_the_policy_does_not_know_is_refused(name: str) -> None:
    verdict = judge_contact(replace(Contact("sms", "reminder", FIRST, NOW), **{name: "new"}), KNOWN, POLICY)  # type: ignore[arg-type]
    assert (verdict.allowed, verdict.refused) == (False, (name,))


def test_every_check_has_its_rule_and_its_words() -> None:
    asked = {name for kind in KINDS for known in (KNOWN, HEARD) for channel in CHANNELS
             for at in (NOW, NOW.replace(hour=23)) for name in judged(kind, known, channel, at, template=None).asked}  # fmt: skip
    assert all(SHIPPED.rule_of(name) and SHIPPED.says(name) for name in asked)
    assert {*asked, "kind"} == {*SHIPPED.checks, *SHIPPED.stop_states}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('window: ["09:00", "20:00"]', 'window: ["07:00", "20:00"]'),
        ('window: ["09:00", "20:00"]', 'window: ["09:00", "22:30"]'),
        ("opt_out_days: 180", ""),
        ("per_7_days: 3", "per_week: 3"),
        ("demand: >-", "demand: >-\n    ("),
    ],
)
def test_a_policy_file_that_is_wrong_is_refused_whole(tmp_path: Path, before: str, after: str) -> None:
    from importlib.resources import files

    text = (files("heyue.conduct") / "contact_gate.yml").read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "gate.yml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(BadInput, match=r"gate\.yml"):
        load_contact_policy(path)


@pytest.mark.parametrize("since", [True, None])
@pytest.mark.parametrize("kind", ["reply", "human"])
def test_no_answer_goes_to_who_has_opted_out_since_or_may_have(kind: str, since: bool | None) -> None:
    verdict = judged(kind, replace(HEARD, opted_out_since=since))
    assert (verdict.refused, verdict.rules) == (("opted_out_since",), ("X-05",))
