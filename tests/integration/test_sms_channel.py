"""The SMS channels of the running bot against the stand-ins of Alibaba Cloud, Tencent Cloud and Twilio."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.wording import channel_line
from heyue.desk import Desk, open_desk
from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.configuration import CALLBACK_TOKEN, callback_of
from heyue.provider_sim.loopback import Fault
from heyue.provider_sim.sms import Sms, SmsProvider
from heyue.provider_sim.tencent import TencentSms
from heyue.provider_sim.twilio import TwilioSms, sid_of
from heyue.settings import ZONE, Settings
from tests.bot_process import Bot
from tests.followers import NAME, a_texter, bot_with, counted, fill, folder_of, said_by, turns, until
from tests.texters import sms_environment

PUBLIC_URL = "https://bot.example"
OPT_OUTS = "SELECT count(*) FROM opt_outs"
STATES = "SELECT count(*) FROM outbox WHERE kind = 'reply' AND state = '{}'"
TRACES = re.compile(r"Traceback|File \"|\w+Error\b|sqlite|[Rr]asa")
KINDS = {"aliyun": AliyunSms, "tencent": TencentSms, "twilio": lambda: TwilioSms(public_url=PUBLIC_URL)}


@pytest.fixture(scope="module", params=list(KINDS))
def provider(request: pytest.FixtureRequest) -> Iterator[SmsProvider]:
    with KINDS[request.param]() as running:  # type: ignore[operator]
        yield running


@pytest.fixture(scope="module")
def bot(provider: SmsProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("sms")
    fill(folder)
    with bot_with(folder, sms_environment(provider, folder, PUBLIC_URL)) as running:
        provider.callback = callback_of(provider, running.url)
        yield running


@pytest.fixture
def folder(bot: Bot) -> Path:
    return folder_of(bot)


@pytest.fixture
def texter(bot: Bot, provider: SmsProvider) -> Iterator[str]:
    """A borrower who has not written yet."""
    yield a_texter()
    assert provider.unanswered == 0


def seen(provider: SmsProvider, number: str, count: int) -> list[str]:
    """What a borrower has got, when it is so much."""
    until(lambda: len(provider.seen_by(number)) >= count)
    time.sleep(0.3)
    return provider.seen_by(number)


def desk_over(folder: Path, provider: SmsProvider) -> Desk:
    """The desk of another process over the same store."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in sms_environment(provider, folder, PUBLIC_URL).items():
            patch.setenv(name, value)
        return open_desk(Settings(f"sqlite:///{folder / 'heyue.db'}", folder))


def states(folder: Path, state: str) -> int:
    return counted(folder, STATES.format(state))


# answers


def test_a_message_is_answered_by_one_sms_that_says_it_is_a_machines(
    texter: str, provider: SmsProvider, folder: Path
) -> None:
    provider.say(texter, "你好，你们是谁？")
    [answer] = seen(provider, texter, 1)
    assert "".join(said_by(folder, texter, "bot")) in answer
    assert "本消息由AI生成" in answer
    assert "人工回“人工”，退订回T。" in answer  # the wording of bot/domain for SMS, which is shorter
    assert "\n" not in answer


def test_a_talk_goes_on_over_several_messages(texter: str, provider: SmsProvider, folder: Path) -> None:
    for number, text in enumerate(("你好", "我是本人", "512X"), 1):
        provider.say(texter, text)
        assert len(seen(provider, texter, number)) == number
    assert said_by(folder, texter, "borrower") == ["你好", "我是本人", "512X"]


@pytest.mark.parametrize("times", [2, 4])
def test_a_message_that_comes_again_is_one_turn_and_answered_once(
    texter: str, provider: SmsProvider, folder: Path, times: int
) -> None:
    said = provider.said(texter, "你好")
    for _ in range(times):
        provider.push_said([said])
    assert len(seen(provider, texter, 1)) == 1
    assert said_by(folder, texter, "borrower") == ["你好"]


def test_the_same_message_at_the_same_moment_is_one_turn(texter: str, provider: SmsProvider, folder: Path) -> None:
    said = provider.said(texter, "你好")
    threads = [threading.Thread(target=provider.push_said, args=([said],)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen(provider, texter, 1)) == 1
    assert said_by(folder, texter, "borrower") == ["你好"]


def test_a_batch_is_taken_in_whatever_stands_in_it(texter: str, provider: SmsProvider, folder: Path) -> None:
    if not isinstance(provider, AliyunSms):
        return  # brings one at a time
    first, second = provider.said(texter, "你好"), provider.said(texter, "我是本人")
    second["send_time"] = "2099-01-01 00:00:00"
    strange = [None, 7, "x", [], {}, {"phone_number": "abc", "content": "x"}, {"phone_number": texter, "content": 5}]
    provider.push_said([*strange, second, first])
    assert len(seen(provider, texter, 2)) == 2
    assert said_by(folder, texter, "borrower") == ["你好", "我是本人"]


def test_a_stranger_reads_one_neutral_line_a_day(bot: Bot, provider: SmsProvider) -> None:
    for _ in range(2):
        provider.say("15900001234", "你是谁")
    assert seen(provider, "15900001234", 1) == [channel_line("stranger")]


def test_a_message_without_words_is_no_turn(texter: str, provider: SmsProvider, folder: Path) -> None:
    if isinstance(provider, TwilioSms):  # such as a picture
        assert provider.say(texter, " ").status_code == 204
        assert turns(folder, texter) == []


# refusals


@pytest.mark.parametrize("word", ["退订", "TD", "Ｔ", "r"])
def test_who_refuses_is_heeded_at_once_and_reads_one_confirmation(
    texter: str, provider: SmsProvider, folder: Path, word: str
) -> None:
    provider.say(texter, "你好")
    seen(provider, texter, 1)
    lines, before = said_by(folder, texter, "bot"), counted(folder, OPT_OUTS)
    said = provider.said(texter, word)
    provider.push_said([said])
    assert counted(folder, OPT_OUTS) == before + 1  # when the provider has its answer it stands in the store
    provider.push_said([said])
    provider.say(texter, word)
    [_, confirmation] = seen(provider, texter, 2)
    assert channel_line("opted_out") in confirmation
    assert said_by(folder, texter, "borrower") == ["你好", word, word]
    assert said_by(folder, texter, "bot") == [*lines, channel_line("opted_out")]  # what he reads stands in the transcript
    assert counted(folder, OPT_OUTS) == before + 1


def test_refusals_at_the_same_moment_are_confirmed_once(texter: str, provider: SmsProvider, folder: Path) -> None:
    provider.say(texter, "你好")
    seen(provider, texter, 1)
    threads = [threading.Thread(target=provider.say, args=(texter, word)) for word in ("TD", "T", "退订", "R")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen(provider, texter, 2)) == 2
    assert sorted(said_by(folder, texter, "borrower")) == sorted(["你好", "TD", "T", "退订", "R"])


def test_a_refusal_out_of_the_blue_is_heeded_in_silence(texter: str, provider: SmsProvider, folder: Path) -> None:
    """Who has never been told who we are (rule I-01) gets no message that does not say so."""
    before = counted(folder, OPT_OUTS)
    provider.say(texter, "ＴＤ")
    time.sleep(0.5)
    assert counted(folder, OPT_OUTS) == before + 1
    assert provider.seen_by(texter) == said_by(folder, texter, "bot") == []


def test_a_strangers_refusal_is_kept_and_not_answered(bot: Bot, provider: SmsProvider, folder: Path) -> None:
    before = counted(folder, OPT_OUTS)
    provider.say("15900009999", "TD")
    time.sleep(0.5)
    assert counted(folder, OPT_OUTS) == before + 1
    assert provider.seen_by("15900009999") == []


def test_what_the_provider_confirms_itself_is_not_confirmed_again(
    texter: str, provider: SmsProvider, folder: Path
) -> None:
    if isinstance(provider, TwilioSms):
        before = counted(folder, OPT_OUTS)
        provider.say(texter, "STOP")
        time.sleep(0.5)
        assert counted(folder, OPT_OUTS) == before + 1
        assert provider.seen_by(texter) == []


# reports


def last_sms(provider: SmsProvider, number: str) -> Sms:
    return next(each for each in reversed(provider.sent) if each.number == number)


def test_reports_say_what_became_of_an_answer_however_often_they_come(
    texter: str, provider: SmsProvider, folder: Path
) -> None:
    provider.say(texter, "你好")
    seen(provider, texter, 1)
    until(lambda: states(folder, "sent") > 0)
    before = states(folder, "delivered")
    for _ in range(3):
        provider.report(last_sms(provider, texter))
    assert states(folder, "delivered") == before + 1


@pytest.mark.parametrize(
    ("codes", "address"),
    [(("MK:0005", "MK:0005", "30003"), "usable"), (("INVALID_NUMBER", "MK:0001", "30005"), "invalid")],
)
def test_a_message_that_failed_tells_whether_the_number_is_dead(
    texter: str, provider: SmsProvider, folder: Path, codes: tuple[str, ...], address: str
) -> None:
    kinds = (AliyunSms, TencentSms, TwilioSms)
    code = next(code for code, kind in zip(codes, kinds, strict=True) if isinstance(provider, kind))
    provider.say(texter, "你好")
    seen(provider, texter, 1)
    dead = "SELECT count(*) FROM contact_points WHERE state = 'invalid'"
    failed, before = states(folder, "failed"), counted(folder, dead)
    until(lambda: states(folder, "sent") > 0)
    provider.report(last_sms(provider, texter), code)
    assert states(folder, "failed") == failed + 1
    assert counted(folder, dead) == before + (address == "invalid")


def test_an_answer_whose_fate_is_not_known_is_never_sent_again_and_cleared_up_by_its_report(
    texter: str, provider: SmsProvider, folder: Path
) -> None:
    unknown = states(folder, "unknown")
    provider.faults.append(Fault("", cut=True, after=True))
    provider.say(texter, "你好")
    until(lambda: states(folder, "unknown") == unknown + 1)
    assert len(seen(provider, texter, 1)) == 1
    if not isinstance(provider, TencentSms):  # its reports do not bring our id back
        provider.report(last_sms(provider, texter))
        assert states(folder, "unknown") == unknown


def test_who_stands_on_the_providers_list_of_refusers_has_opted_out(
    texter: str, provider: SmsProvider, folder: Path
) -> None:
    provider.refusers.add(texter)
    before = counted(folder, OPT_OUTS)
    provider.say(texter, "你好")
    if isinstance(provider, AliyunSms):
        seen(provider, texter, 1)
        provider.report(last_sms(provider, texter))
    until(lambda: counted(folder, OPT_OUTS) == before + 1)


def test_a_report_of_nobodys_message_is_kept_and_changes_nothing(bot: Bot, provider: SmsProvider) -> None:
    stray = Sms("15900000000", "x", "nobodys", "99^0", f"{PUBLIC_URL}/webhooks/twilio/status?message=nobodys")
    assert provider.report(stray).status_code in (200, 204)


# what is not the provider's


def forged(provider: SmsProvider, said: dict[str, object]) -> list[httpx.Response]:
    """Requests of somebody who does not know the secret."""
    if isinstance(provider, TwilioSms):
        url = f"{provider.callback}/webhook"
        sent = [provider.push_form(url, said, proof) for proof in ("x", "A" * 28, "=")]
        report = provider.push_form(f"{provider.callback}/status?message=m", {"MessageStatus": "failed"}, "x")
        return [*sent, report, httpx.post(url, data=said)]
    what, body = ("up", [said]) if isinstance(provider, AliyunSms) else ("reply", said)
    wrong = [provider.callback.replace(CALLBACK_TOKEN, token) for token in ("x", CALLBACK_TOKEN[:-1], "%C3%A4", "..")]
    wrong = [url for url in wrong if ".." not in url]
    return [httpx.post(f"{url}/{each}", json=body) for url in wrong for each in (what, "report", "other")]


def test_a_forged_request_is_refused_and_nothing_is_done(texter: str, provider: SmsProvider, folder: Path) -> None:
    before = counted(folder, OPT_OUTS)
    for answer in forged(provider, provider.said(texter, "TD")):
        assert (answer.status_code, answer.text) == (403, "")
    assert turns(folder, texter) == []
    assert counted(folder, OPT_OUTS) == before
    assert "forged" in (folder / "bot.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"x", b"7", b'"x"', b"\xff\xfe", b"[" * 100_000, b"[1", b'{"mobile": "138"}', b'{"mobile": [], "text": {}}',
        '[{"phone_number": "13800000000", "content": "你好"}]'.encode("gb18030"),
        b'{"mobile": "' + b"1" * 3000 + b'", "text": "x"}', b" " * 600_000 + b"[]", b"%ff%fe=%ff",
    ],
    ids=lambda body: ascii(body[:20]),
)  # fmt: skip
def test_what_is_no_message_is_refused_whatever_it_is(bot: Bot, provider: SmsProvider, body: bytes) -> None:
    what = {AliyunSms: "up", TencentSms: "reply", TwilioSms: "webhook"}[type(provider)]
    answer = httpx.post(f"{provider.callback}/{what}", content=body)
    assert answer.status_code in ((400, 403) if isinstance(provider, TwilioSms) else (400,))
    assert not TRACES.search(answer.text)


def test_a_body_of_two_mebibytes_is_refused(bot: Bot, provider: SmsProvider) -> None:
    with contextlib.suppress(httpx.WriteError, httpx.ReadError):
        assert httpx.post(f"{provider.callback}/report", content=b"a" * 2_097_152).status_code in (400, 404, 413)


def test_what_a_crash_left_unanswered_is_answered_after_the_next_start(provider: SmsProvider, tmp_path: Path) -> None:
    fill(tmp_path)
    number, long_ago = a_texter(), datetime.now(ZONE) - timedelta(minutes=1)
    received = desk_over(tmp_path, provider).receive("sms", number, "你好", long_ago, "sms:1", pushes=True)
    assert received.outcome == "answer"
    with bot_with(tmp_path, sms_environment(provider, tmp_path, PUBLIC_URL)):
        assert len(seen(provider, number, 1)) == 1


def test_the_log_holds_no_personal_data(bot: Bot, provider: SmsProvider, folder: Path) -> None:
    log = (folder / "bot.log").read_text(encoding="utf-8")
    assert len(log) > 0
    secrets = [value for name, value in sms_environment(provider, folder).items() if re.search("SECRET|TOKEN|KEY", name)]
    for secret in (NAME, "512X", "13800000", "15900001234", "你好", CALLBACK_TOKEN, *secrets):
        assert secret not in log


def test_twilio_is_told_where_its_reports_belong(texter: str, provider: SmsProvider) -> None:
    if isinstance(provider, TwilioSms):
        provider.say(texter, "你好")
        seen(provider, texter, 1)
        assert last_sms(provider, texter).report_to.startswith(f"{PUBLIC_URL}/webhooks/twilio/status?message=reply%3A")
        assert sid_of(last_sms(provider, texter)).startswith("SM")
