"""Runs: the life of a verification, one conditional UPDATE for each step of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from storage import audiences, audit, run_rows, tally
from storage.credits import hold, release_rest
from storage.database import Database
from storage.errors import AlreadyDecided
from storage.records import Audience, Run
from storage.states import ACTIVE_RUNS, Deed, RunState, StopReason
from storage.tables import RunRow


@dataclass(frozen=True, slots=True)
class NewRun:
    """What a person asked to verify, and where."""

    workspace_id: str
    connection_id: int
    audience: Audience
    requested_by: str
    channel_id: str
    #: The same key makes the same Run, however often it is sent.
    request_key: str
    schedule_id: int | None = None
    #: Whether verdicts of earlier Runs are left aside.
    fresh: bool = False


class Runs:
    """Remember Runs and move them from state to state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, new: NewRun, now: datetime) -> tuple[Run, bool]:
        """Make a Run, or find the one that the same request made; tell which."""
        row = RunRow(
            workspace_id=new.workspace_id,
            connection_id=new.connection_id,
            request_key=new.request_key,
            audience=audiences.dump(new.audience),
            requested_by=new.requested_by,
            channel_id=new.channel_id,
            schedule_id=new.schedule_id,
            fresh=new.fresh,
            state=RunState.FETCHING,
            position=[0, None],
            created_at=now,
            active_at=now,
        )
        try:
            async with self._database.writing() as session:
                session.add(row)
                await session.flush()
                # What is due by a Schedule was not pressed by anybody.
                asker = new.requested_by if new.schedule_id is None else None
                audit.note_run(session, Deed.RUN_ASKED, row, asker)
                return run_rows.record(row), True
        except IntegrityError:
            query = select(RunRow).where(
                col(RunRow.workspace_id) == new.workspace_id,
                col(RunRow.request_key) == new.request_key,
            )
            async with self._database.reading() as session:
                return run_rows.record((await session.exec(query)).one()), False

    async def find(self, run_id: int) -> Run | None:
        """Look a Run up."""
        async with self._database.reading() as session:
            row = await session.get(RunRow, run_id)
            return run_rows.record(row) if row else None

    async def get(self, run_id: int) -> Run:
        """Give a Run that is known to exist."""
        run = await self.find(run_id)
        assert run is not None, f"run {run_id} does not exist"
        return run

    async def in_states(
        self, states: Sequence[RunState], workspace_id: str | None = None
    ) -> tuple[Run, ...]:
        """List the Runs in these states, newest first."""
        query = select(RunRow).where(col(RunRow.state).in_(states)).order_by(col(RunRow.id).desc())
        if workspace_id is not None:
            query = query.where(col(RunRow.workspace_id) == workspace_id)
        async with self._database.reading() as session:
            return tuple(run_rows.record(row) for row in await session.exec(query))

    async def last_finished(self, workspace_id: str) -> Run | None:
        """Find the Run that finished last."""
        query = (
            select(RunRow)
            .where(
                col(RunRow.workspace_id) == workspace_id,
                col(RunRow.state) == RunState.FINISHED,
            )
            .order_by(col(RunRow.finished_at).desc())
            .limit(1)
        )
        async with self._database.reading() as session:
            row = (await session.exec(query)).one_or_none()
            return run_rows.record(row) if row else None

    async def set_message(self, run_id: int, message_ts: str) -> None:
        """Remember which message shows the Run."""
        await self._update(run_id, tuple(RunState), message_ts=message_ts)

    async def may_show(self, run_id: int, now: datetime, every: timedelta) -> bool:
        """Tell one of all who ask, once in `every`, that the Run's message may be updated."""
        shown_at = col(RunRow.shown_at)
        return await self._update(
            run_id,
            tuple(RunState),
            or_(shown_at.is_(None), shown_at <= now - every),
            shown_at=now,
        )

    async def wait_until(self, run_id: int, until: datetime) -> None:
        """Note that nothing moves before then, on purpose, so that nobody calls it stuck."""
        await self._update(run_id, ACTIVE_RUNS, active_at=until)

    async def discard(self, run_id: int) -> None:
        """Forget a Run that was never shown to anybody."""
        unseen = (col(RunRow.message_ts).is_(None), col(RunRow.subscribers) == 0)
        async with self._database.writing() as session:
            row = await session.get(RunRow, run_id)
            gone = delete(RunRow).where(
                col(RunRow.id) == run_id, col(RunRow.state) == RunState.FETCHING, *unseen
            )
            if row and (await session.exec(gone)).rowcount:
                audit.note_run(session, Deed.RUN_DISCARDED, row, None)

    async def set_note(self, run_id: int, note: str | None) -> None:
        """Say what hinders a Run that goes on by itself; None when nothing does any more."""
        await self._update(run_id, ACTIVE_RUNS, note=note)

    async def fail(self, run_id: int, note: str, now: datetime) -> bool:
        """End a Run whose list could not be read."""
        failed = {"state": RunState.FAILED, "note": note, "finished_at": now}
        return await self._decide(run_id, (RunState.FETCHING,), Deed.RUN_FAILED, None, **failed)

    async def cancel(
        self, run_id: int, by: str | None, now: datetime, *, reason: StopReason | None = None
    ) -> None:
        """End a Run at its quote, or while its list is read; `by` nobody needs a reason.

        Raises:
            AlreadyDecided: It is no longer waiting for that.
        """
        if not await self._decide(
            run_id,
            (RunState.QUOTED, RunState.FETCHING),
            Deed.RUN_CANCELLED,
            by,
            state=RunState.CANCELLED,
            decided_by=by,
            stop_reason=reason,
            finished_at=now,
        ):
            raise AlreadyDecided("Somebody was faster. Nothing was changed by this click.")

    async def start(self, run_id: int, by: str, now: datetime, *, by_itself: bool = False) -> Run:
        """Hold the credits and begin; `by_itself` where nobody pressed Start.

        Raises:
            NotEnoughCredits: The balance does not cover the Run; it stays quoted.
            AlreadyDecided: Somebody started or cancelled it already.
        """
        async with self._database.writing() as session:
            row = await run_rows.decide(
                session,
                run_id,
                (RunState.QUOTED,),
                Deed.RUN_STARTED,
                None if by_itself else by,
                state=RunState.VERIFYING,
                decided_by=by,
                started_by=by,
                started_at=now,
                active_at=now,
                attempt=RunRow.attempt + 1,
            )
            if row is None:
                raise AlreadyDecided("Somebody was faster. Nothing was changed by this click.")
            cost = run_rows.record(row).cost
            await hold(session, row.workspace_id, run_id, cost, by, now)
            return run_rows.record(row)

    async def stop(
        self, run_id: int, reason: StopReason, *, by: str | None = None, note: str | None = None
    ) -> bool:
        """Halt a Run; what is verified is kept."""
        return await self._decide(
            run_id,
            (RunState.VERIFYING,),
            Deed.RUN_STOPPED,
            by,
            state=RunState.STOPPED,
            stop_reason=reason,
            decided_by=by,
            note=note,
        )

    async def resume(self, run_id: int, by: str, now: datetime) -> Run:
        """Go on with a stopped Run, or begin a new attempt of one that is stuck.

        Raises:
            AlreadyDecided: It is neither.
        """
        async with self._database.writing() as session:
            row = await run_rows.locked(session, run_id)
            if row.state != RunState.STOPPED and not run_rows.is_stuck(row):
                raise AlreadyDecided("This run is not stopped. Nothing was changed by this click.")
            # Attempts are of verifying; a list that is being read goes on at its position.
            if row.state != RunState.FETCHING:
                row.state, row.attempt = RunState.VERIFYING, row.attempt + 1
            row.decided_by, row.active_at = by, now
            row.stop_reason = row.note = row.stuck_told_at = None
            audit.note_run(session, Deed.RUN_RESUMED, row, by)
            return run_rows.record(row)

    async def finish(self, run_id: int, attempt: int, now: datetime) -> bool:
        """End a Run that was checked to the end, and give back what it still holds."""
        async with self._database.writing() as session:
            row = await run_rows.locked(session, run_id)
            if row.state != RunState.VERIFYING or row.attempt != attempt:
                return False
            row.state, row.finished_at = RunState.FINISHED, now
            audit.note_run(session, Deed.RUN_FINISHED, row, None)
            await release_rest(session, row.workspace_id, run_id, now)
            return True

    async def drop(
        self, run_id: int, by: str | None, now: datetime, *, reason: StopReason | None = None
    ) -> None:
        """End a stopped Run: whoever has no Verdict counts as Unknown, and is free.

        Their rows stay without a Verdict: there may be a million of them.

        `by` nobody needs a reason.

        Raises:
            AlreadyDecided: It is not stopped.
        """
        async with self._database.writing() as session:
            row = await run_rows.locked(session, run_id)
            if row.state != RunState.STOPPED:
                raise AlreadyDecided("This run is not stopped. Nothing was changed by this click.")
            row.tally = tally.plus(row.tally, tally.unreached(row.subscribers, row.tally))
            row.state, row.finished_at, row.decided_by = RunState.FINISHED, now, by
            row.stop_reason, row.note = reason, None
            audit.note_run(session, Deed.RUN_DROPPED, row, by)
            await release_rest(session, row.workspace_id, run_id, now)

    async def is_delivered(self, run_id: int) -> bool:
        """Tell whether the results were put into the thread."""
        async with self._database.reading() as session:
            return (await run_rows.locked(session, run_id)).delivered

    async def mark_delivered(self, run_id: int) -> None:
        """Note that the results are in the thread."""
        await self._update(run_id, (RunState.FINISHED,), delivered=True)

    async def undelivered(self) -> tuple[Run, ...]:
        """List the finished Runs whose results were not put into their threads."""
        query = select(RunRow).where(
            col(RunRow.state) == RunState.FINISHED, col(RunRow.delivered).is_(False)
        )
        async with self._database.reading() as session:
            return tuple(run_rows.record(row) for row in await session.exec(query))

    async def _update(
        self, run_id: int, states: Sequence[RunState], *conditions: Any, **changes: Any
    ) -> bool:
        async with self._database.writing() as session:
            return await run_rows.change(session, run_id, states, *conditions, **changes)

    async def _decide(
        self, run_id: int, states: Sequence[RunState], deed: Deed, by: str | None, **changes: Any
    ) -> bool:
        async with self._database.writing() as session:
            decided = await run_rows.decide(session, run_id, states, deed, by, **changes)
            return decided is not None
