"""Cleanups: the exact list, the decision on it, and how far it is carried out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import exact_list, signs_of_life
from storage.database import Database
from storage.errors import AlreadyDecided, ApprovalExpired, CleanupUnderWay, Purged
from storage.plans import Plan, dump_plan, load_plan
from storage.records import Cleanup
from storage.states import CleanupState, StopReason, UnsubscribeState
from storage.tables import CleanupRow, RunRow

#: States in which a background job has work to do.
ACTIVE = (CleanupState.PREPARING, CleanupState.UNSUBSCRIBING, CleanupState.PROVING)
#: States that are not an end.
OPEN = (*ACTIVE, CleanupState.AWAITING_APPROVAL, CleanupState.STOPPED)

_NOT_STOPPED: dict[str, Any] = {"stop_reason": None, "note": None, "stopped_by": None}
_TOO_LATE = "Somebody was faster. Nothing was changed by this click."


@dataclass(frozen=True, slots=True)
class NewCleanup:
    """What a person asked to clean up, and until when it may be approved."""

    workspace_id: str
    run_id: int
    plan: Plan
    requested_by: str
    channel_id: str
    #: The same key makes the same Cleanup, however often it is sent.
    request_key: str
    expires_at: datetime


class Cleanups:
    """Remember Cleanups and move them from state to state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, new: NewCleanup, now: datetime) -> tuple[Cleanup, bool]:
        """Make a Cleanup, or find the one that the same request made; tell which.

        Raises:
            CleanupUnderWay: Another one of the same Run is not at its end.
            Purged: The Run's addresses were deleted.
        """
        row = CleanupRow(
            workspace_id=new.workspace_id,
            run_id=new.run_id,
            request_key=new.request_key,
            plan=dump_plan(new.plan),
            requested_by=new.requested_by,
            channel_id=new.channel_id,
            state=CleanupState.PREPARING,
            created_at=now,
            active_at=now,
            expires_at=new.expires_at,
        )
        mine = col(CleanupRow.run_id) == new.run_id
        async with self._database.writing() as session:
            # One at a time for each Run, so that of two requests at once one sees the other.
            purged_at = select(RunRow.purged_at).where(col(RunRow.id) == new.run_id)
            if (await session.exec(purged_at.with_for_update())).one():
                raise Purged(
                    "The addresses of this run were deleted because of their age. Nobody was "
                    "unsubscribed. Verify again with /verify."
                )
            same = select(CleanupRow).where(mine, col(CleanupRow.request_key) == new.request_key)
            if found := (await session.exec(same)).one_or_none():
                return record(found), False
            others = select(CleanupRow).where(mine, col(CleanupRow.state).in_(OPEN)).limit(1)
            if other := (await session.exec(others)).one_or_none():
                raise CleanupUnderWay(
                    "A cleanup of this run is under way already. Decide on that one first: "
                    "/verify status shows it. Nothing was changed.",
                    record(other).id,
                )
            session.add(row)
            await session.flush()
            return record(row), True

    async def find(self, cleanup_id: int) -> Cleanup | None:
        """Look a Cleanup up."""
        async with self._database.reading() as session:
            row = await session.get(CleanupRow, cleanup_id)
            return record(row) if row else None

    async def get(self, cleanup_id: int) -> Cleanup:
        """Give a Cleanup that is known to exist."""
        cleanup = await self.find(cleanup_id)
        assert cleanup is not None, f"cleanup {cleanup_id} does not exist"
        return cleanup

    async def in_states(
        self,
        states: Sequence[CleanupState],
        *,
        workspace_id: str | None = None,
        run_id: int | None = None,
    ) -> tuple[Cleanup, ...]:
        """List the Cleanups in these states, newest first."""
        query = (
            select(CleanupRow)
            .where(col(CleanupRow.state).in_(states))
            .order_by(col(CleanupRow.id).desc())
        )
        if workspace_id is not None:
            query = query.where(col(CleanupRow.workspace_id) == workspace_id)
        if run_id is not None:
            query = query.where(col(CleanupRow.run_id) == run_id)
        async with self._database.reading() as session:
            return tuple(record(row) for row in await session.exec(query))

    async def set_message(self, cleanup_id: int, message_ts: str) -> None:
        """Remember which message shows the Cleanup."""
        await self._update(cleanup_id, tuple(CleanupState), message_ts=message_ts)

    async def may_show(self, cleanup_id: int, now: datetime, every: timedelta) -> bool:
        """Tell one of all who ask, once in `every`, that the message may be updated."""
        shown_at = col(CleanupRow.shown_at)
        async with self._database.writing() as session:
            return await _change(
                session,
                cleanup_id,
                tuple(CleanupState),
                or_(shown_at.is_(None), shown_at <= now - every),
                shown_at=now,
            )

    async def wait_until(self, cleanup_id: int, until: datetime) -> None:
        """Note that nothing moves before then, on purpose, so that nobody calls it stuck."""
        await self._update(cleanup_id, ACTIVE, active_at=until)

    async def take(self, cleanup_id: int, attempt: int, worker: str) -> bool:
        """Take a running Cleanup for a step; whoever had it before finds it taken, and ends.

        Returns:
            False where it was halted, or another attempt works on it.
        """
        async with self._database.writing() as session:
            return await _change(
                session,
                cleanup_id,
                (CleanupState.UNSUBSCRIBING, CleanupState.PROVING),
                col(CleanupRow.attempt) == attempt,
                worker=worker,
            )

    async def discard(self, cleanup_id: int) -> None:
        """Forget a Cleanup that was never shown to anybody."""
        async with self._database.writing() as session:
            await session.exec(
                delete(CleanupRow).where(
                    col(CleanupRow.id) == cleanup_id,
                    col(CleanupRow.state) == CleanupState.PREPARING,
                    col(CleanupRow.message_ts).is_(None),
                )
            )

    async def prepare(self, cleanup_id: int, now: datetime) -> CleanupState:
        """Write down the exact list that the Plan chooses, once, and wait for a decision.

        It may be repeated after a crash, and by several at once: the list comes out the same.
        """
        row = await self._read(cleanup_id)
        if row.state != CleanupState.PREPARING:
            return CleanupState(row.state)
        chosen = load_plan(row.plan).unsubscribed
        await exact_list.write_down(self._database, cleanup_id, row.run_id, chosen, now)
        strangers = await exact_list.has_strangers(self._database, cleanup_id, row.run_id)
        assert not strangers, "somebody is on the list whom the plan did not choose"
        found = await exact_list.fingerprint(self._database, cleanup_id)
        pending = {UnsubscribeState.PENDING.value: found.subscribers}
        await self._update(
            cleanup_id,
            (CleanupState.PREPARING,),
            state=CleanupState.AWAITING_APPROVAL if found.subscribers else CleanupState.EMPTY,
            digest=found.digest,
            subscribers=found.subscribers,
            tally={"categories": found.categories, "states": pending},
            active_at=now,
        )
        return CleanupState((await self._read(cleanup_id)).state)

    async def fail(self, cleanup_id: int, note: str, now: datetime) -> bool:
        """End a Cleanup whose list could not be written down."""
        return await self._update(
            cleanup_id,
            (CleanupState.PREPARING,),
            state=CleanupState.EMPTY,
            note=note,
            finished_at=now,
        )

    async def list_is_unchanged(self, cleanup_id: int) -> bool:
        """Tell whether the stored list is still the one that was shown for approval."""
        row = await self._read(cleanup_id)
        found = await exact_list.fingerprint(self._database, cleanup_id)
        return (row.digest, row.subscribers) == (found.digest, found.subscribers)

    async def approve(self, cleanup_id: int, by: str, now: datetime) -> Cleanup:
        """Let the list be unsubscribed.

        Raises:
            AlreadyDecided: It was decided, or it expired.
        """
        await self._decide(
            cleanup_id,
            now,
            state=CleanupState.UNSUBSCRIBING,
            decided_by=by,
            decided_at=now,
            active_at=now,
            attempt=CleanupRow.attempt + 1,
        )
        return await self.get(cleanup_id)

    async def reject(self, cleanup_id: int, by: str, now: datetime) -> None:
        """Close it without touching anybody.

        Raises:
            AlreadyDecided: It was decided, or it expired.
        """
        await self._decide(
            cleanup_id,
            now,
            state=CleanupState.REJECTED,
            decided_by=by,
            decided_at=now,
            finished_at=now,
        )

    async def expire(self, cleanup_id: int, now: datetime) -> bool:
        """Close it because nobody decided in time; tell whether that was so."""
        async with self._database.writing() as session:
            return await _change(
                session,
                cleanup_id,
                (CleanupState.AWAITING_APPROVAL,),
                col(CleanupRow.expires_at) <= now,
                state=CleanupState.EXPIRED,
                finished_at=now,
            )

    async def stop(
        self,
        cleanup_id: int,
        reason: StopReason,
        *,
        attempt: int | None = None,
        by: str | None = None,
        note: str | None = None,
    ) -> bool:
        """Halt before the next subscriber; tell whether it was running.

        With `attempt`, only where that one is still the newest.
        """
        newest = () if attempt is None else (col(CleanupRow.attempt) == attempt,)
        async with self._database.writing() as session:
            return await _change(
                session,
                cleanup_id,
                (CleanupState.UNSUBSCRIBING, CleanupState.PROVING),
                *newest,
                stopped_from=CleanupRow.state,
                state=CleanupState.STOPPED,
                stop_reason=reason,
                stopped_by=by,
                note=note,
            )

    async def resume(self, cleanup_id: int, now: datetime) -> Cleanup:
        """Go on where it stopped, or begin a new attempt of one that is stuck.

        Raises:
            AlreadyDecided: It is neither.
            ApprovalExpired: The approval is too old to unsubscribe anybody else on it.
        """
        async with self._database.writing() as session:
            row = await _row(session, cleanup_id)
            stuck = is_stuck(row)
            before = row.state if stuck else row.stopped_from
            if before is None or not (stuck or row.state == CleanupState.STOPPED):
                raise AlreadyDecided(_TOO_LATE)
            if before == CleanupState.UNSUBSCRIBING and row.expires_at <= now:
                raise ApprovalExpired(
                    "This approval is too old to go on with. Nobody else was unsubscribed. "
                    f"Press {'Stop and then ' if stuck else ''}Drop, verify again, "
                    "and ask for a new approval."
                )
            # Attempts are of carrying out; a list is written down in one go.
            if before != CleanupState.PREPARING:
                row.state, row.attempt = before, row.attempt + 1
            row.active_at = now
            row.stopped_by = row.stop_reason = row.note = row.stuck_told_at = None
            return record(row)

    async def drop(self, cleanup_id: int, now: datetime) -> Cleanup:
        """Leave the untouched ones alone for good; what was requested is still proven.

        Their rows follow by `drop_pending`, which the job begins with.

        Raises:
            AlreadyDecided: It is not stopped.
        """
        row = await self._read(cleanup_id)
        if (row.state, row.stopped_from) == (CleanupState.STOPPED, CleanupState.PROVING):
            # The readings could not be finished, and somebody chose not to go on.
            await self._name_still_active(cleanup_id, CleanupState.STOPPED, now)
            if not await self._end(cleanup_id, CleanupState.STOPPED, now):
                raise AlreadyDecided(_TOO_LATE)
            return await self.get(cleanup_id)
        async with self._database.writing() as session:
            if not await _change(
                session,
                cleanup_id,
                (CleanupState.STOPPED,),
                state=CleanupState.PROVING,
                attempt=CleanupRow.attempt + 1,
                requested_at=func.coalesce(CleanupRow.requested_at, now),
                active_at=now,
                **_NOT_STOPPED,
            ):
                raise AlreadyDecided(_TOO_LATE)
        return await self.get(cleanup_id)

    async def drop_pending(self, cleanup_id: int, now: datetime) -> None:
        """Leave everybody alone who was not tried before the Cleanup went on to its proof."""
        proving = (CleanupState.PROVING,)
        await exact_list.drop_pending(self._database, cleanup_id, proving, now)

    async def give_up(self, cleanup_id: int, now: datetime) -> bool:
        """End a stopped Cleanup that nobody came back to; tell whether it was one.

        Nobody is unsubscribed or read back any more: what was requested stays unconfirmed.
        """
        stopped = (CleanupState.STOPPED,)
        await exact_list.drop_pending(self._database, cleanup_id, stopped, now)
        return await self._end(cleanup_id, CleanupState.STOPPED, now, StopReason.FORGOTTEN)

    async def set_note(self, cleanup_id: int, note: str | None) -> None:
        """Say what hinders a Cleanup that goes on by itself; None when nothing does any more."""
        await self._update(cleanup_id, ACTIVE, note=note)

    async def begin_proof(self, cleanup_id: int, now: datetime) -> bool:
        """Note that every call is made; readings are counted from now on."""
        return await self._update(
            cleanup_id,
            (CleanupState.UNSUBSCRIBING,),
            state=CleanupState.PROVING,
            requested_at=now,
            active_at=now,
        )

    async def count_proof(self, cleanup_id: int, proofs: int, now: datetime) -> None:
        """Note how many readings are done."""
        await self._update(cleanup_id, (CleanupState.PROVING,), proofs=proofs, active_at=now)

    async def finish(self, cleanup_id: int, now: datetime) -> bool:
        """End it, with whoever is still subscribed named as such."""
        await self._name_still_active(cleanup_id, CleanupState.PROVING, now)
        return await self._end(cleanup_id, CleanupState.PROVING, now)

    async def _name_still_active(self, cleanup_id: int, state: CleanupState, now: datetime) -> None:
        await exact_list.name_still_active(self._database, cleanup_id, (state,), now)

    async def _end(
        self,
        cleanup_id: int,
        state: CleanupState,
        now: datetime,
        reason: StopReason | None = None,
    ) -> bool:
        """Count what has become of the list, nobody on which is touched any more, and end it."""
        row = await self._read(cleanup_id)
        async with self._database.reading() as session:
            states = await exact_list.by_state(session, cleanup_id)
        return await self._update(
            cleanup_id,
            (state,),
            state=CleanupState.FINISHED,
            finished_at=now,
            tally={**row.tally, "states": states},
            **_NOT_STOPPED | {"stop_reason": reason},
        )

    async def is_delivered(self, cleanup_id: int) -> bool:
        """Tell whether the proof was put into the thread."""
        async with self._database.reading() as session:
            return (await session.get_one(CleanupRow, cleanup_id)).delivered

    async def mark_delivered(self, cleanup_id: int) -> None:
        """Note that the proof is in the thread."""
        await self._update(cleanup_id, (CleanupState.FINISHED,), delivered=True)

    async def undelivered(self) -> tuple[Cleanup, ...]:
        """List the finished Cleanups whose proof was not put into their threads."""
        query = select(CleanupRow).where(
            col(CleanupRow.state) == CleanupState.FINISHED, col(CleanupRow.delivered).is_(False)
        )
        async with self._database.reading() as session:
            return tuple(record(row) for row in await session.exec(query))

    async def _read(self, cleanup_id: int) -> CleanupRow:
        async with self._database.reading() as session:
            return await session.get_one(CleanupRow, cleanup_id)

    async def _decide(self, cleanup_id: int, now: datetime, **changes: Any) -> None:
        async with self._database.writing() as session:
            if not await _change(
                session,
                cleanup_id,
                (CleanupState.AWAITING_APPROVAL,),
                col(CleanupRow.expires_at) > now,
                **changes,
            ):
                raise AlreadyDecided(_TOO_LATE)

    async def _update(
        self, cleanup_id: int, states: Sequence[CleanupState], **changes: Any
    ) -> bool:
        async with self._database.writing() as session:
            return await _change(session, cleanup_id, states, **changes)


async def _row(session: AsyncSession, cleanup_id: int) -> CleanupRow:
    query = select(CleanupRow).where(col(CleanupRow.id) == cleanup_id).with_for_update()
    return (await session.exec(query)).one()


async def _change(
    session: AsyncSession,
    cleanup_id: int,
    states: Sequence[CleanupState],
    *conditions: Any,
    **changes: Any,
) -> bool:
    """Change a Cleanup if it is in one of the states; tell whether it was."""
    result = await session.exec(
        update(CleanupRow)
        .where(col(CleanupRow.id) == cleanup_id, col(CleanupRow.state).in_(states), *conditions)
        .values(**changes)
    )
    return result.rowcount == 1


def is_stuck(row: CleanupRow) -> bool:
    """Tell whether a Cleanup should be running and does not move."""
    return row.state in ACTIVE and signs_of_life.missing(row)


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
        request_key=row.request_key,
        active_at=row.active_at,
        is_stuck=is_stuck(row),
        purged_at=row.purged_at,
    )
