"""A reader of the coach claims the talks that it reads, so that several read at once."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("reader_claimed_at", sa.DateTime(), nullable=True))
