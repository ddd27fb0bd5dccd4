"""A Run's subscribers: the list as it is read, and their Verdicts as they are reached."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from convertkit import Subscriber
from storage import chunks, tally, verdict_columns
from storage.credits import settle
from storage.database import Database
from storage.states import RunState
from storage.tables import RunRow, RunSubscriberRow
from verification import Verdict

#: Rows that are read at once when a whole Run is streamed.
STREAM_ROWS = 250


@dataclass(frozen=True, slots=True)
class VerifiedSubscriber:
    """One subscriber of a Run with what was found out."""

    subscriber_id: int
    address: str
    verdict: Verdict | None


class RunSubscribers:
    """Write a Run's list page by page and its Verdicts chunk by chunk."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Many parts of a Run settle at once. They line up here and not for the one writer or the
        # Run's row, where they would hold every connection and a dialog would come after all of
        # them.
        self._settling = asyncio.Lock()

    async def position(self, run_id: int) -> tuple[int, str | None]:
        """Tell where reading the list goes on: which source, and the cursor in it."""
        async with self._database.reading() as session:
            source, cursor = (
                await session.exec(select(RunRow.position).where(col(RunRow.id) == run_id))
            ).one()
            return int(source), cursor

    async def add_page(
        self,
        run_id: int,
        subscribers: Sequence[Subscriber],
        next_position: tuple[int, str | None],
        now: datetime,
        *,
        at: tuple[int, str | None] | None = None,
    ) -> bool:
        """Write one page of the list together with the place of the next.

        A page that was read `at` a place where reading does not stand any more is passed over: a
        process that hung meanwhile was taken over, and its page is on the list.

        Returns:
            False where the Run is no longer being fetched, such as after Cancel.
        """
        async with self._database.writing() as session:
            run = await _locked(session, run_id)
            if run.state != RunState.FETCHING:
                return False
            if at is not None and run.position != list(at):
                return True
            new = await self._database.insert_new(
                session, RunSubscriberRow, [_listed(run_id, each) for each in subscribers]
            )
            run.position, run.active_at = list(next_position), now
            run.listed += len(subscribers)
            run.subscribers += new
            return True

    async def close_list(self, run_id: int, chunk_size: int, now: datetime) -> None:
        """Divide the complete list into chunks, addresses of one domain side by side; quote it.

        It may be repeated after a crash. Whoever has a Verdict already needs no chunk.
        """
        number = 0
        await self._database.count_anew(RunSubscriberRow)
        ids = await chunks.in_order(
            self._database, run_id, col(RunSubscriberRow.category).is_(None)
        )
        for batch in chunks.batches(ids, chunk_size):
            async with self._database.writing() as session:
                run = await _locked(session, run_id)
                if run.state != RunState.FETCHING:
                    return
                for part in batch:
                    await chunks.number(session, run_id, part, number)
                    number += 1
                run.active_at = now
        async with self._database.writing() as session:
            run = await _locked(session, run_id)
            if run.state == RunState.FETCHING:
                run.state, run.active_at = RunState.QUOTED, now
                run.chunks = await chunks.next_number(session, run_id)

    async def open_chunks(self, run_id: int) -> list[int]:
        """List the chunks that have subscribers without a Verdict."""
        async with self._database.reading() as session:
            return await chunks.open_ones(session, run_id)

    async def chunk(self, run_id: int, chunk: int) -> dict[int, str]:
        """Give the addresses of a chunk that have no Verdict, by subscriber id."""
        async with self._database.reading() as session:
            return await self._chunk(session, run_id, chunk)

    async def settle(
        self,
        run_id: int,
        attempt: int,
        chunk: int,
        verdicts: Mapping[int, Verdict],
        *,
        retry_after: timedelta | None,
        now: datetime,
    ) -> bool:
        """Write a chunk's Verdicts and settle its credits, in one transaction.

        An Unknown that another look may change keeps its credit held when `retry_after` says how
        long to wait for that look; every other Unknown gives its credit back. Subscribers without
        a Verdict stay to be checked.

        Returns:
            False where the Run was stopped meanwhile; nothing is written then, and the next
            attempt checks the chunk anew.
        """
        async with self._settling, self._database.writing() as session:
            run = await _locked(session, run_id)
            if run.state != RunState.VERIFYING or run.attempt != attempt:
                return False
            run.active_at = now
            # A chunk that was settled before a crash has nobody left in it.
            todo = await self._chunk(session, run_id, chunk)
            rows = [
                _mine(run_id, each) | verdict_columns.filled(verdicts[each], retry_after, now)
                for each in todo
                if each in verdicts
            ]
            if not rows:
                return True
            connection = await session.connection()
            await connection.execute(_DECIDE, rows)
            run.tally = tally.plus(run.tally, tally.count(rows))
            left = [_mine(run_id, e) | {"new_chunk": run.chunks} for e in todo if e not in verdicts]
            if left:
                # A chunk is settled once; whoever was not judged is settled in another one.
                await connection.execute(_REGROUP, left)
                run.chunks += 1
            final = [row["charged"] for row in rows if row["retry_at"] is None]
            settle(session, run.workspace_id, run_id, chunk, final, now)
            return True

    async def waiting_until(self, run_id: int) -> datetime | None:
        """Tell when the last Unknown that is worth another look may be looked at."""
        query = select(func.max(RunSubscriberRow.retry_at)).where(
            col(RunSubscriberRow.run_id) == run_id, col(RunSubscriberRow.retry_at).is_not(None)
        )
        async with self._database.reading() as session:
            return (await session.exec(query)).one()

    async def regroup(self, run_id: int, chunk_size: int, now: datetime) -> None:
        """Take back the Verdicts that are worth another look, and put them into new chunks.

        It may be repeated after a crash: what was taken back waits no more.
        """
        ids = await chunks.in_order(self._database, run_id, _WAITING)
        for batch in chunks.batches(ids, chunk_size):
            async with self._database.writing() as session:
                run = await _locked(session, run_id)
                if run.state != RunState.VERIFYING:
                    return
                for part in batch:
                    await self._take_back(session, run, part)
                run.active_at = now

    async def _take_back(self, session: AsyncSession, run: RunRow, ids: Sequence[int]) -> None:
        query = sa.select(
            *(getattr(RunSubscriberRow, each) for each in ("subscriber_id", *_COUNTED))
        ).where(
            col(RunSubscriberRow.run_id) == run.id,
            col(RunSubscriberRow.subscriber_id).in_(ids),
            _WAITING,
        )
        connection = await session.connection()
        found = (await connection.execute(query)).mappings().all()
        if found and run.id is not None:
            rows = [
                _mine(run.id, each["subscriber_id"]) | {"new_chunk": run.chunks} for each in found
            ]
            await connection.execute(_REGROUP, rows)
            run.tally = tally.minus(run.tally, tally.count(found))
            run.chunks += 1

    async def stream(self, run_id: int) -> AsyncIterator[VerifiedSubscriber]:
        """Go through a Run's subscribers by id, without holding them all in memory."""
        after = -1
        while True:
            query = (
                # Columns and not rows: a thousand objects would hold up the loop.
                sa.select(*_STREAMED)
                .where(
                    col(RunSubscriberRow.run_id) == run_id,
                    col(RunSubscriberRow.subscriber_id) > after,
                )
                .order_by(col(RunSubscriberRow.subscriber_id))
                .limit(STREAM_ROWS)
            )
            async with self._database.reading() as session:
                rows = (await (await session.connection()).execute(query)).all()
            for row in rows:
                yield VerifiedSubscriber(row.subscriber_id, row.address, verdict_columns.read(row))
            if len(rows) < STREAM_ROWS:
                return
            after = rows[-1].subscriber_id

    async def _chunk(self, session: AsyncSession, run_id: int, chunk: int) -> dict[int, str]:
        query = select(RunSubscriberRow.subscriber_id, RunSubscriberRow.address).where(
            col(RunSubscriberRow.run_id) == run_id,
            col(RunSubscriberRow.chunk) == chunk,
            col(RunSubscriberRow.category).is_(None),
        )
        return dict((await session.exec(query)).all())


#: What is read of a row when a whole Run is streamed.
_STREAMED = tuple(
    getattr(RunSubscriberRow, each) for each in ("subscriber_id", "address", *verdict_columns.NAMES)
)
_WAITING = col(RunSubscriberRow.retry_at).is_not(None)
#: What the tally counts by.
_COUNTED = ("category", "reason", "role", "suggestion")
_MINE = (
    col(RunSubscriberRow.run_id) == bindparam("run"),
    col(RunSubscriberRow.subscriber_id) == bindparam("subscriber"),
)
_DECIDE = (
    update(RunSubscriberRow)
    .where(*_MINE)
    .values({name: bindparam(name) for name in (*verdict_columns.NAMES, "charged")})
)
_REGROUP = (
    update(RunSubscriberRow)
    .where(*_MINE)
    .values(chunk=bindparam("new_chunk"), category=None, reason=None, retry_at=None)
)


async def _locked(session: AsyncSession, run_id: int) -> RunRow:
    query = select(RunRow).where(col(RunRow.id) == run_id).with_for_update()
    return (await session.exec(query)).one()


def _mine(run_id: int, subscriber_id: int) -> dict[str, Any]:
    return {"run": run_id, "subscriber": subscriber_id}


def _listed(run_id: int, subscriber: Subscriber) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "subscriber_id": subscriber.id,
        "address": subscriber.email,
        "domain": subscriber.email.rpartition("@")[2].lower(),
        "role": False,
        "free_provider": False,
    }
