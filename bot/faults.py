"""What the server answers where no channel does: that there is nothing, or that it failed; never what was asked, or why."""

from __future__ import annotations

from typing import Any

import structlog
from sanic import Sanic, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

logger = structlog.get_logger(__name__)
FAULT = 500


async def answer_faults(app: Sanic, _loop: Any) -> None:
    """Answer so on this server."""
    app.error_handler.add(SanicException, _refused)
    app.error_handler.add(Exception, _failed)


async def _refused(request: Request, error: SanicException) -> HTTPResponse:
    return response.json({"error": type(error).__name__}, error.status_code)


async def _failed(request: Request, error: Exception) -> HTTPResponse:
    logger.error("request.failed", route=request.route.path if request.route else None, exc_info=error)
    return response.json({"error": "the request failed: see the log of the bot"}, FAULT)
