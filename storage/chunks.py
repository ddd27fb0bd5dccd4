"""Chunks: which subscribers of a Run are checked together, and the numbers that they are given.

Numbers are written in batches, each in a transaction of its own, so that nobody waits for a million
of them. A batch that is written again after a crash changes nothing.
"""

from array import array
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database import Database
from storage.tables import RunSubscriberRow

#: Subscribers whose numbers are written in one transaction.
BATCH = 2_000

_ID = col(RunSubscriberRow.subscriber_id)
_OPEN = col(RunSubscriberRow.category).is_(None)
#: Has an index of its own, with `_OPEN`.
_NUMBERED = col(RunSubscriberRow.chunk).is_not(None)


async def in_order(
    database: Database, run_id: int, *conditions: sa.ColumnElement[bool]
) -> "array[int]":
    """List subscribers so that a domain's stand side by side: eight bytes for each, in memory.

    A domain comes where its first subscriber would. So a chunk of many small domains is a chunk of
    neighbouring rows, and to write its Verdicts changes few pages.
    """
    first = func.min(_ID).over(partition_by=col(RunSubscriberRow.domain)).label("first")
    mine = sa.select(_ID.label("id"), first).where(_of(run_id), *conditions).subquery()
    ids = array("q")
    async for rows in database.stream(sa.select(mine.c.id).order_by(mine.c.first, mine.c.id)):
        ids.extend(row[0] for row in rows)
    return ids


def batches(ids: "array[int]", chunk_size: int) -> Iterator[list["array[int]"]]:
    """Cut a list into chunks, and give as many of them at a time as one transaction takes."""
    step = chunk_size * max(1, BATCH // chunk_size)
    for start in range(0, len(ids), step):
        part = ids[start : start + step]
        yield [part[first : first + chunk_size] for first in range(0, len(part), chunk_size)]


async def open_ones(session: AsyncSession, run_id: int) -> list[int]:
    """List the chunks that have subscribers without a Verdict."""
    chunk = col(RunSubscriberRow.chunk)
    query = select(chunk).where(_of(run_id), _OPEN, _NUMBERED).distinct().order_by(chunk)
    return [each for each in await session.exec(query) if each is not None]


async def next_number(session: AsyncSession, run_id: int) -> int:
    """Give the number after the highest among those without a Verdict."""
    query = select(func.max(RunSubscriberRow.chunk)).where(_of(run_id), _OPEN, _NUMBERED)
    highest = (await session.exec(query)).one()
    return 0 if highest is None else int(highest) + 1


def _of(run_id: int) -> sa.ColumnElement[bool]:
    return col(RunSubscriberRow.run_id) == run_id


async def number(session: AsyncSession, run_id: int, ids: "array[int]", chunk: int) -> None:
    """Put subscribers into a chunk, unless they have a Verdict."""
    await session.exec(
        sa.update(RunSubscriberRow)
        .where(_of(run_id), _ID.in_(ids), _OPEN)
        .values(chunk=chunk)
        .execution_options(synchronize_session=False)
    )
