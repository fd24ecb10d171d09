"""The body of a request to a channel: JSON in UTF-8, of bounded size, without what no database takes."""

from __future__ import annotations

import json
from typing import Any

from heyue.errors import BadInput


class Forged(Exception):
    """A request that the provider did not send, or not now. The message says what is wrong, without personal data."""


def json_in(body: bytes, most_bytes: int) -> Any:
    """The JSON value in a body.

    Raises:
        BadInput: it is too large or no JSON.
    """
    if len(body) > most_bytes:
        raise BadInput(f"the body is larger than {most_bytes} bytes")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput("the body must be JSON in UTF-8") from None


def string(raw: dict[str, Any], field: str) -> str:
    """A field that must be a string."""
    if not isinstance(raw.get(field), str):
        raise BadInput(f'"{field}" must be a string')
    return storable(raw[field])


def storable(text: str) -> str:
    """The text without what no database takes: lone surrogates and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
