"""Which of the borrower's messages the bot has heard, which answer may have been lost, and what a human said in between."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import takewhile
from typing import Any

from heyue.conversation.dialogue import Dialogue
from heyue.desk.unsent import HANDING_OVER
from heyue.records import ConversationRecord
from heyue.store import Tx

LAST_MESSAGE = "last_message"  # where LastMessage stands in what is stored of a dialogue


@dataclass(frozen=True)
class LastMessage:
    """The message taken in last. Kept beside the dialogue, so that one that comes again after a crash is not taken in
    twice ("5126" would be the digits first and then a sum): it gets the answer that was lost.

    `unsaid`: the outcomes of its answer until that stands in the transcript; `mark`: a keyed hash of its text.
    `handed_back`: the last turn when a human gave the talk back: what was said until then was said to the human.
    """

    turn_id: int = 0
    mark: str = ""
    unsaid: tuple[str, ...] = ()
    handed_back: int = 0

    @staticmethod
    def of(conversation: ConversationRecord) -> LastMessage:
        raw = conversation.dialogue.get(LAST_MESSAGE, {})
        return LastMessage(**(raw | {"unsaid": tuple(raw.get("unsaid", ()))}))

    def lost_answer(self, holder: str, mark: str) -> tuple[str, ...]:
        """The answer to give again to a message of this mark; whatever is written, a farewell is still said."""
        return self.unsaid if holder == HANDING_OVER or (holder == "bot" and mark == self.mark) else ()

    def beside(self, dialogue: dict[str, Any]) -> dict[str, Any]:
        """What is stored of a dialogue whose last message this is."""
        return dialogue | {LAST_MESSAGE: asdict(self)}


def dialogue_of(conversation: ConversationRecord) -> Dialogue:
    """Where the dialogue of a contact stands."""
    return Dialogue.from_dict(
        {name: value for name, value in conversation.dialogue.items() if name != LAST_MESSAGE}
    )


def is_answered(tx: Tx, last: LastMessage, turn_id: int | None, lost: tuple[str, ...]) -> bool:
    """Whether a message was answered before: the last one, or an earlier one that two processes were brought."""
    if turn_id is None or turn_id > last.turn_id:
        return False
    return not lost if turn_id == last.turn_id else bool(tx.has_reading(turn_id))


def unheard(tx: Tx, conversation: ConversationRecord, turn_id: int) -> list[int]:
    """The borrower's turns between the one that the bot heard last and this one, without those said to a human."""
    last = LastMessage.of(conversation)
    return tx.borrower_turns(conversation.conversation_id, max(last.turn_id, last.handed_back) + 1, turn_id - 1)


def said_meanwhile(tx: Tx, conversation: ConversationRecord, turn_id: int) -> tuple[str, ...]:
    """The human's lines between a message of the borrower and the one before. The same message gives the same lines."""
    before = [turn for turn in tx.turns(conversation.conversation_id) if turn.turn_id < turn_id]
    since = takewhile(lambda turn: turn.speaker != "borrower", reversed(before))
    return tuple(turn.text for turn in since if turn.speaker == "collector")[::-1]
