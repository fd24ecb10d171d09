"""The WeChat channel of the running bot against the stand-in of an Official Account, in all three modes."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.wording import channel_line
from heyue.provider_sim.wechat import COMPATIBLE, ENCRYPTED, PLAIN, OfficialAccount, xml_of
from tests.bot_process import Bot
from tests.followers import (
    NAME,
    a_follower,
    bot_with,
    counted,
    fill,
    folder_of,
    said_by,
    turns,
    until,
    wechat_environment,
)  # fmt: skip

BOMB = """<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<xml><FromUserName>&b;</FromUserName><MsgType>text</MsgType><Content>&b;</Content></xml>"""
OUTSIDE = '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><FromUserName>&f;</FromUserName></xml>'
TRACES = re.compile(r"Traceback|File \"|\w+Error\b|sqlite|[Rr]asa")


@pytest.fixture(scope="module", params=[PLAIN, COMPATIBLE, ENCRYPTED])
def account(request: pytest.FixtureRequest) -> Iterator[OfficialAccount]:
    with OfficialAccount(mode=request.param) as running:
        yield running


@pytest.fixture(scope="module")
def bot(account: OfficialAccount, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("wechat")
    fill(folder)
    with bot_with(folder, wechat_environment(account)) as running:
        account.callback = f"{running.url}/webhooks/wechat/webhook"
        yield running


@pytest.fixture
def folder(bot: Bot) -> Path:
    return folder_of(bot)


@pytest.fixture
def follower(bot: Bot, account: OfficialAccount) -> Iterator[str]:
    """A borrower who has not written yet."""
    yield a_follower()
    assert account.broken == []


def test_the_address_is_verified(bot: Bot, account: OfficialAccount) -> None:
    answer = account.verify_address()
    assert (answer.status_code, answer.text) == (200, "5838479218127813673")
    assert account.verify_address(signature="0" * 40).status_code == 403


def test_a_message_is_answered_in_the_response(follower: str, account: OfficialAccount, folder: Path) -> None:
    account.say(follower, "你好，你们是谁？")
    assert len(account.seen_by(follower)) == 1
    assert account.shown[-1].how == "passive"
    assert account.seen_by(follower)[0] == "\n".join(said_by(folder, follower, "bot"))
    assert "需要人工请回复“人工”，不想再收请回复“退订”。" in account.seen_by(follower)[0]


def test_a_talk_goes_on_over_several_messages(follower: str, account: OfficialAccount, folder: Path) -> None:
    for text in ("你好", "我是本人", "512X"):
        account.say(follower, text)
    assert len(account.seen_by(follower)) == 3
    assert "\n".join(account.seen_by(follower)).split("\n") == said_by(folder, follower, "bot")
    assert said_by(folder, follower, "borrower") == ["你好", "我是本人", "512X"]


@pytest.mark.parametrize("times", [2, 4])
def test_a_message_that_comes_again_is_one_turn_and_shown_once(
    follower: str, account: OfficialAccount, folder: Path, times: int
) -> None:
    fields = account.message(follower, "你好")
    for _ in range(times):
        account.push(fields)
    assert said_by(folder, follower, "borrower") == ["你好"]
    assert len(account.seen_by(follower)) == 1


def test_the_same_message_at_the_same_moment_is_one_turn(follower: str, account: OfficialAccount, folder: Path) -> None:
    fields = account.message(follower, "你好")
    threads = [threading.Thread(target=account.push, args=(fields,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: len(account.seen_by(follower)) == 1)
    assert said_by(folder, follower, "borrower") == ["你好"]
    assert account.seen_by(follower) == ["\n".join(said_by(folder, follower, "bot"))]


def test_what_is_spoken_is_read_by_its_recognition(follower: str, account: OfficialAccount, folder: Path) -> None:
    account.push(account.message(follower, kind="voice", MediaId="m", Format="amr", Recognition="你是谁"))
    assert said_by(folder, follower, "borrower") == ["你是谁"]
    assert len(account.seen_by(follower)) == 1


@pytest.mark.parametrize(
    ("kind", "fields", "kept"),
    [
        ("voice", {"MediaId": "m", "Format": "amr"}, "[语音]"),
        ("image", {"PicUrl": "http://mmbiz.qpic.cn/1", "MediaId": "m"}, "[图片]"),
        ("location", {"Location_X": "23.1", "Location_Y": "113.2", "Label": "某某街 1 号"}, "[位置]"),
        ("link", {"Title": "t", "Url": "http://127.0.0.1"}, "[链接]"),
        ("hologram", {}, "[其他消息]"),
    ],
)
def test_what_cannot_be_read_is_kept_and_answered_courteously(
    follower: str, account: OfficialAccount, folder: Path, kind: str, fields: dict[str, str], kept: str
) -> None:
    account.push(account.message(follower, kind=kind, **fields))
    assert said_by(folder, follower, "borrower") == [kept]
    assert account.seen_by(follower) == ["\n".join(said_by(folder, follower, "bot"))]


def test_a_stranger_gets_one_neutral_line_once(bot: Bot, account: OfficialAccount) -> None:
    openid = f"oStranger{account.mode}"
    account.say(openid, "你好")
    account.say(openid, "在吗")
    until(lambda: len(account.seen_by(openid)) >= 1)
    time.sleep(0.5)
    assert account.seen_by(openid) == [channel_line("stranger")]


@pytest.mark.parametrize("event", ["CLICK", "VIEW", "SCAN", "LOCATION", "subscribe", "something_of_next_year"])
def test_events_that_mean_nothing_here_are_acknowledged(
    follower: str, account: OfficialAccount, folder: Path, event: str
) -> None:
    account.push(account.event(follower, event, EventKey="k"))
    assert account.seen_by(follower) == []
    assert turns(folder, follower) == []
    kept = counted(folder, f"SELECT count(*) FROM provider_state WHERE key = 'event.wechat.{event.lower()}'")
    assert kept == (event == "something_of_next_year")


OPT_OUTS = "SELECT count(*) FROM opt_outs"


@pytest.mark.parametrize(
    "event",
    [
        {"event": "unsubscribe"},
        {"event": "TEMPLATESENDJOBFINISH", "MsgID": "1", "Status": "failed:user block"},
        {"event": "subscribe_msg_sent_event", "MsgID": "2", "ErrorCode": "43101"},
        {"event": "subscribe_msg_change_event", "SubscribeStatusString": "reject"},
    ],
)
def test_who_leaves_or_refuses_has_opted_out_at_once(
    follower: str, account: OfficialAccount, folder: Path, event: dict[str, str]
) -> None:
    before = counted(folder, OPT_OUTS)
    fields = account.event(follower, **event)
    account.push(fields)
    account.push(fields)
    assert counted(folder, OPT_OUTS) == before + 1
    account.push(account.event(follower, "subscribe"))  # to follow again is no consent to be reminded
    assert counted(folder, OPT_OUTS) == before + 1


# what is not WeChat's


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "0" * 40}, {"signature": ""}, {"signature": "ä"}, {"timestamp": "1"}, {"timestamp": "x"},
        {"nonce": "other"}, {"timestamp": "9" * 300},
    ],
)  # fmt: skip
def test_a_forged_request_is_refused_and_nothing_is_done(
    follower: str, account: OfficialAccount, folder: Path, changes: dict[str, str]
) -> None:
    answer = account.post(account.message(follower, "你好"), **changes)
    assert (answer.status_code, answer.text) == (403, "")
    assert turns(folder, follower) == []


@pytest.mark.parametrize("seconds", [-900, 900])
def test_a_stale_request_is_refused(follower: str, account: OfficialAccount, folder: Path, seconds: int) -> None:
    stale = account.signature(int(time.time()) + seconds)
    assert account.post(account.message(follower, "你好"), **stale).status_code == 403
    assert turns(folder, follower) == []


def test_a_signature_is_no_use_for_another_message(follower: str, account: OfficialAccount, folder: Path) -> None:
    first, second = account.message(follower, "你好"), account.message(follower, "我是本人")
    query, body = account.signed(first)
    _, other = account.signed(second)
    assert httpx.post(account.callback, params=query, content=body.encode()).status_code == 200
    assert httpx.post(account.callback, params=query, content=other.encode()).status_code == 403
    assert said_by(folder, follower, "borrower") == ["你好"]


def test_an_account_with_a_key_takes_nothing_in_the_clear(follower: str, account: OfficialAccount, folder: Path) -> None:
    if account.mode == PLAIN:
        return  # there everything is in the clear
    body = xml_of(account.message(follower, "你好")).encode()
    assert httpx.post(account.callback, params=account.signature(), content=body).status_code == 403
    tampered, sealed = account.signed(account.message(follower, "你好"))
    assert httpx.post(account.callback, params=tampered | {"msg_signature": "0" * 40}, content=sealed).status_code == 403
    assert turns(folder, follower) == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"x", b"<xml>", b"{}", BOMB.encode(), OUTSIDE.encode(), b"<xml></xml>", b"\xff\xfe<\x00x\x00",
        "<xml><FromUserName>o</FromUserName><MsgType>text</MsgType><Content>你好</Content></xml>".encode("gb18030"),
        b'<?xml version="1.0" encoding="gb2312"?><xml><FromUserName>\xc4\xe3</FromUserName></xml>',
        b"<xml>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</xml>",
        b"<xml><Content>" + b"a" * 70_000 + b"</Content></xml>",
        b"<xml><FromUserName>" + b"o" * 200 + b"</FromUserName><MsgType>text</MsgType></xml>",
        b"<xml><MsgType>text</MsgType><Content>x</Content></xml>",
        b"<xml><FromUserName>o</FromUserName></xml>",
        b"<xml><Encrypt>AAAA</Encrypt></xml>",
    ],
    ids=lambda body: ascii(body[:40]),
)  # fmt: skip
def test_what_is_no_message_is_refused_whatever_it_is(bot: Bot, account: OfficialAccount, body: bytes) -> None:
    answer = httpx.post(account.callback, params=account.signature(), content=body)
    assert answer.status_code in ((400,) if account.mode == PLAIN else (400, 403))
    assert not TRACES.search(answer.text)


def test_a_body_of_two_mebibytes_is_refused(bot: Bot, account: OfficialAccount) -> None:
    answer = httpx.post(account.callback, params=account.signature(), content=b"a" * 2_097_152)
    assert answer.status_code in (400, 413)


def test_the_log_holds_no_personal_data(bot: Bot, account: OfficialAccount, folder: Path) -> None:
    log = (folder / "bot.log").read_text(encoding="utf-8")
    for secret in ("oFollower", NAME, "512X", account.secret, account.token, account.aes_key, account._access_token or "-"):
        assert secret == "-" or secret not in log
