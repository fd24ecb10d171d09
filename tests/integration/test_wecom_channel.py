"""The channel to 微信客服 of WeCom of the running bot, against its stand-in."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.wording import channel_line
from heyue.provider_sim.loopback import Fault
from heyue.provider_sim.wechat import xml_of
from heyue.provider_sim.wecom import NEW, POOL, CustomerService
from tests.bot_process import Bot
from tests.followers import a_follower, bot_with, counted, fill, folder_of, said_by, until, wecom_environment

SYNC, TRANS = "/kf/sync_msg", "/kf/service_state/trans"
BOMB = '<!DOCTYPE xml [<!ENTITY a "ha">]><xml><Encrypt>&a;</Encrypt></xml>'


@pytest.fixture(scope="module")
def service() -> Iterator[CustomerService]:
    with CustomerService(page=5) as running:
        yield running


@pytest.fixture(scope="module")
def bot(service: CustomerService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("wecom")
    fill(folder)
    with bot_with(folder, wecom_environment(service) | {"HEYUE_WECOM_HUMAN": "pool"}) as running:
        service.callback = f"{running.url}/webhooks/wecom/webhook"
        yield running


@pytest.fixture
def folder(bot: Bot) -> Path:
    return folder_of(bot)


def test_the_address_is_verified(bot: Bot, service: CustomerService) -> None:
    answer = service.verify_address()
    assert (answer.status_code, answer.text) == (200, "1616140317555161061")
    assert service.verify_address(msg_signature="0" * 40).status_code == 403


def test_a_customer_is_answered(service: CustomerService, folder: Path) -> None:
    customer = a_follower()
    for number, text in enumerate(("你好", "我是本人", "512X"), 1):
        assert service.say(customer, text).text == ""
        until(lambda number=number: len(service.seen_by(customer)) == number)
    assert said_by(folder, customer, "borrower") == ["你好", "我是本人", "512X"]
    assert "\n".join(service.seen_by(customer)).split("\n") == said_by(folder, customer, "bot")


def test_callbacks_that_come_again_and_together_double_nothing(service: CustomerService, folder: Path) -> None:
    customers = [a_follower() for _ in range(12)]
    for customer in customers:
        service.keep(customer, "你好")
    threads = [threading.Thread(target=service.notify) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: all(service.seen_by(customer) for customer in customers))
    time.sleep(0.5)
    for customer in customers:
        assert said_by(folder, customer, "borrower") == ["你好"]
        assert service.seen_by(customer) == ["\n".join(said_by(folder, customer, "bot"))]


def test_what_could_not_be_fetched_is_fetched_later(service: CustomerService, folder: Path) -> None:
    customer = a_follower()
    service.faults.append(Fault(SYNC, answer={"errcode": 45009, "errmsg": "api freq out of limit"}))
    service.say(customer, "你好")
    until(lambda: len(service.seen_by(customer)) == 1, 30)


def test_what_nobody_can_read_is_left_out_and_what_comes_after_it_is_read(service: CustomerService, folder: Path) -> None:
    """The cursor would stay before it for ever, and the channel be dead."""
    customer, message = a_follower(), {"msgid": "odd", "origin": 3, "msgtype": "text"}
    service.log += [
        None, 7, "x", [], {"msgtype": [], "origin": {}}, {"msgtype": "event", "event": "x"}, {"msgtype": "event", "event": {"event_type": {}, "fail_msgid": []}},
        message | {"external_userid": "wmOdd1", "text": "x"}, message | {"external_userid": "wm\ud800", "text": {"content": "\ud800\0"}, "msgid": "\udfff"},
        message | {"external_userid": "wmOdd2", "text": {"content": {}}, "send_time": 1e99, "msgid": {}},
    ]  # fmt: skip
    service.say(customer, "你好")
    until(lambda: service.seen_by(customer) != [])
    assert said_by(folder, customer, "borrower") == ["你好"]


def test_a_session_goes_to_a_human_after_the_farewell(service: CustomerService, folder: Path) -> None:
    customer = a_follower()
    service.say(customer, "你好")
    until(lambda: len(service.seen_by(customer)) == 1)
    assert service.states.get(customer, NEW) == NEW
    service.say(customer, "转人工")
    until(lambda: service.states.get(customer) == POOL)
    assert len(service.seen_by(customer)) == 2
    service.say(customer, "有人吗")
    until(lambda: "有人吗" in said_by(folder, customer, "borrower"))
    time.sleep(0.5)
    assert len(service.seen_by(customer)) == 2


def test_a_transfer_that_failed_is_made_with_the_next_message(service: CustomerService, folder: Path) -> None:
    customer = a_follower()
    service.faults.append(Fault(TRANS, answer={"errcode": -1, "errmsg": "busy"}))
    service.say(customer, "转人工")
    until(lambda: TRANS not in [each.path for each in service.faults])
    service.say(customer, "有人吗")
    until(lambda: service.states.get(customer) == POOL)


def test_a_stranger_gets_one_neutral_line_once(bot: Bot, service: CustomerService) -> None:
    service.say("wmStranger", "你好")
    service.say("wmStranger", "在吗")
    until(lambda: bool(service.seen_by("wmStranger")))
    time.sleep(0.5)
    assert service.seen_by("wmStranger") == [channel_line("stranger")]


def test_a_picture_is_kept_and_answered(service: CustomerService, folder: Path) -> None:
    customer = a_follower()
    service.keep(customer, "", kind="image")
    service.notify()
    until(lambda: bool(service.seen_by(customer)))
    assert said_by(folder, customer, "borrower") == ["[图片]"]


def test_a_message_that_failed_is_reported_and_a_refusal_is_an_opt_out(service: CustomerService, folder: Path) -> None:
    customer, failed = a_follower(), "SELECT count(*) FROM outbox WHERE state = 'failed'"
    service.say(customer, "你好")
    until(lambda: bool(service.seen_by(customer)))
    until(lambda: counted(folder, "SELECT count(*) FROM outbox WHERE state = 'sending'") == 0)
    store_number = _provider_id(folder)
    before = counted(folder, "SELECT count(*) FROM opt_outs")
    service.keep_event("msg_send_fail", fail_msgid=store_number, fail_type=10, external_userid=customer)
    service.keep_event("an_event_of_next_year")
    service.notify()
    until(lambda: counted(folder, failed) == 1)
    until(lambda: counted(folder, "SELECT count(*) FROM opt_outs") == before + 1)
    until(lambda: counted(folder, "SELECT count(*) FROM provider_state WHERE key = 'event.wecom.an_event_of_next_year'") == 1)


def _provider_id(folder: Path) -> str:
    """The number at WeCom of the answer that was sent last."""
    from heyue.delivery.wechat_client import number_of

    turn_id = counted(folder, "SELECT max(turn_id) FROM messages WHERE speaker = 'borrower'")
    return number_of(f"reply:{turn_id}")


@pytest.mark.parametrize("changes", [{"msg_signature": "0" * 40}, {"timestamp": "1"}, {"nonce": "x"}, {"msg_signature": ""}])
def test_a_forged_callback_is_refused_and_nothing_is_fetched(
    bot: Bot, service: CustomerService, changes: dict[str, str]
) -> None:
    before = service.asked.count("/cgi-bin" + SYNC)
    assert service.notify(**changes).status_code == 403
    time.sleep(0.2)
    assert service.asked.count("/cgi-bin" + SYNC) == before


def test_a_stale_callback_is_refused(bot: Bot, service: CustomerService) -> None:
    query, sealed = service.sealed(xml_of({"Event": "kf_msg_or_event"}), int(time.time()) - 900)
    assert httpx.post(service.callback, params=query, content=xml_of({"Encrypt": sealed})).status_code == 403


@pytest.mark.parametrize("body", [b"", b"x", BOMB.encode(), b"\xff\xfe", b"<xml><Encrypt>" + b"A" * 70_000 + b"</Encrypt></xml>"], ids=len)
def test_what_is_no_callback_is_refused(bot: Bot, service: CustomerService, body: bytes) -> None:
    query, _ = service.sealed("<xml></xml>")
    assert httpx.post(service.callback, params=query, content=body).status_code == 400


def test_the_log_holds_no_personal_data(bot: Bot, service: CustomerService, folder: Path) -> None:
    log = (folder / "bot.log").read_text(encoding="utf-8")
    for secret in ("oFollower", "wmStranger", "512X", service.secret, service.token, service.aes_key, service._access_token):
        assert secret not in log


@pytest.mark.kill
@pytest.mark.slow
def test_a_bot_killed_while_it_fetches_skips_and_doubles_nothing(tmp_path: Path) -> None:
    fill(tmp_path)
    customers = [a_follower() for _ in range(40)]
    with CustomerService(page=5) as service:
        for customer in customers:
            service.keep(customer, "你好")
        for _ in range(3):
            with bot_with(tmp_path, wecom_environment(service)) as bot:
                until(lambda: SYNC in "".join(service.asked))
                time.sleep(0.15)
                os.killpg(bot.process.pid, signal.SIGKILL)
                bot.process.wait()
        with bot_with(tmp_path, wecom_environment(service)):
            until(lambda: all(said_by(tmp_path, customer, "bot") for customer in customers), 90)
    for customer in customers:
        assert said_by(tmp_path, customer, "borrower") == ["你好"]
        assert len(service.seen_by(customer)) <= 1
