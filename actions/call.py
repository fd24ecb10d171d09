"""A call of an action, looked at before it is carried out: Rasa SDK takes for granted that only Rasa calls."""

from __future__ import annotations

import json
import zlib
from typing import Any

from heyue.errors import BadInput

MOST_BYTES = 8_388_608  # of a call, also when it was deflated
FIELDS = {"slots": dict, "latest_message": dict, "events": list}
UNREADABLE = "the body must be a call of an action, as Rasa sends it"


def check_call(body: bytes, is_deflated: bool) -> None:
    """Make sure that a body calls an action.

    Raises:
        BadInput: it does not; the message says what is wrong, and quotes nothing.
    """
    call = _object(_read(_inflated(body) if is_deflated else body), "the call")
    tracker = _object(call.get("tracker"), '"tracker"')
    if not isinstance(call.get("next_action"), str):
        raise BadInput('"next_action" must be a string')
    if not isinstance(tracker.get("sender_id"), str):
        raise BadInput('"tracker.sender_id" must be a string')
    for name, kind in FIELDS.items():
        if not isinstance(tracker.get(name, kind()), kind):
            raise BadInput(f'"tracker.{name}" is of another kind')
    if not isinstance(call.get("version", ""), (str, type(None))) or not isinstance(call.get("domain", {}), dict):
        raise BadInput('"version" must be a string and "domain" an object')


def _inflated(body: bytes) -> bytes:
    unpack = zlib.decompressobj()
    try:
        whole = unpack.decompress(body, MOST_BYTES)
    except zlib.error:
        raise BadInput(UNREADABLE) from None
    if unpack.unconsumed_tail or not unpack.eof:
        raise BadInput(f"the call has no end within {MOST_BYTES} bytes")
    return whole


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput(UNREADABLE) from None


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadInput(f"{name} must be an object")
    return value
