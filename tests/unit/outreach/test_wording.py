"""The words of outreach: lawful, courteous, complete, short."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from heyue.conduct.contact_gate import NEVER_HEARD, Contact, Known, judge_contact
from heyue.conduct.contact_policy import default_contact_policy
from heyue.conduct.line_check import check_line
from heyue.outreach.standing import Send
from heyue.outreach.wording import (
    Words,
    approved_words,
    free_words,
    name_of,
    template_names,
    templates,
    verified_words,
)
from heyue.policy import default_policy
from heyue.records import Case, PromiseTerms, RecordedPromise
from heyue.settings import ZONE

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=ZONE)
CASE = Case("C-1", "赵明远", "云山消费金融", 320_000, date(2026, 11, 15), "男", "13800138000", "openid", "5126", "现金分期")
LONG = replace(CASE, borrower_name="欧阳明远", creditor="海峡东岸消费金融股份公司")
PROMISE = RecordedPromise(
    "7", "C-1", PromiseTerms(date(2026, 11, 27), date(2026, 11, 27), "2000.00"), 200_000, "open", NOW, 50_000
)
KNOWN = Known(
    can_send=True, case=CASE, owed_fen=320_000, role="debtor", address_state="usable", stops={}, opt_outs={},
    has_promise=False, last_interruption=CASE.due_date, held_by_human=False, last_heard_at=NEVER_HEARD, answered=0,
    touches=(), is_first=True, is_verified=False, ledger_fen=frozenset({320_000, 200_000, 50_000}), broken_rules=(),
)  # fmt: skip
TWO_SEGMENTS = 134  # UCS-2 (3GPP TS 23.038): 70 characters alone, 67 each in two


def occasions() -> list[tuple[str, int]]:
    return [(name, n) for name, said in templates().items() if name != "frames" for n in range(len(said))]


def send(occasion: str, number: int = 0) -> Send:
    kind = {"promise_partly": "promise_broken", "promise_undated": "promise_day"}.get(occasion, occasion)
    kind = "reminder" if occasion.startswith("reminder") else kind
    return Send(kind, f"{kind}:C-1", occasion, NOW.date(), number, PROMISE)


def refused(words: Words, kind: str, channel: str, known: Known) -> tuple[str, ...]:
    known = replace(known, broken_rules=tuple(each.rule for each in check_line(words.text)))
    return judge_contact(Contact(channel, kind, words.text, NOW, words.template), known, default_contact_policy()).refused


@pytest.mark.parametrize(("occasion", "channel", "case"), itertools.product(occasions(), ("sms", "wechat"), (CASE, LONG)))
def test_every_message_may_be_the_first_to_somebody_unknown(
    occasion: tuple[str, int], channel: str, case: Case
) -> None:
    words = approved_words(case, send(*occasion), channel, default_policy())
    assert refused(words, send(*occasion).kind, channel, replace(KNOWN, case=case)) == ()
    assert case.creditor in words.text
    assert case.borrower_name not in words.text
    assert words.template == name_of(*occasion)


@pytest.mark.parametrize(("occasion", "case"), itertools.product(occasions(), (CASE, LONG)))
def test_an_sms_with_its_signature_takes_at_most_two_segments(occasion: tuple[str, int], case: Case) -> None:
    words = approved_words(case, send(*occasion), "sms", default_policy())
    signed = f"【{case.creditor}】{words.text}"
    assert len(signed) <= TWO_SEGMENTS
    assert len(words.text.encode("utf-16-le")) == 2 * len(words.text)


@pytest.mark.parametrize("occasion", [each for each in occasions() if "verified" in templates()[each[0]][each[1]]])
def test_who_has_proved_who_he_is_reads_day_and_sum_and_nobody_else_does(occasion: tuple[str, int]) -> None:
    words = verified_words(CASE, send(*occasion), "wechat", default_policy())
    assert words is not None
    assert words.template is None
    assert "元" in words.text
    heard = replace(KNOWN, last_heard_at=NOW - timedelta(hours=2))
    assert refused(words, send(*occasion).kind, "wechat", replace(heard, is_verified=True)) == ()
    assert "disclosure" in refused(words, send(*occasion).kind, "wechat", heard)


def test_free_words_are_those_of_the_template() -> None:
    free, approved = (
        say(CASE, send("reminder_middle", 1), "wechat", default_policy()) for say in (free_words, approved_words)
    )
    assert (free.text, free.template) == (approved.text, None)


def test_wordings_of_one_occasion_are_said_in_turn_and_differ() -> None:
    count = len(templates()["reminder_middle"])
    said = [approved_words(CASE, send("reminder_middle", n), "sms", default_policy()).text for n in range(count + 1)]
    assert len(set(said)) == count
    assert said[0] == said[count]


def test_the_gate_knows_every_template_and_no_other() -> None:
    approved = default_contact_policy().approved_templates
    assert approved["sms"] == approved["wechat"] == set(template_names())


def test_no_sentence_ends_twice() -> None:
    for occasion, channel in itertools.product(occasions(), ("sms", "wechat")):
        text = approved_words(CASE, send(*occasion), channel, default_policy()).text
        assert not any(pair in text for pair in ("。。", "？。", "，。", "{", "}"))
