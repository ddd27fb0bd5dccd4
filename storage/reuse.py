"""Reuse: verdicts that a workspace paid for lately are taken over instead of checked anew."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlmodel import col, select

from storage import tally
from storage.address_keys import AddressKeys
from storage.database import Database
from storage.known_verdicts import known, suggestion
from storage.states import RunState
from storage.tables import KnownVerdictRow, RunRow, RunSubscriberRow
from verification import Category

#: Subscribers that are looked up at once, and written in one transaction.
BATCH = 1_000

#: What is taken over. The evidence stays where it is, with the Run that reached the verdict.
_TAKEN = ("category", "reason", "role", "free_provider", "decided_at")
_OPEN = col(RunSubscriberRow.category).is_(None)
_TAKE = (
    sa.update(RunSubscriberRow)
    .where(
        col(RunSubscriberRow.run_id) == bindparam("run"),
        col(RunSubscriberRow.subscriber_id) == bindparam("subscriber"),
    )
    .values(chunk=None, **{name: bindparam(name) for name in (*_TAKEN, "suggestion")})
)


class Reuse:
    """Take over verdicts from the workspace's earlier Runs."""

    def __init__(self, database: Database, keys: AddressKeys) -> None:
        self._database = database
        self._keys = keys

    async def take_over(
        self, run_id: int, shelf_lives: Mapping[Category, timedelta], now: datetime
    ) -> int:
        """Give the subscribers of a Run that is being fetched their newest verdicts, if usable.

        It may be repeated after a crash.

        Args:
            run_id: The Run; its list is complete.
            shelf_lives: How old a verdict of a Category may be; a Category without is not reused.
            now: The present.

        Returns:
            How many subscribers have a verdict now.
        """
        run, any_known = await self._begin(run_id)
        after = -1
        while any_known and run.state == RunState.FETCHING:
            listed = await self._listed(run_id, after)
            if not listed:
                break
            after = listed[-1][0]
            found = await self._find(run.workspace_id, listed, shelf_lives, now)
            if found and not await self._write(run_id, found, now):
                break
        return (await self._begin(run_id))[0].reused

    async def _begin(self, run_id: int) -> tuple[RunRow, bool]:
        async with self._database.reading() as session:
            run = (await session.exec(select(RunRow).where(col(RunRow.id) == run_id))).one()
            query = select(KnownVerdictRow.category).where(
                col(KnownVerdictRow.workspace_id) == run.workspace_id
            )
            return run, (await session.exec(query.limit(1))).first() is not None

    async def _listed(self, run_id: int, after: int) -> list[tuple[int, str]]:
        query = (
            sa.select(col(RunSubscriberRow.subscriber_id), col(RunSubscriberRow.address))
            .where(
                col(RunSubscriberRow.run_id) == run_id,
                col(RunSubscriberRow.subscriber_id) > after,
                _OPEN,
            )
            .order_by(col(RunSubscriberRow.subscriber_id))
            .limit(BATCH)
        )
        async with self._database.reading() as session:
            rows = await (await session.connection()).execute(query)
            return [(subscriber_id, address) for subscriber_id, address in rows]

    async def _find(
        self,
        workspace_id: str,
        listed: Sequence[tuple[int, str]],
        shelf_lives: Mapping[Category, timedelta],
        now: datetime,
    ) -> dict[int, dict[str, Any]]:
        """Find the usable verdicts, by subscriber id."""
        keys = {subscriber_id: self._keys.of(address) for subscriber_id, address in listed}
        async with self._database.reading() as session:
            rows = await known(session, workspace_id, list(keys.values()))
        usable = {
            key: row
            for key, row in rows.items()
            if (life := shelf_lives.get(Category(row.category))) and row.decided_at > now - life
        }
        return {
            subscriber_id: {name: getattr(row, name) for name in _TAKEN}
            | {"suggestion": suggestion(address, row)}
            for subscriber_id, address in listed
            if (row := usable.get(keys[subscriber_id]))
        }

    async def _write(self, run_id: int, found: Mapping[int, dict[str, Any]], now: datetime) -> bool:
        """Write verdicts to those who have none; tell whether the Run is still being fetched."""
        query = sa.select(col(RunSubscriberRow.subscriber_id)).where(
            col(RunSubscriberRow.run_id) == run_id,
            col(RunSubscriberRow.subscriber_id).in_(list(found)),
            _OPEN,
        )
        async with self._database.writing() as session:
            run = (
                await session.exec(select(RunRow).where(col(RunRow.id) == run_id).with_for_update())
            ).one()
            if run.state != RunState.FETCHING:
                return False
            connection = await session.connection()
            rows = [
                {"run": run_id, "subscriber": each, **found[each]}
                for each in (await connection.execute(query)).scalars()
            ]
            if rows:
                await connection.execute(_TAKE, rows)
                run.tally = tally.plus(run.tally, tally.count(rows))
                run.reused += len(rows)
            run.active_at = now
            return True
