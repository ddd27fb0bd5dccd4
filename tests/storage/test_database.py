"""Transactions: all or nothing, one writer after another, and nothing told in an error."""

import asyncio
from datetime import UTC

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from storage.tables import RunSubscriberRow, WorkspaceRow
from tests.storage.stores import NOW, ON_SQLITE, TEAM, Store


async def test_a_failed_transaction_writes_nothing(store: Store) -> None:
    async def fail() -> None:
        async with store.database.writing() as session:
            session.add(WorkspaceRow(id=TEAM, created_at=NOW))
            await session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await store.workspaces.find(TEAM) is None


@ON_SQLITE
async def test_a_writer_that_reads_first_waits_for_another_instead_of_failing(
    stores: list[Store],
) -> None:
    await stores[0].workspaces.welcome(TEAM, NOW)

    async def add_to_a_count(store: Store) -> None:
        async with store.database.writing() as session:
            ids = (await session.exec(select(WorkspaceRow.id))).all()
            await asyncio.sleep(0.01)
            session.add(WorkspaceRow(id=f"T{len(ids)}", created_at=NOW))

    await asyncio.gather(*(add_to_a_count(each) for each in stores))
    ids = {row[0] for row in await stores[0].sql("SELECT id FROM workspace")}
    assert ids == {TEAM, "T1", "T2", "T3", "T4"}


async def test_inserting_passes_over_what_is_there(store: Store) -> None:
    rows = [{"id": each, "created_at": NOW} for each in ("T1", "T2")]
    async with store.database.writing() as session:
        await store.database.insert_new(session, WorkspaceRow, [])
        await store.database.insert_new(session, WorkspaceRow, rows[:1])
        await store.database.insert_new(session, WorkspaceRow, rows)
    assert await store.workspaces.find("T1")
    assert await store.workspaces.find("T2")


async def test_times_come_back_with_their_zone(store: Store) -> None:
    await store.workspaces.welcome(TEAM, NOW)
    found = await store.workspaces.find(TEAM)
    assert found
    assert found.created_at.tzinfo is UTC


async def test_a_row_needs_the_row_that_it_belongs_to(store: Store) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        await store.sql("INSERT INTO call_pace VALUES (99, 0.0)")


async def test_an_error_of_the_database_tells_no_address(store: Store) -> None:
    run = await store.quoted_run(1)
    again = RunSubscriberRow(
        run_id=run.id, subscriber_id=1, address="reader1@example.com", domain="example.com"
    )
    with pytest.raises(IntegrityError) as error:
        async with store.database.writing() as session:
            session.add(again)
    assert "reader1@" not in str(error.value)
