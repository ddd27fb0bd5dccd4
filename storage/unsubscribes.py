"""Unsubscribes: each subscriber's part of a Cleanup, as the calls are made and read back."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Update, update
from sqlmodel import col, select

from storage.database import Database
from storage.states import CleanupState, UnsubscribeState
from storage.tables import CleanupRow, UnsubscribeRow
from verification import Category

#: Rows that are read at once when a whole list is streamed.
STREAM_ROWS = 250
#: Others who are asked about, where there is no answer about one.
A_FEW = 3
#: States that are not an end.
_OPEN = (UnsubscribeState.PENDING, UnsubscribeState.REQUESTED)
#: States that an answer of ConvertKit's leads to.
_ANSWERED = (UnsubscribeState.REQUESTED, UnsubscribeState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """One subscriber on the approved list."""

    subscriber_id: int
    address: str
    category: Category
    state: UnsubscribeState
    note: str | None
    tried_at: datetime | None
    requested_at: datetime | None
    proven_at: datetime | None
    #: How often ConvertKit had no answer about this one while it had one about others.
    passed_over: int = 0


class Unsubscribes:
    """Read and mark the rows of an approved list."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ids(
        self, cleanup_id: int, state: UnsubscribeState, limit: int | None = None, *, after: int = -1
    ) -> tuple[int, ...]:
        """List the first subscribers in a state, by id."""
        query = (
            select(UnsubscribeRow.subscriber_id)
            .where(
                col(UnsubscribeRow.cleanup_id) == cleanup_id,
                col(UnsubscribeRow.state) == state,
                col(UnsubscribeRow.subscriber_id) > after,
            )
            .order_by(col(UnsubscribeRow.subscriber_id))
            .limit(limit)
        )
        async with self._database.reading() as session:
            return tuple(await session.exec(query))

    async def claim(
        self, cleanup_id: int, attempt: int, subscriber_id: int, *, worker: str | None = None
    ) -> Unsubscribe | None:
        """Give a subscriber that is still to be unsubscribed.

        Returns:
            None where the Cleanup was halted, another worker than this one has taken it, or the
            subscriber has been dealt with.
        """
        query = (
            select(UnsubscribeRow)
            .join(CleanupRow, col(CleanupRow.id) == col(UnsubscribeRow.cleanup_id))
            .where(
                col(UnsubscribeRow.cleanup_id) == cleanup_id,
                col(UnsubscribeRow.subscriber_id) == subscriber_id,
                col(UnsubscribeRow.state) == UnsubscribeState.PENDING,
                col(CleanupRow.state) == CleanupState.UNSUBSCRIBING,
                col(CleanupRow.attempt) == attempt,
                *_has(worker),
            )
        )
        async with self._database.reading() as session:
            row = (await session.exec(query)).one_or_none()
            return _record(row) if row else None

    async def mark_trying(
        self,
        cleanup_id: int,
        attempt: int,
        subscriber_id: int,
        now: datetime,
        *,
        worker: str | None = None,
    ) -> bool:
        """Write down that the call is about to be made, unless the Cleanup was halted or taken."""
        still_ours = (
            update(CleanupRow)
            .where(
                col(CleanupRow.id) == cleanup_id,
                col(CleanupRow.state) == CleanupState.UNSUBSCRIBING,
                col(CleanupRow.attempt) == attempt,
                *_has(worker),
            )
            .values(active_at=now)
        )
        async with self._database.writing() as session:
            if (await session.exec(still_ours)).rowcount == 0:
                return False
            await session.exec(_where(cleanup_id, subscriber_id).values(tried_at=now))
            return True

    async def mark(
        self,
        cleanup_id: int,
        subscriber_id: int,
        state: UnsubscribeState,
        *,
        now: datetime,
        note: str | None = None,
    ) -> None:
        """Write down what has become of a subscriber, unless that is known for good already.

        A call that was under way when somebody pressed Stop may be answered after it was proven.
        """
        values: dict[str, object] = {"state": state, "note": note}
        if state is UnsubscribeState.REQUESTED:
            values["requested_at"] = now
        if state is UnsubscribeState.CONFIRMED:
            values["proven_at"] = now
        moved = update(CleanupRow).where(col(CleanupRow.id) == cleanup_id).values(active_at=now)
        async with self._database.writing() as session:
            # First, as everywhere: of two who lock both rows, none may wait for the other.
            await session.exec(moved)
            await session.exec(
                _where(cleanup_id, subscriber_id)
                .where(col(UnsubscribeRow.state).in_(_OPEN))
                .values(values)
            )

    async def others(self, cleanup_id: int, subscriber_id: int) -> tuple[int, ...]:
        """Name a few others of the same list, first those about whom ConvertKit had an answer."""
        newest = (
            select(UnsubscribeRow.subscriber_id)
            .where(
                col(UnsubscribeRow.cleanup_id) == cleanup_id,
                col(UnsubscribeRow.subscriber_id) != subscriber_id,
                col(UnsubscribeRow.passed_over) == 0,
            )
            .order_by(col(UnsubscribeRow.subscriber_id).desc())
            .limit(A_FEW)
        )
        answered = newest.where(col(UnsubscribeRow.state).in_(_ANSWERED))
        async with self._database.reading() as session:
            found = [*await session.exec(answered), *await session.exec(newest)]
        return tuple(dict.fromkeys(found))[:A_FEW]

    async def pass_over(self, cleanup_id: int, subscriber_id: int, note: str, now: datetime) -> int:
        """Note why a subscriber is passed over for now; tell how often that was so."""
        moved = update(CleanupRow).where(col(CleanupRow.id) == cleanup_id).values(active_at=now)
        once_more = (
            _where(cleanup_id, subscriber_id)
            .where(col(UnsubscribeRow.state).in_(_OPEN))
            .values(passed_over=UnsubscribeRow.passed_over + 1, note=note)
            .execution_options(synchronize_session=False)
        )
        times = select(UnsubscribeRow.passed_over).where(
            col(UnsubscribeRow.cleanup_id) == cleanup_id,
            col(UnsubscribeRow.subscriber_id) == subscriber_id,
        )
        async with self._database.writing() as session:
            await session.exec(moved)
            await session.exec(once_more)
            return (await session.exec(times)).one()

    async def stream(self, cleanup_id: int) -> AsyncIterator[Unsubscribe]:
        """Go through the whole list by id, without holding it in memory."""
        after = -1
        while True:
            query = (
                select(UnsubscribeRow)
                .where(
                    col(UnsubscribeRow.cleanup_id) == cleanup_id,
                    col(UnsubscribeRow.subscriber_id) > after,
                )
                .order_by(col(UnsubscribeRow.subscriber_id))
                .limit(STREAM_ROWS)
            )
            async with self._database.reading() as session:
                rows: Sequence[UnsubscribeRow] = (await session.exec(query)).all()
            for row in rows:
                yield _record(row)
            if len(rows) < STREAM_ROWS:
                return
            after = rows[-1].subscriber_id


def _has(worker: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if worker is None else (col(CleanupRow.worker) == worker,)


def _where(cleanup_id: int, subscriber_id: int) -> Update:
    return update(UnsubscribeRow).where(
        col(UnsubscribeRow.cleanup_id) == cleanup_id,
        col(UnsubscribeRow.subscriber_id) == subscriber_id,
    )


def _record(row: UnsubscribeRow) -> Unsubscribe:
    return Unsubscribe(
        subscriber_id=row.subscriber_id,
        address=row.address,
        category=Category(row.category),
        state=UnsubscribeState(row.state),
        note=row.note,
        tried_at=row.tried_at,
        requested_at=row.requested_at,
        proven_at=row.proven_at,
        passed_over=row.passed_over,
    )
