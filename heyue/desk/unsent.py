"""A line of a talk that did not reach the borrower, or may not have: the coach reads the talk without it, and where no person has the talk
one is called."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime

from heyue.errors import UnknownConversation
from heyue.records import ConversationRecord, OutboundMessage, Sending, Turn
from heyue.store import Tx
from heyue.store.outbox_queries import FAILED, LAPSED, REFUSED, UNKNOWN

HANDING_OVER = "handing_over"
ANSWER = "answer"  # the task of a person: the borrower waits for an answer
WAITS = "waits"  # where a line stands that only the borrower's next message lets out
NOT_SENT = "answer not sent"  # so the note begins that a person finds in the talk
HIS_WISH = "opted_out_since"  # the check of the gate after whose no nobody is called: he wants no answer


def note_unsent(tx: Tx, message: OutboundMessage, state: str, code: str | None, at: datetime) -> None:
    """Let the talk of a message know in which state of the outbox it ended, and why. Outreach has no talk."""
    if message.conversation_id is None:
        return
    with contextlib.suppress(UnknownConversation):  # the message must not wait for ever for a talk that is gone
        conversation = tx.hold_conversation(message.conversation_id)
        tx.mark_unread(message.conversation_id)
        if conversation.holder != "human" and code != HIS_WISH:
            call_human(tx, message.conversation_id, why_of(state, code), at)


def call_human(tx: Tx, conversation_id: str, why: str, at: datetime) -> None:
    """Ask for a person: the bot gives the talk away, and his task says why. Once, until that task is done."""
    conversation = tx.conversation(conversation_id)
    if conversation.holder == "bot":
        tx.set_holder(conversation_id, HANDING_OVER, at, "bot", f"{NOT_SENT}: {why}")
    if conversation.case_id and not tx.has_open_task(conversation_id):
        tx.add_task(conversation.case_id, ANSWER, why, at, conversation_id)


def why_of(state: str, code: str | None) -> str:
    """Why a message did not arrive, in one word: of contact_gate.yml where that said no, else of names.yml ("unsent")."""
    return {REFUSED: "provider", LAPSED: "lapsed", FAILED: "not_delivered", UNKNOWN: "interrupted"}.get(state, code or "withheld")


def waiting_marked(turns: list[Turn], conversation: ConversationRecord) -> list[Turn]:
    """The turns; a human's line that goes along with the answer to the borrower's next message waits until that comes."""
    if conversation.origin != "bot" or conversation.is_pushed:
        return turns
    heard = max((number for number, turn in enumerate(turns) if turn.speaker == "borrower"), default=-1)
    waits = Sending(WAITS, None, conversation.last_turn_at)
    return [
        replace(turn, sending=waits) if turn.speaker == "collector" and number > heard else turn
        for number, turn in enumerate(turns)
    ]
