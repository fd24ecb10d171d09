"""The transcript channel of the running bot: turns of other systems' talks go into the store once, and nobody answers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from heyue.desk import Desk
from heyue.policy import default_policy
from heyue.records import Case, Turn
from heyue.store import Keys, Store
from tests.bot_process import Bot, running_bot

TOKEN = "a-token-of-the-tests"
TURN = {
    "talk": "call-1", "turn": "1", "channel": "phone", "speaker": "collector",
    "text": "您好，我是云山消费金融的客服，工号1024", "at": "2026-11-24T10:00:00+08:00",
}  # fmt: skip


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("transcript")
    with desk_over(folder).store.transaction() as tx:
        tx.put_case(Case("C-1", "赵明远", "云山消费金融", 320_000, date(2026, 11, 15), phone="13800000001"))
    os.environ["HEYUE_TRANSCRIPT_TOKEN"] = TOKEN
    try:
        with running_bot(folder) as running:
            yield running
    finally:
        del os.environ["HEYUE_TRANSCRIPT_TOKEN"]


def desk_over(folder: Path) -> Desk:
    store = Store.open(f"sqlite:///{folder / 'heyue.db'}", Keys.from_environment(folder))
    store.migrate()
    return Desk(store, default_policy())


def post(bot: Bot, body: Any, token: str = TOKEN) -> httpx.Response:
    return httpx.post(
        f"{bot.url}/webhooks/transcript/turns", json=body, headers={"Authorization": f"Bearer {token}" if token else ""}, timeout=30
    )


def turns(bot: Bot, talk: str) -> list[Turn]:
    desk = desk_over(Path(bot.database_url.removeprefix("sqlite:///")).parent)
    with desk.store.reading() as tx:
        found = tx.talk_from_elsewhere("feed", talk)
        return tx.turns(found.conversation_id) if found else []


def test_turns_are_stored_once_and_in_order_and_the_bot_is_silent(bot: Bot) -> None:
    second = TURN | {"turn": "2", "speaker": "borrower", "text": "周五还两千", "at": "2026-11-24T10:00:09+08:00"}
    first = post(bot, TURN | {"case_id": "C-1", "collector": "wang"})
    assert (first.status_code, first.json()) == (200, {"stored": 1, "known": 0, "errors": []})
    assert post(bot, [TURN, second]).json() == {"stored": 1, "known": 1, "errors": []}
    assert [(each.speaker, each.text) for each in turns(bot, "call-1")] == [
        ("collector", TURN["text"]), ("borrower", "周五还两千"),
    ]  # fmt: skip


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x"])
def test_without_the_token_nothing_comes_in(bot: Bot, token: str) -> None:
    answer = post(bot, TURN | {"talk": "call-2"}, token)
    assert answer.status_code == 401
    assert turns(bot, "call-2") == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"speaker": "bot"}, '"speaker"'),
        ({"channel": "fax"}, '"channel"'),
        ({"text": ""}, '"text"'),
        ({"text": 5}, '"text"'),
        ({"at": "yesterday"}, '"at"'),
        ({"talk": "x" * 49}, '"talk"'),
        ({"case_id": "C-9"}, '"case_id"'),
        ({"case": {"days_overdue": "many"}}, "days_overdue"),
    ],
)
def test_a_bad_turn_is_told_and_the_others_are_stored(bot: Bot, change: dict[str, Any], named: str) -> None:
    talk = f"call-{named}-{len(str(change))}"
    good = TURN | {"talk": talk[:48], "turn": "2"}
    answer = post(bot, [TURN | {"talk": talk[:48]} | change, good])
    assert answer.status_code == 400
    assert answer.json()["stored"] == 1
    (error,) = answer.json()["errors"]
    assert (error["index"], named in error["error"]) == (0, True)


@pytest.mark.parametrize("body", [[], {}, 5, "turn", [TURN] * 501])
def test_what_is_no_list_of_turns_is_refused(bot: Bot, body: Any) -> None:
    assert post(bot, body).status_code == 400
