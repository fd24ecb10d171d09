"""Requests get an id that goes with them: from the proxy into the log lines, to the action server, and back to whoever asked."""

from __future__ import annotations

import os
from typing import Any

from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from heyue.settings import ACTIONS_TOKEN
from heyue.watch import trace


async def trace_requests(app: Sanic, _loop: Any) -> None:
    """Begin each request of this server with its id, and name it in the answer."""
    app.register_middleware(_begin, "request")
    app.register_middleware(_name, "response")


async def _begin(request: Request) -> None:
    request.ctx.trace = trace.begin(request.headers.get(trace.HEADER))


async def _name(request: Request, answer: HTTPResponse) -> None:
    if found := getattr(request.ctx, "trace", None):
        answer.headers[trace.HEADER] = found


class TracedActions(EndpointConfig):
    """The action server, which is told the id of the request that it works for."""

    @classmethod
    def like(cls, endpoint: EndpointConfig) -> TracedActions:
        """The same endpoint."""
        traced = cls()
        traced.__dict__.update(endpoint.__dict__)
        return traced

    async def request(self, *words: Any, **kwargs: Any) -> Any:
        """Ask it."""
        named = {**kwargs.pop("headers", {}), trace.HEADER: trace.current() or trace.new_id()}
        if token := os.environ.get(ACTIONS_TOKEN):
            named["Authorization"] = f"Bearer {token}"
        return await super().request(*words, headers=named, **kwargs)
