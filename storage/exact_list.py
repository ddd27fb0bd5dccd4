"""The exact list of a Cleanup: written down once, hashed, and closed at the end."""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import case, update
from sqlmodel import col, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.states import UnsubscribeState
from storage.tables import RunSubscriberRow, UnsubscribeRow
from verification import Category


async def write_down(
    session: AsyncSession, cleanup_id: int, run_id: int, categories: Sequence[Category]
) -> None:
    """Copy a Run's subscribers of these Categories to the Cleanup's list, inside a transaction."""
    await session.exec(
        insert(UnsubscribeRow).from_select(
            ["cleanup_id", "subscriber_id", "address", "category", "state"],
            sa.select(
                sa.literal(cleanup_id),
                col(RunSubscriberRow.subscriber_id),
                col(RunSubscriberRow.address),
                col(RunSubscriberRow.category),
                sa.literal(UnsubscribeState.PENDING.value),
            ).where(
                col(RunSubscriberRow.run_id) == run_id,
                col(RunSubscriberRow.category).in_(categories),
            ),
        )
    )


async def fingerprint(session: AsyncSession, cleanup_id: int) -> tuple[str, int]:
    """Hash the list, ordered by id, with SHA-256; and count it."""
    query = (
        select(UnsubscribeRow.subscriber_id, UnsubscribeRow.address)
        .where(col(UnsubscribeRow.cleanup_id) == cleanup_id)
        .order_by(col(UnsubscribeRow.subscriber_id))
    )
    digest, count = hashlib.sha256(), 0
    for subscriber_id, address in await session.exec(query):
        digest.update(f"{subscriber_id}\t{address}\n".encode())
        count += 1
    return digest.hexdigest(), count


async def drop_pending(session: AsyncSession, cleanup_id: int) -> None:
    """Leave everybody alone who was not tried."""
    # A call that was under way at Stop may have been made: the proof tells.
    tried = col(UnsubscribeRow.tried_at).is_not(None)
    await session.exec(
        update(UnsubscribeRow)
        .where(
            col(UnsubscribeRow.cleanup_id) == cleanup_id,
            col(UnsubscribeRow.state) == UnsubscribeState.PENDING,
        )
        .values(
            state=case(
                (tried, UnsubscribeState.REQUESTED.value),
                else_=UnsubscribeState.DROPPED.value,
            )
        )
    )


async def name_still_active(session: AsyncSession, cleanup_id: int) -> None:
    """Call those still subscribed whom no reading has confirmed, and who were really asked for."""
    asked = col(UnsubscribeRow.requested_at).is_not(None)
    await session.exec(
        update(UnsubscribeRow)
        .where(
            col(UnsubscribeRow.cleanup_id) == cleanup_id,
            col(UnsubscribeRow.state) == UnsubscribeState.REQUESTED,
        )
        .values(
            state=case(
                (asked, UnsubscribeState.STILL_ACTIVE.value),
                # Its call was cut off by Stop, and Drop followed.
                else_=UnsubscribeState.DROPPED.value,
            )
        )
    )
