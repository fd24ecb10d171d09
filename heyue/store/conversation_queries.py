"""Conversations and their messages: the transcript."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from heyue.errors import UnknownConversation
from heyue.records import Case, ConversationRecord, Sending, Turn
from heyue.store.audit_queries import AuditQueries
from heyue.store.case_queries import CaseQueries
from heyue.store.keys import Keys
from heyue.store.outbox_tables import outbox
from heyue.store.tables import conversations, messages

# Statements of every message, built once: SQLAlchemy takes longer to build one than SQLite to run it.
ONE_CONVERSATION = select(conversations).where(conversations.c.conversation_id == bindparam("here"))
HOLD_CONVERSATION = ONE_CONVERSATION.with_for_update()  # SQLite holds the whole database as it is
LATEST_CONVERSATION = (
    select(conversations)
    .where(conversations.c.address_hash.in_(bindparam("address_hashes", expanding=True)))
    .order_by(conversations.c.last_turn_at.desc())
    .limit(1)
)
ADD_CONVERSATION = insert(conversations)
MARK_PUSHED = (
    update(conversations).where(conversations.c.conversation_id == bindparam("here")).values(is_pushed=True)
)
HOLD = text("SELECT pg_advisory_xact_lock(number) FROM unnest(CAST(:numbers AS bigint[])) AS number")  # one by one
HAS_READING = select(messages.c.reading_sealed.isnot(None)).where(messages.c.turn_id == bindparam("here"))
BORROWER_TURNS = select(messages.c.turn_id).where(
    (messages.c.conversation_id == bindparam("here"))
    & (messages.c.speaker == "borrower")
    & messages.c.turn_id.between(bindparam("first"), bindparam("last"))
)
LAST_TURN = select(func.max(messages.c.turn_id)).where(messages.c.conversation_id == bindparam("here"))
SAVE_DIALOGUE = (
    update(conversations)
    .where(conversations.c.conversation_id == bindparam("here"))
    .values(dialogue=bindparam("now"))
)
COUNT_TURNS = (
    update(conversations)
    .where(conversations.c.conversation_id == bindparam("here"))
    .values(
        last_turn_at=bindparam("at"),
        last_speaker=bindparam("speaker"),
        turn_count=conversations.c.turn_count + bindparam("more"),
        unread_turns=conversations.c.unread_turns + bindparam("more"),
    )
)
KNOWN_MESSAGE = select(messages.c.turn_id).where(
    (messages.c.channel == bindparam("channel")) & (messages.c.message_key == bindparam("message_key"))
)
ADD_MESSAGE = insert(messages)
ADD_MESSAGE_ONCE = {  # by the name of the dialect
    "postgresql": postgresql.insert(messages).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(messages).on_conflict_do_nothing(),
}
SET_READING = (
    update(messages).where(messages.c.turn_id == bindparam("here")).values(reading_sealed=bindparam("sealed"))
)
TURNS = select(messages, outbox.c.state, outbox.c.code, outbox.c.due_at).select_from(
    messages.outerjoin(outbox, outbox.c.message_id == messages.c.outgoing_id)
)


class ConversationQueries(CaseQueries, AuditQueries):
    """Conversations and messages."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        super().__init__(connection, keys)
        self._channels: dict[
            str, str
        ] = {}  # of the conversations met in this transaction; a channel never changes

    def open_conversation(self, case_id: str, channel: str, address: str, at: datetime) -> ConversationRecord:
        """Begin a contact with the borrower of a case."""
        conversation_id = uuid.uuid4().hex
        self.connection.execute(
            ADD_CONVERSATION,
            {
                "conversation_id": conversation_id, "case_id": case_id, "channel": channel, "started_at": at,
                "last_turn_at": at, "address_sealed": self.keys.seal(address),
                "address_hash": self.keys.address_hash(address), "turn_count": 0, "holder": "bot", "dialogue": "{}",
            },
        )  # fmt: skip
        self._channels[conversation_id] = channel
        return ConversationRecord(conversation_id, case_id, channel, at, at, 0, "bot")

    def latest_conversation(self, address: str) -> ConversationRecord | None:
        """The contact with this address that was last active, or None."""
        row = self.connection.execute(
            LATEST_CONVERSATION, {"address_hashes": self.keys.address_hashes(address)}
        ).mappings().one_or_none()  # fmt: skip
        return self._conversation(row) if row else None

    def conversation(self, conversation_id: str) -> ConversationRecord:
        """One contact.

        Raises:
            UnknownConversation: there is none of this id.
        """
        return self._conversation(self._conversation_row(conversation_id))

    def hold_addresses(self, addresses: Sequence[str]) -> None:
        """Let nobody else take in a message from these addresses until this transaction ends.

        All at once, before any contact is held. PostgreSQL would let two processes open two contacts for two first messages.
        """
        self.hold_hashes({each for address in addresses for each in self.keys.address_hashes(address)})

    def hold_hashes(self, hashes: Collection[bytes]) -> None:
        """Nobody else holds any of these keyed hashes until this transaction ends (SQLite has one writer as it is).

        Taken in one order by all who take some, so that nobody waits in a circle.
        """
        if self.connection.dialect.name == "postgresql":
            numbers = sorted({int.from_bytes(each[:8], "big", signed=True) for each in hashes})
            self.connection.execute(HOLD, {"numbers": numbers})

    def borrower_turns(self, conversation_id: str, first: int, last: int) -> list[int]:
        """The borrower's turns of a contact from one turn id to another, both included."""
        between = {"here": conversation_id, "first": first, "last": last}
        return [int(each) for each in self.connection.execute(BORROWER_TURNS, between).scalars()]

    def last_turn_id(self, conversation_id: str) -> int:
        """The latest turn of a contact, whoever said it; 0 where there is none."""
        return int(self.connection.execute(LAST_TURN, {"here": conversation_id}).scalar_one() or 0)

    def hold_conversation(self, conversation_id: str) -> ConversationRecord:
        """One contact that nobody else changes until this transaction ends: who holds it now, holds it then.

        Raises:
            UnknownConversation: there is none of this id.
        """
        return self._conversation(self._conversation_row(conversation_id, HOLD_CONVERSATION))

    def hold_conversation_and_case(self, conversation_id: str) -> tuple[ConversationRecord, Case]:
        """A contact that nobody else changes meanwhile, and the case it is about."""
        row = self._conversation_row(conversation_id, HOLD_CONVERSATION)
        return self._conversation(row), self.case(row["case_id"])

    def address_of(self, conversation_id: str) -> str:
        """The phone number or openid that the contact came from."""
        return self.keys.open(self._conversation_row(conversation_id)["address_sealed"])

    def _conversation_row(self, conversation_id: str, query: Any = ONE_CONVERSATION) -> Any:
        row = self.connection.execute(query, {"here": conversation_id}).mappings().one_or_none()
        if row is None:
            raise UnknownConversation(f"no conversation has the id {conversation_id!r}")
        return row

    def _conversation(self, row: Any) -> ConversationRecord:
        self._channels[row["conversation_id"]] = row["channel"]
        return ConversationRecord(
            row["conversation_id"], row["case_id"], row["channel"], row["started_at"], row["last_turn_at"],
            row["turn_count"], row["holder"], json.loads(row["dialogue"]), row["origin"], row["handler"],
            row["last_speaker"], json.loads(row["facts"] or "{}"), row["is_timed"], row["is_pushed"],
            row["restricted_at"] is not None,
        )  # fmt: skip

    def save_dialogue(self, conversation_id: str, dialogue: dict[str, Any]) -> None:
        """Write where the dialogue stands."""
        now = json.dumps(dialogue, ensure_ascii=False)
        self.connection.execute(SAVE_DIALOGUE, {"here": conversation_id, "now": now})

    def set_holder(
        self, conversation_id: str, holder: str, at: datetime, actor: str, note: str | None = None
    ) -> None:
        """Say who holds the conversation: bot, handing_over or human (then `actor` handles it); audited."""
        handled: dict[str, Any] = {"handler": actor} if holder == "human" else {}
        if note:  # not into the log, from which nothing can be deleted
            handled["note_sealed"] = self.keys.seal(note)
        self.connection.execute(
            update(conversations)
            .where(conversations.c.conversation_id == conversation_id)
            .values(holder=holder, **handled)
        )
        self.audit(f"holder_{holder}", at, conversation_id=conversation_id, actor=actor)

    def mark_unread(self, conversation_id: str) -> None:
        """The coach's reader has to look at the contact again, though no turn was added."""
        here = conversations.c.conversation_id == conversation_id
        more = conversations.c.unread_turns + 1
        self.connection.execute(update(conversations).where(here).values(unread_turns=more))

    def mark_pushed(self, conversation_id: str) -> None:
        """The contact runs over a channel on which the lender's side can write at any time."""
        self.connection.execute(MARK_PUSHED, {"here": conversation_id})

    def last_note(self, conversation_id: str) -> str | None:
        """What was noted when the conversation changed hands last with a note: by the bot, or by a human who gave it back."""
        return self.opened(self._conversation_row(conversation_id)["note_sealed"])

    def add_turn(
        self, conversation_id: str, speaker: str, text: str, at: datetime, message_key: str | None = None,
        outgoing_id: str | None = None,
    ) -> tuple[int, bool]:  # fmt: skip
        """Store a message: its turn id and whether it is new. A message key seen on the channel before is not.

        Args:
            outgoing_id: of the message of the outbox that carries it to the borrower.
        """
        return self.add_turns(conversation_id, speaker, [(text, message_key)], at, outgoing_id)[0]

    def add_turns(
        self, conversation_id: str, speaker: str, said: Sequence[tuple[str, str | None]], at: datetime,
        outgoing_id: str | None = None,
    ) -> list[tuple[int, bool]]:  # fmt: skip
        """Store messages of one speaker, each with its message key; see add_turn."""
        channel = self._channels.get(conversation_id) or self.conversation(conversation_id).channel
        added = [
            self._add_message(conversation_id, channel, speaker, text, at, key, outgoing_id) for text, key in said
        ]
        more = sum(is_new for _, is_new in added)
        if more:
            now = {"here": conversation_id, "at": at, "speaker": speaker, "more": more}
            self.connection.execute(COUNT_TURNS, now)
        return added

    def _add_message(
        self,
        conversation_id: str,
        channel: str,
        speaker: str,
        text: str,
        at: datetime,
        message_key: str | None,
        outgoing_id: str | None,
    ) -> tuple[int, bool]:
        same = {"channel": channel, "message_key": message_key}
        if message_key is not None:
            known = self.connection.execute(KNOWN_MESSAGE, same).scalar_one_or_none()
            if known is not None:
                return int(known), False
        written = self.connection.execute(
            ADD_MESSAGE_ONCE[self.connection.dialect.name],
            {
                "conversation_id": conversation_id, "channel": channel, "speaker": speaker,
                "text_sealed": self.keys.seal(text), "at": at, "message_key": message_key,
                "outgoing_id": outgoing_id,
            },
        )  # fmt: skip
        if not written.rowcount:  # PostgreSQL: another process has stored the same message since we looked
            return int(self.connection.execute(KNOWN_MESSAGE, same).scalar_one()), False
        return int(written.inserted_primary_key[0]), True

    def set_reading(self, turn_id: int, reading: dict[str, Any]) -> None:
        """Store how a message was understood."""
        sealed = self.keys.seal(json.dumps(reading, ensure_ascii=False))
        self.connection.execute(SET_READING, {"here": turn_id, "sealed": sealed})

    def has_reading(self, turn_id: int) -> bool:
        """Whether it is stored how a message was understood: it has been answered."""
        return bool(self.connection.execute(HAS_READING, {"here": turn_id}).scalar())

    def turns(self, conversation_id: str) -> list[Turn]:
        """The transcript of one contact, in order."""
        return self._turns(messages.c.conversation_id == conversation_id)

    def turns_of_case(self, case_id: str) -> list[Turn]:
        """All messages with the borrower of a case, in order."""
        here = select(conversations.c.conversation_id).where(conversations.c.case_id == case_id)
        return self._turns(messages.c.conversation_id.in_(here))

    def _turns(self, condition: Any) -> list[Turn]:
        rows = self.connection.execute(TURNS.where(condition).order_by(messages.c.turn_id)).mappings()
        return [
            Turn(
                row["turn_id"], row["conversation_id"], row["speaker"], self.keys.open(row["text_sealed"]), row["at"],
                json.loads(self.keys.open(row["reading_sealed"])) if row["reading_sealed"] else None,
                Sending(row["state"], row["code"], row["due_at"]) if row["state"] else None,
            )
            for row in rows
        ]  # fmt: skip
