"""The routes of callbacks that do nothing but respond, or refuse."""

from __future__ import annotations

from typing import Protocol

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.pushing import Pusher
from bot.channels.refusals import NOT_TAKEN, closed, refusal


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
