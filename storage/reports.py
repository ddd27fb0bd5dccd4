"""Reports: all that a message about a Run or a Cleanup shows, read in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import func
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import cleanup_rows, connections, exact_list, run_rows, tally
from storage.credits import balance_in, sums_in
from storage.database import Database
from storage.records import CleanupReport, RunReport
from storage.states import CleanupState, CreditKind, RunState, UnsubscribeState
from storage.tables import CleanupRow, ConnectionRow, RunRow, RunSubscriberRow
from verification import Category

Row = TypeVar("Row", bound=SQLModel)

#: States in which the people on a list change; in the others its counts stand in its own row.
_CHANGING = (CleanupState.UNSUBSCRIBING, CleanupState.PROVING, CleanupState.STOPPED)


class Reports:
    """Read what there is to say about a Run or a Cleanup."""

    def __init__(self, database: Database, *, proof_delays: Sequence[timedelta]) -> None:
        self._database = database
        self._proof_delays = tuple(proof_delays)

    async def run(self, run_id: int) -> RunReport:
        """Read everything about a Run that is known to exist."""
        async with self._database.reading() as session:
            run = await _one(session, RunRow, run_id)
            sums = await sums_in(session, run_id)
            waiting, retry_at = await _waiting(session, run)
            # Only the summary of a finished Run remarks on these.
            flags = run.tally if run.state == RunState.FINISHED else {}
            return RunReport(
                run=run_rows.record(run),
                connection=connections.record(
                    await _one(session, ConnectionRow, run.connection_id)
                ),
                balance=await balance_in(session, run.workspace_id),
                counts=MappingProxyType(tally.by_category(run.tally)),
                roles=flags.get(tally.ROLES, 0),
                typos=flags.get(tally.TYPOS, 0),
                not_asked=flags.get(tally.NOT_ASKED, 0),
                blocked=flags.get(tally.BLOCKED, 0),
                unreached=flags.get(tally.UNREACHED, 0),
                held=sums[CreditKind.HOLD],
                charged=sums[CreditKind.CHARGE],
                released=sums[CreditKind.RELEASE],
                waiting=waiting,
                retry_at=retry_at,
                in_line=await _in_line(session, run),
                previous_safe_share=await _previous_safe_share(session, run),
            )

    async def cleanup(self, cleanup_id: int) -> CleanupReport:
        """Read everything about a Cleanup that is known to exist."""
        async with self._database.reading() as session:
            cleanup = await _one(session, CleanupRow, cleanup_id)
            run = await _one(session, RunRow, cleanup.run_id)
            connection = await _one(session, ConnectionRow, run.connection_id)
            states = cleanup.tally.get("states", {})
            if cleanup.state in _CHANGING:
                states = await exact_list.by_state(session, cleanup_id)
        categories = cleanup.tally.get("categories", {})
        return CleanupReport(
            cleanup=cleanup_rows.record(cleanup),
            run=run_rows.record(run),
            connection=connections.record(connection),
            by_category=MappingProxyType({Category(each): categories[each] for each in categories}),
            by_state=MappingProxyType({UnsubscribeState(each): states[each] for each in states}),
            next_proof_at=self._next_proof(cleanup),
        )

    def _next_proof(self, cleanup: CleanupRow) -> datetime | None:
        left = self._proof_delays[cleanup.proofs :]
        if cleanup.state != CleanupState.PROVING or cleanup.requested_at is None or not left:
            return None
        return cleanup.requested_at + left[0]


async def _one(session: AsyncSession, table: type[Row], row_id: int) -> Row:
    row = await session.get(table, row_id)
    assert row is not None, f"{table.__name__} {row_id} does not exist"
    return row


async def _waiting(session: AsyncSession, run: RunRow) -> tuple[int, datetime | None]:
    """Count who is looked at again, and tell when; nobody is after a Run has ended."""
    if run.state not in (RunState.VERIFYING, RunState.STOPPED):
        return 0, None
    query = select(func.count(), func.max(RunSubscriberRow.retry_at)).where(
        col(RunSubscriberRow.run_id) == run.id, col(RunSubscriberRow.retry_at).is_not(None)
    )
    waiting, retry_at = (await session.exec(query)).one()
    return waiting, retry_at


async def _in_line(session: AsyncSession, run: RunRow) -> bool:
    """Tell whether a Run reads nothing yet because another job works with its Connection."""
    if run.state != RunState.FETCHING or run.listed:
        return False
    same = col(RunRow.connection_id) == run.connection_id
    reading = (
        select(RunRow.id)
        .where(same, col(RunRow.state) == RunState.FETCHING, col(RunRow.id) < run.id)
        .limit(1)
    )
    cleaning = (
        select(CleanupRow.id)
        .join(RunRow, col(RunRow.id) == col(CleanupRow.run_id))
        .where(same, col(CleanupRow.state) == CleanupState.UNSUBSCRIBING)
        .limit(1)
    )
    return any([(await session.exec(query)).first() is not None for query in (reading, cleaning)])


async def _previous_safe_share(session: AsyncSession, run: RunRow) -> float | None:
    """Give the Safe share of the Schedule's Run before this one."""
    if run.schedule_id is None or run.state != RunState.FINISHED:
        return None
    query = (
        select(RunRow.tally)
        .where(
            col(RunRow.schedule_id) == run.schedule_id,
            col(RunRow.state) == RunState.FINISHED,
            col(RunRow.id) < run.id,
        )
        .order_by(col(RunRow.id).desc())
        .limit(1)
    )
    before = (await session.exec(query)).one_or_none()
    if before is None:
        return None
    counts = tally.by_category(before)
    total = sum(counts.values())
    return counts.get(Category.SAFE, 0) / total if total else None
