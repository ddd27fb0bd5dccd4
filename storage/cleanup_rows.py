"""The rows of the Cleanups: read, locked, changed on a condition, and ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import audit, exact_list, signs_of_life
from storage.database import Database
from storage.plans import load_plan
from storage.records import Cleanup
from storage.states import ACTIVE_CLEANUPS, CleanupState, Deed, StopReason
from storage.tables import CleanupRow


async def read(database: Database, cleanup_id: int) -> CleanupRow:
    """Give the row of a Cleanup that is known to exist."""
    async with database.reading() as session:
        return await session.get_one(CleanupRow, cleanup_id)


async def locked(session: AsyncSession, cleanup_id: int) -> CleanupRow:
    """Give the row of a Cleanup, which nobody else changes before the transaction ends."""
    query = select(CleanupRow).where(col(CleanupRow.id) == cleanup_id).with_for_update()
    return (await session.exec(query)).one()


async def change(
    database: Database,
    cleanup_id: int,
    states: Sequence[CleanupState],
    *conditions: Any,
    **changes: Any,
) -> bool:
    """Change a Cleanup if it is in one of the states; tell whether it was."""
    async with database.writing() as session:
        return await _change(session, cleanup_id, states, *conditions, **changes)


async def decide(
    database: Database,
    cleanup_id: int,
    states: Sequence[CleanupState],
    deed: Deed,
    by: str | None,
    *conditions: Any,
    **changes: Any,
) -> bool:
    """Change a Cleanup that is in one of the states, and note who did so; tell whether it was."""
    async with database.writing() as session:
        if not await _change(session, cleanup_id, states, *conditions, **changes):
            return False
        audit.note_cleanup(session, deed, await locked(session, cleanup_id), by)
        return True


async def end(
    database: Database,
    cleanup_id: int,
    state: CleanupState,
    now: datetime,
    *,
    reason: StopReason | None = None,
    dropped_by: str | None = None,
) -> bool:
    """Count what has become of the list, nobody on which is touched any more, and end it."""
    row = await read(database, cleanup_id)
    async with database.reading() as session:
        states = await exact_list.by_state(session, cleanup_id)
    changes = {
        "state": CleanupState.FINISHED,
        "finished_at": now,
        "tally": {**row.tally, "states": states},
        "stop_reason": reason,
        "stopped_by": None,
        "note": None,
    }
    async with database.writing() as session:
        if not await _change(session, cleanup_id, (state,), **changes):
            return False
        row = await locked(session, cleanup_id)
        if dropped_by:
            audit.note_cleanup(session, Deed.CLEANUP_DROPPED, row, dropped_by)
        audit.note_cleanup(session, Deed.CLEANUP_FINISHED, row, None)
        return True


async def _change(
    session: AsyncSession,
    cleanup_id: int,
    states: Sequence[CleanupState],
    *conditions: Any,
    **changes: Any,
) -> bool:
    result = await session.exec(
        update(CleanupRow)
        .where(col(CleanupRow.id) == cleanup_id, col(CleanupRow.state).in_(states), *conditions)
        .values(**changes)
    )
    return result.rowcount == 1


def is_stuck(row: CleanupRow) -> bool:
    """Tell whether a Cleanup should be running and does not move."""
    return row.state in ACTIVE_CLEANUPS and signs_of_life.missing(row)


def record(row: CleanupRow) -> Cleanup:
    """Turn a row into what the other packages see."""
    assert row.id is not None
    return Cleanup(
        id=row.id,
        workspace_id=row.workspace_id,
        run_id=row.run_id,
        plan=load_plan(row.plan),
        requested_by=row.requested_by,
        channel_id=row.channel_id,
        message_ts=row.message_ts,
        state=CleanupState(row.state),
        created_at=row.created_at,
        expires_at=row.expires_at,
        subscribers=row.subscribers,
        digest=row.digest,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        stopped_by=row.stopped_by,
        stop_reason=StopReason(row.stop_reason) if row.stop_reason else None,
        note=row.note,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        attempt=row.attempt,
        proofs=row.proofs,
        read_up_to=row.read_up_to,
        request_key=row.request_key,
        active_at=row.active_at,
        is_stuck=is_stuck(row),
        purged_at=row.purged_at,
    )
