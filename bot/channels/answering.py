"""One turn of the bot: a message that the desk has taken in, given to Rasa; lines that stand in the transcript come back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from bot.transcript_broker import verdict_on
from heyue.desk import desk_of_process
from heyue.desk.replies import Owed

Handler = Callable[[UserMessage], Awaitable[Any]]
in_work: set[int] = set()  # turns that this process is answering
_handed_over: set[int] = set()  # those of them that Rasa has: it answers them in the order in which it got them
LOOK_SECONDS, PATIENCE_SECONDS = 0.01, 2.0


class AnswerOver(CollectingOutputChannel):
    """Gathers an answer under the name of the borrower's channel, by which the domain chooses wordings (`channel: sms`)."""

    def __init__(self, channel: str) -> None:
        super().__init__()
        self._channel = channel

    def name(self) -> str:  # type: ignore[override]  # Rasa asks the object, not its class
        return self._channel


class NoAnswer(Exception):
    """The bot owed an answer and has none that stands in the transcript."""


async def bot_lines(turn: Owed, on_new_message: Handler) -> list[str]:
    """What Rasa says to the message, once that stands in the transcript; nothing when a human has taken over.

    Raises:
        NoAnswer: no action answered, or its answer could not be stored.
    """
    collector = AnswerOver(turn.channel)
    where = {"conversation_id": turn.conversation_id, "turn_id": turn.turn_id, "at": turn.at.isoformat()}
    in_work.add(turn.turn_id)
    try:
        if turn.is_behind:
            await turn_has_come(turn)
        _handed_over.add(turn.turn_id)
        await on_new_message(
            UserMessage(plain(turn.text), collector, turn.session_id, input_channel=turn.channel, metadata=where)
        )
    finally:
        in_work.discard(turn.turn_id)
        _handed_over.discard(turn.turn_id)
    verdict = verdict_on(turn.turn_id)
    if verdict is None and desk_of_process().owes_answer(turn.conversation_id, turn.turn_id):
        raise NoAnswer("no answer stands in the transcript")
    return [message["text"] for message in collector.messages if message.get("text")] if verdict else []


async def turn_has_come(turn: Owed) -> None:
    """Wait while another process is at an earlier message of the borrower; not for ever, since it may have died."""
    until = time.monotonic() + PATIENCE_SECONDS
    while desk_of_process().unheard_before(turn.conversation_id, turn.turn_id) - _handed_over:
        if time.monotonic() > until:
            return
        await asyncio.sleep(LOOK_SECONDS)


def plain(text: str) -> str:
    """The text without Rasa's command sign: "/affirm" from a borrower would be an intent, "/restart" an order."""
    return text.replace("/", "／", 1) if text.lstrip().startswith("/") else text
