"""What becomes of a message that is given to an SMS provider: the real SDKs against the stand-ins."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from heyue.delivery.configured import senders
from heyue.delivery.sender import ACCEPTED, LATER, REFUSED, UNKNOWN, Receipt, Sender
from heyue.errors import BadInput
from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.loopback import Fault
from heyue.provider_sim.sms import SmsProvider
from heyue.provider_sim.tencent import TencentSms
from heyue.provider_sim.twilio import TwilioSms, sid_of
from heyue.records import OutboundMessage
from heyue.settings import ZONE
from tests.providers.memory_state import MemoryState
from tests.texters import sms_environment

AT = datetime(2026, 11, 26, 10, 0, tzinfo=ZONE)
NUMBER = "13800138000"
KINDS: dict[str, Callable[[], SmsProvider]] = {"aliyun": AliyunSms, "tencent": TencentSms, "twilio": TwilioSms}


@dataclass
class Account:
    """A stand-in, and the real client that talks to it."""

    provider: SmsProvider
    environment: Mapping[str, str]
    name: str

    @property
    def sender(self) -> Sender:
        return senders(self.environment, MemoryState())["sms"]

    def send(self, text: str = "您好", template: str | None = None, number: str = NUMBER, **parameters: str) -> Receipt:
        message = OutboundMessage(
            "reply:17", "C-1", "sms", number, "reply", text, template=template, parameters=parameters
        )
        return self.sender.send(message, AT)

    def error(self, code: str) -> dict[str, object]:
        """How the provider says that code."""
        if self.name == "aliyun":
            return {"Code": code, "Message": "on command", "RequestId": "1"}
        if self.name == "tencent":
            status = {"Code": code, "SerialNo": "", "PhoneNumber": "", "Fee": 0, "SessionContext": "", "Message": ""}
            return {"Response": {"SendStatusSet": [status], "RequestId": "1"}}
        return {"code": int(code), "message": "on command", "status": 400}


@pytest.fixture(params=list(KINDS))
def account(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Account]:
    with KINDS[request.param]() as provider:
        yield Account(provider, sms_environment(provider, tmp_path), request.param)


def _account(name: str, folder: Path) -> Iterator[Account]:
    with KINDS[name]() as provider:
        yield Account(provider, sms_environment(provider, folder), name)


def test_an_answer_goes_out_in_one_line_under_our_id(account: Account) -> None:
    receipt = account.send("您好\n 请问 您是本人吗？")
    assert receipt.outcome == ACCEPTED
    [sms] = account.provider.sent
    assert (sms.number, sms.text) == (NUMBER, "您好请问您是本人吗？")
    assert sms.message_id == "reply:17" or "message=reply%3A17" in sms.report_to
    assert receipt.provider_id == (sid_of(sms) if account.name == "twilio" else sms.provider_id)


@pytest.mark.parametrize(
    ("length", "with_signature", "without"), [(1, 1, 1), (62, 1, 1), (63, 2, 1), (70, 2, 1), (71, 2, 2), (126, 2, 2), (127, 3, 2), (134, 3, 2)]
)
def test_the_segments_of_what_was_taken_are_told_with_the_signature(account: Account, length: int, with_signature: int, without: int) -> None:
    signature = account.environment.get("HEYUE_SMS_SIGNATURE", "")
    assert len(f"【{signature}】") == 8 or account.name == "twilio"
    assert account.send("好" * length).segments == (without if account.name == "twilio" else with_signature)


def test_what_was_not_taken_has_no_segments(account: Account) -> None:
    assert account.send("字" * 501).segments is None


@pytest.mark.parametrize("number", ["13800138000", "+8613800138000"])
def test_a_number_is_written_as_the_provider_takes_it(account: Account, number: str) -> None:
    assert account.send(number=number).outcome == ACCEPTED
    assert account.provider.sent[0].number == NUMBER


def test_a_number_that_is_none_is_refused(account: Account) -> None:
    assert account.send(number="12").outcome == REFUSED
    assert account.provider.sent == []


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_an_approved_template_goes_with_its_fields_filled(name: str, tmp_path: Path) -> None:
    for account in _account(name, tmp_path):
        account.provider.templates["77"] = "{who}您好，{what}。" if name == "aliyun" else "{1}您好，{2}。"
        receipt = account.send("", "reminder_early", person="赵先生", subject="有事请看官方App")
        assert receipt.outcome == ACCEPTED
        assert account.provider.sent[0].text == "赵先生您好，有事请看官方App。"


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
@pytest.mark.parametrize(
    ("template", "code"),
    [("unheard_of", "template_not_configured"), ("reminder_early", "template_parameter_missing")],
)
def test_a_template_that_cannot_be_filled_is_never_asked_for(
    name: str, template: str, code: str, tmp_path: Path
) -> None:
    for account in _account(name, tmp_path):
        receipt = account.send("", template, person="赵先生")
        assert (receipt.outcome, receipt.code) == (REFUSED, code)
        assert account.provider.asked == []


def test_words_that_no_sms_holds_are_not_sent(account: Account) -> None:
    receipt = account.send("好" * 501)
    assert (receipt.outcome, receipt.code) == (REFUSED, "too_long")
    assert account.send("好" * 500).outcome == ACCEPTED


@pytest.mark.parametrize(
    ("name", "code", "outcome", "seconds", "opted_out"),
    [
        ("aliyun", "isv.BUSINESS_LIMIT_CONTROL", LATER, 3600, False),
        ("aliyun", "isv.DAY_LIMIT_CONTROL", LATER, 3600, False),
        ("aliyun", "isv.MOBILE_NUMBER_ILLEGAL", REFUSED, None, False),
        ("aliyun", "isp.SYSTEM_ERROR", LATER, 30, False),
        ("aliyun", "isv.AMOUNT_NOT_ENOUGH", LATER, 3600, False),
        ("aliyun", "isv.SMS_TEMPLATE_ILLEGAL", REFUSED, None, False),
        ("aliyun", "isv.BLACK_KEY_CONTROL_LIMIT", REFUSED, None, False),
        ("tencent", "FailedOperation.PhoneNumberInBlacklist", REFUSED, None, True),
        ("tencent", "FailedOperation.ContainSensitiveWord", REFUSED, None, False),
        ("tencent", "LimitExceeded.PhoneNumberThirtySecondLimit", LATER, 30, False),
        ("tencent", "LimitExceeded.PhoneNumberDailyLimit", LATER, 3600, False),
        ("tencent", "InvalidParameterValue.IncorrectPhoneNumber", REFUSED, None, False),
        ("tencent", "InternalError.Timeout", UNKNOWN, None, False),
        ("twilio", "21211", REFUSED, None, False),
        ("twilio", "21610", REFUSED, None, True),
        ("twilio", "21611", LATER, 60, False),
        ("twilio", "99999", REFUSED, None, False),
    ],
)  # fmt: skip
def test_each_code_has_its_meaning(
    name: str, code: str, outcome: str, seconds: float | None, opted_out: bool, tmp_path: Path
) -> None:
    for account in _account(name, tmp_path):
        status = 400 if name == "twilio" else 200
        account.provider.faults.append(Fault("", answer=account.error(code), status=status))
        receipt = account.send()
        assert (receipt.outcome, receipt.code) == (outcome, code)
        assert (receipt.retry_after_seconds, receipt.opted_out) == (seconds, opted_out)
        assert account.provider.sent == []


def test_a_number_that_refuses_has_opted_out(account: Account) -> None:
    account.provider.refusers.add(NUMBER)
    receipt = account.send()
    if account.name == "aliyun":  # there it is said by the report
        assert receipt.outcome == ACCEPTED
    else:
        assert (receipt.outcome, receipt.opted_out) == (REFUSED, True)


@pytest.mark.parametrize(
    ("fault", "outcome", "is_sent"),
    [
        (Fault("", cut=True), UNKNOWN, False),
        (Fault("", cut=True, after=True), UNKNOWN, True),
        (Fault("", status=502, after=True), UNKNOWN, True),
        (Fault("", status=500), UNKNOWN, False),
        (Fault("", status=503), LATER, False),
        (Fault("", status=429), LATER, False),
        (Fault("", answer={}), UNKNOWN, False),
        (Fault("", seconds=1), ACCEPTED, True),
    ],
)
def test_a_message_is_sent_again_only_when_it_was_surely_not_taken(
    account: Account, fault: Fault, outcome: str, is_sent: bool
) -> None:
    account.provider.faults.append(fault)
    assert account.send().outcome == outcome
    assert bool(account.provider.sent) == is_sent
    assert len(account.provider.asked) == 1  # the SDK itself did not try again


def test_a_provider_that_is_too_slow_leaves_the_fate_unknown(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("aliyun", "tencent", "twilio"):
        monkeypatch.setattr(f"heyue.delivery.sms_{module}.TIMEOUT_SECONDS", (0.5, 0.5))
    account.provider.faults.append(Fault("", seconds=2, after=True))
    assert account.send().outcome == UNKNOWN
    assert len(account.provider.sent) == len(account.provider.asked) == 1


def test_a_provider_that_is_down_is_tried_later(account: Account) -> None:
    account.provider.__exit__()
    try:
        assert account.send().outcome == LATER
    finally:
        account.provider.port = 0
        account.provider.__enter__()


def test_what_comes_too_fast_is_tried_later(account: Account) -> None:
    account.provider.most_per_second = 2
    outcomes = [account.send().outcome for _ in range(3)]
    assert outcomes == [ACCEPTED, ACCEPTED, LATER]


SECRETS = ("HEYUE_ALIYUN_ACCESS_KEY_SECRET", "HEYUE_TENCENT_SECRET_KEY", "TWILIO_AUTH_TOKEN")


def test_a_wrong_secret_is_not_taken(account: Account) -> None:
    account.environment = {**account.environment, **dict.fromkeys(SECRETS, "another")}
    assert account.send().outcome == LATER  # the operator must act
    assert account.provider.sent == []


def test_a_tampered_request_is_not_taken(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in checks the signature over all that is asked (Twilio's API signs nothing)."""
    if account.name == "twilio":
        return
    answer = account.provider.answer
    swap = lambda body: body.replace(b"138", b"139")  # noqa: E731
    monkeypatch.setattr(
        account.provider, "answer",
        lambda asked: answer(type(asked)(asked.path, asked.query, swap(asked.body), asked.method, asked.headers)),
    )  # fmt: skip
    assert account.send().outcome == LATER
    assert account.provider.sent == []


def test_neither_secret_nor_words_nor_number_stand_in_a_representation_or_a_log(
    account: Account, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    sender = account.sender
    account.send("您好赵先生")
    for fault in (Fault("", status=400, answer=account.error("1")), Fault("", cut=True), Fault("", status=500)):
        account.provider.faults.append(fault)
        account.send("您好赵先生")
    captured = capfd.readouterr()
    seen = repr(sender) + repr(vars(sender)) + caplog.text + captured.out + captured.err
    for secret in (*(account.environment[name] for name in SECRETS if name in account.environment), NUMBER, "赵先生"):
        assert secret not in seen


@pytest.mark.parametrize("words", ["nothing", "a: 1", "a: {id: 1}", "\t- :", "a: {fields: {}}"])
@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_a_file_of_templates_that_is_none_is_refused_at_the_start(name: str, tmp_path: Path, words: str) -> None:
    for account in _account(name, tmp_path):
        file = tmp_path / "t.yml"
        file.write_text(words, encoding="utf-8")
        account.environment = {**account.environment, "HEYUE_SMS_TEMPLATES": str(file)}
        with pytest.raises(BadInput, match="HEYUE_SMS_TEMPLATES"):
            account.send()


def test_every_part_of_the_configuration_is_asked_for(account: Account) -> None:
    optional = {"HEYUE_SMS_PROVIDER", "HEYUE_SMS_TEMPLATES", "HEYUE_SMS_CALLBACK_TOKEN"}
    for missing in set(account.environment) - optional:
        if missing.endswith("_URL") and missing != "HEYUE_PUBLIC_URL":
            continue
        environment = {name: value for name, value in account.environment.items() if name != missing}
        with pytest.raises(BadInput, match=missing):
            senders(environment, MemoryState())
