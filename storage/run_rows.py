"""The rows of the Runs: locked, changed on a condition, and read as records."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import audiences, audit, signs_of_life
from storage.records import Run
from storage.states import ACTIVE_RUNS, Deed, RunState, StopReason
from storage.tables import RunRow


async def locked(session: AsyncSession, run_id: int) -> RunRow:
    """Give the row of a Run, which nobody else changes before the transaction ends."""
    query = select(RunRow).where(col(RunRow.id) == run_id).with_for_update()
    return (await session.exec(query)).one()


async def change(
    session: AsyncSession,
    run_id: int,
    states: Sequence[RunState],
    *conditions: Any,
    **changes: Any,
) -> bool:
    """Change a Run if it is in one of the states; tell whether it was."""
    result = await session.exec(
        update(RunRow)
        .where(col(RunRow.id) == run_id, col(RunRow.state).in_(states), *conditions)
        .values(**changes)
    )
    return result.rowcount == 1


async def decide(
    session: AsyncSession,
    run_id: int,
    states: Sequence[RunState],
    deed: Deed,
    by: str | None,
    **changes: Any,
) -> RunRow | None:
    """Change a Run that is in one of the states, and note who did so; None where it is not."""
    if not await change(session, run_id, states, **changes):
        return None
    row = await locked(session, run_id)
    audit.note_run(session, deed, row, by)
    return row


def is_stuck(row: RunRow) -> bool:
    """Tell whether a Run should be running and does not move."""
    return row.state in ACTIVE_RUNS and signs_of_life.missing(row)


def record(row: RunRow) -> Run:
    """Turn a row into what the other packages see."""
    assert row.id is not None
    return Run(
        id=row.id,
        workspace_id=row.workspace_id,
        connection_id=row.connection_id,
        audience=audiences.load(row.audience),
        requested_by=row.requested_by,
        channel_id=row.channel_id,
        message_ts=row.message_ts,
        state=RunState(row.state),
        created_at=row.created_at,
        subscribers=row.subscribers,
        duplicates=max(0, row.listed - row.subscribers),
        decided_by=row.decided_by,
        started_by=row.started_by,
        started_at=row.started_at,
        finished_at=row.finished_at,
        stop_reason=StopReason(row.stop_reason) if row.stop_reason else None,
        note=row.note,
        schedule_id=row.schedule_id,
        attempt=row.attempt,
        reused=row.reused,
        fresh=row.fresh,
        active_at=row.active_at,
        is_stuck=is_stuck(row),
        purged_at=row.purged_at,
    )
