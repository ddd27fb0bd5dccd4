"""Cleanups: the exact list, and how far it is carried out. What people decide: `decisions`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_
from sqlmodel import col, select

from storage import audit, cleanup_rows, exact_list
from storage.database import Database
from storage.errors import CleanupUnderWay, Purged
from storage.plans import Plan, dump_plan, load_plan
from storage.records import Cleanup
from storage.states import ACTIVE_CLEANUPS, OPEN_CLEANUPS, CleanupState, Deed, UnsubscribeState
from storage.tables import CleanupRow, RunRow


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
                return cleanup_rows.record(found), False
            others = (
                select(CleanupRow).where(mine, col(CleanupRow.state).in_(OPEN_CLEANUPS)).limit(1)
            )
            if other := (await session.exec(others)).one_or_none():
                raise CleanupUnderWay(
                    "A cleanup of this run is under way already. Decide on that one first: "
                    "/verify status shows it. Nothing was changed.",
                    cleanup_rows.record(other).id,
                )
            session.add(row)
            await session.flush()
            audit.note_cleanup(session, Deed.CLEANUP_ASKED, row, new.requested_by)
            return cleanup_rows.record(row), True

    async def find(self, cleanup_id: int) -> Cleanup | None:
        """Look a Cleanup up."""
        async with self._database.reading() as session:
            row = await session.get(CleanupRow, cleanup_id)
            return cleanup_rows.record(row) if row else None

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
            return tuple(cleanup_rows.record(row) for row in await session.exec(query))

    async def set_message(self, cleanup_id: int, message_ts: str) -> None:
        """Remember which message shows the Cleanup."""
        await cleanup_rows.change(
            self._database, cleanup_id, tuple(CleanupState), message_ts=message_ts
        )

    async def may_show(self, cleanup_id: int, now: datetime, every: timedelta) -> bool:
        """Tell one of all who ask, once in `every`, that the message may be updated."""
        shown_at = col(CleanupRow.shown_at)
        return await cleanup_rows.change(
            self._database,
            cleanup_id,
            tuple(CleanupState),
            or_(shown_at.is_(None), shown_at <= now - every),
            shown_at=now,
        )

    async def wait_until(self, cleanup_id: int, until: datetime) -> None:
        """Note that nothing moves before then, on purpose, so that nobody calls it stuck."""
        await cleanup_rows.change(self._database, cleanup_id, ACTIVE_CLEANUPS, active_at=until)

    async def take(self, cleanup_id: int, attempt: int, worker: str) -> bool:
        """Take a running Cleanup for a step; whoever had it before finds it taken, and ends.

        Returns:
            False where it was halted, or another attempt works on it.
        """
        return await cleanup_rows.change(
            self._database,
            cleanup_id,
            (CleanupState.UNSUBSCRIBING, CleanupState.PROVING),
            col(CleanupRow.attempt) == attempt,
            worker=worker,
        )

    async def discard(self, cleanup_id: int) -> None:
        """Forget a Cleanup that was never shown to anybody."""
        gone = delete(CleanupRow).where(
            col(CleanupRow.id) == cleanup_id,
            col(CleanupRow.state) == CleanupState.PREPARING,
            col(CleanupRow.message_ts).is_(None),
        )
        async with self._database.writing() as session:
            row = await session.get(CleanupRow, cleanup_id)
            if row and (await session.exec(gone)).rowcount:
                audit.note_cleanup(session, Deed.CLEANUP_DISCARDED, row, None)

    async def prepare(self, cleanup_id: int, now: datetime) -> CleanupState:
        """Write down the exact list that the Plan chooses, once, and wait for a decision.

        It may be repeated after a crash, and by several at once: the list comes out the same.
        """
        row = await cleanup_rows.read(self._database, cleanup_id)
        if row.state != CleanupState.PREPARING:
            return CleanupState(row.state)
        chosen = load_plan(row.plan).unsubscribed
        await exact_list.write_down(self._database, cleanup_id, row.run_id, chosen, now)
        strangers = await exact_list.has_strangers(self._database, cleanup_id, row.run_id)
        assert not strangers, "somebody is on the list whom the plan did not choose"
        found = await exact_list.fingerprint(self._database, cleanup_id)
        pending = {UnsubscribeState.PENDING.value: found.subscribers}
        written = {
            "digest": found.digest,
            "subscribers": found.subscribers,
            "tally": {"categories": found.categories, "states": pending},
            "active_at": now,
        }
        if found.subscribers:
            await cleanup_rows.change(
                self._database,
                cleanup_id,
                (CleanupState.PREPARING,),
                state=CleanupState.AWAITING_APPROVAL,
                **written,
            )
        else:
            await self._leave_empty(cleanup_id, **written)
        return CleanupState((await cleanup_rows.read(self._database, cleanup_id)).state)

    async def fail(self, cleanup_id: int, note: str, now: datetime) -> bool:
        """End a Cleanup whose list could not be written down."""
        return await self._leave_empty(cleanup_id, note=note, finished_at=now)

    async def _leave_empty(self, cleanup_id: int, **changes: Any) -> bool:
        return await cleanup_rows.decide(
            self._database,
            cleanup_id,
            (CleanupState.PREPARING,),
            Deed.CLEANUP_EMPTY,
            None,
            state=CleanupState.EMPTY,
            **changes,
        )

    async def list_is_unchanged(self, cleanup_id: int) -> bool:
        """Tell whether the stored list is still the one that was shown for approval."""
        row = await cleanup_rows.read(self._database, cleanup_id)
        found = await exact_list.fingerprint(self._database, cleanup_id)
        return (row.digest, row.subscribers) == (found.digest, found.subscribers)

    async def drop_pending(self, cleanup_id: int, now: datetime) -> None:
        """Leave everybody alone who was not tried before the Cleanup went on to its proof."""
        proving = (CleanupState.PROVING,)
        await exact_list.drop_pending(self._database, cleanup_id, proving, now)

    async def set_note(self, cleanup_id: int, note: str | None) -> None:
        """Say what hinders a Cleanup that goes on by itself; None when nothing does any more."""
        await cleanup_rows.change(self._database, cleanup_id, ACTIVE_CLEANUPS, note=note)

    async def begin_proof(self, cleanup_id: int, now: datetime) -> bool:
        """Note that every call is made; readings are counted from now on."""
        return await cleanup_rows.change(
            self._database,
            cleanup_id,
            (CleanupState.UNSUBSCRIBING,),
            state=CleanupState.PROVING,
            requested_at=now,
            active_at=now,
        )

    async def read_on(self, cleanup_id: int, attempt: int, read_up_to: int, now: datetime) -> bool:
        """Note how far a reading has come; tell whether this attempt still works on it."""
        return await cleanup_rows.change(
            self._database,
            cleanup_id,
            (CleanupState.PROVING,),
            col(CleanupRow.attempt) == attempt,
            read_up_to=read_up_to,
            active_at=now,
        )

    async def count_proof(self, cleanup_id: int, proofs: int, now: datetime) -> None:
        """Note how many readings are done."""
        await cleanup_rows.change(
            self._database,
            cleanup_id,
            (CleanupState.PROVING,),
            proofs=proofs,
            read_up_to=-1,
            active_at=now,
        )

    async def finish(self, cleanup_id: int, now: datetime) -> bool:
        """End it, with whoever is still subscribed named as such."""
        proving = CleanupState.PROVING
        await exact_list.name_still_active(self._database, cleanup_id, (proving,), now)
        return await cleanup_rows.end(self._database, cleanup_id, proving, now)

    async def is_delivered(self, cleanup_id: int) -> bool:
        """Tell whether the proof was put into the thread."""
        async with self._database.reading() as session:
            return (await session.get_one(CleanupRow, cleanup_id)).delivered

    async def mark_delivered(self, cleanup_id: int) -> None:
        """Note that the proof is in the thread."""
        await cleanup_rows.change(
            self._database, cleanup_id, (CleanupState.FINISHED,), delivered=True
        )

    async def undelivered(self) -> tuple[Cleanup, ...]:
        """List the finished Cleanups whose proof was not put into their threads."""
        query = select(CleanupRow).where(
            col(CleanupRow.state) == CleanupState.FINISHED, col(CleanupRow.delivered).is_(False)
        )
        async with self._database.reading() as session:
            return tuple(cleanup_rows.record(row) for row in await session.exec(query))
