"""Known verdicts: the newest one on each address, kept without the address, for later Runs.

A Run's Verdicts are written here when it ends, in the order of their keys. Written chunk by chunk,
each would change a page of its own somewhere in a large index.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.address_keys import AddressKeys
from storage.database import Database
from storage.tables import KnownVerdictRow, RunRow, RunSubscriberRow

#: Verdicts that are written in one transaction, about.
BATCH = 2_000

#: What is copied from the Run's row as it is.
_COPIED = ("category", "reason", "role", "free_provider", "decided_at")


class KnownVerdicts:
    """Write down what a Run found out, so that it outlives the Run's own rows."""

    def __init__(self, database: Database, keys: AddressKeys) -> None:
        self._database = database
        self._keys = keys
        insert = sqlite.insert if database.is_sqlite else postgresql.insert
        fresh = insert(KnownVerdictRow)
        changed = (*_COPIED, "suggested_domain", "run_id", "subscriber_id")
        self._upsert = fresh.on_conflict_do_update(
            index_elements=["workspace_id", "address_key"],
            set_={name: fresh.excluded[name] for name in changed},
            where=col(KnownVerdictRow.decided_at) <= fresh.excluded.decided_at,
        )

    async def remember(self, run_id: int) -> None:
        """Write down all Verdicts of a Run, once; repeated after a crash it changes nothing."""
        async with self._database.reading() as session:
            run = (await session.exec(select(RunRow).where(col(RunRow.id) == run_id))).one()
        if run.remembered:
            return
        for group in await self._groups(run_id, run.subscribers):
            rows = await self._rows(run, group)
            async with self._database.writing() as session:
                there = await _still_there(session, run_id, group)
                if kept := [each for each in rows if each["subscriber_id"] in there]:
                    await (await session.connection()).execute(self._upsert, kept)
        async with self._database.writing() as session:
            await session.exec(
                sa.update(RunRow).where(col(RunRow.id) == run_id).values(remembered=True)
            )

    async def let_go(self, session: AsyncSession, run: RunRow, addresses: Iterable[str]) -> None:
        """Take a Run and its subscribers off the verdicts that it reached on these addresses.

        It is for the transaction in which the Run's own rows are deleted.
        """
        keys = sorted(self._keys.of(each) for each in addresses)
        rows = [{"workspace": run.workspace_id, "key": key, "run": run.id} for key in keys]
        await (await session.connection()).execute(_LET_GO, rows)

    async def unremembered(self, run_ids: Sequence[int]) -> tuple[int, ...]:
        """Name those of these Runs whose Verdicts are not written down yet."""
        query = select(RunRow.id).where(
            col(RunRow.id).in_(run_ids), col(RunRow.remembered).is_(False)
        )
        async with self._database.reading() as session:
            return tuple(each for each in await session.exec(query) if each is not None)

    async def _groups(self, run_id: int, subscribers: int) -> "list[array[int]]":
        """Sort a Run's subscribers by the beginning of their keys: eight bytes each, in memory."""
        groups = [array("q") for _ in range(subscribers // BATCH + 1)]
        query = sa.select(col(RunSubscriberRow.subscriber_id), col(RunSubscriberRow.address)).where(
            col(RunSubscriberRow.run_id) == run_id,
            # Who has a Verdict without evidence has it from here.
            col(RunSubscriberRow.evidence).is_not(sa.null()),
        )
        async for rows in self._database.stream(query):
            for subscriber_id, address in rows:
                place = int.from_bytes(self._keys.of(address)[:4], "big") * len(groups) >> 32
                groups[place].append(subscriber_id)
        return [group for group in groups if group]

    async def _rows(self, run: RunRow, ids: "array[int]") -> list[dict[str, Any]]:
        columns = (
            getattr(RunSubscriberRow, name)
            for name in ("subscriber_id", "address", "suggestion", *_COPIED)
        )
        query = sa.select(*columns).where(
            col(RunSubscriberRow.run_id) == run.id,
            col(RunSubscriberRow.subscriber_id).in_(ids),
            col(RunSubscriberRow.reason).is_not(None),
        )
        async with self._database.reading() as session:
            found = (await (await session.connection()).execute(query)).mappings().all()
        rows = [self._row(run, each) for each in found]
        return sorted(rows, key=lambda row: row["address_key"])

    def _row(self, run: RunRow, found: Mapping[Any, Any]) -> dict[str, Any]:
        suggestion = found["suggestion"]
        return {
            "workspace_id": run.workspace_id,
            "address_key": self._keys.of(found["address"]),
            "suggested_domain": suggestion and suggestion.rpartition("@")[2],
            "run_id": run.id,
            "subscriber_id": found["subscriber_id"],
            **{name: found[name] for name in _COPIED},
        }


_LET_GO = (
    sa.update(KnownVerdictRow)
    .where(
        col(KnownVerdictRow.workspace_id) == sa.bindparam("workspace"),
        col(KnownVerdictRow.address_key) == sa.bindparam("key"),
        # A later Run may have reached another one since.
        col(KnownVerdictRow.run_id) == sa.bindparam("run"),
    )
    .values(run_id=None, subscriber_id=None)
)


async def _still_there(session: AsyncSession, run_id: int, ids: "array[int]") -> set[int]:
    """Lock the Run, as whoever forgets somebody does, and name those whom nobody forgot."""
    await session.exec(select(RunRow.id).where(col(RunRow.id) == run_id).with_for_update())
    query = select(RunSubscriberRow.subscriber_id).where(
        col(RunSubscriberRow.run_id) == run_id, col(RunSubscriberRow.subscriber_id).in_(ids)
    )
    return set(await session.exec(query))


async def known(
    session: AsyncSession, workspace_id: str, keys: Sequence[bytes]
) -> dict[bytes, KnownVerdictRow]:
    """Look verdicts up by the keys of their addresses, inside a transaction."""
    query = select(KnownVerdictRow).where(
        col(KnownVerdictRow.workspace_id) == workspace_id,
        col(KnownVerdictRow.address_key).in_(keys),
    )
    return {row.address_key: row for row in await session.exec(query)}


def suggestion(address: str, row: KnownVerdictRow) -> str | None:
    """Give the address that was probably meant."""
    if row.suggested_domain is None:
        return None
    return f"{address.rpartition('@')[0]}@{row.suggested_domain}"
