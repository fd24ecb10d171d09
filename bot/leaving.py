"""A server that was asked to stop lets go of kept connections: a proxy would bring it more over them, until it is cut off."""

from __future__ import annotations

from typing import Any

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse


async def let_go(app: Sanic, _loop: Any) -> None:
    """End each connection with its next answer once this server is to stop."""
    app.register_middleware(_close, "response")


async def _close(request: Request, _answer: HTTPResponse) -> None:
    if request.app.is_stopping and request.stream is not None:
        request.stream.keep_alive = False
