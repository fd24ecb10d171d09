"""A response that may carry the answer itself: whether that was written is known, and nothing else counts as sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sanic import response
from sanic.request import Request


@dataclass(frozen=True)
class PassiveReply:
    """The response to one request. `rendered`: the body that carries an answer."""

    request: Request
    rendered: Callable[[str], str]

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits for it."""
        transport = self.request.transport
        return transport is not None and not transport.is_closing()

    async def write(self, text: str) -> bool:
        """Write the answer; False when nothing of it was written, because the connection was closed before."""
        if not self.is_open:
            return False
        try:
            written = await self.request.respond(response.text(self.rendered(text)))
            await written.send(end_stream=True)
        except asyncio.CancelledError:  # so Sanic says that nobody is there any more
            return False
        return True
