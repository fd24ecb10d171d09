"""The tables of practice. The words of a talk are sealed as all words are: trainees write what they know."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from heyue.store.tables import Instant, Key, metadata

practice_assignments = Table(
    "practice_assignments", metadata,
    Column("assignment_id", Key, primary_key=True),
    Column("login", String(64), nullable=False, index=True),
    Column("assigned_by", String(64), nullable=False),
    Column("kind", String(24)),  # none: a surprise
    Column("persona", String(40)),  # none: any of the kind
    Column("level", String(8), nullable=False),
    Column("assigned_at", Instant, nullable=False),
    Column("due_on", Date, nullable=False),
)  # fmt: skip

practice_talks = Table(
    "practice_talks", metadata,
    Column("talk_id", String(32), primary_key=True),
    Column("login", String(64), nullable=False),
    Column("persona", String(40), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("level", String(8), nullable=False),
    Column("seed", Integer, nullable=False),
    Column("chosen_by", String(12), nullable=False),  # kind, weakness, surprise, assigned
    Column("is_kind_known", Boolean, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("plays_on", Date, nullable=False),
    Column("turn_count", Integer, nullable=False),
    Column("resumed_at", Instant),  # none: paused
    Column("waited", Float, nullable=False),
    Column("parent_id", String(32), ForeignKey("practice_talks.talk_id", ondelete="SET NULL"), index=True),
    Column("parent_turn", Integer),
    Column("is_rehearsal", Boolean, nullable=False),
    Column(
        "assignment_id", Key, ForeignKey("practice_assignments.assignment_id", ondelete="SET NULL"), index=True
    ),
    Column("how", String(12)),
    Column("guess", String(24)),
    Column("points", Float),
    Column("is_passed", Boolean),
    Column("sections", Text),
    Column("finished_at", Instant),
    Column("turns_sealed", LargeBinary, nullable=False),
    Index("ix_practice_talks_login_started_at", "login", "started_at"),
)  # fmt: skip
