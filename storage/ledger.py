"""The tables that are only appended to: what was done with credits, and who decided what."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage import columns

#: The chunk of a ledger entry that concerns a whole Run.
WHOLE_RUN = -1


class CreditEntryRow(SQLModel, table=True):
    """One line of the append-only ledger.

    Its amount is the number of subscribers whose `charged` is set in the same transaction. A chunk
    has one charge, and a subscriber is charged once: the database refuses everything else.
    """

    __tablename__ = "credit_entry"
    __table_args__ = (
        UniqueConstraint("run_id", "chunk", "kind"),
        Index("ix_credit_entry_workspace_id_id", "workspace_id", "id"),
        # A sum reads the index alone.
        Index("ix_credit_entry_balance", "workspace_id", "kind", "credits"),
        Index("ix_credit_entry_run", "run_id", "kind", "credits"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id")
    kind: str
    credits: int
    run_id: int | None = Field(default=None, foreign_key="run.id")
    chunk: int = WHOLE_RUN
    made_by: str | None = None
    note: str | None = None
    made_at: datetime = Field(sa_type=columns.TIME)


class AuditRow(SQLModel, table=True):
    """One line of the audit: somebody decided something. Triggers refuse to change or delete it.

    No address and no secret stands in it, and no foreign key: it outlives what it speaks of.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_workspace_id_id", "workspace_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    #: On the database's clock, which all processes share.
    at: datetime | None = Field(default=None, sa_type=columns.TIME, sa_column_kwargs=columns.NOW)
    #: Null for the bot itself.
    by: str | None = None
    deed: str
    run_id: int | None = None
    cleanup_id: int | None = None
    #: What there is to count, and words of the bot's own.
    details: dict[str, Any] = Field(sa_type=columns.JSON_VALUE)
