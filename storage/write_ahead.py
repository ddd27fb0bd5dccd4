"""SQLite's write-ahead log: copied into the file beside the writers, not in the way of one of them.

Left to itself SQLite copies at the end of some commit, and whoever writes next waits for that: a
tenth of a second and more, for changes all over a large file.
"""

import asyncio
import logging

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

log = logging.getLogger(__name__)

#: Commits after which the log is copied. A chunk of Verdicts changes some 50 to 500 pages.
COMMITS = 25
#: Pages in the log from which on it is worth to hold writers up, so that it begins anew: 16 MB.
LONG = 4_000
#: Milliseconds for which readers are waited for, and writers wait, before the log is cut off.
PATIENCE_MS = 2_000


class WriteAheadLog:
    """Copy what was committed into the file, every so often."""

    def __init__(self, engine: AsyncEngine, turn: asyncio.Lock) -> None:
        """Prepare; whoever holds `turn` is the only writer of this process."""
        self._engine = engine
        self._turn = turn
        self._commits = 0
        self._copying: asyncio.Task[None] | None = None

    def note_commit(self) -> None:
        """Count a commit, and copy in the background when there were many."""
        self._commits += 1
        if self._commits >= COMMITS and (self._copying is None or self._copying.done()):
            self._commits = 0
            self._copying = asyncio.create_task(self._copy())

    async def close(self) -> None:
        """Let the copying come to its end."""
        if self._copying:
            await self._copying

    async def empty(self) -> None:
        """Copy the whole log and cut it off, unless somebody reads for too long meanwhile."""
        async with self._turn, self._engine.connect() as connection:
            # Inside a transaction SQLite refuses to.
            await connection.execution_options(outside=True)
            usual = (await connection.exec_driver_sql("PRAGMA busy_timeout")).scalar_one()
            await connection.exec_driver_sql(f"PRAGMA busy_timeout = {PATIENCE_MS}")
            try:
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                await connection.exec_driver_sql(f"PRAGMA busy_timeout = {usual}")

    async def _copy(self) -> None:
        # While writers go on, the log is never copied to its very end, and only then does SQLite
        # begin it anew. What is left after this is little, and quick.
        try:
            if await self._checkpoint() > LONG:
                async with self._turn:
                    await self._checkpoint()
        except DBAPIError as error:
            # Nothing is lost: what is not copied stays in the log, and the next one copies it.
            log.warning(
                "SQLite's log could not be copied just now: %s",
                type(error.orig).__name__,
                extra={"action": "checkpoint"},
            )

    async def _checkpoint(self) -> int:
        """Copy what no reader needs in the log; return how many pages the log has."""
        async with self._engine.connect() as connection:
            # Inside a transaction SQLite refuses to.
            await connection.execution_options(outside=True)
            result = await connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
            # Whether it was hindered, the pages in the log, and how many of them are copied.
            return int(result.mappings().one()["log"])
