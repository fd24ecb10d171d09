"""The tables. Columns named *_sealed hold personal data encrypted by heyue.store.keys."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)  # fmt: skip
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.types import TypeDecorator

from heyue.settings import ZONE


class Instant(TypeDecorator):  # type: ignore[type-arg]
    """A moment: aware datetimes in and out (Asia/Shanghai), UTC without zone in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(timezone.utc).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=timezone.utc).astimezone(ZONE) if value else None


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)
Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only INTEGER keys


# Conditions of partial indexes. Queries repeat them word for word, not bound: only then does a database see that they hold.
IS_DEMONSTRATION = text("substr(case_id, 1, 5) = 'DEMO-'")
IS_UNREAD = text("unread_turns > 0")
STANDS = text("state IN ('open', 'due')")


def partial_index(name: str, *columns: str, where: TextClause) -> Index:
    """An index over the rows of which the condition holds."""
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


def case_key(**options: Any) -> Column[str]:
    return Column(
        "case_id", String(64), ForeignKey("cases.case_id", ondelete="CASCADE"), nullable=False, **options
    )


def conversation_key() -> Column[str]:
    return Column(
        "conversation_id", String(32), ForeignKey("conversations.conversation_id", ondelete="CASCADE"),
        nullable=False, index=True,
    )  # fmt: skip


cases = Table(
    "cases", metadata,
    Column("case_id", String(64), primary_key=True),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("gender", String(2)),
    Column("id_last4_sealed", LargeBinary),
    Column("creditor", String(120), nullable=False),
    Column("product", String(120)),
    Column("amount_due_fen", BigInteger, nullable=False),
    Column("minimum_due_fen", BigInteger),
    Column("due_date", Date, nullable=False),
    Column("pay_day", Integer),
    Column("broken_promises", Integer, nullable=False, server_default="0"),
    Column("status", String(16), nullable=False, server_default="active"),
    Column("situation", String(24)),
    Column("reason", String(24)),
    Column("debtor_type", String(24)),
    Column("restricted_at", Instant),  # settled: kept because the law says so, and seen by few (heyue.retention)
    Column("row_hash", LargeBinary(32), nullable=False),
    Column("person_hash", LargeBinary(32), index=True),  # the same for all cases of one person, where that is known
    Index("ix_cases_due_date_case_id", "due_date", "case_id"),
    Index("ix_cases_creditor_due_date_case_id", "creditor", "due_date", "case_id"),
    partial_index("ix_cases_demonstration", "case_id", where=IS_DEMONSTRATION),
)  # fmt: skip

contact_points = Table(
    "contact_points", metadata,
    Column("contact_point_id", Key, primary_key=True),
    case_key(index=True),
    Column("channel", String(8), nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("address_hash", LargeBinary(32), nullable=False, index=True),
    Column("state", String(16), nullable=False, server_default="usable"),
    Column("changed_at", Instant),
    UniqueConstraint("case_id", "channel"),
)  # fmt: skip

conversations = Table(
    "conversations", metadata,
    Column("conversation_id", String(32), primary_key=True),
    Column("case_id", String(64), ForeignKey("cases.case_id", ondelete="CASCADE"), index=True),  # none: from elsewhere
    Column("channel", String(8), nullable=False),
    Column("origin", String(8), nullable=False, server_default="bot"),
    Column("external_id", String(128)),  # in the system that the transcript comes from
    Column("address_sealed", LargeBinary),
    Column("address_hash", LargeBinary(32)),
    Column("started_at", Instant, nullable=False, index=True),
    Column("last_turn_at", Instant, nullable=False, index=True),
    Column("last_speaker", String(12)),
    Column("turn_count", Integer, nullable=False, server_default="0"),
    Column("unread_turns", Integer, nullable=False, server_default="0"),  # by the coach's reader
    Column("reader_claimed_at", Instant),  # by one of the coach's readers, who reads it now
    Column("holder", String(16), nullable=False, server_default="bot"),
    Column("handler", String(64), index=True),  # the human who speaks for the lender
    Column("is_timed", Boolean, nullable=False, server_default=true()),  # false: nobody knows when its turns were said
    Column("is_pushed", Boolean, nullable=False, server_default=false()),  # it runs over a channel that can be written to
    Column("facts", Text),  # of a case that the store does not have, as JSON (contracts.md section 3, "case")
    Column("dialogue", Text, nullable=False, server_default="{}"),
    Column("note_sealed", LargeBinary),  # of who had it last
    Column("restricted_at", Instant),
    Index("ix_conversations_address_hash_last_turn_at", "address_hash", "last_turn_at"),
    Index("ix_conversations_origin_holder", "origin", "holder"),
    partial_index("ix_conversations_unread", "last_turn_at", where=IS_UNREAD),
    UniqueConstraint("origin", "external_id"),
)  # fmt: skip

messages = Table(
    "messages", metadata,
    Column("turn_id", Key, primary_key=True),
    conversation_key(),
    Column("channel", String(8), nullable=False),
    Column("speaker", String(12), nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("reading_sealed", LargeBinary),
    Column("at", Instant, nullable=False),
    Column("message_key", String(128)),
    Column("outgoing_id", String(128)),  # the message of the outbox that carries it
    UniqueConstraint("channel", "message_key"),
)  # fmt: skip

promises = Table(
    "promises", metadata,
    Column("promise_id", Key, primary_key=True),
    Column("promise_key", String(64), nullable=False, unique=True),
    case_key(index=True),
    Column("conversation_id", String(32), index=True),
    Column("cause_turn_id", BigInteger),
    Column("start", Date),
    Column("end", Date, index=True),
    Column("amount", String(16)),
    Column("certainty", String(12), nullable=False),
    Column("amount_due_fen", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),
    Column("paid_fen", BigInteger, nullable=False, server_default="0"),
    Column("recorded_at", Instant, nullable=False, index=True),
    partial_index("ix_promises_standing", "case_id", where=STANDS),
)  # fmt: skip

promise_changes = Table(
    "promise_changes", metadata,
    Column("change_id", Key, primary_key=True),
    Column("promise_id", BigInteger, ForeignKey("promises.promise_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(12), nullable=False),
    Column("paid_fen", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("cause", String(80)),
)  # fmt: skip

payments = Table(
    "payments", metadata,
    Column("payment_id", Key, primary_key=True),
    case_key(index=True),
    Column("paid_at", Instant, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("ordinal", Integer, nullable=False, server_default="0"),
    UniqueConstraint("case_id", "paid_at", "amount_fen", "ordinal"),
)  # fmt: skip

contact_attempts = Table(
    "contact_attempts", metadata,
    Column("attempt_id", Key, primary_key=True),
    case_key(index=True),
    Column("channel", String(8), nullable=False),
    Column("outcome", String(24), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("conversation_id", String(32), index=True),
)  # fmt: skip

opt_outs = Table(
    "opt_outs", metadata,
    Column("opt_out_id", Key, primary_key=True),
    Column("address_hash", LargeBinary(32), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("cause_turn_id", BigInteger, index=True),
    UniqueConstraint("address_hash", "channel"),
)  # fmt: skip

stops = Table(
    "stops", metadata,
    Column("stop_id", Key, primary_key=True),
    case_key(),
    Column("state", String(24), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("cause_turn_id", BigInteger, index=True),
    UniqueConstraint("case_id", "state"),
)  # fmt: skip

strangers = Table(
    "strangers", metadata,
    Column("address_hash", LargeBinary(32), primary_key=True),
    Column("day", Date, primary_key=True),
)  # fmt: skip

audit_events = Table(  # triggers refuse UPDATE and DELETE (migration 0008); a table built anew must get them again
    "audit_events", metadata,
    Column("event_id", Key, primary_key=True),
    Column("event", String(40), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("actor", String(64), nullable=False),
    Column("case_id", String(64)),
    Column("conversation_id", String(32)),
    Column("turn_id", BigInteger),
    Column("details", Text),
    Column("chain", Integer, nullable=False),  # see heyue.access.audit_chain
    Column("position", BigInteger, nullable=False),
    Column("previous_hash", LargeBinary(32), nullable=False),
    Column("entry_hash", LargeBinary(32), nullable=False),
    *(Index(f"ix_audit_events_{name}_at", name, "at") for name in ("event", "actor", "case_id")),
    Index("ix_audit_events_conversation_id_event_id", "conversation_id", "event_id"),
    UniqueConstraint("chain", "position"),
)  # fmt: skip

users = Table(
    "users", metadata,
    Column("login", String(64), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("role", String(16), nullable=False),
    Column("email", String(254), unique=True),  # by which an identity provider names the person
    Column("password_hash", String(255)),  # none: signs in by the identity provider only
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("locked_until", Instant),
    Column("disabled_at", Instant),
    Column("created_at", Instant, nullable=False),
)  # fmt: skip

user_sessions = Table(
    "user_sessions", metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("login", String(64), ForeignKey("users.login", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)  # fmt: skip
