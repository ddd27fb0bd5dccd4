"""Decisions on a Cleanup: approve or reject, stop and resume, and the ways to give it up."""

from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col

from storage import audit, cleanup_rows, exact_list
from storage.database import Database
from storage.errors import AlreadyDecided, ApprovalExpired
from storage.records import Cleanup
from storage.states import CleanupState, Deed, StopReason
from storage.tables import CleanupRow

_TOO_LATE = "Somebody was faster. Nothing was changed by this click."


class Decisions:
    """Move Cleanups between what they wait for, what they do and their end.

    Of two decisions at once, one holds; the other is told so.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def approve(self, cleanup_id: int, by: str, now: datetime) -> Cleanup:
        """Let the list be unsubscribed.

        Raises:
            AlreadyDecided: It was decided, or it expired.
        """
        await self._decide(
            cleanup_id,
            Deed.CLEANUP_APPROVED,
            by,
            now,
            state=CleanupState.UNSUBSCRIBING,
            active_at=now,
            attempt=CleanupRow.attempt + 1,
        )
        return await self._current(cleanup_id)

    async def reject(self, cleanup_id: int, by: str, now: datetime) -> None:
        """Close it without touching anybody.

        Raises:
            AlreadyDecided: It was decided, or it expired.
        """
        await self._decide(
            cleanup_id,
            Deed.CLEANUP_REJECTED,
            by,
            now,
            state=CleanupState.REJECTED,
            finished_at=now,
        )

    async def expire(self, cleanup_id: int, now: datetime) -> bool:
        """Close it because nobody decided in time; tell whether that was so."""
        return await cleanup_rows.decide(
            self._database,
            cleanup_id,
            (CleanupState.AWAITING_APPROVAL,),
            Deed.CLEANUP_EXPIRED,
            None,
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
        return await cleanup_rows.decide(
            self._database,
            cleanup_id,
            (CleanupState.UNSUBSCRIBING, CleanupState.PROVING),
            Deed.CLEANUP_STOPPED,
            by,
            *newest,
            stopped_from=CleanupRow.state,
            state=CleanupState.STOPPED,
            stop_reason=reason,
            stopped_by=by,
            note=note,
        )

    async def resume(self, cleanup_id: int, by: str, now: datetime) -> Cleanup:
        """Go on where it stopped, or begin a new attempt of one that is stuck.

        Raises:
            AlreadyDecided: It is neither.
            ApprovalExpired: The approval is too old to unsubscribe anybody else on it.
        """
        async with self._database.writing() as session:
            row = await cleanup_rows.locked(session, cleanup_id)
            stuck = cleanup_rows.is_stuck(row)
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
            audit.note_cleanup(session, Deed.CLEANUP_RESUMED, row, by)
            return cleanup_rows.record(row)

    async def drop(self, cleanup_id: int, by: str, now: datetime) -> Cleanup:
        """Leave the untouched ones alone for good; what was requested is still proven.

        Their rows follow by `drop_pending`, which the job begins with.

        Raises:
            AlreadyDecided: It is not stopped.
        """
        row = await cleanup_rows.read(self._database, cleanup_id)
        if (row.state, row.stopped_from) == (CleanupState.STOPPED, CleanupState.PROVING):
            # The readings could not be finished, and somebody chose not to go on.
            stopped = CleanupState.STOPPED
            # Those of an earlier Drop that was stopped before the job began with them.
            await exact_list.drop_pending(self._database, cleanup_id, (stopped,), now)
            await exact_list.name_still_active(self._database, cleanup_id, (stopped,), now)
            dropped = await cleanup_rows.end(
                self._database, cleanup_id, stopped, now, dropped_by=by
            )
        else:
            dropped = await cleanup_rows.decide(
                self._database,
                cleanup_id,
                (CleanupState.STOPPED,),
                Deed.CLEANUP_DROPPED,
                by,
                state=CleanupState.PROVING,
                attempt=CleanupRow.attempt + 1,
                requested_at=func.coalesce(CleanupRow.requested_at, now),
                active_at=now,
                stop_reason=None,
                stopped_by=None,
                note=None,
            )
        if not dropped:
            raise AlreadyDecided(_TOO_LATE)
        return await self._current(cleanup_id)

    async def give_up(self, cleanup_id: int, now: datetime) -> bool:
        """End a stopped Cleanup that nobody came back to; tell whether it was one.

        Nobody is unsubscribed or read back any more: what was requested stays unconfirmed.
        """
        stopped = CleanupState.STOPPED
        await exact_list.drop_pending(self._database, cleanup_id, (stopped,), now)
        return await cleanup_rows.end(
            self._database, cleanup_id, stopped, now, reason=StopReason.FORGOTTEN
        )

    async def _decide(
        self, cleanup_id: int, deed: Deed, by: str, now: datetime, **changes: Any
    ) -> None:
        if not await cleanup_rows.decide(
            self._database,
            cleanup_id,
            (CleanupState.AWAITING_APPROVAL,),
            deed,
            by,
            col(CleanupRow.expires_at) > now,
            decided_by=by,
            decided_at=now,
            **changes,
        ):
            raise AlreadyDecided(_TOO_LATE)

    async def _current(self, cleanup_id: int) -> Cleanup:
        return cleanup_rows.record(await cleanup_rows.read(self._database, cleanup_id))
