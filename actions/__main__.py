"""`python -m actions`: the action server, for this machine unless told otherwise.

As `python -m rasa_sdk --actions actions`, which listens on every address, asks nobody who he is, and answers a fault with
its words and the whole request.
"""

from __future__ import annotations

import argparse
import hmac
import os
import sys

import structlog
from rasa_sdk.endpoint import create_app
from sanic import Sanic, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from heyue.desk import desk_of_process
from heyue.errors import HeyueError
from heyue.settings import ACTIONS_TOKEN
from heyue.watch import logs, trace
from heyue.watch.exposition import serve_where_configured

logger = structlog.get_logger("actions")
HEALTH = "/health"
FORBIDDEN, FAULT, CANNOT_START = 403, 500, 2


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


def server() -> Sanic:
    """Rasa SDK's server, with what it lacks."""
    app = create_app("actions", cors_origins=None)
    app.register_middleware(let_in, "request")
    app.error_handler.add(Exception, at_fault)
    return app


async def let_in(request: Request) -> HTTPResponse | None:
    """Begin the request under the id that the bot gives; refuse one without the token, where there is one."""
    trace.begin(request.headers.get(trace.HEADER))
    token = os.environ.get(ACTIONS_TOKEN, "")
    said = request.headers.get("authorization", "")
    if token and request.path != HEALTH and not hmac.compare_digest(said.encode(), f"Bearer {token}".encode()):
        return response.json({"error": f"the token of {ACTIONS_TOKEN} is missing"}, FORBIDDEN)
    return None


async def at_fault(request: Request, error: Exception) -> HTTPResponse:
    """The answer to a request that failed: that it did. The log says where."""
    if isinstance(error, SanicException):
        return response.json({"error": type(error).__name__}, error.status_code)
    logger.error("actions.failed", exc_info=error)
    return response.json({"error": "the action failed: see the log of the action server"}, FAULT)


if __name__ == "__main__":
    sys.exit(main())
