"""What goes out: the outbox, the gate's decisions, providers' reports, owed answers, and whose cases are one person's."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("cases") as batch_op:
        batch_op.add_column(sa.Column("person_hash", sa.LargeBinary(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_cases_person_hash"), ["person_hash"])
    with op.batch_alter_table("conversations") as batch_op:
        batch_op.add_column(
            sa.Column("is_pushed", sa.Boolean(), server_default=sa.text("false"), nullable=False)
        )
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("overridden", sa.String(length=200), nullable=True),
        sa.Column("is_proactive", sa.Boolean(), nullable=False),
        sa.Column("is_human", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("queued_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("not_after", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.Column("provider", sa.String(length=24), nullable=True),
        sa.Column("provider_id", sa.String(length=128), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name=op.f("fk_outbox_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_outbox")),
    )
    for columns in (
        ["case_id"], ["conversation_id"], ["person_hash"], ["state", "due_at"], ["address_hash", "sent_at"],
        ["provider", "provider_id"],
    ):  # fmt: skip
        op.create_index(op.f("ix_outbox_" + "_".join(columns)), "outbox", columns)
    op.create_table(
        "gate_decisions",
        sa.Column("decision_id", KEY, nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("rules", sa.String(length=200), nullable=False),
        sa.Column("policy_version", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_gate_decisions")),
    )
    for column in ("message_id", "case_id", "at"):
        op.create_index(op.f(f"ix_gate_decisions_{column}"), "gate_decisions", [column])
    op.create_table(
        "delivery_reports",
        sa.Column("report_id", KEY, nullable=False),
        sa.Column("provider", sa.String(length=24), nullable=False),
        sa.Column("message", sa.String(length=140), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("is_address_dead", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_delivery_reports")),
        sa.UniqueConstraint(
            "provider", "message", "outcome", name=op.f("uq_delivery_reports_provider_message_outcome")
        ),
    )
    op.create_table(
        "owed_answers",
        sa.Column("turn_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=48), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name=op.f("fk_owed_answers_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("turn_id", name=op.f("pk_owed_answers")),
    )
    op.create_index(op.f("ix_owed_answers_conversation_id"), "owed_answers", ["conversation_id"])
    op.create_table(
        "provider_state",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_provider_state")),
    )
    op.create_table(
        "provider_leases",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_provider_leases")),
    )
