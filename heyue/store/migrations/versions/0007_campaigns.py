"""Outreach: campaigns, their messages, and what a person has to do."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("purposes", sa.String(length=40), nullable=False),
        sa.Column("stages", sa.String(length=40), nullable=False),
        sa.Column("creditor", sa.String(length=120), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("planned_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaigns")),
    )
    op.create_table(
        "campaign_messages",
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("campaign_id", KEY, nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.campaign_id"], name=op.f("fk_campaign_messages_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name=op.f("fk_campaign_messages_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_campaign_messages")),
    )
    op.create_index(op.f("ix_campaign_messages_case_id"), "campaign_messages", ["case_id"])
    op.create_index(
        op.f("ix_campaign_messages_campaign_id_case_id"), "campaign_messages", ["campaign_id", "case_id"]
    )
    op.create_table(
        "human_tasks",
        sa.Column("task_id", KEY, nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("task", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("done_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name=op.f("fk_human_tasks_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_human_tasks")),
    )
    for column in ("case_id", "done_at"):
        op.create_index(op.f(f"ix_human_tasks_{column}"), "human_tasks", [column])
