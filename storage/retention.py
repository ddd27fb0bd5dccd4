"""Retention: addresses and Verdicts are deleted when they are old; counts and credits stay.

What is due is marked first, in a transaction that makes sure that nobody works with it. Its rows go
afterwards, a few thousand at a time, so that nobody waits for the database meanwhile.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, delete, func, or_
from sqlalchemy.orm import Mapped
from sqlmodel import col, exists, select
from sqlmodel.sql.expression import SelectOfScalar

from storage import cleanup_rows, run_rows
from storage.database import Database
from storage.errors import DatabaseFault
from storage.known_verdicts import KnownVerdicts
from storage.records import Cleanup, Run
from storage.states import OPEN_CLEANUPS, OPEN_RUNS, CleanupState, RunState, StopReason
from storage.tables import CleanupRow, KnownVerdictRow, RunRow, RunSubscriberRow, UnsubscribeRow

#: Rows that are deleted in one transaction.
BATCH = 5_000

_ENDED_RUNS = tuple(state for state in RunState if state not in OPEN_RUNS)
_ENDED_CLEANUPS = tuple(state for state in CleanupState if state not in OPEN_CLEANUPS)


class Retention:
    """Find what is too old to be kept, and delete it."""

    def __init__(self, database: Database, known: KnownVerdicts) -> None:
        self._database = database
        self._known = known

    async def forgotten_runs(self, before: datetime) -> tuple[Run, ...]:
        """List the open Runs with which nothing has happened since."""
        query = select(RunRow).where(col(RunRow.state).in_(OPEN_RUNS), _idle(RunRow, before))
        async with self._database.reading() as session:
            return tuple(run_rows.record(row) for row in await session.exec(query))

    async def forgotten_cleanups(self, before: datetime) -> tuple[Cleanup, ...]:
        """List the open Cleanups with which nothing has happened since."""
        query = select(CleanupRow).where(
            col(CleanupRow.state).in_(OPEN_CLEANUPS), _idle(CleanupRow, before)
        )
        async with self._database.reading() as session:
            return tuple(cleanup_rows.record(row) for row in await session.exec(query))

    async def mark(self, before: datetime, now: datetime) -> tuple[int, int]:
        """Mark the Runs and Cleanups that ended before then, and those that were forgotten.

        A Run with a Cleanup that is not at its end is left until the next time.

        Returns:
            How many Runs and how many Cleanups were marked.

        Raises:
            ExceptionGroup: These Runs could not be marked; everything else was.
        """
        cleanups = await self._mark_cleanups(before, now)
        marked, faults = 0, list[Exception]()
        for run_id in await self._ids(select(RunRow.id).where(_due(RunRow, _ENDED_RUNS, before))):
            try:
                marked += await self._mark_run(run_id, now)
            except DatabaseFault:
                raise
            except Exception as fault:  # noqa: BLE001 - one Run does not hold up the others
                faults.append(fault)
        if faults:
            raise ExceptionGroup("Some runs could not be marked", faults)
        return marked, cleanups

    async def delete_some(self) -> int:
        """Delete some rows of what is marked, and count them; 0 when nothing is left."""
        deleted = await self._delete_results() or await self._delete_lists()
        if not deleted:
            await self._database.leave_no_trace()
        return deleted

    async def delete_some_known(self, before: datetime) -> int:
        """Delete some Verdicts that are too old to be taken over into any Run, and count them."""
        key = sa.tuple_(col(KnownVerdictRow.workspace_id), col(KnownVerdictRow.address_key))
        old = (
            sa.select(col(KnownVerdictRow.workspace_id), col(KnownVerdictRow.address_key))
            .where(col(KnownVerdictRow.decided_at) < before)
            .limit(BATCH)
        )
        async with self._database.writing() as session:
            return (await session.exec(delete(KnownVerdictRow).where(key.in_(old)))).rowcount

    async def _mark_run(self, run_id: int, now: datetime) -> bool:
        """Mark a Run; False where a Cleanup of it is not at its end."""
        # What was paid for outlives the addresses; most Runs are remembered since their end.
        await self._known.remember(run_id)
        under_way = select(CleanupRow.id).where(
            col(CleanupRow.state).in_(OPEN_CLEANUPS), col(CleanupRow.run_id) == run_id
        )
        async with self._database.writing() as session:
            # Whoever makes a Cleanup of the Run locks it as well, and looks at the mark.
            row = (
                await session.exec(select(RunRow).where(col(RunRow.id) == run_id).with_for_update())
            ).one()
            if (await session.exec(under_way.limit(1))).one_or_none() is not None:
                return False
            # What was not delivered by now is not there to be delivered any more.
            row.purged_at, row.delivered = now, True
            return True

    async def _mark_cleanups(self, before: datetime, now: datetime) -> int:
        due = _due(CleanupRow, _ENDED_CLEANUPS, before)
        mark = sa.update(CleanupRow).where(due).values(purged_at=now, delivered=True)
        async with self._database.writing() as session:
            return (await session.exec(mark)).rowcount

    async def _delete_results(self) -> int:
        """Delete some subscribers of a Run that is marked; what it found out is nobody's then."""
        mine = col(RunSubscriberRow.run_id)
        for run_id in await self._ids(_with_rows(RunRow, mine)):
            some = (
                sa.select(col(RunSubscriberRow.subscriber_id), col(RunSubscriberRow.address))
                .where(mine == run_id)
                .limit(BATCH)
            )
            async with self._database.writing() as session:
                run = await run_rows.locked(session, run_id)
                rows = (await (await session.connection()).execute(some)).all()
                await self._known.let_go(session, run, (row.address for row in rows))
                ids = [row.subscriber_id for row in rows]
                gone = delete(RunSubscriberRow).where(
                    mine == run_id, col(RunSubscriberRow.subscriber_id).in_(ids)
                )
                return (await session.exec(gone)).rowcount
        return 0

    async def _delete_lists(self) -> int:
        """Delete some subscribers of a Cleanup that is marked."""
        mine, subscriber = col(UnsubscribeRow.cleanup_id), col(UnsubscribeRow.subscriber_id)
        for cleanup_id in await self._ids(_with_rows(CleanupRow, mine)):
            some = sa.select(subscriber).where(mine == cleanup_id).limit(BATCH)
            async with self._database.writing() as session:
                gone = delete(UnsubscribeRow).where(mine == cleanup_id, subscriber.in_(some))
                return (await session.exec(gone)).rowcount
        return 0

    async def _ids(self, query: SelectOfScalar[Any]) -> Sequence[int]:
        async with self._database.reading() as session:
            return list(await session.exec(query))


def _with_rows(owners: type[RunRow] | type[CleanupRow], owner: Mapped[int]) -> SelectOfScalar[Any]:
    """Look for one that is marked and has rows left."""
    marked = col(owners.purged_at).is_not(None)
    return select(owners.id).where(marked, exists().where(owner == col(owners.id))).limit(1)


def _idle(table: type[RunRow] | type[CleanupRow], before: datetime) -> ColumnElement[bool]:
    """Hold for what has not moved since, and does not wait on purpose."""
    return func.coalesce(col(table.active_at), col(table.created_at)) <= before


def _due(
    table: type[RunRow] | type[CleanupRow],
    ended: Sequence[RunState | CleanupState],
    before: datetime,
) -> ColumnElement[bool]:
    """Hold for what ended before then, or was forgotten until now and has said so."""
    end = func.coalesce(col(table.finished_at), col(table.active_at), col(table.created_at))
    said = or_(col(table.delivered).is_(True), col(table.state) == RunState.CANCELLED)
    return and_(
        col(table.purged_at).is_(None),
        col(table.state).in_(ended),
        or_(end <= before, and_(col(table.stop_reason) == StopReason.FORGOTTEN, said)),
    )
