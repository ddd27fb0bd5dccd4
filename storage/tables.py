"""The tables of what changes. Rows stay inside storage; the other packages see the frozen records.

What is only appended to stands in `ledger`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage import columns

METADATA = columns.METADATA


class WorkspaceRow(SQLModel, table=True):
    """One Slack team."""

    __tablename__ = "workspace"

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=columns.TIME)


class ConnectionRow(SQLModel, table=True):
    """One ConvertKit account; `secret` is sealed for this row by the Vault."""

    __tablename__ = "connection"
    __table_args__ = (UniqueConstraint("workspace_id", "account_key"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id")
    #: A hash that knows the account again when its secret is replaced.
    account_key: str
    #: A random name for the row that is known before its number is; the secret is sealed for it.
    seal_id: str
    name: str
    account_name: str
    api_version: str
    secret: bytes = Field(sa_type=columns.BYTES)
    last_four: str
    status: str
    connected_by: str
    connected_at: datetime = Field(sa_type=columns.TIME)


class CallPaceRow(SQLModel, table=True):
    """When a Connection's next call is due, in seconds since 1970 on the database's clock."""

    __tablename__ = "call_pace"

    connection_id: int = Field(primary_key=True, foreign_key="connection.id")
    next_at: float


class RunRow(SQLModel, table=True):
    """One verification of an Audience."""

    __tablename__ = "run"
    # The dialog's view id: the same dialog submitted twice makes one Run.
    __table_args__ = (
        UniqueConstraint("workspace_id", "request_key"),
        Index("ix_run_workspace_id_state", "workspace_id", "state"),
        columns.NEVER_THE_SAME_ID,
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id")
    connection_id: int = Field(foreign_key="connection.id")
    request_key: str
    audience: dict[str, Any] = Field(sa_type=columns.JSON_VALUE)
    requested_by: str
    channel_id: str
    message_ts: str | None = None
    state: str
    stop_reason: str | None = None
    note: str | None = None
    #: Where reading the list goes on: [index of the source, cursor in it].
    position: list[Any] = Field(sa_type=columns.JSON_VALUE)
    listed: int = 0
    #: Whether verdicts of earlier Runs are left aside.
    fresh: bool = False
    #: Subscribers whose verdict was taken over from an earlier Run; they cost nothing.
    reused: int = 0
    subscribers: int = 0
    chunks: int = 0
    attempt: int = 0
    schedule_id: int | None = Field(default=None, foreign_key="schedule.id")
    decided_by: str | None = None
    started_by: str | None = None
    #: Whether the results were put into the thread.
    delivered: bool = False
    #: How many have which Category and which flag; written together with the Verdicts.
    tally: dict[str, Any] = Field(
        default_factory=dict, sa_type=columns.JSON_VALUE, sa_column_kwargs=columns.EMPTY
    )
    created_at: datetime = Field(sa_type=columns.TIME)
    #: When the ledger moved last; in the future while the Run waits on purpose.
    active_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    #: When somebody was told that nothing moves.
    stuck_told_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    #: When its message was updated last, by whichever process.
    shown_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    #: When its addresses and Verdicts were deleted because of their age.
    purged_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    started_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    finished_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    #: Whether its Verdicts are among the known ones, for later Runs to take over.
    remembered: bool = Field(default=False, sa_column_kwargs=columns.NO)
    #: Credits that its ledger entries hold, and charge or release: triggers add them up with each
    #: entry, and refuse one that settles more than is held.
    held: int = Field(default=0, sa_column_kwargs=columns.ZERO)
    settled: int = Field(default=0, sa_column_kwargs=columns.ZERO)


class RunSubscriberRow(SQLModel, table=True):
    """One subscriber of a Run and, once reached, the Verdict. `category` is null until then.

    There is no index over addresses or domains: at a million subscribers each new row would change
    a page of its own in it, which costs more than all the rest. What has to be found by address is
    in `known_verdict`, which is written in the order of its key.
    """

    __tablename__ = "run_subscriber"
    __table_args__ = (
        columns.partial_index(
            "ix_run_subscriber_open",
            "run_id",
            "chunk",
            where="category IS NULL AND chunk IS NOT NULL",
        ),
        columns.partial_index(
            "ix_run_subscriber_decided",
            "run_id",
            "category",
            "subscriber_id",
            where="category IS NOT NULL",
        ),
        columns.partial_index(
            "ix_run_subscriber_retry", "run_id", "retry_at", where="retry_at IS NOT NULL"
        ),
    )

    run_id: int = Field(primary_key=True, foreign_key="run.id")
    subscriber_id: int = Field(primary_key=True, sa_type=columns.BIG)
    address: str
    domain: str
    chunk: int | None = None
    category: str | None = None
    reason: str | None = None
    evidence: dict[str, Any] | None = Field(default=None, sa_type=columns.JSON_VALUE)
    role: bool = False
    free_provider: bool = False
    suggestion: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    #: Set while an Unknown is worth another look; its credit stays held until then.
    retry_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    #: Whether the Verdict was charged. A trigger refuses to write it again once it is set.
    charged: bool = Field(default=False, sa_column_kwargs=columns.NO)


class KnownVerdictRow(SQLModel, table=True):
    """The newest Verdict on an address, known by a keyed hash of it; later Runs may take it over.

    It outlives the Run's own rows and holds no address: only who has the address finds it.
    """

    __tablename__ = "known_verdict"
    # SQLite keeps the row in the index of its key, which is written in the key's order.
    __table_args__ = {"sqlite_with_rowid": False}

    workspace_id: str = Field(primary_key=True, foreign_key="workspace.id")
    #: The first 16 bytes of HMAC-SHA256 over the address, under a key of the Vault's.
    address_key: bytes = Field(primary_key=True, sa_type=columns.BYTES)
    category: str
    reason: str
    role: bool = False
    free_provider: bool = False
    #: The domain of the address that was probably meant.
    suggested_domain: str | None = None
    decided_at: datetime = Field(sa_type=columns.TIME, index=True)
    #: The row that has the evidence; null once that is deleted, so that only whoever has the
    #: address can tell whose verdict it is. No foreign key, which would want an index: a Run that
    #: has reached verdicts is never deleted.
    run_id: int | None
    subscriber_id: int | None = Field(sa_type=columns.BIG)


class CleanupRow(SQLModel, table=True):
    """A Plan applied to a Run, and the decision on it."""

    __tablename__ = "cleanup"
    __table_args__ = (
        UniqueConstraint("workspace_id", "request_key"),
        Index("ix_cleanup_workspace_id_state", "workspace_id", "state"),
        Index("ix_cleanup_run_id", "run_id"),
        columns.NEVER_THE_SAME_ID,
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id")
    run_id: int = Field(foreign_key="run.id")
    request_key: str
    plan: dict[str, Any] = Field(sa_type=columns.JSON_VALUE)
    requested_by: str
    channel_id: str
    message_ts: str | None = None
    state: str
    #: The state that Resume goes back to.
    stopped_from: str | None = None
    stopped_by: str | None = None
    stop_reason: str | None = None
    note: str | None = None
    subscribers: int = 0
    digest: str = ""
    #: Readings of the proof that are done.
    proofs: int = 0
    #: The last subscriber whom the reading under way has read; -1 where none is.
    read_up_to: int = Field(default=-1, sa_type=columns.BIG, sa_column_kwargs=columns.NOBODY)
    attempt: int = 0
    #: Whether the proof was put into the thread.
    delivered: bool = False
    #: Names the step that works on it: one that was taken over finds another name here, and ends.
    worker: str | None = None
    #: What has become of how many, once it is finished: this stays when the list is deleted.
    tally: dict[str, Any] = Field(
        default_factory=dict, sa_type=columns.JSON_VALUE, sa_column_kwargs=columns.EMPTY
    )
    #: When the ledger moved last; in the future while the Cleanup waits on purpose.
    active_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    #: When somebody was told that nothing moves.
    stuck_told_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    #: When its message was updated last, by whichever process.
    shown_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    #: When its list was deleted because of its age.
    purged_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    created_at: datetime = Field(sa_type=columns.TIME)
    expires_at: datetime = Field(sa_type=columns.TIME)
    requested_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    finished_at: datetime | None = Field(default=None, sa_type=columns.TIME)


class UnsubscribeRow(SQLModel, table=True):
    """One subscriber's part of a Cleanup."""

    __tablename__ = "unsubscribe"
    __table_args__ = (Index("ix_unsubscribe_cleanup_id_state", "cleanup_id", "state"),)

    cleanup_id: int = Field(primary_key=True, foreign_key="cleanup.id")
    subscriber_id: int = Field(primary_key=True, sa_type=columns.BIG)
    address: str
    category: str
    state: str
    note: str | None = None
    #: Set just before the call: after a crash it tells our unsubscribe from somebody else's.
    tried_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    requested_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    proven_at: datetime | None = Field(default=None, sa_type=columns.TIME)
    #: How often ConvertKit had no answer about this one while it had one about others.
    passed_over: int = Field(default=0, sa_column_kwargs=columns.ZERO)


class ScheduleRow(SQLModel, table=True):
    """A recurring Run with a digest, in its own time zone."""

    __tablename__ = "schedule"

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id", index=True)
    connection_id: int = Field(foreign_key="connection.id")
    request_key: str = Field(unique=True)
    audience: dict[str, Any] = Field(sa_type=columns.JSON_VALUE)
    cadence: str
    day: int
    hour: int
    minute: int
    timezone: str
    channel_id: str
    created_by: str
    created_at: datetime = Field(sa_type=columns.TIME)
    removed_at: datetime | None = Field(default=None, sa_type=columns.TIME)
