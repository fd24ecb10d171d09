"""The tables of what the coach reads in talks, and of their review. Details that quote people are sealed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)  # fmt: skip

from heyue.store.tables import Instant, Key, metadata, partial_index


def of_conversation() -> Column[str]:
    """The key of a table with one row a conversation."""
    return Column(
        "conversation_id", String(32), ForeignKey("conversations.conversation_id", ondelete="CASCADE"),
        primary_key=True,
    )  # fmt: skip


talk_readings = Table(  # narrow, so that queues and figures read it quickly
    "talk_readings", metadata,
    of_conversation(),
    Column("turn_count", Integer, nullable=False),
    Column("read_at", Instant, nullable=False, index=True),
    Column("debtor_type", String(24), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("situation", String(24), nullable=False),
    Column("reason", String(24)),
    Column("state", String(16), nullable=False),
    Column("tension", Float, nullable=False),
    Column("peak_tension", Float, nullable=False),
    Column("flag_count", Integer, nullable=False),
    Column("promise_count", Integer, nullable=False),
)  # fmt: skip

talk_details = Table(
    "talk_details", metadata,
    of_conversation(),
    Column("details_sealed", LargeBinary, nullable=False),
)  # fmt: skip

talk_signatures = Table(  # see heyue.store.search
    "talk_signatures", metadata,
    of_conversation(),
    Column("signature", LargeBinary, nullable=False),
)  # fmt: skip

machine_flags = Table(
    "machine_flags", metadata,
    of_conversation(),
    Column("turn", Integer, primary_key=True),
    Column("rule", String(24), primary_key=True),
    Index("ix_machine_flags_rule_conversation_id", "rule", "conversation_id"),
)  # fmt: skip

NOT_CALIBRATION = text("round <> 'calibration'")
NOT_DONE = text("state <> 'done'")

reviews = Table(
    "reviews", metadata,
    Column("review_id", Key, primary_key=True),
    Column(
        "conversation_id", String(32), ForeignKey("conversations.conversation_id", ondelete="CASCADE"),
        nullable=False, index=True,
    ),
    Column("round", String(12), nullable=False),  # first, second, adjudication, appeal, calibration
    Column("why", String(16), nullable=False),  # flagged, unsure, random, disagreement, appeal, asked
    Column("state", String(8), nullable=False, server_default="queued"),  # queued, claimed, done
    Column("reviewer", String(64), index=True),
    Column("queued_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("saved_at", Instant),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("scorecard_version", String(24)),
    Column("points", Float),
    Column("is_vetoed", Boolean),
    Column("work_sealed", LargeBinary),
    Index("ix_reviews_state_saved_at", "state", "saved_at"),
    partial_index("ix_reviews_waiting", "why", "queued_at", "review_id", where=NOT_DONE),
    Index(  # each round but calibration once a talk
        "uq_reviews_conversation_id_round", "conversation_id", "round", unique=True,
        sqlite_where=NOT_CALIBRATION, postgresql_where=NOT_CALIBRATION,
    ),
)  # fmt: skip

review_answers = Table(  # of finished reviews: items of the scorecard, and debtor_type, situation, reason
    "review_answers", metadata,
    Column("review_id", BigInteger, ForeignKey("reviews.review_id", ondelete="CASCADE"), primary_key=True),
    Column("item", String(40), primary_key=True),
    Column("verdict", String(16), nullable=False),
)  # fmt: skip

flag_verdicts = Table(
    "flag_verdicts", metadata,
    Column("review_id", BigInteger, ForeignKey("reviews.review_id", ondelete="CASCADE"), primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("rule", String(24), primary_key=True),
    Column("is_confirmed", Boolean, nullable=False),
    Column("is_added", Boolean, nullable=False),  # by the reviewer: the machine had not seen it
)  # fmt: skip

appeals = Table(
    "appeals", metadata,
    Column("appeal_id", Key, primary_key=True),
    Column("review_id", BigInteger, ForeignKey("reviews.review_id", ondelete="CASCADE"), nullable=False),
    Column("collector", String(64), nullable=False, index=True),
    Column("grounds_sealed", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(8), nullable=False, server_default="open"),  # open, upheld, granted
    Column("ruling_sealed", LargeBinary),
    Column("ruled_by", String(64)),
    Column("ruled_at", Instant),
    UniqueConstraint("review_id"),
)  # fmt: skip

calibrations = Table(  # a talk that several reviewers judge, each blind to the others: reviews of the round calibration
    "calibrations", metadata,
    of_conversation(),
    Column("opened_by", String(64), nullable=False),
    Column("opened_at", Instant, nullable=False, index=True),
    Column("closed_at", Instant),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("note_sealed", LargeBinary),
)  # fmt: skip

review_draws = Table(  # up to when talks were drawn by a sampling plan
    "review_draws", metadata,
    Column("plan", String(64), primary_key=True),
    Column("drawn_until", Instant, nullable=False),
    Column("left_at", Instant),  # of the talks from before the first draw those wait whose last turn is before this moment,
    Column("left_id", String(32)),  # or at it and whose id comes before this one; none: all are drawn
)  # fmt: skip
