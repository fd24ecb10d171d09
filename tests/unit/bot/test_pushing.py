"""Answers that are pushed, over a real store and a provider's stand-in: none is left lying when the store is away for a moment.

Only Rasa's place is taken, by a few lines that store an answer as the transcript broker does.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rasa.core.channels.channel import UserMessage
from sqlalchemy import event

from bot.channels import delivering, pushing
from bot.channels.delivering import now
from bot.channels.pushing import Pusher
from bot.transcript_broker import OpenTurn, write
from heyue.desk import Desk, desk_of_process
from heyue.errors import StoreUnavailable
from heyue.provider_sim.sms import SmsProvider
from heyue.provider_sim.twilio import TwilioSms
from tests.followers import a_texter, fill
from tests.texters import sms_environment

WORDS = "云山消费金融为您服务。"
BUSY_MILLISECONDS = 50


@pytest.fixture
def provider() -> Iterator[TwilioSms]:
    with TwilioSms() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, provider: TwilioSms, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The desk of this process; its store soon says that it is busy."""
    fill(tmp_path)
    environment = sms_environment(provider, tmp_path) | {
        "HEYUE_DATABASE_URL": f"sqlite:///{tmp_path / 'heyue.db'}", "HEYUE_DATA_FOLDER": str(tmp_path),
    }  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(delivering, "AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(pushing, "AGAIN_SECONDS", 0.1)
    desk_of_process.cache_clear()
    desk = desk_of_process()
    desk.store.close()
    event.listen(desk.store.engine, "connect", lambda connection, _: connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}"))
    yield desk
    desk.store.close()
    desk_of_process.cache_clear()


@pytest.fixture
def writer(tmp_path: Path, desk: Desk) -> Iterator[sqlite3.Connection]:
    """Another process that writes into the store."""
    connection = sqlite3.connect(tmp_path / "heyue.db", isolation_level=None)
    yield connection
    connection.close()


async def answers(message: UserMessage) -> None:
    """In place of Rasa: what the broker does when the bot has spoken."""
    metadata = message.metadata or {}
    write(OpenTurn(metadata, {}, [WORDS]))


def holding(writer: sqlite3.Connection, answer: Callable[[UserMessage], object] | None) -> Callable[[UserMessage], object]:
    """Rasa, and somebody who locks the store at the first answer: when it is stored, or before there is any."""

    async def answers_once(message: UserMessage) -> None:
        if answer is not None:
            await answers(message)
        if not writer.in_transaction and not seen_lock:
            seen_lock.append(True)
            writer.execute("BEGIN IMMEDIATE")
            asyncio.get_running_loop().call_later(0.5, writer.execute, "COMMIT")
        if answer is None:
            await answers(message)

    seen_lock: list[bool] = []
    return answers_once


@asynccontextmanager
async def running(on_new_message: Callable[[UserMessage], object]) -> AsyncIterator[Pusher]:
    pusher = Pusher(on_new_message)  # type: ignore[arg-type]
    pusher.start()
    try:
        yield pusher
    finally:
        pusher.stop()


async def seen(provider: SmsProvider, number: str, seconds: float = 10) -> list[str]:
    """What a borrower has got, as soon as it is something."""
    end = time.monotonic() + seconds
    while not provider.seen_by(number) and time.monotonic() < end:
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    return provider.seen_by(number)


def said_and_seen(
    provider: SmsProvider, number: str, on_new_message: Callable[[UserMessage], object], times: int = 1, at: datetime | None = None
) -> list[str]:
    """What a borrower gets whose message comes in so often at the same moment."""

    async def run() -> list[str]:
        async with running(on_new_message) as pusher:
            taken = [pusher.take_in("sms", number, "你好", at or now(), "m-1") for _ in range(times)]
            await asyncio.gather(*taken)
            return await seen(provider, number)

    return asyncio.run(run())


def test_a_message_that_comes_several_times_at_once_is_answered_once(desk: Desk, provider: TwilioSms) -> None:
    (answer,) = said_and_seen(provider, a_texter(), answers, times=4)
    assert WORDS in answer


def test_an_answer_goes_out_when_the_store_was_busy_at_its_delivery(
    desk: Desk, provider: TwilioSms, writer: sqlite3.Connection
) -> None:
    (answer,) = said_and_seen(provider, a_texter(), holding(writer, answers), times=4)
    assert WORDS in answer


def test_a_message_is_answered_when_the_store_was_busy_at_its_turn(
    desk: Desk, provider: TwilioSms, writer: sqlite3.Connection
) -> None:
    (answer,) = said_and_seen(provider, a_texter(), holding(writer, None), times=4)
    assert WORDS in answer


@pytest.mark.parametrize("failures", [1, 3])
def test_a_first_message_is_answered_soon_after_the_bot_failed_at_it(
    desk: Desk, provider: TwilioSms, failures: int
) -> None:
    """The line that says so does not name the lender, so the gate keeps it back: nothing but another try helps."""
    failed: list[str] = []

    async def fails_first(message: UserMessage) -> None:
        if len(failed) < failures:
            failed.append("")
            raise RuntimeError("something inside")
        await answers(message)

    (answer,) = said_and_seen(provider, a_texter(), fails_first, times=4)
    assert WORDS in answer


def test_a_message_whose_first_bringer_was_lost_after_it_was_stored_is_answered_when_it_comes_again(
    desk: Desk, provider: TwilioSms
) -> None:
    number = a_texter()
    desk.receive("sms", number, "你好", now(), "m-1", pushes=True)
    (answer,) = said_and_seen(provider, number, answers)
    assert WORDS in answer


def test_an_answer_that_a_crash_left_in_the_outbox_goes_out_at_the_next_start(desk: Desk, provider: TwilioSms) -> None:
    number, at = a_texter(), now()
    received = desk.receive("sms", number, "你好", at, "m-1", pushes=True)
    desk.record_answer(received.conversation_id, received.turn_id, {}, [WORDS], at)

    async def run() -> list[str]:
        async with running(answers):
            return await seen(provider, number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("heyue.desk.replies.LEFT", timedelta())
        (answer,) = asyncio.run(run())
    assert WORDS in answer


def test_the_model_of_the_gate_is_loaded_before_an_answer_waits_for_it_inside_a_transaction(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    monkeypatch.setattr("heyue.conduct.line_check.check_line", lambda line: checked.append(line) or [])

    async def start() -> None:
        async with running(answers):
            await asyncio.sleep(0.5)

    asyncio.run(start())
    assert len(checked) == 1


def stored_by(folder: Path, key: str) -> bool:
    """Whether a message stands in the store, as another process sees it."""
    with sqlite3.connect(folder / "heyue.db") as connection:
        return bool(connection.execute("SELECT count(*) FROM messages WHERE message_key = ?", (key,)).fetchone()[0])


def test_messages_that_arrive_together_share_transactions_and_each_is_safe_when_it_is_acknowledged(
    desk: Desk, tmp_path: Path
) -> None:
    commits: list[object] = []
    event.listen(desk.store.engine, "commit", commits.append)
    pusher, numbers = Pusher(answers), [a_texter() for _ in range(30)]

    async def bring(number: str) -> bool:
        await pusher.take_in("sms", number, "你好", now(), number)
        return stored_by(tmp_path, number)

    async def bring_all() -> list[bool]:
        return await asyncio.gather(*(bring(number) for number in numbers))

    assert asyncio.run(bring_all()) == [True] * 30
    assert len(commits) <= 3


def test_a_message_that_cannot_be_stored_keeps_nobody_else_out(desk: Desk, tmp_path: Path) -> None:
    pusher, numbers = Pusher(answers), [a_texter() for _ in range(6)]
    texts = ["你好"] * 5 + ["\ud800"]  # no encoding has this

    async def bring_all() -> list[object]:
        taken = [pusher.take_in("sms", each, text, now(), each) for each, text in zip(numbers, texts, strict=True)]
        return await asyncio.gather(*taken, return_exceptions=True)

    outcomes = asyncio.run(bring_all())
    assert [isinstance(each, Exception) for each in outcomes] == [False] * 5 + [True]
    assert [stored_by(tmp_path, number) for number in numbers] == [True] * 5 + [False]


def test_nobody_is_told_that_a_message_is_stored_when_the_store_is_away(
    desk: Desk, tmp_path: Path, writer: sqlite3.Connection
) -> None:
    pusher, numbers = Pusher(answers), [a_texter() for _ in range(5)]
    writer.execute("BEGIN IMMEDIATE")

    async def bring_all() -> list[object]:
        taken = [pusher.take_in("sms", each, "你好", now(), each) for each in numbers]
        return await asyncio.gather(*taken, return_exceptions=True)

    assert {type(each) for each in asyncio.run(bring_all())} == {StoreUnavailable}
    writer.execute("COMMIT")
    assert not any(stored_by(tmp_path, number) for number in numbers)
