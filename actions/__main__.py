"""`python -m actions`: the action server, for this machine unless told otherwise.

As `python -m rasa_sdk --actions actions`, which listens on every address, asks nobody who he is, and answers a fault with
its words and the whole request.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

import structlog
from rasa_sdk.endpoint import create_app
from sanic import Sanic, response
from sanic.exceptions import InvalidUsage, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from actions.call import check_call
from heyue.desk import desk_of_process
from heyue.errors import BadInput, HeyueError, Refused, Unknown
from heyue.settings import ACTIONS_TOKEN
from heyue.watch import logs, trace
from heyue.watch.exposition import serve_where_configured
from heyue.watch.http_requests import bears, framing_problem

logger = structlog.get_logger("actions")
HEALTH, CALL = "/health", "/webhook"
FORBIDDEN, UNPROCESSABLE, FAULT, CANNOT_START = 403, 422, 500, 2  # Rasa takes a 400 for an action that declines
LENGTHS = ("content-length", "transfer-encoding")


def main(words: list[str] | None = None) -> int:
    """Serve until stopped. Exit status 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="actions", description=__doc__)
    parser.add_argument("--interface", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5055)
    options = parser.parse_args(words)
    logs.configure("actions")
    try:
        desk_of_process()  # a store that cannot be opened shows now, not at the first message
        serve_where_configured()
    except HeyueError as error:
        print(f"actions: {error}", file=sys.stderr)
        return CANNOT_START
    server().run(options.interface, options.port, access_log=False)
    return 0


class ReadableRequest(Request):
    """A request whose body has an end; any other is refused before it is read, and before anybody is asked for a token."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        if problem := framing_problem(*(self.headers.getall(name, []) for name in LENGTHS)):
            raise InvalidUsage(problem)


def server() -> Sanic:
    """Rasa SDK's server, with what it lacks."""
    app = create_app("actions", cors_origins=None)
    app.request_class = ReadableRequest
    app.register_middleware(let_in, "request")
    app.error_handler.add(Exception, at_fault)
    return app


async def let_in(request: Request) -> HTTPResponse | None:
    """Begin the request under the id that the bot gives; refuse one without the token, where there is one.

    Raises:
        BadInput: it calls an action, but not as Rasa does.
    """
    trace.begin(request.headers.get(trace.HEADER))
    token = os.environ.get(ACTIONS_TOKEN, "")
    said = request.headers.get("authorization", "")
    if token and request.path != HEALTH and not bears(said, token):
        return response.json({"error": f"the token of {ACTIONS_TOKEN} is missing"}, FORBIDDEN)
    if request.path == CALL and request.method == "POST":
        check_call(request.body, request.headers.get("content-encoding") == "deflate")
    return None


async def at_fault(request: Request, error: Exception) -> HTTPResponse:
    """The answer to a request that failed: that it did. The log says where."""
    if isinstance(error, SanicException):
        return response.json({"error": type(error).__name__}, error.status_code)
    if isinstance(error, (Refused, Unknown)):
        logger.warning("actions.refused", error=type(error).__name__)
        said = str(error) if isinstance(error, BadInput) else type(error).__name__  # what is not known would be quoted
        return response.json({"error": said}, UNPROCESSABLE)
    logger.error("actions.failed", exc_info=error)
    return response.json({"error": "the action failed: see the log of the action server"}, FAULT)


if __name__ == "__main__":
    sys.exit(main())
