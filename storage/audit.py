"""The audit: who decided what, written down in the transaction in which it is decided."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database import Database
from storage.ledger import AuditRow
from storage.records import AuditEntry
from storage.states import Deed
from storage.tables import CleanupRow, RunRow

#: Whoever has the command line, who has no id in Slack.
OPERATOR = "operator"
#: Lines that are read at once.
STREAM_ROWS = 500


class Audit:
    """Read the audit; only the repositories write it, with `note` and its kin."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_workspace(self, workspace_id: str) -> AsyncIterator[AuditEntry]:
        """Go through a workspace's lines, oldest first."""
        after = 0
        while True:
            query = (
                select(AuditRow)
                .where(col(AuditRow.workspace_id) == workspace_id, col(AuditRow.id) > after)
                .order_by(col(AuditRow.id))
                .limit(STREAM_ROWS)
            )
            async with self._database.reading() as session:
                entries = [_record(row) for row in await session.exec(query)]
            for entry in entries:
                yield entry
            if len(entries) < STREAM_ROWS:
                return
            after = entries[-1].id


def note(
    session: AsyncSession,
    deed: Deed,
    *,
    workspace_id: str,
    by: str | None,
    run_id: int | None = None,
    cleanup_id: int | None = None,
    details: Mapping[str, int | str | None] | None = None,
) -> None:
    """Append a line inside a transaction; `by` is nobody for the bot itself.

    The details are counts, ids and words of the bot's own: never an address, a secret or a text
    that somebody typed.
    """
    session.add(
        AuditRow(
            workspace_id=workspace_id,
            by=by,
            deed=deed,
            run_id=run_id,
            cleanup_id=cleanup_id,
            details={key: each for key, each in (details or {}).items() if each is not None},
        )
    )


def note_run(session: AsyncSession, deed: Deed, row: RunRow, by: str | None) -> None:
    """Append a line about a Run that was changed in this transaction."""
    note(
        session,
        deed,
        workspace_id=row.workspace_id,
        by=by,
        run_id=row.id,
        details=_of_run(deed, row),
    )


def note_cleanup(session: AsyncSession, deed: Deed, row: CleanupRow, by: str | None) -> None:
    """Append a line about a Cleanup that was changed in this transaction."""
    note(
        session,
        deed,
        workspace_id=row.workspace_id,
        by=by,
        run_id=row.run_id,
        cleanup_id=row.id,
        details=_of_cleanup(deed, row),
    )


def _of_run(deed: Deed, row: RunRow) -> dict[str, Any]:
    match deed:
        case Deed.RUN_ASKED:
            return {"connection": row.connection_id, "schedule": row.schedule_id}
        case Deed.RUN_STARTED:
            return {"subscribers": row.subscribers, "reused": row.reused}
        case Deed.RUN_RESUMED:
            return {"attempt": row.attempt}
        case Deed.RUN_FINISHED | Deed.RUN_DROPPED:
            return {"subscribers": row.subscribers, **row.tally}
        case _:
            return {"reason": row.stop_reason}


def _of_cleanup(deed: Deed, row: CleanupRow) -> dict[str, Any]:
    match deed:
        case Deed.CLEANUP_APPROVED | Deed.CLEANUP_REJECTED | Deed.CLEANUP_EXPIRED:
            return {"subscribers": row.subscribers, "digest": row.digest}
        case Deed.CLEANUP_RESUMED:
            return {"attempt": row.attempt}
        case Deed.CLEANUP_FINISHED:
            return {"subscribers": row.subscribers, **row.tally.get("states", {})}
        case _:
            return {"reason": row.stop_reason}


def _record(row: AuditRow) -> AuditEntry:
    assert row.id is not None
    assert row.at is not None
    return AuditEntry(
        id=row.id,
        at=row.at,
        by=row.by,
        deed=Deed(row.deed),
        run_id=row.run_id,
        cleanup_id=row.cleanup_id,
        details=row.details,
    )
