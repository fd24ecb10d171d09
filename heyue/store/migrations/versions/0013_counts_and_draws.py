"""What became of a large campaign is kept where a worker counted it; the first draw for review remembers how far it is."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("outcome", sa.Text(), nullable=True))
    op.add_column("campaigns", sa.Column("counted_at", sa.DateTime(), nullable=True))
    op.add_column("review_draws", sa.Column("left_at", sa.DateTime(), nullable=True))
    op.add_column("review_draws", sa.Column("left_id", sa.String(length=32), nullable=True))
