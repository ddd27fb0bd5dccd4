"""Forgetting: removes one person everywhere, or says who still works with them."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import audit
from storage.address_keys import AddressKeys
from storage.database import Database
from storage.errors import StillHeld
from storage.states import OPEN_CLEANUPS, OPEN_RUNS, CleanupState, Deed, RunState
from storage.tables import (
    CleanupRow,
    KnownVerdictRow,
    RunRow,
    RunSubscriberRow,
    UnsubscribeRow,
    WorkspaceRow,
)

#: What to do about a Run that holds somebody.
_RUN_ADVICE = {
    RunState.FETCHING: "is reading its list: press Cancel",
    RunState.QUOTED: "waits for Start: press Cancel, or let it end",
    RunState.VERIFYING: "is being verified: let it end, or press Stop and then Drop",
    RunState.STOPPED: "is stopped: press Drop, or Resume and let it end",
}

#: What to do about a Cleanup that holds somebody.
_CLEANUP_ADVICE = {
    CleanupState.PREPARING: "is writing its list down: decide on it first",
    CleanupState.AWAITING_APPROVAL: "waits for approval: press Reject, or let it end",
    CleanupState.UNSUBSCRIBING: "is being carried out: let it end, or press Stop and then Drop",
    CleanupState.PROVING: "is being read back: let it end, or press Stop and then Drop",
    CleanupState.STOPPED: "is stopped: press Drop, or Resume and let it end",
}


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed, in counts."""

    #: Results of so many Runs, one for each subscriber id in each of them.
    results: int
    runs: int
    #: Places on the lists of so many Cleanups.
    listed: int
    cleanups: int
    #: Verdicts that later Runs would have taken over.
    verdicts: int


@dataclass(frozen=True, slots=True)
class _Place:
    """A row that holds the person: on the list of a Run or a Cleanup."""

    owner: int
    subscriber_id: int
    address: str
    workspace_id: str


class Forgetting:
    """Find a person in every workspace, and remove them."""

    def __init__(self, database: Database, keys: AddressKeys) -> None:
        self._database = database
        self._keys = keys

    async def forget(self, address: str) -> Forgotten:
        """Remove the rows of an address, in any letter case, in one transaction.

        Whoever has or had the address is known by the id in ConvertKit as well: rows of that id in
        the same Connection go too, such as those under an earlier address.

        Raises:
            StillHeld: A Run or a Cleanup that is not at its end has the person; nothing is removed.
        """
        async with self._database.writing() as session:
            people = await self._people(session, address)
            results = await self._results(session, people)
            listed = await self._listed(session, people)
            await self._refuse_if_held(session, results, listed)
            addresses = {address, *(place.address for place in (*results, *listed))}
            for place in results:
                await session.exec(
                    delete(RunSubscriberRow).where(
                        col(RunSubscriberRow.run_id) == place.owner,
                        col(RunSubscriberRow.subscriber_id) == place.subscriber_id,
                    )
                )
            for place in listed:
                await session.exec(
                    delete(UnsubscribeRow).where(
                        col(UnsubscribeRow.cleanup_id) == place.owner,
                        col(UnsubscribeRow.subscriber_id) == place.subscriber_id,
                    )
                )
            known = await self._forget_known(session, addresses, people)
            _note(session, results, listed, known)
        await self._database.leave_no_trace()
        return Forgotten(
            results=len(results),
            runs=len({place.owner for place in results}),
            listed=len(listed),
            cleanups=len({place.owner for place in listed}),
            verdicts=known.total(),
        )

    async def _people(self, session: AsyncSession, address: str) -> set[tuple[int, int]]:
        """Find who has or had the address: Connection and subscriber id."""
        # Databases differ in what is upper and lower case beyond ASCII, so they only narrow it.
        of_runs = (
            sa.select(
                col(RunRow.connection_id),
                col(RunSubscriberRow.subscriber_id),
                col(RunSubscriberRow.address),
            )
            .join(RunRow, col(RunRow.id) == col(RunSubscriberRow.run_id))
            .where(
                col(RunSubscriberRow.domain) == address.rpartition("@")[2].lower(),
                func.length(col(RunSubscriberRow.address)) == len(address),
            )
        )
        of_cleanups = (
            sa.select(
                col(RunRow.connection_id),
                col(UnsubscribeRow.subscriber_id),
                col(UnsubscribeRow.address),
            )
            .join(CleanupRow, col(CleanupRow.id) == col(UnsubscribeRow.cleanup_id))
            .join(RunRow, col(RunRow.id) == col(CleanupRow.run_id))
            .where(func.length(col(UnsubscribeRow.address)) == len(address))
        )
        # A Run that reached a verdict on this address may have it under another one by now.
        of_known = (
            sa.select(col(RunRow.connection_id), col(KnownVerdictRow.subscriber_id))
            .join(RunRow, col(RunRow.id) == col(KnownVerdictRow.run_id))
            .where(self._has_key_of(address))
        )
        connection = await session.connection()
        now_or_before = {
            (connection_id, subscriber_id)
            for query in (of_runs, of_cleanups)
            for connection_id, subscriber_id, found in await connection.execute(query)
            if found.lower() == address.lower()
        }
        return now_or_before | {
            (connection_id, subscriber_id)
            for connection_id, subscriber_id in await connection.execute(of_known)
            if subscriber_id is not None
        }

    async def _results(
        self, session: AsyncSession, people: Collection[tuple[int, int]]
    ) -> list[_Place]:
        query = (
            sa.select(
                col(RunSubscriberRow.run_id),
                col(RunSubscriberRow.subscriber_id),
                col(RunSubscriberRow.address),
                col(RunRow.workspace_id),
            )
            .join(RunRow, col(RunRow.id) == col(RunSubscriberRow.run_id))
            .where(_are(people, col(RunSubscriberRow.subscriber_id)))
        )
        return await _places(session, query)

    async def _listed(
        self, session: AsyncSession, people: Collection[tuple[int, int]]
    ) -> list[_Place]:
        query = (
            sa.select(
                col(UnsubscribeRow.cleanup_id),
                col(UnsubscribeRow.subscriber_id),
                col(UnsubscribeRow.address),
                col(RunRow.workspace_id),
            )
            .join(CleanupRow, col(CleanupRow.id) == col(UnsubscribeRow.cleanup_id))
            .join(RunRow, col(RunRow.id) == col(CleanupRow.run_id))
            .where(_are(people, col(UnsubscribeRow.subscriber_id)))
        )
        return await _places(session, query)

    async def _refuse_if_held(
        self, session: AsyncSession, results: Iterable[_Place], listed: Iterable[_Place]
    ) -> None:
        """Make sure that nobody works with these places, and that nobody begins to."""
        of_runs, of_cleanups = {p.owner for p in results}, {p.owner for p in listed}
        open_runs = await session.exec(
            select(RunRow)
            .where(col(RunRow.id).in_(of_runs), col(RunRow.state).in_(OPEN_RUNS))
            .order_by(col(RunRow.id))
        )
        # Whoever makes a Cleanup of a Run locks the Run.
        await session.exec(select(RunRow.id).where(col(RunRow.id).in_(of_runs)).with_for_update())
        open_cleanups = await session.exec(
            select(CleanupRow)
            .where(
                sa.or_(
                    col(CleanupRow.id).in_(of_cleanups) & col(CleanupRow.state).in_(OPEN_CLEANUPS),
                    # Its list is not there yet, and may come to hold whoever the Run holds.
                    col(CleanupRow.run_id).in_(of_runs)
                    & (col(CleanupRow.state) == CleanupState.PREPARING),
                )
            )
            .order_by(col(CleanupRow.id))
        )
        held = [
            *(
                f"Run {row.id} in {row.workspace_id} {_RUN_ADVICE[RunState(row.state)]}."
                for row in open_runs
            ),
            *(
                f"Cleanup {row.id} in {row.workspace_id} "
                f"{_CLEANUP_ADVICE[CleanupState(row.state)]}."
                for row in open_cleanups
            ),
        ]
        if held:
            raise StillHeld(
                "Somebody on an open list cannot be forgotten. Nothing was removed. "
                f"{' '.join(held)} /verify status in that workspace shows it. Then ask again."
            )

    async def _forget_known(
        self,
        session: AsyncSession,
        addresses: Iterable[str],
        people: Collection[tuple[int, int]],
    ) -> Counter[str]:
        """Delete the known verdicts; count them by workspace."""
        ids = {subscriber_id for _, subscriber_id in people}
        # No index finds them by id: this one time the table is read through, which is seconds for
        # a million verdicts.
        of_people = col(KnownVerdictRow.subscriber_id).in_(ids) & sa.exists().where(
            col(RunRow.id) == col(KnownVerdictRow.run_id),
            _are(people, col(KnownVerdictRow.subscriber_id)),
        )
        connection, removed = await session.connection(), Counter[str]()
        for condition in (*(self._has_key_of(each) for each in addresses), of_people):
            gone = delete(KnownVerdictRow).where(condition)
            found = await connection.execute(gone.returning(col(KnownVerdictRow.workspace_id)))
            removed.update(found.scalars())
        return removed

    def _has_key_of(self, address: str) -> Any:
        first, last = self._keys.range_of(address)
        return sa.and_(
            # Named, so that the rows are found by the whole key.
            col(KnownVerdictRow.workspace_id).in_(select(WorkspaceRow.id)),
            col(KnownVerdictRow.address_key).between(first, last),
        )


def _are(people: Collection[tuple[int, int]], subscriber_id: Any) -> Any:
    return sa.tuple_(col(RunRow.connection_id), subscriber_id).in_(people)


def _note(
    session: AsyncSession, results: Iterable[_Place], listed: Iterable[_Place], known: Counter[str]
) -> None:
    """Note in each workspace how much of a person went; not who it was."""
    of_runs = Counter(place.workspace_id for place in results)
    of_cleanups = Counter(place.workspace_id for place in listed)
    for workspace_id in sorted({*of_runs, *of_cleanups, *known}):
        audit.note(
            session,
            Deed.PERSON_FORGOTTEN,
            workspace_id=workspace_id,
            by=audit.OPERATOR,
            details={
                "results": of_runs[workspace_id],
                "places": of_cleanups[workspace_id],
                "verdicts": known[workspace_id],
            },
        )


async def _places(session: AsyncSession, query: sa.Select[int, int, str, str]) -> list[_Place]:
    rows = (await (await session.connection()).execute(query)).all()
    return [_Place(*row) for row in rows]
