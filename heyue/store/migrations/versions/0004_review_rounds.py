"""Each round of a review once a talk, calibration sessions, and up to when talks were drawn for review."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calibrations",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name=op.f("fk_calibrations_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_calibrations")),
    )
    op.create_index(op.f("ix_calibrations_opened_at"), "calibrations", ["opened_at"])
    op.create_table(
        "review_draws",
        sa.Column("plan", sa.String(length=64), nullable=False),
        sa.Column("drawn_until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("plan", name=op.f("pk_review_draws")),
    )
    op.create_index(op.f("ix_talk_readings_read_at"), "talk_readings", ["read_at"])
    not_calibration = sa.text("round <> 'calibration'")
    op.create_index(
        "uq_reviews_conversation_id_round",
        "reviews",
        ["conversation_id", "round"],
        unique=True,
        sqlite_where=not_calibration,
        postgresql_where=not_calibration,
    )
