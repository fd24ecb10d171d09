"""What a channel answers to a request that it does not take, and the routes of callbacks that do nothing but that or respond."""

from __future__ import annotations

from typing import Protocol

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.body import Forged
from bot.channels.pushing import Pusher
from bot.channels.refused import note_closed, note_refusal
from heyue.errors import BadInput, StoreUnavailable

BAD_REQUEST, FORBIDDEN, NOT_FOUND, UNAVAILABLE = 400, 403, 404, 503
NOT_TAKEN = (Forged, BadInput, StoreUnavailable)


class Callback(Protocol):
    """What happens to the requests of one configured account."""

    @property
    def pusher(self) -> Pusher: ...

    async def respond(self, request: Request) -> HTTPResponse | None:
        """The response; None when it has been written.

        Raises:
            Forged, BadInput, StoreUnavailable: nothing was taken in.
        """


def callback_routes(channel: str, variable: str, callback: Callback | None) -> Blueprint:
    """The routes of a channel; Rasa mounts them below /webhooks/<channel>.

    Args:
        variable: without it there is no account (`callback` is None), and the channel is closed.
    """
    routes = Blueprint(f"heyue_{channel}", __name__)
    if callback:
        callback.pusher.mount(routes)

    @routes.route("/webhook", methods=["GET", "POST"])
    async def receive(request: Request) -> HTTPResponse | None:
        if callback is None:
            return closed(channel, variable)
        try:
            return await callback.respond(request)
        except NOT_TAKEN as error:
            return refusal(channel, error)

    return routes


def closed(channel: str, variable: str) -> HTTPResponse:
    """The answer of a channel that is not configured; somebody's asking counts."""
    note_closed(channel)
    return response.json({"error": f"this channel is closed until {variable} is set"}, NOT_FOUND)


def refusal(channel: str, error: Exception, **where: str) -> HTTPResponse:
    """The answer to a request that was not taken, which is counted and logged. `where`: what the log says besides."""
    note_refusal(channel, error, **where)
    if isinstance(error, Forged):
        return response.text("", FORBIDDEN)
    if isinstance(error, BadInput):
        return response.text(str(error), BAD_REQUEST)
    return response.text("", UNAVAILABLE)  # the provider brings it again
