"""What the callbacks of WeChat and WeCom answer to a request that was not taken: the same on both."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sanic.response import HTTPResponse

from bot.channels.body import Forged
from bot.channels.callback import callback_routes
from heyue.errors import BadInput, StoreUnavailable


class Failing:
    """An account whose requests all fail so."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.pusher = self

    def mount(self, routes: object) -> None:
        """Nothing is to be started."""

    async def respond(self, request: object) -> None:
        raise self.error


@pytest.mark.parametrize("channel", ["wechat", "wecom"])
@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Forged("signature is wrong"), 403, ""), (BadInput("too large"), 400, "too large"),
        (StoreUnavailable("the store did not answer"), 503, ""),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_not_taken_has_its_status_and_says_nothing_inner(
    channel: str, error: Exception, status: int, said: str
) -> None:
    callback: Any = Failing(error)
    (route,) = callback_routes(channel, "HEYUE_ACCOUNT", callback)._future_routes
    answer: HTTPResponse = asyncio.run(route.handler(None))
    assert (answer.status, (answer.body or b"").decode()) == (status, said)


def test_a_channel_without_an_account_says_what_opens_it() -> None:
    (route,) = callback_routes("wecom", "HEYUE_ACCOUNT", None)._future_routes
    answer: HTTPResponse = asyncio.run(route.handler(None))
    assert answer.status == 404
    assert b"HEYUE_ACCOUNT" in (answer.body or b"")
