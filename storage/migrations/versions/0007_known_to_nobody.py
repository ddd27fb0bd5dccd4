"""A known verdict whose Run was purged names neither the Run nor the subscriber."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Let both be empty, and empty them where the addresses are gone already."""
    # SQLite makes the table anew for this, and has to be told that it keeps rows in their key.
    with op.batch_alter_table("known_verdict", table_kwargs={"sqlite_with_rowid": False}) as known:
        known.alter_column("run_id", existing_type=sa.Integer(), nullable=True)
        known.alter_column("subscriber_id", existing_type=sa.BigInteger(), nullable=True)
    op.execute(
        "UPDATE known_verdict SET run_id = NULL, subscriber_id = NULL"
        " WHERE run_id IN (SELECT id FROM run WHERE purged_at IS NOT NULL)"
    )
