"""Indexes for millions of cases: what every query of the desk looks for is found without going through a table."""

from heyue.store.migrations.online import add_index, drop_index

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ADDED = (
    ("cases", ["due_date", "case_id"]),
    ("cases", ["creditor", "due_date", "case_id"]),
    ("promises", ["recorded_at"]),
    ("contact_attempts", ["at"]),
    ("opt_outs", ["at"]),
    ("opt_outs", ["cause_turn_id"]),
    ("stops", ["at"]),
    ("stops", ["cause_turn_id"]),
    ("audit_events", ["event", "at"]),
    ("audit_events", ["actor", "at"]),
    ("audit_events", ["case_id", "at"]),
    ("audit_events", ["conversation_id", "event_id"]),
    ("outbox", ["sent_at"]),
    ("delivery_reports", ["at"]),
    ("machine_flags", ["rule", "conversation_id"]),
    ("reviews", ["state", "saved_at"]),
)
DUE = ["due_at", "queued_at", "message_id"]
PARTIAL = (
    ("ix_cases_demonstration", "cases", ["case_id"], "substr(case_id, 1, 5) = 'DEMO-'"),
    ("ix_conversations_unread", "conversations", ["last_turn_at"], "unread_turns > 0"),
    ("ix_promises_standing", "promises", ["case_id"], "state IN ('open', 'due')"),
    ("ix_outbox_prompt", "outbox", DUE, "state = 'queued' AND (NOT is_proactive OR is_human)"),
    ("ix_outbox_notices", "outbox", DUE, "state = 'queued' AND is_proactive AND NOT is_human"),
    ("ix_reviews_waiting", "reviews", ["why", "queued_at", "review_id"], "state <> 'done'"),
    ("ix_human_tasks_open", "human_tasks", ["at", "task_id"], "done_at IS NULL"),
)
DROPPED = (  # covered by those above
    "ix_audit_events_event", "ix_audit_events_actor", "ix_audit_events_case_id", "ix_conversations_unread_turns",
    "ix_human_tasks_done_at", "ix_reviews_state_queued_at",
)  # fmt: skip


def upgrade() -> None:
    for table, columns in ADDED:
        add_index("_".join(["ix", table, *columns]), table, columns)
    for name, table, columns, where in PARTIAL:
        add_index(name, table, columns, where)
    for name in DROPPED:
        drop_index(name)
