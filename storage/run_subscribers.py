"""A Run's subscribers: the list as it is read, and their Verdicts as they are reached."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from convertkit import Subscriber
from storage.credits import enter
from storage.database import Database
from storage.states import CreditKind, RunState
from storage.tables import RunRow, RunSubscriberRow
from verification import Category, Evidence, Reason, Verdict

#: Rows that are read at once when a whole Run is streamed.
STREAM_ROWS = 1_000


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
    ) -> bool:
        """Write one page of the list together with the place of the next.

        Returns:
            False where the Run is no longer being fetched, such as after Cancel.
        """
        async with self._database.writing() as session:
            run = (await session.exec(select(RunRow).where(col(RunRow.id) == run_id))).one()
            if run.state != RunState.FETCHING:
                return False
            await self._database.insert_new(
                session, RunSubscriberRow, [_listed(run_id, each) for each in subscribers]
            )
            run.position, run.active_at = list(next_position), now
            run.listed += len(subscribers)
            run.subscribers = await self._count(session, run_id)
            return True

    async def close_list(self, run_id: int, chunk_size: int, now: datetime) -> None:
        """Divide the complete list into chunks, addresses of one domain side by side; quote it."""
        numbered = text(
            "UPDATE run_subscriber SET chunk = numbered.chunk FROM ("
            " SELECT subscriber_id,"
            "  (row_number() OVER (ORDER BY domain, subscriber_id) - 1) / :size AS chunk"
            " FROM run_subscriber WHERE run_id = :run AND category IS NULL) AS numbered"
            " WHERE run_subscriber.run_id = :run"
            " AND run_subscriber.subscriber_id = numbered.subscriber_id"
        )
        async with self._database.writing() as session:
            await (await session.connection()).execute(
                numbered, {"size": chunk_size, "run": run_id}
            )
            count = await self._count(session, run_id)
            await session.exec(
                update(RunRow)
                .where(col(RunRow.id) == run_id, col(RunRow.state) == RunState.FETCHING)
                .values(
                    state=RunState.QUOTED,
                    active_at=now,
                    subscribers=count,
                    chunks=-(-count // chunk_size),
                )
            )

    async def open_chunks(self, run_id: int) -> list[int]:
        """List the chunks that have subscribers without a Verdict."""
        query = (
            select(col(RunSubscriberRow.chunk))
            .where(
                col(RunSubscriberRow.run_id) == run_id,
                col(RunSubscriberRow.category).is_(None),
            )
            .distinct()
            .order_by(col(RunSubscriberRow.chunk))
        )
        async with self._database.reading() as session:
            return [int(chunk or 0) for chunk in await session.exec(query)]

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
        async with self._database.writing() as session:
            run = (
                await session.exec(select(RunRow).where(col(RunRow.id) == run_id).with_for_update())
            ).one()
            if run.state != RunState.VERIFYING or run.attempt != attempt:
                return False
            run.active_at = now
            # A chunk that was settled before a crash has nobody left in it.
            todo = await self._chunk(session, run_id, chunk)
            rows = [
                _decided(run_id, each, verdicts[each], retry_after, now)
                for each in todo
                if each in verdicts
            ]
            if not rows:
                return True
            connection = await session.connection()
            await connection.execute(_DECIDE, rows)
            left = [{"run": run_id, "subscriber": e, "new_chunk": run.chunks} for e in todo]
            left = [row for row in left if row["subscriber"] not in verdicts]
            if left:
                # A chunk is settled once; whoever was not judged is settled in another one.
                await connection.execute(_REGROUP, left)
                run.chunks += 1
            final = [row for row in rows if row["retry_at"] is None]
            unknown = sum(row["category"] == Category.UNKNOWN for row in final)
            for kind, credits in (
                (CreditKind.CHARGE, len(final) - unknown),
                (CreditKind.RELEASE, unknown),
            ):
                enter(
                    session,
                    workspace_id=run.workspace_id,
                    kind=kind,
                    credits=credits,
                    run_id=run_id,
                    chunk=chunk,
                    now=now,
                )
            return True

    async def waiting_until(self, run_id: int) -> datetime | None:
        """Tell when the last Unknown that is worth another look may be looked at."""
        query = select(func.max(RunSubscriberRow.retry_at)).where(
            col(RunSubscriberRow.run_id) == run_id, col(RunSubscriberRow.retry_at).is_not(None)
        )
        async with self._database.reading() as session:
            return (await session.exec(query)).one()

    async def regroup(self, run_id: int, chunk_size: int, now: datetime) -> None:
        """Take back the Verdicts that are worth another look, and put them into new chunks."""
        query = (
            select(RunSubscriberRow.subscriber_id)
            .where(
                col(RunSubscriberRow.run_id) == run_id,
                col(RunSubscriberRow.retry_at).is_not(None),
            )
            .order_by(RunSubscriberRow.domain, col(RunSubscriberRow.subscriber_id))
        )
        async with self._database.writing() as session:
            run = (await session.exec(select(RunRow).where(col(RunRow.id) == run_id))).one()
            waiting = list(await session.exec(query))
            rows = [
                {"run": run_id, "subscriber": each, "new_chunk": run.chunks + index // chunk_size}
                for index, each in enumerate(waiting)
            ]
            if rows:
                await (await session.connection()).execute(_REGROUP, rows)
            run.chunks += -(-len(rows) // chunk_size)
            run.active_at = now

    async def stream(self, run_id: int) -> AsyncIterator[VerifiedSubscriber]:
        """Go through a Run's subscribers by id, without holding them all in memory."""
        after = -1
        while True:
            query = (
                select(RunSubscriberRow)
                .where(
                    col(RunSubscriberRow.run_id) == run_id,
                    col(RunSubscriberRow.subscriber_id) > after,
                )
                .order_by(col(RunSubscriberRow.subscriber_id))
                .limit(STREAM_ROWS)
            )
            async with self._database.reading() as session:
                rows = list(await session.exec(query))
            for row in rows:
                yield VerifiedSubscriber(row.subscriber_id, row.address, verdict(row))
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

    async def _count(self, session: AsyncSession, run_id: int) -> int:
        query = select(func.count()).where(col(RunSubscriberRow.run_id) == run_id)
        return (await session.exec(query)).one()


_MINE = (
    col(RunSubscriberRow.run_id) == bindparam("run"),
    col(RunSubscriberRow.subscriber_id) == bindparam("subscriber"),
)
_DECIDE = (
    update(RunSubscriberRow)
    .where(*_MINE)
    .values(
        {
            name: bindparam(name)
            for name in (
                "category",
                "reason",
                "evidence",
                "role",
                "free_provider",
                "suggestion",
                "decided_at",
                "retry_at",
            )
        }
    )
)
_REGROUP = (
    update(RunSubscriberRow)
    .where(*_MINE)
    .values(chunk=bindparam("new_chunk"), category=None, reason=None, retry_at=None)
)


def _listed(run_id: int, subscriber: Subscriber) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "subscriber_id": subscriber.id,
        "address": subscriber.email,
        "domain": subscriber.email.rpartition("@")[2].lower(),
        "role": False,
        "free_provider": False,
    }


def _decided(
    run_id: int, subscriber_id: int, verdict: Verdict, wait: timedelta | None, now: datetime
) -> dict[str, Any]:
    again = verdict.retry_after is not None and wait is not None
    return {
        "run": run_id,
        "subscriber": subscriber_id,
        "category": verdict.category,
        "reason": verdict.reason,
        "evidence": asdict(verdict.evidence),
        "role": verdict.role,
        "free_provider": verdict.free_provider,
        "suggestion": verdict.suggestion,
        "decided_at": verdict.decided_at,
        "retry_at": now + wait if again and wait else None,
    }


#: Reason's members know their category and sentence, so the type cannot be called with a value.
_REASONS = {reason.value: reason for reason in Reason}


def verdict(row: RunSubscriberRow) -> Verdict | None:
    """Read a row's Verdict; None where there is none yet."""
    if row.reason is None or row.decided_at is None:
        return None
    return Verdict(
        address=row.address,
        reason=_REASONS[row.reason],
        evidence=Evidence(**(row.evidence or {})),
        role=row.role,
        free_provider=row.free_provider,
        suggestion=row.suggestion,
        decided_at=row.decided_at,
        retry_after=None,
    )
