"""The core of the SMS channels once more, over PostgreSQL: taken in once, answered once, in order, refusals heeded."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.configuration import callback_of
from heyue.store import Keys, Store
from tests.bot_process import Bot
from tests.followers import CASES, a_texter, bot_with, until
from tests.integration.test_store_postgres import Cluster, cluster  # noqa: F401  fixture
from tests.texters import sms_environment

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def provider() -> Iterator[AliyunSms]:
    with AliyunSms() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("postgres")


@pytest.fixture(scope="module")
def store(cluster: Cluster, folder: Path) -> Iterator[Store]:  # noqa: F811
    name = f"heyue_{uuid4().hex[:8]}"
    with cluster.database(name):
        store = Store.open(cluster.url(name), Keys.from_environment(folder))
        store.migrate()
        with store.transaction() as tx:
            tx.put_cases([(case, "usable") for case in CASES])
        yield store
        store.close()


@pytest.fixture(scope="module")
def bot(store: Store, folder: Path, provider: AliyunSms) -> Iterator[Bot]:
    url = store.engine.url.render_as_string(hide_password=False)
    with bot_with(folder, sms_environment(provider, folder), url) as running:
        provider.callback = callback_of(provider, running.url)
        yield running


@pytest.fixture
def texter(bot: Bot, provider: AliyunSms) -> Iterator[str]:
    """A borrower who has not written yet."""
    yield a_texter()
    assert provider.unanswered == 0


def said(store: Store, number: str, speaker: str) -> list[str]:
    with store.reading() as tx:
        return [turn.text for turn in tx.turns_of_case(f"W-{number[-3:]}") if turn.speaker == speaker]


def seen(provider: AliyunSms, number: str, count: int) -> list[str]:
    until(lambda: len(provider.seen_by(number)) >= count)
    time.sleep(0.3)
    return provider.seen_by(number)


def at_once(*deeds: threading.Thread) -> None:
    for deed in deeds:
        deed.start()
    for deed in deeds:
        deed.join()


def test_a_message_that_comes_again_at_the_same_moment_is_one_turn(
    texter: str, provider: AliyunSms, store: Store
) -> None:
    message = provider.said(texter, "你好")
    at_once(*(threading.Thread(target=provider.push_said, args=([message],)) for _ in range(4)))
    (answer,) = seen(provider, texter, 1)
    assert "".join(said(store, texter, "bot")) in answer
    assert said(store, texter, "borrower") == ["你好"]


def test_messages_of_many_that_arrive_together_are_all_answered_once(
    bot: Bot, provider: AliyunSms, store: Store
) -> None:
    numbers = [a_texter() for _ in range(12)]
    at_once(*(threading.Thread(target=provider.say, args=(number, "你好")) for number in numbers))
    for number in numbers:
        assert len(seen(provider, number, 1)) == 1
        assert said(store, number, "borrower") == ["你好"]


def test_a_talk_goes_on_over_several_messages(texter: str, provider: AliyunSms, store: Store) -> None:
    for number, text in enumerate(("你好", "我是本人", "512X"), 1):
        provider.say(texter, text)
        assert len(seen(provider, texter, number)) == number
    assert said(store, texter, "borrower") == ["你好", "我是本人", "512X"]


def test_who_refuses_reads_one_confirmation_and_no_answer(texter: str, provider: AliyunSms, store: Store) -> None:
    provider.say(texter, "你好")
    seen(provider, texter, 1)
    provider.say(texter, "TD")
    provider.say(texter, "退订")
    assert len(seen(provider, texter, 2)) == 2
    with store.reading() as tx:
        assert tx.is_opted_out(texter)
