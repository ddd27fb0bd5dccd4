"""The job engine's own SQLite file: opened as DBOS would, but a full disk is waited for as well.

The engine (DBOS) knows that a locked file is to be waited for. Of a full disk it does not: the
workflow that meets one ends without a record of it, and nobody takes it up.
"""

from typing import Any

from sqlalchemy import Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DBAPIError

from storage.faults import meaning

#: Seconds to wait for another writer, as DBOS sets it.
_BUSY_SECONDS = 30
#: Connections, as DBOS sets it.
_CONNECTIONS = 20


class EngineFileUnusable(Exception):
    """What DBOS reads as a file to be waited for: it looks for these words (`db_retry`)."""

    def __init__(self, happened: str) -> None:
        super().__init__(f"{happened} It is waited for as if: database is locked")


def open_engine_file(url: str) -> Engine:
    """Open the file; whoever asked disposes of it."""
    engine = create_engine(url, pool_size=_CONNECTIONS, max_overflow=0)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        # As DBOS does with an engine of its own (SQLiteSystemDatabase._create_engine).
        connection.isolation_level = "IMMEDIATE"
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "handle_error")
    def _on_error(context: ExceptionContext) -> EngineFileUnusable | None:
        error = context.sqlalchemy_exception
        fault = meaning(error) if isinstance(error, DBAPIError) else None
        return EngineFileUnusable(fault.happened) if fault else None

    return engine
