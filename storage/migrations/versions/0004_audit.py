"""The audit: who decided what, which nobody can change afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_SQLITE = tuple(
    f"""
    CREATE TRIGGER audit_no_{deed} BEFORE {deed} ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END
    """
    for deed in ("update", "delete")
)
_POSTGRESQL = (
    """
    CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit is only appended to' USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit()
    """,
)


def upgrade() -> None:
    """Begin it empty: who decided what before stands in the runs and cleanups themselves."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("cleanup_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_workspace_id_id", "audit", ["workspace_id", "id"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)
