"""Reports: all that a message about a Run or a Cleanup shows, read in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import ColumnElement, Function, case, func
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import cleanups, connections, runs
from storage.credits import balance_in, sums_in
from storage.database import Database
from storage.records import CleanupReport, RunReport
from storage.states import CleanupState, CreditKind, RunState, UnsubscribeState
from storage.tables import CleanupRow, ConnectionRow, RunRow, RunSubscriberRow, UnsubscribeRow
from verification import Category, Reason

Row = TypeVar("Row", bound=SQLModel)


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
            waiting, retry_at = await _waiting(session, run_id)
            flags = await _flags(session, run)
            return RunReport(
                run=runs.record(run),
                connection=connections.record(
                    await _one(session, ConnectionRow, run.connection_id)
                ),
                balance=await balance_in(session, run.workspace_id),
                counts=MappingProxyType(await _counts(session, run_id)),
                roles=flags.roles,
                typos=flags.typos,
                not_asked=flags.not_asked,
                blocked=flags.blocked,
                held=sums[CreditKind.HOLD],
                charged=sums[CreditKind.CHARGE],
                released=sums[CreditKind.RELEASE],
                waiting=waiting,
                retry_at=retry_at,
                previous_safe_share=await _previous_safe_share(session, run),
            )

    async def cleanup(self, cleanup_id: int) -> CleanupReport:
        """Read everything about a Cleanup that is known to exist."""
        category, state = col(UnsubscribeRow.category), col(UnsubscribeRow.state)
        query = (
            select(category, state, func.count())
            .where(col(UnsubscribeRow.cleanup_id) == cleanup_id)
            .group_by(category, state)
        )
        async with self._database.reading() as session:
            cleanup = await _one(session, CleanupRow, cleanup_id)
            run = await _one(session, RunRow, cleanup.run_id)
            connection = await _one(session, ConnectionRow, run.connection_id)
            by_category: dict[Category, int] = {}
            by_state: dict[UnsubscribeState, int] = {}
            for name, stands, count in await session.exec(query):
                by_category[Category(name)] = by_category.get(Category(name), 0) + count
                stand = UnsubscribeState(stands)
                by_state[stand] = by_state.get(stand, 0) + count
        return CleanupReport(
            cleanup=cleanups.record(cleanup),
            run=runs.record(run),
            connection=connections.record(connection),
            by_category=MappingProxyType(by_category),
            by_state=MappingProxyType(by_state),
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


async def _counts(session: AsyncSession, run_id: int) -> dict[Category, int]:
    category = col(RunSubscriberRow.category)
    query = (
        select(category, func.count())
        .where(col(RunSubscriberRow.run_id) == run_id, category.is_not(None))
        .group_by(category)
    )
    return {Category(name): count for name, count in await session.exec(query) if name}


async def _waiting(session: AsyncSession, run_id: int) -> tuple[int, datetime | None]:
    query = select(func.count(), func.max(RunSubscriberRow.retry_at)).where(
        col(RunSubscriberRow.run_id) == run_id,
        # The index on (run, category) narrows this to the Unknowns.
        col(RunSubscriberRow.category) == Category.UNKNOWN,
        col(RunSubscriberRow.retry_at).is_not(None),
    )
    waiting, retry_at = (await session.exec(query)).one()
    return waiting, retry_at


#: Reasons that speak of us, not of the address.
_BLOCKED = (Reason.BLOCKED, Reason.SENDER_REJECTED, Reason.NEEDS_REVERSE_DNS)


@dataclass(frozen=True, slots=True)
class _Flags:
    roles: int = 0
    typos: int = 0
    not_asked: int = 0
    blocked: int = 0


async def _flags(session: AsyncSession, run: RunRow) -> _Flags:
    """Count what a summary remarks on; only a finished Run shows it."""
    if run.state != RunState.FINISHED:
        return _Flags()
    reason = col(RunSubscriberRow.reason)
    query = select(
        _count(col(RunSubscriberRow.role).is_(True)),
        func.count(col(RunSubscriberRow.suggestion)),
        _count(reason == Reason.NOT_PROBED),
        _count(reason.in_(_BLOCKED)),
    ).where(col(RunSubscriberRow.run_id) == run.id)
    roles, typos, not_asked, blocked = (await session.exec(query)).one()
    return _Flags(roles, typos, not_asked, blocked)


def _count(condition: ColumnElement[bool]) -> Function[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


async def _previous_safe_share(session: AsyncSession, run: RunRow) -> float | None:
    """Give the Safe share of the Schedule's Run before this one."""
    if run.schedule_id is None or run.state != RunState.FINISHED:
        return None
    query = (
        select(RunRow.id)
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
    counts = await _counts(session, before)
    total = sum(counts.values())
    return counts.get(Category.SAFE, 0) / total if total else None
