"""What all actions share: read the message, make one call to the desk, name the replies."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from heyue.desk import desk_of_process
from heyue.errors import BadInput
from heyue.understanding.reading import Reading

# one action answers one message: Rasa's policies need not be asked what comes next
LISTEN = FollowupAction("action_listen")
UNREADABLE = '"tracker.latest_message" must be a message as the bot understands it'


class Said(NamedTuple):
    """A message as the bot has understood it."""

    conversation_id: str
    intent: str
    confidence: float
    reading: Reading
    at: datetime
    turn_id: int | None


def said_in(message: Mapping[str, Any]) -> Said:
    """The message of a tracker.

    Raises:
        BadInput: a part of it is missing or of another kind, which the bot never sends.
    """
    try:
        where, intent = message["metadata"], message["intent"]
        said = Said(
            where["conversation_id"], intent["name"], float(intent.get("confidence") or 0.0),
            Reading.from_dict(message["reading"]), datetime.fromisoformat(where["at"]), where.get("turn_id"),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise BadInput(UNREADABLE) from None
    are_words = all(isinstance(each, str) for each in (said.conversation_id, said.intent, said.reading.text))
    if not are_words or said.at.tzinfo is None or not isinstance(said.turn_id, (int, type(None))):
        raise BadInput(UNREADABLE)
    return said


class DeskAction(Action):
    """One flow of the conversation. `flow` names it, here, in the rules and in heyue.conversation."""

    flow: ClassVar[str] = ""

    def name(self) -> str:
        return f"action_{self.flow}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        said = said_in(tracker.latest_message)
        heard = desk_of_process().hear(
            said.conversation_id, self.flow, said.intent, said.confidence, said.reading, said.at, said.turn_id
        )
        if heard.question is not None:  # other conversations go on while a language model is asked
            heard = await asyncio.to_thread(desk_of_process().worded, heard)
        for line in heard.lines:
            if line.text is not None:
                dispatcher.utter_message(text=line.text)
            else:
                dispatcher.utter_message(response=f"utter_{line.name}", **line.facts)
        return tone_slots(heard.tone) + [LISTEN]


def tone_slots(tone: dict[str, str | None]) -> list[EventType]:
    """Slots by which the domain chooses between wordings: the stage and, where known, the debtor type."""
    return [SlotSet(name, value) for name, value in tone.items()]
