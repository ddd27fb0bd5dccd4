"""The exact list of a Cleanup: written down once, hashed, and closed at the end.

All of it goes in batches, each in a transaction of its own and safe to repeat after a crash: a list
may have a million people on it, and other writers wait for a transaction to end.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import case, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database import Database
from storage.states import CleanupState, UnsubscribeState
from storage.tables import CleanupRow, RunSubscriberRow, UnsubscribeRow
from verification import Category

#: Subscribers that are written in one transaction.
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells one list from another, and how many of which Category are on it."""

    digest: str
    subscribers: int
    categories: dict[str, int]


async def write_down(
    database: Database,
    cleanup_id: int,
    run_id: int,
    categories: Sequence[Category],
    now: datetime,
) -> bool:
    """Copy a Run's subscribers of these Categories to the list of a Cleanup that is prepared.

    Returns:
        False where it is not being prepared any more.
    """
    for category in categories:
        after = -1
        while True:
            rows = await _chosen(database, run_id, category, after)
            if not rows:
                break
            listed = [
                {
                    "cleanup_id": cleanup_id,
                    "subscriber_id": subscriber_id,
                    "address": address,
                    "category": category,
                    "state": UnsubscribeState.PENDING,
                }
                for subscriber_id, address in rows
            ]
            async with database.writing() as session:
                if not await _moves(session, cleanup_id, (CleanupState.PREPARING,), now):
                    return False
                await database.insert_new(session, UnsubscribeRow, listed)
            after = rows[-1][0]
    return True


async def has_strangers(database: Database, cleanup_id: int, run_id: int) -> bool:
    """Tell whether anybody is on the list whom the Run does not have so."""
    same = (
        sa.select(sa.literal(1))
        .where(
            col(RunSubscriberRow.run_id) == run_id,
            col(RunSubscriberRow.subscriber_id) == col(UnsubscribeRow.subscriber_id),
            col(RunSubscriberRow.address) == col(UnsubscribeRow.address),
            col(RunSubscriberRow.category) == col(UnsubscribeRow.category),
        )
        .exists()
    )
    query = select(UnsubscribeRow.subscriber_id).where(
        col(UnsubscribeRow.cleanup_id) == cleanup_id, ~same
    )
    async with database.reading() as session:
        return (await session.exec(query.limit(1))).first() is not None


async def fingerprint(database: Database, cleanup_id: int) -> Fingerprint:
    """Hash the list, ordered by id, with SHA-256; and count it."""
    digest, counts, after = hashlib.sha256(), Counter[str](), -1
    while True:
        query = (
            select(UnsubscribeRow.subscriber_id, UnsubscribeRow.address, UnsubscribeRow.category)
            .where(
                col(UnsubscribeRow.cleanup_id) == cleanup_id,
                col(UnsubscribeRow.subscriber_id) > after,
            )
            .order_by(col(UnsubscribeRow.subscriber_id))
            .limit(BATCH)
        )
        async with database.reading() as session:
            rows = (await session.exec(query)).all()
        for subscriber_id, address, category in rows:
            digest.update(f"{subscriber_id}\t{address}\n".encode())
            counts[category] += 1
        if len(rows) < BATCH:
            return Fingerprint(digest.hexdigest(), counts.total(), dict(counts))
        after = rows[-1][0]


async def drop_pending(
    database: Database, cleanup_id: int, states: Sequence[CleanupState], now: datetime
) -> None:
    """Leave everybody alone who was not tried."""
    # A call that was under way at Stop may have been made: the proof tells.
    tried = col(UnsubscribeRow.tried_at).is_not(None)
    become = case((tried, UnsubscribeState.REQUESTED.value), else_=UnsubscribeState.DROPPED.value)
    await _turn(database, cleanup_id, UnsubscribeState.PENDING, become, states, now)


async def name_still_active(
    database: Database, cleanup_id: int, states: Sequence[CleanupState], now: datetime
) -> None:
    """Call those still subscribed whom no reading has confirmed, and who were really asked for."""
    asked = col(UnsubscribeRow.requested_at).is_not(None)
    become = case(
        (asked, UnsubscribeState.STILL_ACTIVE.value),
        # Its call was cut off by Stop, and Drop followed.
        else_=UnsubscribeState.DROPPED.value,
    )
    await _turn(database, cleanup_id, UnsubscribeState.REQUESTED, become, states, now)


async def by_state(session: AsyncSession, cleanup_id: int) -> dict[str, int]:
    """Count the list by what has become of each, inside a transaction."""
    state = col(UnsubscribeRow.state)
    query = (
        select(state, func.count())
        .where(col(UnsubscribeRow.cleanup_id) == cleanup_id)
        .group_by(state)
    )
    return dict((await session.exec(query)).all())


async def _chosen(
    database: Database, run_id: int, category: Category, after: int
) -> list[tuple[int, str]]:
    query = (
        select(RunSubscriberRow.subscriber_id, RunSubscriberRow.address)
        .where(
            col(RunSubscriberRow.run_id) == run_id,
            col(RunSubscriberRow.category) == category,
            col(RunSubscriberRow.subscriber_id) > after,
        )
        .order_by(col(RunSubscriberRow.subscriber_id))
        .limit(BATCH)
    )
    async with database.reading() as session:
        return list((await session.exec(query)).all())


async def _turn(
    database: Database,
    cleanup_id: int,
    state: UnsubscribeState,
    become: "sa.Case[str]",
    states: Sequence[CleanupState],
    now: datetime,
) -> None:
    """Give everybody in one state another one, while the Cleanup is in one of its states."""
    mine = (
        col(UnsubscribeRow.cleanup_id) == cleanup_id,
        col(UnsubscribeRow.state) == state,
    )
    while True:
        async with database.writing() as session:
            if not await _moves(session, cleanup_id, states, now):
                return
            some = (
                await session.exec(select(UnsubscribeRow.subscriber_id).where(*mine).limit(BATCH))
            ).all()
            await session.exec(
                update(UnsubscribeRow)
                .where(*mine, col(UnsubscribeRow.subscriber_id).in_(some))
                .values(state=become)
                .execution_options(synchronize_session=False)
            )
        if len(some) < BATCH:
            return


async def _moves(
    session: AsyncSession, cleanup_id: int, states: Sequence[CleanupState], now: datetime
) -> bool:
    """Lock the Cleanup and note a sign of life, if it is in one of the states."""
    result = await session.exec(
        update(CleanupRow)
        .where(col(CleanupRow.id) == cleanup_id, col(CleanupRow.state).in_(states))
        .values(active_at=now)
    )
    return result.rowcount == 1
