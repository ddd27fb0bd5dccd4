"""Counts beside their rows, signs of life, several workers, and verdicts that outlive a Run."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TIMES = ("active_at", "stuck_told_at", "shown_at", "purged_at")


def upgrade() -> None:
    """Add what is missing; SQLite adds a column in place where it may be empty or has a default."""
    for table in ("run", "cleanup"):
        op.add_column(table, sa.Column("tally", sa.JSON(), server_default="{}", nullable=False))
        for name in _TIMES:
            op.add_column(table, sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("cleanup", sa.Column("worker", sa.String(), nullable=True))
    op.create_table(
        "known_verdict",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("role", sa.Boolean(), nullable=False),
        sa.Column("free_provider", sa.Boolean(), nullable=False),
        sa.Column("suggested_domain", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_known_verdict_workspace_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_known_verdict_run_id")),
        sa.PrimaryKeyConstraint("workspace_id", "address_key", name=op.f("pk_known_verdict")),
    )
    op.create_index(op.f("ix_known_verdict_decided_at"), "known_verdict", ["decided_at"])
