"""What the coach reads in talks, its review, and talks that come from elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "machine_flags",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name=op.f("fk_machine_flags_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "turn", "rule", name=op.f("pk_machine_flags")),
    )
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("round", sa.String(length=12), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="queued", nullable=False),
        sa.Column("reviewer", sa.String(length=64), nullable=True),
        sa.Column("queued_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(), nullable=True),
        sa.Column("saved_at", sa.DateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("scorecard_version", sa.String(length=24), nullable=True),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("is_vetoed", sa.Boolean(), nullable=True),
        sa.Column("work_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name=op.f("fk_reviews_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_reviews")),
    )
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reviews_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reviews_reviewer"), ["reviewer"], unique=False)
        batch_op.create_index("ix_reviews_state_queued_at", ["state", "queued_at"], unique=False)

    op.create_table(
        "talk_details",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name=op.f("fk_talk_details_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_talk_details")),
    )
    op.create_table(
        "talk_readings",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("turn_count", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=False),
        sa.Column("debtor_type", sa.String(length=24), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("situation", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tension", sa.Float(), nullable=False),
        sa.Column("peak_tension", sa.Float(), nullable=False),
        sa.Column("flag_count", sa.Integer(), nullable=False),
        sa.Column("promise_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name=op.f("fk_talk_readings_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_talk_readings")),
    )
    op.create_table(
        "talk_signatures",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name=op.f("fk_talk_signatures_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_talk_signatures")),
    )
    op.create_table(
        "appeals",
        sa.Column("appeal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("collector", sa.String(length=64), nullable=False),
        sa.Column("grounds_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("ruling_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("ruled_by", sa.String(length=64), nullable=True),
        sa.Column("ruled_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.review_id"], name=op.f("fk_appeals_review_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("appeal_id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("review_id", name=op.f("uq_appeals_review_id")),
    )
    with op.batch_alter_table("appeals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeals_collector"), ["collector"], unique=False)

    op.create_table(
        "flag_verdicts",
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("is_added", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.review_id"], name=op.f("fk_flag_verdicts_review_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "turn", "rule", name=op.f("pk_flag_verdicts")),
    )
    op.create_table(
        "review_answers",
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.review_id"], name=op.f("fk_review_answers_review_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "item", name=op.f("pk_review_answers")),
    )
    with op.batch_alter_table("contact_attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("conversation_id", sa.String(length=32), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_contact_attempts_conversation_id"), ["conversation_id"], unique=False
        )

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("origin", sa.String(length=8), server_default="bot", nullable=False))
        batch_op.add_column(sa.Column("external_id", sa.String(length=128), nullable=True))
        batch_op.add_column(sa.Column("last_speaker", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("unread_turns", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("handler", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("is_timed", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("facts", sa.Text(), nullable=True))
        batch_op.alter_column("case_id", existing_type=sa.VARCHAR(length=64), nullable=True)
        batch_op.alter_column("address_sealed", existing_type=sa.BLOB(), nullable=True)
        batch_op.alter_column("address_hash", existing_type=sa.BLOB(), nullable=True)
        batch_op.create_index(batch_op.f("ix_conversations_handler"), ["handler"], unique=False)
        batch_op.create_index("ix_conversations_origin_holder", ["origin", "holder"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversations_last_turn_at"), ["last_turn_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversations_started_at"), ["started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversations_unread_turns"), ["unread_turns"], unique=False)
        batch_op.create_unique_constraint(
            batch_op.f("uq_conversations_origin_external_id"), ["origin", "external_id"]
        )

    with op.batch_alter_table("promises", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_promises_conversation_id"), ["conversation_id"], unique=False)
