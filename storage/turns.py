"""Turns: one process at a time does what must not be done twice, such as posting a message.

They are for what no transaction may hold, because it takes long: a call to Slack.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import select

from storage.database import Database
from storage.errors import TurnMissed
from storage.faults import explained

#: Seconds between two looks at whether the turn has come.
LOOK_EVERY = 0.1


class Turns:
    """Give turns by name, to one of all processes on a PostgreSQL database.

    A SQLite file has one process, which keeps order by itself: there every turn comes at once.
    """

    def __init__(self, database: Database, *, patience: float = 60.0) -> None:
        """Take turns on a database.

        Args:
            database: Where all processes meet.
            patience: Seconds to wait for a turn.
        """
        self._patience = patience
        # Not of the pool: a turn is over when its connection is closed, whatever else happened,
        # and turns that take long leave the pool to those who read and write.
        self._engine = (
            None
            if database.is_sqlite
            else create_async_engine(
                database.engine.url,
                poolclass=NullPool,
                # Nor a transaction that stays open meanwhile.
                isolation_level="AUTOCOMMIT",
                hide_parameters=True,
            )
        )

    @asynccontextmanager
    async def alone(self, name: str) -> AsyncIterator[None]:
        """Wait until no other process is in a block of this name, and keep them out of it.

        Raises:
            TurnMissed: Another process has been in it for too long.
            DatabaseFault: The database cannot be used just now.
        """
        if self._engine is None:
            yield
            return
        with explained():
            async with self._engine.connect() as connection:
                await self._wait(connection, name)
                yield

    async def _wait(self, connection: AsyncConnection, name: str) -> None:
        # A process that is killed loses its connection, and with it the lock, at once.
        lock = select(func.pg_try_advisory_lock(func.hashtextextended(name, 0)))
        until = time.monotonic() + self._patience
        while not (await connection.execute(lock)).scalar_one():
            if time.monotonic() > until:
                raise TurnMissed(
                    "Another process of the bot is busy with this. Nothing was changed. Try again "
                    "in a minute."
                )
            await asyncio.sleep(LOOK_EVERY)
