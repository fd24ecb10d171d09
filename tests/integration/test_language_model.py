"""The running bot with a language model: its line reaches the borrower, a slow one holds nobody else up, no log learns a word."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from heyue.provider_sim.language_model import PATH, ChatModel
from heyue.provider_sim.loopback import Fault
from heyue.records import Case
from heyue.settings import ZONE
from tests.bot_process import Bot, running_bot
from tests.followers import folder_of, store_of

AT = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
CASES = [
    Case(
        f"C-{number}", "赵明远", "云山消费金融", 320_000, date(2026, 11, 15), gender="男",
        phone=f"1380000000{number}", id_last4="512X", product="现金分期",
    )
    for number in range(5)
]  # fmt: skip
ASKS = "你们食堂好吃吗，打我老公钱建军13900139000"
SECONDS = 3


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ChatModel, Bot]]:
    folder = tmp_path_factory.mktemp("language-model")
    store = store_of(folder)
    with store.transaction() as tx:
        tx.put_cases([(case, "usable") for case in CASES])
    store.close()
    with ChatModel() as stand_in, pytest.MonkeyPatch.context() as patch:
        for name, value in (stand_in.environment() | {"HEYUE_LLM_SECONDS": str(SECONDS)}).items():
            patch.setenv(name, value)
        with running_bot(folder) as bot:
            yield stand_in, bot


def log_of(bot: Bot) -> str:
    return (Path(folder_of(bot)) / "bot.log").read_text(encoding="utf-8")


def test_the_answer_reaches_the_borrower_with_its_label(served: tuple[ChatModel, Bot]) -> None:
    stand_in, bot = served
    stand_in.replies.append("人工服务时间是〔人工服务时间1〕，可回复“人工”。")
    lines = bot.send("13800000000", ASKS, AT)
    assert lines[0].startswith("您好，这里是云山消费金融的智能助手")
    assert lines[1] == "人工服务时间是工作日9:00-18:00，可回复“人工”。（本消息由AI生成）"
    assert "本人" in lines[2]


def test_a_debt_before_confirmation_is_not_said(served: tuple[ChatModel, Bot]) -> None:
    stand_in, bot = served
    stand_in.replies.append("您在〔机构1〕的贷款逾期了，可回复“人工”。")
    lines = bot.send("13800000001", ASKS, AT)
    assert not any("逾期" in line or ("AI生成）" in line and "可回复" in line) for line in lines[1:])
    assert len(lines) == 3


def test_who_waits_for_the_model_holds_nobody_up(served: tuple[ChatModel, Bot]) -> None:
    """Told by the order of the answers: the second borrower has his while the first still waits."""
    stand_in, bot = served
    stand_in.faults.append(Fault(PATH, seconds=2 * SECONDS))
    slow: list[str] = []
    before = len(stand_in.heard)
    waiting = threading.Thread(target=lambda: slow.extend(bot.send("13800000002", ASKS, AT)))
    waiting.start()
    while len(stand_in.asked) == before:
        threading.Event().wait(0.01)
    assert bot.send("13800000003", "你好", AT)
    assert slow == []
    waiting.join(30)
    assert len(slow) == 3
    assert "智能助手" not in slow[1]


def test_neither_the_endpoint_nor_the_log_holds_personal_data(served: tuple[ChatModel, Bot]) -> None:
    stand_in, bot = served
    for minute, text in enumerate(("你好", "是我", "512X", ASKS), 1):
        bot.send("13800000004", text, AT + timedelta(minutes=minute))
    personal = ("赵明远", "1380000000", "13900139000", "钱建军", "512X", "3,200", "3200", "云山", "现金分期")
    sent = str(stand_in.heard)
    assert "食堂好吃吗" in sent
    assert "应还金额1" in sent
    assert [each for each in personal if each in sent] == []
    log = log_of(bot)
    assert "language_model.asked" in log
    assert [each for each in (*personal, "食堂", stand_in.key) if each in log] == []
