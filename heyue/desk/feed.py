"""Turns of talks that humans lead elsewhere (phone with speech recognition, WeCom), taken in as they are said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from heyue.desk.base import DeskBase
from heyue.errors import BadInput
from heyue.records import ConversationRecord
from heyue.store import Tx
from heyue.watch.metrics import MESSAGES

FEED = "feed"


@dataclass(frozen=True)
class FeedTurn:
    """One turn as the other system names it. `talk`, `turn`: its identifiers of both; `speaker`: borrower or collector.

    `case_id` or `facts` (contracts.md section 3, "case") and `handler` (the collector) count with the first turn.
    """

    talk: str
    turn: str
    channel: str
    speaker: str
    text: str
    at: datetime
    case_id: str | None = None
    handler: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class FeedDesk(DeskBase):
    """Talks that come in turn by turn."""

    def record_turn(self, turn: FeedTurn) -> bool:
        """Store one turn; the bot does not answer. False when it is known already.

        Raises:
            BadInput: the talk is on another channel, or there is no such case.
        """
        with self.store.transaction() as tx:
            conversation = tx.talk_from_elsewhere(FEED, turn.talk) or self._begin(tx, turn)
            if conversation.channel != turn.channel:
                raise BadInput(f'"channel": the talk {turn.talk!r} is on {conversation.channel}, not {turn.channel}')
            key = f"{FEED}:{turn.talk}:{turn.turn}"
            _, is_new = tx.add_turn(conversation.conversation_id, turn.speaker, turn.text, turn.at, key)
            if is_new:
                tx.afterwards.append(MESSAGES.labels("in", turn.channel, turn.speaker).inc)
            return is_new

    def _begin(self, tx: Tx, turn: FeedTurn) -> ConversationRecord:
        if turn.case_id is not None and not tx.has_case(turn.case_id):
            raise BadInput(f'"case_id": no case has the number {turn.case_id!r}')
        return tx.add_talk(
            turn.channel, FEED, turn.talk, turn.at, case_id=turn.case_id, handler=turn.handler,
            facts=turn.facts or None,
        )  # fmt: skip
