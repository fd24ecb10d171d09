"""Conversations and their messages: the transcript."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from heyue.errors import UnknownConversation
from heyue.records import Case, ConversationRecord, Turn
from heyue.store.case_queries import CaseQueries
from heyue.store.tables import audit_events, conversations, messages


class ConversationQueries(CaseQueries):
    """Conversations and messages."""

    def open_conversation(self, case_id: str, channel: str, address: str, at: datetime) -> ConversationRecord:
        """Begin a contact with the borrower of a case."""
        conversation_id = uuid.uuid4().hex
        self.connection.execute(
            insert(conversations).values(
                conversation_id=conversation_id, case_id=case_id, channel=channel, started_at=at, last_turn_at=at,
                address_sealed=self.keys.seal(address), address_hash=self.keys.address_hash(address),
                turn_count=0, holder="bot", dialogue="{}",
            )
        )  # fmt: skip
        return ConversationRecord(conversation_id, case_id, channel, at, at, 0, "bot")

    def latest_conversation(self, address: str) -> ConversationRecord | None:
        """The contact with this address that was last active, or None."""
        row = self.connection.execute(
            select(conversations)
            .where(conversations.c.address_hash == self.keys.address_hash(address))
            .order_by(conversations.c.last_turn_at.desc())
            .limit(1)
        ).mappings().one_or_none()  # fmt: skip
        return _conversation(row) if row else None

    def conversation(self, conversation_id: str) -> ConversationRecord:
        """One contact.

        Raises:
            UnknownConversation: there is none of this id.
        """
        return _conversation(self._conversation_row(conversation_id))

    def conversation_and_case(self, conversation_id: str) -> tuple[ConversationRecord, Case]:
        """A contact and the case it is about, with the address the contact came from as contact data."""
        row = self._conversation_row(conversation_id)
        return _conversation(row), self.case(row["case_id"])

    def address_of(self, conversation_id: str) -> str:
        """The phone number or openid that the contact came from."""
        return self.keys.open(self._conversation_row(conversation_id)["address_sealed"])

    def _conversation_row(self, conversation_id: str) -> Any:
        row = self.connection.execute(
            select(conversations).where(conversations.c.conversation_id == conversation_id)
        ).mappings().one_or_none()  # fmt: skip
        if row is None:
            raise UnknownConversation(f"no conversation has the id {conversation_id!r}")
        return row

    def save_dialogue(self, conversation_id: str, dialogue: dict[str, Any]) -> None:
        """Write where the dialogue stands."""
        self._update(conversation_id, dialogue=json.dumps(dialogue, ensure_ascii=False))

    def set_holder(
        self, conversation_id: str, holder: str, at: datetime, actor: str, note: str | None = None
    ) -> None:
        """Say who holds the conversation: bot, handing_over or human; audited."""
        self._update(conversation_id, holder=holder)
        self.connection.execute(
            insert(audit_events).values(
                event=f"holder_{holder}", at=at, actor=actor, conversation_id=conversation_id,
                details=json.dumps({"note": note}, ensure_ascii=False) if note else None,
            )
        )  # fmt: skip

    def _update(self, conversation_id: str, **changes: Any) -> None:
        self.connection.execute(
            update(conversations).where(conversations.c.conversation_id == conversation_id).values(**changes)
        )

    def add_turn(
        self, conversation_id: str, speaker: str, text: str, at: datetime, message_key: str | None = None
    ) -> tuple[int, bool]:
        """Store a message: its turn id and whether it is new. A message key seen on the channel before is not."""
        channel = self.connection.execute(
            select(conversations.c.channel).where(conversations.c.conversation_id == conversation_id)
        ).scalar_one()
        if message_key is not None:
            known = self.connection.execute(
                select(messages.c.turn_id).where(
                    (messages.c.channel == channel) & (messages.c.message_key == message_key)
                )
            ).scalar_one_or_none()
            if known is not None:
                return int(known), False
        written = self.connection.execute(
            insert(messages).values(
                conversation_id=conversation_id, channel=channel, speaker=speaker, text_sealed=self.keys.seal(text),
                at=at, message_key=message_key,
            )
        )  # fmt: skip
        self._update(conversation_id, last_turn_at=at, turn_count=conversations.c.turn_count + 1)
        return int(written.inserted_primary_key[0]), True

    def has_turn(self, conversation_id: str, message_key: str) -> bool:
        """Whether the contact has a message with this key."""
        found = self.connection.execute(
            select(messages.c.turn_id).where(
                (messages.c.conversation_id == conversation_id) & (messages.c.message_key == message_key)
            )
        ).first()
        return found is not None

    def set_reading(self, turn_id: int, reading: dict[str, Any]) -> None:
        """Store how a message was understood."""
        sealed = self.keys.seal(json.dumps(reading, ensure_ascii=False))
        self.connection.execute(
            update(messages).where(messages.c.turn_id == turn_id).values(reading_sealed=sealed)
        )

    def turns(self, conversation_id: str) -> list[Turn]:
        """The transcript of one contact, in order."""
        return self._turns(messages.c.conversation_id == conversation_id)

    def turns_of_case(self, case_id: str) -> list[Turn]:
        """All messages with the borrower of a case, in order."""
        here = select(conversations.c.conversation_id).where(conversations.c.case_id == case_id)
        return self._turns(messages.c.conversation_id.in_(here))

    def _turns(self, condition: Any) -> list[Turn]:
        rows = self.connection.execute(
            select(messages).where(condition).order_by(messages.c.turn_id)
        ).mappings()
        return [
            Turn(
                row["turn_id"], row["conversation_id"], row["speaker"], self.keys.open(row["text_sealed"]), row["at"],
                json.loads(self.keys.open(row["reading_sealed"])) if row["reading_sealed"] else None,
            )
            for row in rows
        ]  # fmt: skip


def _conversation(row: Any) -> ConversationRecord:
    return ConversationRecord(
        row["conversation_id"], row["case_id"], row["channel"], row["started_at"], row["last_turn_at"],
        row["turn_count"], row["holder"], json.loads(row["dialogue"]),
    )  # fmt: skip
