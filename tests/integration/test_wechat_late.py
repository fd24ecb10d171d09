"""Answers that are not ready in time, a bot that is busy, stopped or killed: each borrower reads each answer once."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from heyue.delivery.configured import senders
from heyue.desk import Desk, open_desk
from heyue.provider_sim.loopback import Fault
from heyue.provider_sim.wechat import ENCRYPTED, OfficialAccount
from heyue.settings import ZONE, Settings
from tests.bot_process import Bot
from tests.followers import a_follower, bot_with, counted, fill, folder_of, said_by, until, wechat_environment
from tests.outgoing import still

AT_ONCE = {"HEYUE_WECHAT_ANSWER_SECONDS": "0"}  # nobody waits for an answer: all are pushed
CUSTOM = "/message/custom/send"


def now() -> datetime:
    return datetime.now(ZONE)


@pytest.fixture(scope="module")
def account() -> Iterator[OfficialAccount]:
    with OfficialAccount(mode=ENCRYPTED) as running:
        yield running


@pytest.fixture(scope="module")
def bot(account: OfficialAccount, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("late")
    fill(folder)
    with bot_with(folder, wechat_environment(account) | AT_ONCE) as running:
        account.callback = f"{running.url}/webhooks/wechat/webhook"
        yield running


@pytest.fixture
def folder(bot: Bot) -> Path:
    return folder_of(bot)


def desk_over(folder: Path, account: OfficialAccount) -> Desk:
    """The desk of another process over the same store."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in wechat_environment(account).items():
            patch.setenv(name, value)
        return open_desk(Settings(f"sqlite:///{folder / 'heyue.db'}", folder))


def state_of_answers(folder: Path, state: str) -> int:
    return counted(folder, f"SELECT count(*) FROM outbox WHERE kind = 'reply' AND state = '{state}'")


def test_an_answer_that_is_late_is_pushed_once(bot: Bot, account: OfficialAccount, folder: Path) -> None:
    follower = a_follower()
    fields = account.message(follower, "你好")
    for _ in range(3):
        account.push(fields)
    until(lambda: len(account.seen_by(follower)) > 0)
    time.sleep(0.5)
    assert account.seen_by(follower) == ["\n".join(said_by(folder, follower, "bot"))]
    assert [each.how for each in account.shown if each.openid == follower] == ["custom"]
    assert said_by(folder, follower, "borrower") == ["你好"]


def test_a_burst_of_one_borrower_is_answered_in_order(bot: Bot, account: OfficialAccount, folder: Path) -> None:
    follower = a_follower()
    for text in ("你好", "我是本人", "512X"):
        account.say(follower, text)
    until(lambda: len(account.seen_by(follower)) == 3)
    assert said_by(folder, follower, "borrower") == ["你好", "我是本人", "512X"]
    assert "\n".join(account.seen_by(follower)).split("\n") == said_by(folder, follower, "bot")


def test_the_bot_says_nothing_into_a_humans_talk(bot: Bot, account: OfficialAccount, folder: Path) -> None:
    follower = a_follower()
    account.say(follower, "你好")
    until(lambda: len(account.seen_by(follower)) == 1)
    desk = desk_over(folder, account)
    with desk.store.transaction() as tx:
        tx.set_holder(tx.latest_conversation(follower).conversation_id, "human", now(), "lin")
    account.say(follower, "在吗")
    account.say(follower, "512X")
    time.sleep(1)
    assert len(account.seen_by(follower)) == 1
    assert said_by(folder, follower, "borrower") == ["你好", "在吗", "512X"]


def test_an_answer_whose_fate_is_not_known_is_never_sent_again(
    bot: Bot, account: OfficialAccount, folder: Path
) -> None:
    follower, before = a_follower(), state_of_answers(folder, "unknown")
    account.faults.append(Fault(CUSTOM, cut=True, after=True))
    account.say(follower, "你好")
    until(lambda: state_of_answers(folder, "unknown") == before + 1)
    assert len(account.seen_by(follower)) == 1


def test_an_answer_that_was_not_taken_waits_for_the_worker(bot: Bot, account: OfficialAccount, folder: Path) -> None:
    follower = a_follower()
    account.faults.append(Fault(CUSTOM, status=503))
    account.say(follower, "你好")
    until(lambda: state_of_answers(folder, "queued") == 1)
    until(lambda: not account.faults)
    assert account.seen_by(follower) == []
    desk = desk_over(folder, account)
    ours = senders(wechat_environment(account), desk.provider_state(now))
    for _ in range(2):
        desk.deliver_due(still(now() + timedelta(minutes=1)), ours)
    assert account.seen_by(follower) == ["\n".join(said_by(folder, follower, "bot"))]


def test_nobody_waits_behind_a_long_queue(bot: Bot, account: OfficialAccount) -> None:
    answers: list[str] = []

    def say() -> None:
        answers.append(account.post(account.message(a_follower(), "你好")).text)

    threads = [threading.Thread(target=say) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["success"] * 30


def test_what_a_crash_left_unanswered_is_answered_after_the_next_start(
    account: OfficialAccount, tmp_path: Path
) -> None:
    fill(tmp_path)
    follower = a_follower()
    account._free[follower] = 5
    received = desk_over(tmp_path, account).receive(
        "wechat", follower, "你好", now() - timedelta(minutes=1), "wechat:1", pushes=True
    )
    assert received.outcome == "answer"
    with bot_with(tmp_path, wechat_environment(account)):
        until(lambda: len(account.seen_by(follower)) == 1)
    assert account.seen_by(follower) == ["\n".join(said_by(tmp_path, follower, "bot"))]


def test_a_bot_that_hangs_until_the_last_retry_answers_once(
    account: OfficialAccount, tmp_path: Path
) -> None:
    fill(tmp_path)
    follower = a_follower()
    with bot_with(tmp_path, wechat_environment(account)) as bot:
        hasty = OfficialAccount(mode=ENCRYPTED, speed=5, callback=f"{bot.url}/webhooks/wechat/webhook")
        account._free[follower] = 5
        os.killpg(bot.process.pid, signal.SIGSTOP)
        waker = threading.Timer(2.5, os.killpg, (bot.process.pid, signal.SIGCONT))
        waker.start()
        hasty.push(hasty.message(follower, "你好"))
        seen = lambda: hasty.seen_by(follower) + account.seen_by(follower)  # noqa: E731
        until(lambda: len(seen()) == 1)
        time.sleep(1)
        assert hasty.attempts > 1
        assert seen() == ["\n".join(said_by(tmp_path, follower, "bot"))]
        assert said_by(tmp_path, follower, "borrower") == ["你好"]


@pytest.mark.kill
@pytest.mark.slow
def test_a_killed_bot_has_answered_everybody_once_after_its_next_start(
    account: OfficialAccount, tmp_path: Path
) -> None:
    fill(tmp_path)
    messages = [account.message(a_follower(), "你好") for _ in range(60)]
    acknowledged: list[str] = []
    account._free |= {fields["FromUserName"]: 5 for fields in messages}
    configured = wechat_environment(account) | AT_ONCE

    def post(fields: dict[str, str]) -> None:
        with contextlib.suppress(httpx.HTTPError):
            assert account.post(fields).text == "success"
            acknowledged.append(fields["FromUserName"])

    with bot_with(tmp_path, configured) as bot, ThreadPoolExecutor(30) as threads:
        account.callback = f"{bot.url}/webhooks/wechat/webhook"
        threads.map(post, messages)
        until(lambda: len(acknowledged) >= 20)
        os.killpg(bot.process.pid, signal.SIGKILL)
        bot.process.wait()
    assert counted(tmp_path, "SELECT count(*) FROM owed_answers") > 0  # it was killed with work left
    desk = desk_over(tmp_path, account)
    ours = senders(wechat_environment(account), desk.provider_state(now))
    with bot_with(tmp_path, configured) as bot:
        account.callback = f"{bot.url}/webhooks/wechat/webhook"
        for fields in messages:
            if fields["FromUserName"] not in acknowledged:
                post(fields)  # as WeChat does, which got no response
        until(lambda: counted(tmp_path, "SELECT count(*) FROM owed_answers") == 0, 75)
        time.sleep(1)
        until(lambda: not desk.deliver_due(still(now() + timedelta(minutes=5)), ours), 20)
    for fields in messages:
        follower = fields["FromUserName"]
        assert said_by(tmp_path, follower, "borrower") == ["你好"]
        assert len(account.seen_by(follower)) <= 1
    unseen = sum(not account.seen_by(fields["FromUserName"]) for fields in messages)
    assert unseen <= state_of_answers(tmp_path, "unknown") <= 8  # only what was on its way when it was killed
