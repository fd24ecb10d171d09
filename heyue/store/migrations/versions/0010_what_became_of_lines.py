"""Each line of a talk knows the message of the outbox that carries it; a task of people knows its talk and who does it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

# The key of a bot's line names the message that it answers ("answer:12:0"), its message of the outbox too ("reply:12").
LINK_ANSWERS = """
UPDATE messages SET outgoing_id = (
    SELECT outbox.message_id FROM outbox
    WHERE outbox.conversation_id = messages.conversation_id AND outbox.kind = 'reply'
    AND messages.message_key LIKE 'answer:' || substr(outbox.message_id, 7) || ':%'
) WHERE speaker = 'bot' AND message_key LIKE 'answer:%'
"""
LINK_LINES_OF_PEOPLE = """
UPDATE messages SET outgoing_id = (
    SELECT min(outbox.message_id) FROM outbox
    WHERE outbox.conversation_id = messages.conversation_id AND outbox.kind = 'human'
    AND outbox.queued_at = messages.at
) WHERE speaker = 'collector'
"""


def upgrade() -> None:
    op.add_column("messages", sa.Column("outgoing_id", sa.String(length=128), nullable=True))
    op.execute(LINK_ANSWERS)
    op.execute(LINK_LINES_OF_PEOPLE)
    op.add_column("human_tasks", sa.Column("conversation_id", sa.String(length=32), nullable=True))
    op.add_column("human_tasks", sa.Column("assignee", sa.String(length=64), nullable=True))
    for column in ("conversation_id", "assignee"):
        op.create_index(op.f(f"ix_human_tasks_{column}"), "human_tasks", [column])

