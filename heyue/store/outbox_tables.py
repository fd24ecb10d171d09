"""The tables of what goes out: messages, the gate's decisions, providers' reports, and what processes share about providers."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from heyue.store.tables import Instant, Key, metadata, partial_index

# The queue in the order in which it is sent: answers and people's lines, then the bot's notices
IS_PROMPT = text("state = 'queued' AND (NOT is_proactive OR is_human)")
IS_NOTICE = text("state = 'queued' AND is_proactive AND NOT is_human")

outbox = Table(
    "outbox", metadata,
    Column("message_id", String(128), primary_key=True),
    Column("case_id", String(64), ForeignKey("cases.case_id", ondelete="CASCADE"), index=True),  # none: to a stranger
    Column("conversation_id", String(32), index=True),
    Column("channel", String(8), nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("address_hash", LargeBinary(32), nullable=False),
    Column("person_hash", LargeBinary(32), index=True),
    Column("kind", String(16), nullable=False),
    Column("template", String(64)),
    Column("body_sealed", LargeBinary, nullable=False),
    Column("overridden", String(200)),  # rules that a human breaks with a reason
    Column("is_proactive", Boolean, nullable=False),
    Column("is_human", Boolean, nullable=False),
    Column("state", String(12), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("queued_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("not_after", Instant, nullable=False),
    Column("sent_at", Instant, index=True),  # claimed: from then on it counts as a contact, unless its provider did not take it
    Column("settled_at", Instant),
    Column("provider", String(24)),
    Column("provider_id", String(128)),
    Column("code", String(64)),
    Index("ix_outbox_state_due_at", "state", "due_at"),
    Index("ix_outbox_address_hash_sent_at", "address_hash", "sent_at"),
    Index("ix_outbox_provider_provider_id", "provider", "provider_id"),
    partial_index("ix_outbox_prompt", "due_at", "queued_at", "message_id", where=IS_PROMPT),
    partial_index("ix_outbox_notices", "due_at", "queued_at", "message_id", where=IS_NOTICE),
)  # fmt: skip

gate_decisions = Table(  # never changed and outliving their case: a handler must prove absence of fault (P-09)
    "gate_decisions", metadata,
    Column("decision_id", Key, primary_key=True),
    Column("message_id", String(128), nullable=False, index=True),
    Column("case_id", String(64), index=True),
    Column("channel", String(8), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("stage", String(8), nullable=False),  # enqueue, delivery
    Column("allowed", Boolean, nullable=False),
    Column("asked", Text, nullable=False),
    Column("refused", Text, nullable=False),
    Column("rules", String(200), nullable=False),
    Column("policy_version", String(24), nullable=False),
)  # fmt: skip

delivery_reports = Table(
    "delivery_reports", metadata,
    Column("report_id", Key, primary_key=True),
    Column("provider", String(24), nullable=False),
    Column("message", String(140), nullable=False),  # ours as "own:…", the provider's number as "provider:…"
    Column("outcome", String(12), nullable=False),
    Column("code", String(64)),
    Column("at", Instant, nullable=False, index=True),
    Column("is_address_dead", Boolean, nullable=False),
    UniqueConstraint("provider", "message", "outcome"),
)  # fmt: skip

owed_answers = Table(  # borrowers' messages acknowledged to a provider and not yet answered
    "owed_answers", metadata,
    Column("turn_id", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "conversation_id", String(32), ForeignKey("conversations.conversation_id", ondelete="CASCADE"),
        nullable=False, index=True,
    ),
    Column("session_id", String(48), nullable=False),
    Column("at", Instant, nullable=False),
)  # fmt: skip

provider_state = Table(
    "provider_state", metadata,
    Column("key", String(128), primary_key=True),
    Column("value_sealed", LargeBinary, nullable=False),
    Column("expires_at", Instant),
)  # fmt: skip

provider_leases = Table(
    "provider_leases", metadata,
    Column("key", String(128), primary_key=True),
    Column("holder", String(32), nullable=False),
    Column("expires_at", Instant, nullable=False),
)  # fmt: skip
