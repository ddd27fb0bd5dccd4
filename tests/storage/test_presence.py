"""On PostgreSQL a process holds a lock that tells whether it is alive."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.errors import Unreachable
from storage.presence import Presence
from tests.storage.stores import Store

REPOSITORY = Path(__file__).parents[2]
ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PATIENCE = 2.0

LIVE = (
    "import asyncio, sys\n"
    "from storage.presence import Presence\n"
    "async def live():\n"
    "    async with Presence(sys.argv[1], patience=float(sys.argv[2])).held('other'):\n"
    "        print('alive', flush=True)\n"
    "        await asyncio.Event().wait()\n"
    "asyncio.run(live())\n"
)


@contextmanager
def another_process(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Let a process be alive under the name "other"."""
    arguments = [sys.executable, "-c", LIVE, url, str(PATIENCE)]
    with subprocess.Popen(arguments, cwd=REPOSITORY, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == b"alive\n"
            yield process
        finally:
            process.kill()


async def is_absent(presence: Presence, name: str) -> bool:
    async with presence.absent(name) as absent:
        return absent


async def becomes(presence: Presence, name: str, *, absent: bool) -> bool:
    for _ in range(100):
        if await is_absent(presence, name) is absent:
            return True
        await asyncio.sleep(0.1)
    return False


@ON_POSTGRES
async def test_who_holds_the_lock_is_alive_until_the_block_ends(
    store: Store, database_url: str
) -> None:
    presence = Presence(database_url, patience=PATIENCE)
    assert await is_absent(presence, "me")
    async with presence.held("me"):
        assert not await is_absent(presence, "me")
        assert await is_absent(presence, "somebody else")
        await asyncio.sleep(2 * PATIENCE)
        assert not await is_absent(presence, "me"), "it says something often enough"
    assert await becomes(presence, "me", absent=True)


@ON_POSTGRES
async def test_a_lost_connection_is_made_anew(store: Store, database_url: str) -> None:
    presence = Presence(database_url, patience=PATIENCE)
    async with presence.held("me"):
        await store.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
        assert await becomes(presence, "me", absent=False)


@ON_POSTGRES
async def test_a_killed_process_is_absent_at_once(store: Store, database_url: str) -> None:
    presence = Presence(database_url, patience=PATIENCE)
    with another_process(database_url) as process:
        assert not await is_absent(presence, "other")
        process.kill()
        assert await becomes(presence, "other", absent=True)


@ON_POSTGRES
async def test_a_process_that_hangs_is_absent_until_it_goes_on(
    store: Store, database_url: str
) -> None:
    presence = Presence(database_url, patience=PATIENCE)
    with another_process(database_url) as process:
        os.kill(process.pid, signal.SIGSTOP)
        assert await becomes(presence, "other", absent=True)
        os.kill(process.pid, signal.SIGCONT)
        assert await becomes(presence, "other", absent=False)


async def test_a_database_that_does_not_answer_is_said_at_the_start() -> None:
    presence = Presence("postgresql+psycopg://nobody@127.0.0.1:1/none", patience=PATIENCE)
    with pytest.raises(Unreachable, match="Nothing was started"):
        async with presence.held("me"):
            pass
