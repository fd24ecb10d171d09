"""The id of a request: given by the proxy or made here, on every log line and answer, passed on to whoever is asked in turn."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import TypeVar

from structlog.contextvars import bind_contextvars, bound_contextvars, clear_contextvars, get_contextvars

HEADER = "X-Request-ID"
FIELD = "request"
# as nginx's $request_id and UUIDs are; anything else could carry a telephone number or a name into the logs
GIVEN = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
T = TypeVar("T")


def begin(given: str | None = None) -> str:
    """Begin a request: its id, the given one where it is one. What an earlier request bound is forgotten."""
    request = given if given and GIVEN.fullmatch(given) else new_id()
    clear_contextvars()
    bind_contextvars(**{FIELD: request})
    return request


def new_id() -> str:
    """An id that nobody has had before."""
    return uuid.uuid4().hex


def current() -> str | None:
    """The id of the request that is being worked on here."""
    found: str | None = get_contextvars().get(FIELD)
    return found


@contextmanager
def within(request: str | None) -> Iterator[None]:
    """Work on a request that began elsewhere, such as in the task that took a message in."""
    with bound_contextvars(**{FIELD: request or new_id()}):
        yield


def carried(work: Callable[[], T]) -> Callable[[], T]:
    """The same work for another thread, with the id of the request that asks for it."""
    context = copy_context()
    return lambda: context.run(work)
