"""Exercises of trainees, and those that leads assign."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "practice_assignments",
        sa.Column("assignment_id", KEY, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("assigned_by", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=True),
        sa.Column("persona", sa.String(length=40), nullable=True),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("assigned_at", sa.DateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_practice_assignments")),
    )
    op.create_index(op.f("ix_practice_assignments_login"), "practice_assignments", ["login"])
    op.create_table(
        "practice_talks",
        sa.Column("talk_id", sa.String(length=32), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("persona", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("chosen_by", sa.String(length=12), nullable=False),
        sa.Column("is_kind_known", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("plays_on", sa.Date(), nullable=False),
        sa.Column("turn_count", sa.Integer(), nullable=False),
        sa.Column("resumed_at", sa.DateTime(), nullable=True),
        sa.Column("waited", sa.Float(), nullable=False),
        sa.Column("parent_id", sa.String(length=32), nullable=True),
        sa.Column("parent_turn", sa.Integer(), nullable=True),
        sa.Column("is_rehearsal", sa.Boolean(), nullable=False),
        sa.Column("assignment_id", KEY, nullable=True),
        sa.Column("how", sa.String(length=12), nullable=True),
        sa.Column("guess", sa.String(length=24), nullable=True),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("is_passed", sa.Boolean(), nullable=True),
        sa.Column("sections", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("turns_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["practice_talks.talk_id"],
            name=op.f("fk_practice_talks_parent_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["practice_assignments.assignment_id"],
            name=op.f("fk_practice_talks_assignment_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("talk_id", name=op.f("pk_practice_talks")),
    )
    op.create_index(op.f("ix_practice_talks_parent_id"), "practice_talks", ["parent_id"])
    op.create_index(op.f("ix_practice_talks_assignment_id"), "practice_talks", ["assignment_id"])
    op.create_index("ix_practice_talks_login_started_at", "practice_talks", ["login", "started_at"])
