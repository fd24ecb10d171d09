"""The tables of outreach: campaigns, which messages belong to which, and what a person has to do."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, text

from heyue.store.tables import Instant, Key, case_key, metadata, partial_index

campaigns = Table(
    "campaigns", metadata,
    Column("campaign_id", Key, primary_key=True),
    Column("name", String(60), nullable=False),
    Column("state", String(8), nullable=False),  # draft, running, paused, ended
    Column("purposes", String(40), nullable=False),  # of courtesy, reminder, promise
    Column("stages", String(40), nullable=False),  # of early, middle, late, handover
    Column("creditor", String(120)),
    Column("created_by", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("planned_at", Instant),  # when a worker last began to plan it
    Column("outcome", Text),  # as a worker counted it last, as JSON (CampaignOutcome)
    Column("counted_at", Instant),
)  # fmt: skip

campaign_messages = Table(
    "campaign_messages", metadata,
    Column("message_id", String(128), primary_key=True),
    Column("campaign_id", Key, ForeignKey("campaigns.campaign_id", ondelete="CASCADE"), nullable=False),
    case_key(index=True),
    Index("ix_campaign_messages_campaign_id_case_id", "campaign_id", "case_id"),
)  # fmt: skip

human_tasks = Table(
    "human_tasks", metadata,
    Column("task_id", Key, primary_key=True),
    case_key(index=True),
    Column("conversation_id", String(32), index=True),  # the talk that it is about
    Column("task", String(16), nullable=False),  # follow_up, check_contact, answer
    Column("why", String(24), nullable=False),
    Column("at", Instant, nullable=False),
    Column("assignee", String(64), index=True),  # the person who does it; none: nobody yet
    Column("done_at", Instant),
    Column("done_by", String(64)),
    partial_index("ix_human_tasks_open", "at", "task_id", where=text("done_at IS NULL")),
)  # fmt: skip
