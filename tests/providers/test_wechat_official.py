"""What becomes of a message that is given to a WeChat Official Account: real wechatpy against the stand-in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from heyue.delivery.sender import ACCEPTED, LATER, REFUSED, UNKNOWN
from heyue.delivery.wechat_official import WechatOfficial, sender_from
from heyue.errors import BadInput
from heyue.provider_sim.loopback import Fault
from heyue.provider_sim.wechat import OfficialAccount, Shown
from heyue.records import OutboundMessage
from heyue.settings import ZONE
from tests.providers.memory_state import MemoryState

AT = datetime(2026, 11, 26, 10, 0, tzinfo=ZONE)
OPENID = "oBorrower0001"
TOKEN, CUSTOM, TEMPLATE = "/cgi-bin/token", "/message/custom/send", "/message/template/send"
TEMPLATES = """
reminder_early: {id: TM1, by: template, fields: {thing1: creditor, time2: due_date}}
promise_day: {id: SM1, by: subscription, fields: {thing1: creditor}}
"""


@pytest.fixture
def account() -> Iterator[OfficialAccount]:
    with OfficialAccount() as running:
        running._free[OPENID] = 5
        yield running


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    file = tmp_path / "templates.yml"
    file.write_text(TEMPLATES, encoding="utf-8")
    return file


def configured(account: OfficialAccount, **more: str) -> dict[str, str]:
    return {
        "HEYUE_WECHAT_APP_ID": account.app_id, "HEYUE_WECHAT_SECRET": account.secret,
        "HEYUE_WECHAT_URL": account.url, **more,
    }  # fmt: skip


@pytest.fixture
def sender(account: OfficialAccount, templates: Path) -> WechatOfficial:
    return sender_from(configured(account, HEYUE_WECHAT_TEMPLATES=str(templates)), MemoryState())


def message(text: str = "您好", template: str | None = None, **parameters: str) -> OutboundMessage:
    return OutboundMessage("reply:17", "C-1", "wechat", OPENID, "reply", text, template=template, parameters=parameters)


def tokens_asked(account: OfficialAccount) -> int:
    return account.asked.count(TOKEN)


def test_free_words_go_by_a_customer_service_message(account: OfficialAccount, sender: WechatOfficial) -> None:
    assert sender.send(message("明天见"), AT).outcome == ACCEPTED
    assert account.shown == [Shown(OPENID, "明天见", "custom")]


def test_a_template_goes_with_its_fields_filled(account: OfficialAccount, sender: WechatOfficial) -> None:
    receipt = sender.send(message("", "reminder_early", creditor="云山消费金融", due_date="2026-11-30"), AT)
    assert receipt.outcome == ACCEPTED
    assert receipt.provider_id
    assert account.shown == [Shown(OPENID, "thing1：云山消费金融，time2：2026-11-30", "template")]


def test_a_subscription_message_goes(account: OfficialAccount, sender: WechatOfficial) -> None:
    assert sender.send(message("", "promise_day", creditor="云山消费金融"), AT).outcome == ACCEPTED
    assert account.shown[0].how == "subscription"


def test_who_refuses_subscription_messages_has_opted_out(account: OfficialAccount, sender: WechatOfficial) -> None:
    account.refusers.add(OPENID)
    receipt = sender.send(message("", "promise_day", creditor="云山消费金融"), AT)
    assert (receipt.outcome, receipt.code, receipt.opted_out) == (REFUSED, "43101", True)


@pytest.mark.parametrize(
    ("template", "code"),
    [("unheard_of", "template_not_configured"), ("reminder_early", "template_parameter_missing")],
)
def test_a_template_that_cannot_be_filled_is_never_asked_for(
    account: OfficialAccount, sender: WechatOfficial, template: str, code: str
) -> None:
    receipt = sender.send(message("", template, creditor="云山消费金融"), AT)
    assert (receipt.outcome, receipt.code) == (REFUSED, code)
    assert account.asked == []


@pytest.mark.parametrize(
    ("code", "outcome", "seconds", "opted_out"),
    [
        (-1, LATER, 5, False),
        (45009, LATER, 3600, False),
        (45011, LATER, 60, False),
        (45015, REFUSED, None, False),
        (45047, LATER, 3600, False),
        (43004, REFUSED, None, True),
        (43101, REFUSED, None, True),
        (40003, REFUSED, None, False),
        (99999, REFUSED, None, False),
    ],
)
def test_each_error_code_has_its_meaning(
    account: OfficialAccount, sender: WechatOfficial, code: int, outcome: str, seconds: float | None, opted_out: bool
) -> None:
    account.faults.append(Fault(CUSTOM, answer={"errcode": code, "errmsg": "on command"}))
    receipt = sender.send(message(), AT)
    assert (receipt.outcome, receipt.code) == (outcome, str(code))
    assert (receipt.retry_after_seconds, receipt.opted_out) == (seconds, opted_out)
    assert account.shown == []


@pytest.mark.parametrize(
    ("fault", "outcome", "is_shown"),
    [
        (Fault(CUSTOM, cut=True), UNKNOWN, False),
        (Fault(CUSTOM, cut=True, after=True), UNKNOWN, True),
        (Fault(CUSTOM, status=502, after=True), UNKNOWN, True),
        (Fault(CUSTOM, status=500), UNKNOWN, False),
        (Fault(CUSTOM, status=503), LATER, False),
        (Fault(CUSTOM, status=429), LATER, False),
        (Fault(CUSTOM, status=403), REFUSED, False),
        (Fault(TOKEN, cut=True), LATER, False),
        (Fault(TOKEN, status=502), LATER, False),
        (Fault(TOKEN, answer={"errcode": -1, "errmsg": "system error"}), LATER, False),
        (Fault(TOKEN, answer={"errcode": 40125, "errmsg": "invalid appsecret"}), LATER, False),
        (Fault(TOKEN, answer={}), LATER, False),
    ],
)
def test_a_message_is_sent_again_only_when_it_was_surely_not_taken(
    account: OfficialAccount, sender: WechatOfficial, fault: Fault, outcome: str, is_shown: bool
) -> None:
    account.faults.append(fault)
    assert sender.send(message(), AT).outcome == outcome
    assert bool(account.shown) == is_shown


def test_a_provider_that_is_down_is_tried_later() -> None:
    with OfficialAccount() as account:
        sender = sender_from(configured(account), MemoryState())
    assert sender.send(message(), AT).outcome == LATER


def test_a_slow_provider_is_waited_for(account: OfficialAccount, sender: WechatOfficial) -> None:
    account.faults.append(Fault(CUSTOM, seconds=1))
    assert sender.send(message(), AT).outcome == ACCEPTED


def test_one_token_serves_all_senders_until_shortly_before_its_end(account: OfficialAccount) -> None:
    state = MemoryState()
    for number in range(4):
        assert sender_from(configured(account), state).send(message(str(number)), AT).outcome == ACCEPTED
    assert tokens_asked(account) == 1
    sender_from(configured(account), state).send(message(), AT + timedelta(seconds=7200 - 299))
    assert tokens_asked(account) == 2


def test_a_refused_token_is_fetched_anew_once_for_all_who_met_it(account: OfficialAccount) -> None:
    account._free[OPENID] = 100
    state = MemoryState()
    senders = [sender_from(configured(account), state) for _ in range(8)]
    senders[0].send(message(), AT)
    account.forget_token()
    outcomes: list[str] = []
    threads = [threading.Thread(target=lambda each=each: outcomes.append(each.send(message(), AT).outcome)) for each in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [ACCEPTED] * 8
    assert tokens_asked(account) == 2


def test_an_expired_token_is_fetched_anew(account: OfficialAccount) -> None:
    state = MemoryState()
    sender_from(configured(account), state).send(message(), AT)
    account._expires_at = 0
    assert sender_from(configured(account), state).send(message(), AT).outcome == ACCEPTED


def test_a_token_that_is_always_refused_is_asked_for_once_more_only(
    account: OfficialAccount, sender: WechatOfficial
) -> None:
    for _ in range(9):
        account.faults.append(Fault(CUSTOM, answer={"errcode": 40001, "errmsg": "invalid credential"}))
    assert sender.send(message(), AT).outcome == LATER
    assert (tokens_asked(account), len(account.faults)) == (2, 7)


def test_neither_secret_nor_words_stand_in_a_representation(account: OfficialAccount, sender: WechatOfficial) -> None:
    sender.send(message("您好赵先生"), AT)
    seen = repr(sender) + repr(vars(sender)) + repr(sender._client.account) + repr(message("您好赵先生"))
    for secret in (account.secret, account._access_token, OPENID, "赵先生"):
        assert secret not in seen


@pytest.mark.parametrize("words", ["nothing", "a: 1", "a: {id: 1, by: pigeon, fields: {}}", "\t- :", "a: {by: template}"])
def test_a_file_of_templates_that_is_none_is_refused_at_the_start(account: OfficialAccount, tmp_path: Path, words: str) -> None:
    file = tmp_path / "t.yml"
    file.write_text(words, encoding="utf-8")
    with pytest.raises(BadInput, match="HEYUE_WECHAT_TEMPLATES"):
        sender_from(configured(account, HEYUE_WECHAT_TEMPLATES=str(file)), MemoryState())


def test_an_account_without_secret_is_refused_at_the_start() -> None:
    with pytest.raises(BadInput, match="HEYUE_WECHAT_SECRET"):
        sender_from({"HEYUE_WECHAT_APP_ID": "wx1"}, MemoryState())
