"""What the database's own errors mean to people: which of them waiting or an operator can mend."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from storage.errors import DatabaseBusy, DatabaseFault, DiskFull, Unreachable

#: SQLite's primary result codes (https://sqlite.org/rescode.html).
_SQLITE: dict[int, type[DatabaseFault]] = {
    sqlite3.SQLITE_FULL: DiskFull,
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_LOCKED: DatabaseBusy,
    sqlite3.SQLITE_IOERR: Unreachable,
    sqlite3.SQLITE_READONLY: Unreachable,
    sqlite3.SQLITE_CANTOPEN: Unreachable,
}
#: PostgreSQL's error codes, or their first two digits where all of a class mean the same
#: (PostgreSQL's manual, appendix A).
_POSTGRESQL: dict[str, type[DatabaseFault]] = {
    "08": Unreachable,  # connection exception
    "40": DatabaseBusy,  # transaction rollback, such as a deadlock
    "53": Unreachable,  # insufficient resources
    "53100": DiskFull,
    "55P03": DatabaseBusy,  # lock not available in time
    "57": Unreachable,  # operator intervention, such as a shutdown
    "57014": DatabaseBusy,  # a statement that took too long
    "58": Unreachable,  # system error
}


@contextmanager
def explained() -> Iterator[None]:
    """Turn what may pass into an error with a sentence; a transaction that it ends did nothing.

    Raises:
        DatabaseFault: The disk is full, or the database is locked or does not answer.
    """
    try:
        yield
    except NoConnectionFree as error:
        raise DatabaseBusy from error
    except DBAPIError as error:
        fault = meaning(error)
        if fault is None:
            raise
        raise fault from error


def meaning(error: DBAPIError) -> type[DatabaseFault] | None:
    """Tell what an error of the driver's means; None where it is a fault of ours."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        # The low byte is the primary code, what is above it tells more.
        return _SQLITE.get(code & 0xFF)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        known = (state[:length] for length in (5, 2))
        return next((_POSTGRESQL[each] for each in known if each in _POSTGRESQL), None)
    # A connection that was not made or was lost has no code of the server's.
    gone = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return Unreachable if gone else None
