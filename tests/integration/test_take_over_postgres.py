"""A take-over and an answer that goes out at the same moment, over PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from contextlib import suppress

import pytest

from heyue.access.people import User
from heyue.access.roles import roles
from heyue.desk import Desk
from tests.integration.test_store_postgres import cluster, url  # noqa: F401  fixtures
from tests.outgoing import NOW, OPENID, Provider, open_outgoing, state

pytestmark = pytest.mark.postgres
COLLECTOR = User("wang", "王芳", roles()["collector"])
ANSWER = "您好，这里是云山消费金融的智能助手（本消息由AI生成）。请问您是赵*远本人吗？"


@pytest.fixture
def desks(url: str) -> Iterator[tuple[Desk, Desk]]:  # noqa: F811
    first, second = open_outgoing(url), open_outgoing(url)
    yield first, second
    first.store.close()
    second.store.close()


def test_who_has_taken_a_talk_over_sees_no_waiting_answer_go_out_afterwards(
    desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, coach = desks
    received = bot.receive("wechat", OPENID, "你好", NOW, pushes=True)
    assert bot.record_answer(received.conversation_id, received.turn_id, {}, [ANSWER], NOW)
    reply, log, taken = f"reply:{received.turn_id}", bot._log_decision, list[Future[str | None]]()

    def take_over() -> str | None:
        """Take the talk, and look where its answer stands."""
        coach.take_over(COLLECTOR, received.conversation_id, NOW)
        return state(coach, reply)

    def judged_meanwhile(*words: object) -> None:
        """The gate has said yes, and the claim is not written yet."""
        log(*words)  # type: ignore[arg-type]
        taken.append(pool.submit(take_over))
        with suppress(StillRunning):
            taken[0].result(1)

    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(bot, "_log_decision", judged_meanwhile)
        bot.deliver([reply], NOW, {"wechat": Provider("wechat")})
        seen = taken[0].result(30)
    assert (seen, state(bot, reply)) in [("sending", "sent"), ("sent", "sent"), ("withheld", "withheld")]
