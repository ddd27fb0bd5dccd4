"""Clients open with the stored secret, and keep together within the account's allowance."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from convertkit import FOR_DIALOG, FOR_JOB, Endpoints, HttpClient, PublicKeyGiven
from jobs.accounts import Accounts
from sandbox.kit import FakeKit
from storage.database import Database
from storage.errors import SecretUnreadable
from tests.jobs.worlds import World, invent_people
from tests.storage.stores import Store, url

#: What the product aims at, and what ConvertKit allows, in any 60 seconds.
AIM, CAP, WINDOW = 110, 120, 60.0
CALLS = 240


async def test_a_stored_account_opens(world: World) -> None:
    run = await world.new_run()
    client = await world.accounts.open(run.connection_id, FOR_JOB)
    assert (await client.account()).name == "Paper Boats"


async def test_a_pasted_secret_is_recognised(world: World) -> None:
    version, account = await world.accounts.identify(f"  {world.secret}\n", FOR_DIALOG)
    assert (version, account.name) == (world.version, "Paper Boats")


async def test_the_public_key_is_recognised_as_such(world: World) -> None:
    with pytest.raises(PublicKeyGiven):
        await world.accounts.identify(world.account.keys.v3_key, FOR_DIALOG)


async def test_a_secret_that_does_not_open_is_refused(world: World) -> None:
    run = await world.new_run()
    await world.store.sql("UPDATE connection SET seal_id = 'moved'")
    with pytest.raises(SecretUnreadable):
        await world.accounts.open(run.connection_id, FOR_JOB)


@pytest.fixture
async def databases(file: Path) -> AsyncIterator[list[Database]]:
    """Open the test's file three times, as three processes would."""
    opened = [Database(url(file)) for _ in range(3)]
    yield opened
    for database in opened:
        await database.close()


async def test_processes_together_stay_under_the_cap_in_every_window(
    databases: list[Database], kit: FakeKit, http: HttpClient
) -> None:
    account = kit.add_account("Paper Boats", invent_people(3))
    connection = await Store(databases[0]).connect(secret=account.keys.v4[0])
    slots: list[float] = []

    async def note(seconds: float) -> None:
        """Remember for when a call is put off, and do not wait for it."""
        slots.append(time.monotonic() + seconds)

    async def work(database: Database) -> None:
        accounts = Accounts(
            connections=Store(database).connections,
            http=http,
            endpoints=Endpoints(v3=kit.v3_url, v4=kit.v4_url),
            calls_per_minute=AIM,
            sleep=note,
        )
        client = await accounts.open(connection.id, FOR_JOB)
        for _ in range(CALLS // len(databases)):
            await client.account()

    await asyncio.gather(*(work(each) for each in databases))
    slots.sort()
    assert len(slots) == len(kit.requests) == CALLS
    busiest = max(bisect_left(slots, first + WINDOW) - n for n, first in enumerate(slots))
    assert AIM * 0.95 <= busiest <= CAP
    assert slots[-1] - slots[0] < (CALLS - 1) * WINDOW / AIM * 1.05, "nothing is left lying"
