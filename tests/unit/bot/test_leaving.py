"""A server that is to stop, over real connections."""

from __future__ import annotations

import asyncio

import httpx
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.leaving import let_go
from tests.bot_process import free_port


async def _stop(request: Request) -> HTTPResponse:
    request.app.is_stopping = True
    return response.text("the last answer over this connection")


async def _kept(port: int) -> list[str]:
    """What the server says of its connection with an answer before it is to stop, and with the one at that moment."""
    app = Sanic("leaving")
    app.add_route(lambda _: response.text("ok"), "/")
    app.add_route(_stop, "/stop")
    await let_go(app, None)
    server = await app.create_server(host="127.0.0.1", port=port, return_asyncio_server=True, access_log=False)
    await server.startup()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        said = [(await client.get(path)).headers["connection"] for path in ("/", "/stop")]
    server.close()
    await server.wait_closed()
    return said


def test_kept_connections_end_with_the_next_answer_of_a_server_that_is_to_stop() -> None:
    assert asyncio.run(_kept(free_port())) == ["keep-alive", "close"]
