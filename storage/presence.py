"""Presence: which processes that share a PostgreSQL database are alive.

Each holds an advisory lock under its name, on a connection of its own, and so loses it when it dies
or hangs: whoever finds the lock free knows. A SQLite file has one process, and needs none of it.
"""

import asyncio
import contextlib
import hashlib
import logging
import struct
from collections.abc import AsyncIterator

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from storage.errors import Unreachable
from storage.reach import limited

log = logging.getLogger(__name__)

#: What a failing connection raises; asyncpg and psycopg wrap theirs in the first two.
FAULTS = (DBAPIError, OperationalError, OSError, TimeoutError)


class Presence:
    """Hold this process's lock, and look at those of others."""

    def __init__(self, url: str, *, patience: float) -> None:
        """Prepare.

        Args:
            url: The address of the database, a PostgreSQL.
            patience: Seconds after which the server gives up a process that says nothing.
        """
        self._url = url
        self._patience = patience

    @contextlib.asynccontextmanager
    async def held(self, name: str) -> AsyncIterator[None]:
        """Be alive under a name for as long as the block runs, through restarts of the server.

        Raises:
            Unreachable: The database does not answer at the start.
        """
        engine = self._open()
        holding = asyncio.Event()
        try:
            async with engine.connect():
                pass
        except FAULTS as error:
            await engine.dispose()
            raise Unreachable(
                f"The database does not answer ({type(error).__name__}). Nothing was started. "
                "See whether PostgreSQL runs, and whether DATABASE_URL is right."
            ) from error
        keeping = asyncio.create_task(self._keep(engine, name, holding))
        try:
            await holding.wait()
            yield
        finally:
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping
            await engine.dispose()

    @contextlib.asynccontextmanager
    async def absent(self, name: str) -> AsyncIterator[bool]:
        """Tell whether nobody is alive under a name; nobody can become it while the block runs."""
        engine = self._open()
        try:
            async with engine.connect() as connection:
                query = text("SELECT pg_try_advisory_lock(:a, :b)")
                yield bool((await connection.execute(query, _key(name))).scalar_one())
        finally:
            # The lock ends with its connection.
            await engine.dispose()

    async def _keep(self, engine: AsyncEngine, name: str, holding: asyncio.Event) -> None:
        while True:
            try:
                async with engine.connect() as connection:
                    await self._set_limits(connection)
                    # Whoever looks whether we are alive lets go at once: this is short.
                    await connection.execute(text("SELECT pg_advisory_lock(:a, :b)"), _key(name))
                    holding.set()
                    while True:
                        await asyncio.sleep(self._patience / 4)
                        await connection.execute(text("SELECT 1"))
            except FAULTS as error:
                log.warning(
                    "The lock that says that this process is alive was lost: %s",
                    type(error).__name__,
                    extra={"action": "presence"},
                )
                await asyncio.sleep(min(1.0, self._patience / 4))

    async def _set_limits(self, connection: AsyncConnection) -> None:
        """Let the server give the lock up when this process hangs, or its machine is gone."""
        milliseconds = round(self._patience * 1000)
        await connection.execute(text(f"SET idle_session_timeout = {milliseconds}"))
        for name, seconds in (("idle", 10), ("interval", 5), ("count", 3)):
            await connection.execute(text(f"SET tcp_keepalives_{name} = {seconds}"))

    def _open(self) -> AsyncEngine:
        return create_async_engine(
            limited(self._url), poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )


def _key(name: str) -> dict[str, int]:
    """Give the two numbers that PostgreSQL knows a lock by."""
    first, second = struct.unpack(">ii", hashlib.sha256(name.encode()).digest()[:8])
    return {"a": first, "b": second}
