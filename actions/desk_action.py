"""What all actions share: read the message, make one call to the desk, name the replies."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from heyue.desk import desk_of_process
from heyue.understanding.reading import Reading

# one action answers one message: Rasa's policies need not be asked what comes next
LISTEN = FollowupAction("action_listen")


class DeskAction(Action):
    """One flow of the conversation. `flow` names it, here, in the rules and in heyue.conversation."""

    flow: ClassVar[str] = ""

    def name(self) -> str:
        return f"action_{self.flow}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        message = tracker.latest_message
        where = message["metadata"]
        heard = desk_of_process().hear(
            where["conversation_id"],
            self.flow,
            message["intent"]["name"],
            message["intent"].get("confidence") or 0.0,
            Reading.from_dict(message["reading"]),
            datetime.fromisoformat(where["at"]),
            where.get("turn_id"),
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
