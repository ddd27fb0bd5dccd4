"""Watching: which jobs do not move though they should, told once; and how many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, or_, update
from sqlmodel import col, select

from storage import signs_of_life
from storage.database import Database
from storage.states import (
    ACTIVE_CLEANUPS,
    ACTIVE_RUNS,
    OPEN_CLEANUPS,
    OPEN_RUNS,
    CleanupState,
    RunState,
    UnsubscribeState,
)
from storage.tables import CleanupRow, RunRow, UnsubscribeRow

#: States in which jobs of one Connection wait for each other (see the engine's queues).
_IN_LINE = (RunState.FETCHING, CleanupState.UNSUBSCRIBING, CleanupState.PROVING)


@dataclass(frozen=True, slots=True)
class Stuck:
    """Jobs that do not move, by id."""

    runs: tuple[int, ...] = ()
    cleanups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Census:
    """How much there is of what in the whole database, for the operator's eyes."""

    runs: Mapping[RunState, int]
    cleanups: Mapping[CleanupState, int]
    #: Subscribers of the open Cleanups, by what has become of them.
    unsubscribes: Mapping[UnsubscribeState, int]
    #: Jobs that do not move and whose people were told.
    stuck_runs: int
    stuck_cleanups: int
    #: When the job moved that has not moved for longest; None where no job should be moving.
    oldest_progress: datetime | None


@dataclass(frozen=True, slots=True)
class _Job:
    table: type[RunRow] | type[CleanupRow]
    id: int
    state: str
    connection_id: int
    moved_at: datetime


class Watching:
    """Look at every job that should be running, whatever its workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database
        #: When the line of each Connection was seen to move last, by this process.
        self._moved: dict[int, datetime] = {}

    async def see(self, now: datetime, after: timedelta) -> None:
        """See which lines move, as `newly_stuck` does; nobody is told of anything."""
        self._see(await self._running(), now, now - after)

    async def newly_stuck(self, now: datetime, after: timedelta) -> Stuck:
        """Find the jobs that have not moved for `after`, each once in a standstill.

        Whoever is given a job has to tell its people; no other process is given it as well. A job
        that waits in line behind one that moves is not stuck, nor is one that waits on purpose. A
        line that comes to its next job has as much time to move on.
        """
        jobs = await self._running()
        since = now - after
        self._see(jobs, now, since)
        moving = {each for each, moved_at in self._moved.items() if moved_at > since}
        still = [
            job
            for job in jobs
            if job.moved_at <= since
            and not (job.state in _IN_LINE and job.connection_id in moving)
            and await self._claim(job.table, job.id, now, since)
        ]
        return Stuck(
            tuple(job.id for job in still if job.table is RunRow),
            tuple(job.id for job in still if job.table is CleanupRow),
        )

    async def take_back(self, untold: Stuck) -> None:
        """Note that nobody could be told of these jobs; the next look finds them again."""
        async with self._database.writing() as session:
            for table, ids in ((RunRow, untold.runs), (CleanupRow, untold.cleanups)):
                still = signs_of_life.are_missing(table)
                await session.exec(
                    update(table).where(col(table.id).in_(ids), still).values(stuck_told_at=None)
                )

    async def census(self) -> Census:
        """Count the open Runs and Cleanups."""
        jobs = await self._running()
        return Census(
            runs={
                RunState(state): count
                for state, count in await self._count(RunRow, OPEN_RUNS, col(RunRow.state))
            },
            cleanups={
                CleanupState(state): count
                for state, count in await self._count(
                    CleanupRow, OPEN_CLEANUPS, col(CleanupRow.state)
                )
            },
            unsubscribes=await self._unsubscribes(),
            stuck_runs=await self._stuck(RunRow, ACTIVE_RUNS),
            stuck_cleanups=await self._stuck(CleanupRow, ACTIVE_CLEANUPS),
            oldest_progress=min((job.moved_at for job in jobs), default=None),
        )

    def _see(self, jobs: Sequence[_Job], now: datetime, since: datetime) -> None:
        """Note when the lines moved whose jobs hold them; the last sight of each other stays."""
        for job in jobs:
            if _holds_line(job, now, since):
                before = self._moved.get(job.connection_id, since)
                self._moved[job.connection_id] = max(before, min(job.moved_at, now))

    async def _running(self) -> list[_Job]:
        of_runs = sa.select(
            sa.type_coerce(col(RunRow.id), sa.Integer),
            col(RunRow.state),
            col(RunRow.connection_id),
            func.coalesce(col(RunRow.active_at), col(RunRow.created_at)),
        ).where(col(RunRow.state).in_(ACTIVE_RUNS))
        of_cleanups = (
            sa.select(
                sa.type_coerce(col(CleanupRow.id), sa.Integer),
                col(CleanupRow.state),
                col(RunRow.connection_id),
                func.coalesce(col(CleanupRow.active_at), col(CleanupRow.created_at)),
            )
            .join(RunRow, col(RunRow.id) == col(CleanupRow.run_id))
            .where(col(CleanupRow.state).in_(ACTIVE_CLEANUPS))
        )
        async with self._database.reading() as session:
            connection = await session.connection()
            return [
                *(_Job(RunRow, *row) for row in (await connection.execute(of_runs)).all()),
                *(_Job(CleanupRow, *row) for row in (await connection.execute(of_cleanups)).all()),
            ]

    async def _claim(
        self, table: type[RunRow] | type[CleanupRow], row_id: int, now: datetime, since: datetime
    ) -> bool:
        """Note that the people of a job are told now; tell whether that is left to the caller."""
        told, active = col(table.stuck_told_at), col(table.active_at)
        states: Sequence[Any] = ACTIVE_RUNS if table is RunRow else ACTIVE_CLEANUPS
        claim = (
            update(table)
            .where(
                col(table.id) == row_id,
                col(table.state).in_(states),
                or_(active.is_(None), active <= since),
                or_(told.is_(None), told < active),
            )
            .values(stuck_told_at=now)
        )
        async with self._database.writing() as session:
            return (await session.exec(claim)).rowcount == 1

    async def _count(
        self, table: type[RunRow] | type[CleanupRow], states: Sequence[Any], state: Any
    ) -> Sequence[tuple[str, int]]:
        query = select(state, func.count()).where(state.in_(states)).group_by(state)
        async with self._database.reading() as session:
            return (await session.exec(query)).all()

    async def _stuck(self, table: type[RunRow] | type[CleanupRow], states: Sequence[Any]) -> int:
        query = select(func.count(col(table.id))).where(
            col(table.state).in_(states), signs_of_life.are_missing(table)
        )
        async with self._database.reading() as session:
            return (await session.exec(query)).one()

    async def _unsubscribes(self) -> dict[UnsubscribeState, int]:
        opened = select(CleanupRow.id).where(col(CleanupRow.state).in_(OPEN_CLEANUPS))
        state = col(UnsubscribeRow.state)
        async with self._database.reading() as session:
            # By their ids: joined, SQLite would walk through the lists of all Cleanups.
            ids = (await session.exec(opened)).all()
            counts = (
                select(state, func.count())
                .where(col(UnsubscribeRow.cleanup_id).in_(ids))
                .group_by(state)
            )
            return {UnsubscribeState(each): count for each, count in await session.exec(counts)}


def _holds_line(job: _Job, now: datetime, since: datetime) -> bool:
    """Tell whether other jobs of the Connection wait for this one, which moves or sits out a fault.

    A proof whose next reading is due later has left its place in the line.
    """
    left = job.state == CleanupState.PROVING and job.moved_at > now
    return job.state in _IN_LINE and job.moved_at > since and not left
