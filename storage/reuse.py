"""Reuse: verdicts that a workspace paid for lately are taken over instead of checked anew."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import bindparam, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col

from storage.database import Database
from storage.states import RunState
from storage.tables import RunRow, RunSubscriberRow, UtcTime
from verification import Category

#: What is taken over from the earlier row.
_TAKEN = (
    "category",
    "reason",
    "evidence",
    "role",
    "free_provider",
    "suggestion",
    "decided_at",
)


class Reuse:
    """Take over verdicts from the workspace's earlier Runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take_over(
        self, run_id: int, shelf_lives: Mapping[Category, timedelta], now: datetime
    ) -> int:
        """Give the subscribers of a Run that is being fetched their youngest usable verdicts.

        Args:
            run_id: The Run; its list is complete.
            shelf_lives: How old a verdict of a Category may be; a Category without is not reused.
            now: The present.

        Returns:
            How many subscribers have a verdict now.
        """
        async with self._database.writing() as session:
            run = await session.get(RunRow, run_id)
            assert run is not None, f"run {run_id} does not exist"
            if run.state != RunState.FETCHING:
                return run.reused
            connection = await session.connection()
            await connection.execute(
                _take_over(shelf_lives, now),
                {"run": run_id, "workspace": run.workspace_id},
            )
            counted = await connection.execute(
                sa.select(func.count()).where(
                    col(RunSubscriberRow.run_id) == run_id,
                    col(RunSubscriberRow.category).is_not(None),
                )
            )
            run.reused = counted.scalar_one()
            return run.reused


def _take_over(shelf_lives: Mapping[Category, timedelta], now: datetime) -> sa.Update:
    mine = aliased(RunSubscriberRow)
    old = aliased(RunSubscriberRow)
    fresh = or_(
        *(
            (col(old.category) == category) & (col(old.decided_at) > _time(now - life))
            for category, life in shelf_lives.items()
        )
    )
    youngest = (
        func.row_number()
        .over(partition_by=col(mine.subscriber_id), order_by=col(old.decided_at).desc())
        .label("nth")
    )
    found = (
        sa.select(
            col(mine.subscriber_id).label("subscriber_id"),
            *(getattr(old, name).label(name) for name in _TAKEN),
            youngest,
        )
        .join(old, col(old.address) == col(mine.address))
        .join(RunRow, col(RunRow.id) == col(old.run_id))
        .where(
            col(mine.run_id) == bindparam("run"),
            col(old.run_id) != bindparam("run"),
            col(RunRow.workspace_id) == bindparam("workspace"),
            # An Unknown that waits for another look is no verdict to build on, and never listed.
            col(old.reason).is_not(None),
            fresh,
        )
        .subquery("found")
    )
    return (
        sa.update(RunSubscriberRow)
        .where(
            col(RunSubscriberRow.run_id) == bindparam("run"),
            col(RunSubscriberRow.subscriber_id) == found.c.subscriber_id,
            found.c.nth == 1,
        )
        .values({name: found.c[name] for name in _TAKEN})
    )


def _time(when: datetime) -> sa.BindParameter[datetime]:
    return sa.literal(when, UtcTime())
