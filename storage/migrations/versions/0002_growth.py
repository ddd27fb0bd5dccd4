"""Counts beside their rows, signs of life, several workers, and verdicts that outlive a Run."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TIMES = ("active_at", "stuck_told_at", "shown_at", "purged_at")

Tally: TypeAlias = Counter[str]


@dataclass
class Lists:
    """The counts of one Cleanup."""

    categories: Tally = field(default_factory=Counter)
    states: Tally = field(default_factory=Counter)


# A migration has its own picture of the tables, which stays as it is when they change.
_runs, _cleanups = (
    sa.table(
        name,
        sa.column("id", sa.Integer),
        sa.column("tally", sa.JSON),
        sa.column("active_at", sa.DateTime(timezone=True)),
    )
    for name in ("run", "cleanup")
)
_RUN, _CLEANUP = sa.update(_runs), sa.update(_cleanups)
_RUN_COUNTS = sa.text(
    "SELECT run_id, category,"
    " SUM(CASE WHEN role THEN 1 ELSE 0 END), COUNT(suggestion),"
    " SUM(CASE WHEN reason = 'not_probed' THEN 1 ELSE 0 END),"
    " SUM(CASE WHEN reason IN ('blocked', 'sender_rejected', 'needs_reverse_dns')"
    "  THEN 1 ELSE 0 END),"
    " COUNT(*) FROM run_subscriber WHERE category IS NOT NULL GROUP BY run_id, category"
)
_CLEANUP_COUNTS = sa.text(
    "SELECT cleanup_id, category, state, COUNT(*) FROM unsubscribe"
    " GROUP BY cleanup_id, category, state"
)


def upgrade() -> None:
    """Add what is missing; SQLite adds a column in place where it may be empty or has a default."""
    for table in ("run", "cleanup"):
        op.add_column(table, sa.Column("tally", sa.JSON(), server_default="{}", nullable=False))
        for name in _TIMES:
            op.add_column(table, sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "run",
        sa.Column("remembered", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
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
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_known_verdict_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "address_key", name=op.f("pk_known_verdict")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_known_verdict_decided_at"), "known_verdict", ["decided_at"])
    _index()
    _fill()


def _index() -> None:
    """Index what is asked for, and nothing that makes each new row change a page of its own."""
    for name in ("address", "run_id_category", "run_id_chunk"):
        op.drop_index(f"ix_run_subscriber_{name}", "run_subscriber")
    for name, columns, where in (
        ("open", ["run_id", "chunk"], "category IS NULL AND chunk IS NOT NULL"),
        ("decided", ["run_id", "category", "subscriber_id"], "category IS NOT NULL"),
        ("retry", ["run_id", "retry_at"], "retry_at IS NOT NULL"),
    ):
        op.create_index(
            f"ix_run_subscriber_{name}",
            "run_subscriber",
            columns,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_index("ix_credit_entry_balance", "credit_entry", ["workspace_id", "kind", "credits"])
    op.create_index("ix_credit_entry_run", "credit_entry", ["run_id", "kind", "credits"])


def _fill() -> None:
    """Count what is there, and let what is under way begin to count as alive now."""
    connection = op.get_bind()
    runs, cleanups = defaultdict[int, Tally](Counter), defaultdict[int, Lists](Lists)
    for run_id, category, *flags, count in connection.execute(_RUN_COUNTS):
        runs[run_id][category] += count
        for name, number in zip(("roles", "typos", "not_asked", "blocked"), flags, strict=True):
            runs[run_id][name] += number
    for run_id, counts in runs.items():
        connection.execute(_RUN.where(_runs.c.id == run_id).values(tally=+counts))
    for cleanup_id, category, state, count in connection.execute(_CLEANUP_COUNTS):
        cleanups[cleanup_id].categories[category] += count
        cleanups[cleanup_id].states[state] += count
    for cleanup_id, lists in cleanups.items():
        tally = {"categories": lists.categories, "states": lists.states}
        connection.execute(_CLEANUP.where(_cleanups.c.id == cleanup_id).values(tally=tally))
    now = datetime.now(UTC)
    for table in (_runs, _cleanups):
        connection.execute(sa.update(table).values(active_at=now))
