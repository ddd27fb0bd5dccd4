"""A database that cannot be used says so in a sentence, and what was begun leaves no trace."""

import asyncio
import threading

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from storage.database import Database
from storage.errors import DatabaseBusy, DatabaseFault, DiskFull, StorageError, Unreachable
from storage.faults import explained, meaning
from storage.migrations import migrate
from storage.tables import WorkspaceRow
from tests.storage.stores import ANN, NOW, ON_SQLITE, TEAM, Store


class _Reported(Exception):
    """An error of a driver's, with the server's code."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("it did not work")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        pytest.param("53100", DiskFull, id="disk-full"),
        pytest.param("53300", Unreachable, id="too-many-connections"),
        pytest.param("55P03", DatabaseBusy, id="lock-not-available"),
        pytest.param("57014", DatabaseBusy, id="statement-timeout"),
        pytest.param("40P01", DatabaseBusy, id="deadlock"),
        pytest.param("57P01", Unreachable, id="shutdown"),
        pytest.param("08006", Unreachable, id="connection-failure"),
        pytest.param("23505", None, id="unique-violation"),
        pytest.param("42601", None, id="syntax-error"),
    ],
)
def test_what_postgresql_says_is_understood(code: str, fault: type[DatabaseFault] | None) -> None:
    assert meaning(OperationalError("UPDATE", {}, _Reported(code))) is fault


def test_a_lost_connection_has_no_code() -> None:
    lost = OperationalError("UPDATE", {}, psycopg.OperationalError("connection failed"))
    assert meaning(lost) is Unreachable
    assert meaning(DBAPIError("UPDATE", {}, TypeError(), connection_invalidated=True))
    assert meaning(IntegrityError("UPDATE", {}, psycopg.IntegrityError())) is None


@pytest.mark.parametrize("fault", [DiskFull, DatabaseBusy, Unreachable])
def test_a_fault_says_what_happened_what_changed_and_what_to_do(fault: type[DatabaseFault]) -> None:
    sentence = str(fault())
    assert isinstance(fault(), StorageError)
    assert sentence.startswith(fault.happened)
    assert "Nothing was left half done" in sentence
    assert "the person who hosts this bot" in sentence.casefold()


async def test_a_fault_of_ours_stays_what_it_is() -> None:
    with pytest.raises(LookupError), explained():
        raise LookupError


@ON_SQLITE
async def test_a_full_disk_is_said_and_leaves_nothing_half_done(store: Store) -> None:
    run = await store.quoted_run(3)
    [(pages,)] = await store.sql("PRAGMA page_count")
    await store.sql(f"PRAGMA max_page_count = {pages}")

    async def write_much() -> None:
        async with store.database.writing() as session:
            session.add_all(WorkspaceRow(id=f"T{n}" * 20, created_at=NOW) for n in range(1000))

    with pytest.raises(DiskFull):
        await write_much()
    assert await store.sql("SELECT count(*) FROM workspace") == [(1,)]
    await store.sql("PRAGMA max_page_count = 1073741823")
    await write_much()
    await store.runs.start(run.id, ANN, NOW)


async def test_a_database_that_somebody_holds_is_not_waited_for_without_end(
    database_url: str, store: Store
) -> None:
    await store.workspaces.welcome(TEAM, NOW)
    impatient = Database(database_url, wait=0.2)
    async with store.database.writing() as session:
        await session.get_one(WorkspaceRow, TEAM, with_for_update=True)
        with pytest.raises(DatabaseBusy):
            async with impatient.writing() as second:
                await second.get_one(WorkspaceRow, TEAM, with_for_update=True)
    async with impatient.writing() as second:
        assert await second.get_one(WorkspaceRow, TEAM, with_for_update=True)
    await impatient.close()


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("postgresql+psycopg://nobody@127.0.0.1:1/nothing", id="server-gone"),
        pytest.param("sqlite+aiosqlite:////nowhere/listkeeper.sqlite", id="folder-gone"),
    ],
)
async def test_a_database_that_is_not_there_is_unreachable(address: str) -> None:
    database = Database(address)
    with pytest.raises(Unreachable):
        await migrate(database)
    with pytest.raises(Unreachable):
        await Store(database).connections.unreadable()
    await database.close()
    # Whoever could not connect stops its thread without waiting for it, which then looks for the
    # test's loop.
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join)
