"""What the server answers where no channel does: that there is nothing, that it cannot be read, or that it failed; never what was asked, or why."""

from __future__ import annotations

import logging
from typing import Any

import structlog
from sanic import Sanic, response
from sanic.exceptions import InvalidUsage, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from heyue.watch.http_requests import framing_problem

logger = structlog.get_logger(__name__)
FAULT = 500
# Rasa cuts these loggers off from ours, so that Python writes out their traces whole, with what was asked and by whom
CUT_OFF = ("sanic.root", "sanic.error")
LENGTHS = ("content-length", "transfer-encoding")


class ReadableRequest(Request):
    """A request whose body has an end; any other is refused before it is read."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        if problem := framing_problem(*(self.headers.getall(name, []) for name in LENGTHS)):
            raise InvalidUsage(problem)


async def answer_faults(app: Sanic, _loop: Any) -> None:
    """Answer so on this server."""
    app.request_class = ReadableRequest
    for name in CUT_OFF:
        logging.getLogger(name).propagate = True
    app.error_handler.add(SanicException, _refused)
    app.error_handler.add(Exception, _failed)


async def _refused(request: Request, error: SanicException) -> HTTPResponse:
    return response.json({"error": type(error).__name__}, error.status_code)


async def _failed(request: Request, error: Exception) -> HTTPResponse:
    logger.error("request.failed", route=request.route.path if request.route else None, exc_info=error)
    return response.json({"error": "the request failed: see the log of the bot"}, FAULT)
