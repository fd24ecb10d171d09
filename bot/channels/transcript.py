"""The transcript channel at /webhooks/transcript/turns: turns of talks that humans lead elsewhere. The bot is silent.

One turn or a list of them, each {"talk", "turn", "channel", "speaker", "text", "at", "case_id", "collector", "case"}; the last
three may be missing. A turn that comes twice is stored once.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.body import Forged, json_in, storable, string
from bot.channels.refusals import note_closed, note_refusal
from heyue.coaching.transcript import BORROWER, CHANNELS, COLLECTOR, transcript_from_dict
from heyue.desk import desk_of_process
from heyue.desk.feed import FeedTurn
from heyue.errors import BadInput, StoreUnavailable
from heyue.settings import moment_of
from heyue.watch.http_requests import bears

TOKEN_VARIABLE = "HEYUE_TRANSCRIPT_TOKEN"  # the name of a variable  # nosec B105
MOST_BYTES, MOST_TURNS, MOST_NAME, MOST_TEXT = 1_000_000, 500, 48, 10_000
OK, BAD_REQUEST, FORBIDDEN, UNAVAILABLE = 200, 400, 401, 503


class HeyueTranscript(InputChannel):
    """Takes the turns of other systems' talks."""

    @classmethod
    def name(cls) -> str:
        return "transcript"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes of the channel; Rasa mounts them below /webhooks/transcript."""
        routes = Blueprint("heyue_transcript", __name__)

        @routes.route("/turns", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if refusal := refused(request.headers.get("authorization", "")):
                note_refusal("transcript", Forged(refusal)) if TOKEN_VARIABLE in os.environ else note_closed("transcript")
                return response.json({"error": refusal}, status=FORBIDDEN)
            try:
                answer, status = take(json_in(request.body, MOST_BYTES))
            except BadInput as error:
                note_refusal("transcript", error)
                answer, status = {"error": str(error)}, BAD_REQUEST
            except StoreUnavailable as error:
                note_refusal("transcript", error)
                answer, status = {"error": "the store is away: send the same turns again"}, UNAVAILABLE
            return response.json(answer, status=status, ensure_ascii=False)

        return routes


def refused(authorization: str) -> str | None:
    """Why a request is not let in; None when its token is right."""
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        return f"this channel is closed until {TOKEN_VARIABLE} is set"
    if not bears(authorization, token):
        return "the header Authorization must be Bearer and the token of this channel"
    return None


def take(raw: Any) -> tuple[dict[str, Any], int]:
    """Store the turns of a body: how many were new or known, and what is wrong with the others, by their place.

    Raises:
        BadInput: the body is no list of turns. StoreUnavailable: the store is away; turns before may be stored.
    """
    listed = raw if isinstance(raw, list) else [raw]
    if not 0 < len(listed) <= MOST_TURNS:
        raise BadInput(f"the body must be one turn or a list of 1 to {MOST_TURNS}")
    outcome: dict[str, Any] = {"stored": 0, "known": 0, "errors": []}
    for place, each in enumerate(listed):
        try:
            is_new = desk_of_process().record_turn(turn_of(each))
            outcome["stored" if is_new else "known"] += 1
        except BadInput as error:
            outcome["errors"].append({"index": place, "error": str(error)})
    return outcome, BAD_REQUEST if outcome["errors"] else OK


def turn_of(raw: Any) -> FeedTurn:
    """One turn of a body.

    Raises:
        BadInput: a field is missing or of another kind; the message names it.
    """
    if not isinstance(raw, dict):
        raise BadInput('a turn must be a JSON object such as {"talk": "…", "turn": "…", "speaker": "…", "text": "…"}')
    at = moment_of(raw.get("at"))
    if at is None:
        raise BadInput('"at" must be an ISO 8601 time with an offset, such as 2026-11-22T10:00:00+08:00')
    facts = raw.get("case") or {}
    said = {"speaker": chosen(raw, "speaker", (BORROWER, COLLECTOR)), "text": limited(raw, "text", MOST_TEXT)}
    transcript_from_dict({"turns": [said], "case": facts})  # checks the facts
    return FeedTurn(
        limited(raw, "talk", MOST_NAME), limited(raw, "turn", MOST_NAME), chosen(raw, "channel", CHANNELS),
        said["speaker"], said["text"], at, optional(raw, "case_id"), optional(raw, "collector"), facts,
    )  # fmt: skip


def limited(raw: dict[str, Any], field: str, most: int) -> str:
    """A string of bounded length that is not empty."""
    text = string(raw, field)
    if not 0 < len(text) <= most:
        raise BadInput(f'"{field}" must have 1 to {most} characters')
    return text


def chosen(raw: dict[str, Any], field: str, names: tuple[str, ...]) -> str:
    """A string that must be one of these."""
    text = string(raw, field)
    if text not in names:
        raise BadInput(f'"{field}" must be one of {", ".join(names)}')
    return text


def optional(raw: dict[str, Any], field: str) -> str | None:
    """A string that may be missing."""
    return storable(limited(raw, field, 64)) if raw.get(field) is not None else None
