"""What calls an action as Rasa does is let through; anything else is refused in words, quoting nothing."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from actions.call import MOST_BYTES, check_call
from actions.desk_action import said_in
from heyue.errors import BadInput

READING = {
    "text": "周五还", "promises": [], "dates": [], "amounts": [], "reason": None, "reason_confidence": 0.0, "id_digits": None, "signals": [],
}  # fmt: skip
MESSAGE = {
    "intent": {"name": "affirm", "confidence": 0.9}, "reading": READING,
    "metadata": {"conversation_id": "c", "at": "2026-11-24T10:00:00+08:00", "turn_id": 7},
}  # fmt: skip
CALL = {"next_action": "action_promise", "version": "3.6.21", "domain": {}, "tracker": {"sender_id": "c.1", "slots": {}, "latest_message": MESSAGE, "events": []}}


def test_what_rasa_sends_is_let_through() -> None:
    whole = json.dumps(CALL).encode()
    check_call(whole, is_deflated=False)
    check_call(zlib.compress(whole), is_deflated=True)
    assert said_in(MESSAGE).intent == "affirm"
    assert said_in(MESSAGE).turn_id == 7


@pytest.mark.parametrize(
    "change",
    [
        {"next_action": None}, {"next_action": []}, {"next_action": {"x": 1}}, {"tracker": None}, {"tracker": []}, {"tracker": {}}, {"tracker": {"sender_id": 5}},
        {"tracker": {"sender_id": "x", "slots": []}}, {"tracker": {"sender_id": "x", "latest_message": "x"}}, {"tracker": {"sender_id": "x", "events": {}}},
        {"version": {"": None}}, {"domain": []},
    ],
    ids=str,
)  # fmt: skip
def test_a_call_of_another_kind_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        check_call(json.dumps(CALL | change).encode(), is_deflated=False)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"null", b"\xff", b"[" * 50_000, b'{"next_action": ' * 2_000], ids=lambda body: ascii(body[:12]))
def test_a_body_that_is_no_call_is_refused(body: bytes) -> None:
    for sent, is_deflated in ((body, False), (body, True), (zlib.compress(body), True)):
        with pytest.raises(BadInput):
            check_call(sent, is_deflated)


@pytest.mark.parametrize("sent", [zlib.compress(b" " * (MOST_BYTES + 1)), zlib.compress(json.dumps(CALL).encode())[:-9]], ids=["too much", "cut off"])
def test_a_deflated_body_is_unpacked_to_its_limit_and_no_further(sent: bytes) -> None:
    with pytest.raises(BadInput, match="no end"):
        check_call(sent, is_deflated=True)


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": None}, {"metadata": {}}, {"metadata": MESSAGE["metadata"] | {"at": "now"}}, {"metadata": MESSAGE["metadata"] | {"at": "2026-11-24T10:00:00"}},
        {"metadata": MESSAGE["metadata"] | {"conversation_id": 5}}, {"metadata": MESSAGE["metadata"] | {"turn_id": "x"}}, {"intent": "affirm"}, {"intent": {}}, {"intent": {"name": 5}},
        {"intent": {"name": "x", "confidence": "high"}}, {"reading": None}, {"reading": {}}, {"reading": READING | {"promises": [{}]}}, {"reading": READING | {"promises": 5}},
        {"reading": READING | {"dates": [{"start": "x", "end": None}]}}, {"reading": READING | {"amounts": [{"span": []}]}}, {"reading": READING | {"text": 5}}, {"reading": READING | {"signals": 5}},
    ],
    ids=str,
)  # fmt: skip
def test_a_message_that_the_bot_never_sends_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="latest_message"):
        said_in(MESSAGE | change)
