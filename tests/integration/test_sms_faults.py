"""A provider that is down, callbacks that come in any order, a bot that is killed: each borrower reads each answer once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from heyue.delivery.configured import senders
from heyue.desk import Desk, open_desk
from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.configuration import callback_of
from heyue.provider_sim.loopback import Fault
from heyue.settings import ZONE, Settings
from tests.followers import a_texter, bot_with, counted, fill, said_by, until
from tests.outgoing import still
from tests.texters import sms_environment

OWED = "SELECT count(*) FROM owed_answers"
STATES = "SELECT count(*) FROM outbox WHERE state = '{}'"


def now() -> datetime:
    return datetime.now(ZONE)


@pytest.fixture
def provider() -> Iterator[AliyunSms]:
    with AliyunSms() as running:
        yield running


def desk_over(folder: Path, environment: dict[str, str]) -> Desk:
    """The desk of the worker."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return open_desk(Settings(f"sqlite:///{folder / 'heyue.db'}", folder))


def test_while_the_provider_is_down_answers_wait_for_the_worker(provider: AliyunSms, tmp_path: Path) -> None:
    fill(tmp_path)
    environment, texter = sms_environment(provider, tmp_path), a_texter()
    with bot_with(tmp_path, environment) as bot:
        provider.callback = callback_of(provider, bot.url)
        provider.faults.extend(Fault("", status=503) for _ in range(3))
        provider.say(texter, "你好")
        until(lambda: len(provider.faults) == 2)
        until(lambda: counted(tmp_path, STATES.format("queued")) == 1)  # the bot has written that its try failed
        desk = desk_over(tmp_path, environment)
        ours = senders(environment, desk.provider_state(now))
        for minutes in (1, 3, 7, 8):  # in the night an answer is kept for ten
            desk.deliver_due(still(now() + timedelta(minutes=minutes)), ours)
        assert len(provider.seen_by(texter)) == 1
        assert provider.faults == type(provider.faults)()


@pytest.mark.kill
@pytest.mark.slow
def test_a_killed_bot_has_answered_everybody_once_after_its_next_start(provider: AliyunSms, tmp_path: Path) -> None:
    fill(tmp_path)
    environment = sms_environment(provider, tmp_path)
    messages = [provider.said(a_texter(), "你好") for _ in range(60)]
    acknowledged: set[str] = set()

    def post(message: dict[str, str]) -> None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.post(f"{provider.callback}/up", json=[message], timeout=20).status_code == 200:
                acknowledged.add(message["phone_number"])

    with bot_with(tmp_path, environment) as bot, ThreadPoolExecutor(30) as threads:
        provider.callback = callback_of(provider, bot.url)
        threads.map(post, messages)
        until(lambda: len(acknowledged) >= 20)
        os.killpg(bot.process.pid, signal.SIGKILL)
        bot.process.wait()
    assert counted(tmp_path, OWED) > 0  # it was killed with work left
    desk = desk_over(tmp_path, environment)
    ours = senders(environment, desk.provider_state(now))
    again = [each for each in messages if each["phone_number"] not in acknowledged] + messages[:20]  # and some twice
    random.Random(7).shuffle(again)
    with bot_with(tmp_path, environment) as bot:
        provider.callback = callback_of(provider, bot.url)
        for message in again:
            post(message)
        until(lambda: counted(tmp_path, OWED) == 0, 75)
        until(lambda: not desk.deliver_due(still(now() + timedelta(minutes=5)), ours), 20)
        time.sleep(1)
        numbers = [message["phone_number"] for message in messages]
        assert acknowledged == set(numbers)
        assert all(said_by(tmp_path, number, "borrower") == ["你好"] for number in numbers)
        assert all(len(provider.seen_by(number)) <= 1 for number in numbers)
        unseen = sum(not provider.seen_by(number) for number in numbers)
        assert unseen <= counted(tmp_path, STATES.format("unknown")) <= 8  # what was on its way when it was killed
        reports = [provider.reported(sms) for sms in provider.sent] * 2
        random.Random(8).shuffle(reports)
        assert httpx.post(f"{provider.callback}/report", json=reports, timeout=30).json()["code"] == 0
        assert counted(tmp_path, STATES.format("delivered")) == len(provider.sent)
        assert counted(tmp_path, STATES.format("unknown")) == unseen
