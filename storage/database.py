"""The database: one async engine, short transactions, and the dialects' few differences."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, cast, event, func, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.faults import explained

#: Seconds that a writer waits for another one before it gives up.
WAIT = 30.0


class Database:
    """Open transactions on SQLite (in WAL) or PostgreSQL.

    Transactions are short: no network call happens while one is open.
    """

    def __init__(self, url: str, *, wait: float = WAIT) -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: The address, as SQLAlchemy writes it.
            wait: Seconds to wait for somebody else who holds what we need.
        """
        self.engine = create_async_engine(
            url,
            pool_pre_ping=not url.startswith("sqlite"),
            # An error shows its statement; the values in it are addresses, and errors are logged.
            hide_parameters=True,
        )
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            _prepare_sqlite(self.engine, wait)
        else:
            _prepare_postgresql(self.engine, wait)
        self._writer = self.engine.execution_options(writes=True)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that only reads.

        Raises:
            DatabaseFault: The database cannot be used just now.
        """
        with explained():
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that writes; commit at the end, roll back on an exception.

        Raises:
            DatabaseFault: The database cannot be used just now.
        """
        with explained():
            async with (
                AsyncSession(self._writer, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session

    async def insert_new(
        self, session: AsyncSession, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Insert rows, passing over those whose key is there already."""
        if not rows:
            return
        insert = sqlite.insert if self.is_sqlite else postgresql.insert
        connection = await session.connection()
        await connection.execute(insert(table).on_conflict_do_nothing(), [dict(r) for r in rows])

    def clock(self) -> ColumnElement[float]:
        """Give the database's own clock as an expression: seconds since 1970."""
        if self.is_sqlite:
            # julianday() has milliseconds and is in every SQLite; unixepoch('subsec') came with
            # 3.42, which Debian 12 does not have. 2440587.5 is 1970-01-01.
            return literal_column("((julianday('now') - 2440587.5) * 86400.0)", Float)
        return cast(func.extract("epoch", func.clock_timestamp()), Float)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _prepare_sqlite(engine: AsyncEngine, wait: float) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        # The driver must not begin transactions by itself: _on_begin does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA busy_timeout = {round(wait * 1000)}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A writer takes the lock at once. A transaction that reads first and writes later fails
        # with SQLITE_BUSY, without waiting, when another one wrote in between.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(engine: AsyncEngine, wait: float) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {round(wait * 1000)}")
        cursor.close()
        # Else the setting goes with the first transaction that is rolled back.
        connection.commit()
