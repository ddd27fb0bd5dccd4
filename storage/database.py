"""The database: one async engine, short transactions, and the dialects' few differences."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Select,
    cast,
    event,
    func,
    inspect,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.faults import explained
from storage.reach import limited
from storage.write_ahead import WriteAheadLog

#: Seconds that a writer waits for another one before it gives up.
WAIT = 30.0
#: The page cache of SQLite's one writer, in KiB: what many chunks change fits in.
SQLITE_WRITER_CACHE_KIB = 32_000
#: Pages in SQLite's write-ahead log after which a commit empties it itself, should the copying
#: beside the writers not keep up: 80 MB.
SQLITE_AUTOCHECKPOINT = 20_000
#: Connections of one process to PostgreSQL, which takes 100 by default: several processes fit, with
#: the engine's own beside them.
POSTGRESQL_POOL = 5
POSTGRESQL_OVERFLOW = 7
#: Rows that a streamed answer brings at once.
STREAM_ROWS = 2_000


class Database:
    """Open transactions on SQLite (in WAL) or PostgreSQL.

    Transactions are short: no network call happens while one is open, and a write touches some
    thousand rows at most. On SQLite one writer follows another in the order in which they came, so
    that a dialog is not kept waiting by many lanes of a Run.
    """

    def __init__(self, url: str, *, wait: float = WAIT) -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: The address, as SQLAlchemy writes it.
            wait: Seconds to wait for somebody else who holds what we need.
        """
        self.is_sqlite = url.startswith("sqlite")
        # An error shows its statement; the values in it are addresses, and errors are logged.
        self.engine = _open(url, self.is_sqlite)
        self._turn: asyncio.Lock | None = None
        self._log: WriteAheadLog | None = None
        self._writer = self.engine
        if not self.is_sqlite:
            _prepare_postgresql(self.engine, wait)
        else:
            _prepare_sqlite(self.engine, wait)
            # One connection for all writers: its cache stays valid as long as nobody else writes.
            self._writer = create_async_engine(
                url,
                hide_parameters=True,
                pool_size=1,
                max_overflow=0,
                execution_options={"writes": True},
            )
            _prepare_sqlite(self._writer, wait, cache_kib=SQLITE_WRITER_CACHE_KIB)
            self._turn = asyncio.Lock()
            self._log = WriteAheadLog(self.engine, self._turn)

    @property
    def engines(self) -> tuple[AsyncEngine, ...]:
        """Give every engine that statements go through, such as to listen to them."""
        return (self.engine, self._writer) if self.is_sqlite else (self.engine,)

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
            async with AsyncExitStack() as stack:
                if self._turn:
                    await stack.enter_async_context(self._turn)
                session = await stack.enter_async_context(
                    AsyncSession(self._writer, expire_on_commit=False)
                )
                await stack.enter_async_context(session.begin())
                yield session
        if self._log:
            self._log.note_commit()

    async def stream(self, query: Select[*tuple[Any, ...]]) -> AsyncIterator[Sequence[Any]]:
        """Read a long answer a few thousand rows at a time, as they were at one moment."""
        with explained():
            async with self.engine.connect() as connection:
                result = await connection.stream(query.execution_options(yield_per=STREAM_ROWS))
                async for rows in result.partitions():
                    yield rows

    async def insert_new(
        self, session: AsyncSession, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]
    ) -> int:
        """Insert rows, passing over those whose key is there already; count the new ones."""
        if not rows:
            return 0
        insert = sqlite.insert if self.is_sqlite else postgresql.insert
        # What is returned was inserted. A driver's row count says nothing of many rows at once.
        key = inspect(table).primary_key[-1]
        statement = insert(table).on_conflict_do_nothing().returning(key)
        connection = await session.connection()
        return len((await connection.execute(statement, [dict(each) for each in rows])).all())

    async def count_anew(self, table: type[SQLModel]) -> None:
        """Let PostgreSQL count a table that has grown much, for its plans; SQLite's need no counts.

        It does so by itself, but a minute later: until then it may choose an index that goes
        through a whole Run for each statement.
        """
        if self.is_sqlite:
            return
        async with self.writing() as session:
            await (await session.connection()).execute(text(f"ANALYZE {table.__tablename__}"))

    async def leave_no_trace(self) -> None:
        """Empty SQLite's log, in which what was deleted stands until it is written over.

        PostgreSQL's tables and log are its operator's: it has no such promise to call for.
        """
        if self._log:
            with explained():
                await self._log.empty()

    def clock(self) -> ColumnElement[float]:
        """Give the database's own clock as an expression: seconds since 1970."""
        if self.is_sqlite:
            # julianday() has milliseconds and is in every SQLite; unixepoch('subsec') came with
            # 3.42, which Debian 12 does not have. 2440587.5 is 1970-01-01.
            return literal_column("((julianday('now') - 2440587.5) * 86400.0)", Float)
        return cast(func.extract("epoch", func.clock_timestamp()), Float)

    async def close(self) -> None:
        """Close every connection."""
        if self._log:
            await self._log.close()
        for engine in self.engines:
            await engine.dispose()


def _open(url: str, is_sqlite: bool) -> AsyncEngine:
    if is_sqlite:
        return create_async_engine(url, hide_parameters=True)
    return create_async_engine(
        limited(url),
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=POSTGRESQL_POOL,
        max_overflow=POSTGRESQL_OVERFLOW,
    )


def _prepare_sqlite(engine: AsyncEngine, wait: float, *, cache_kib: int | None = None) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        # The driver must not begin transactions by itself: _on_begin does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        # A commit survives a power cut: the next one may already be built on it elsewhere.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        # What is deleted is overwritten: a person who is forgotten stands in no free page either.
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute(f"PRAGMA busy_timeout = {round(wait * 1000)}")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {SQLITE_AUTOCHECKPOINT}")
        if cache_kib:
            cursor.execute(f"PRAGMA cache_size = -{cache_kib}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("outside"):
            return
        # A writer takes the lock at once. A transaction that reads first and writes later fails
        # with SQLITE_BUSY, without waiting, when another one wrote in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def _prepare_postgresql(engine: AsyncEngine, wait: float) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {round(wait * 1000)}")
        cursor.close()
        # Else the setting goes with the first transaction that is rolled back.
        connection.commit()
