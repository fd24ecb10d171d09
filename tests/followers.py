"""Borrowers who write over WeChat or WeCom to a running bot, and what the store and they themselves have of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from heyue.provider_sim.configuration import environment_of
from heyue.provider_sim.wechat import OfficialAccount
from heyue.provider_sim.wecom import CustomerService
from heyue.records import Case, Turn
from heyue.store import Keys, Store
from tests.bot_process import Bot, running_bot

NAME = "赵明远"
CASES = [
    Case(f"W-{number:03}", NAME, "云山消费金融", 320_000, date(2026, 11, 15), gender="男",
         phone=f"13800{number:06}", wechat_openid=f"oFollower{number:05}", id_last4="512X", product="现金分期")
    for number in range(400)
]  # fmt: skip
_unused = iter(CASES)


def a_follower() -> str:
    """The address of a borrower who has not written yet, in whatever store."""
    return str(next(_unused).wechat_openid)


def store_of(folder: Path) -> Store:
    """The store of a bot."""
    store = Store.open(f"sqlite:///{folder / 'heyue.db'}", Keys.from_environment(folder))
    store.migrate()
    return store


def a_texter() -> str:
    """The telephone number of such a borrower."""
    return str(next(_unused).phone)


def fill(folder: Path) -> None:
    """Put the borrowers into a store."""
    store = store_of(folder)
    with store.transaction() as tx:
        tx.put_cases([(case, "usable") for case in CASES])
    store.close()


def folder_of(bot: Bot) -> Path:
    """Where a bot's store lies."""
    return Path(bot.database_url.removeprefix("sqlite:///")).parent


def turns(folder: Path, address: str) -> list[Turn]:
    """What stands in the transcripts of a borrower."""
    store = store_of(folder)
    with store.reading() as tx:
        found: list[Turn] = tx.turns_of_case(f"W-{address[-3:]}")
    store.close()
    return found


def said_by(folder: Path, address: str, speaker: str) -> list[str]:
    """The lines of one side."""
    return [turn.text for turn in turns(folder, address) if turn.speaker == speaker]


def counted(folder: Path, query: str) -> int:
    """The number that a query gives."""
    store = store_of(folder)
    with store.reading() as tx:
        found = int(tx.connection.exec_driver_sql(query).scalar())
    store.close()
    return found


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def wechat_environment(account: OfficialAccount) -> dict[str, str]:
    """The configuration of a bot for this account."""
    return environment_of(account)


def wecom_environment(service: CustomerService) -> dict[str, str]:
    """The configuration of a bot for this account."""
    return environment_of(service)


@contextmanager
def bot_with(folder: Path, environment: Mapping[str, str], database_url: str | None = None) -> Iterator[Bot]:
    """A running bot that is configured so; its store is in `folder`, or at that address."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with running_bot(folder, database_url) as running:
            yield running
