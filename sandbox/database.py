"""A PostgreSQL database of the sandbox's own, so that a given one is never written to."""

import contextlib
from collections.abc import AsyncIterator
from uuid import uuid4

from psycopg import AsyncConnection, Error, sql
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError


class NoDatabase(Exception):
    """No database can be made; the message says why and what to do."""


@contextlib.asynccontextmanager
async def own_database(address: str) -> AsyncIterator[str]:
    """Make a database beside the one at an address, give its address, and drop it at the end.

    The address is SQLAlchemy's, such as postgresql+psycopg://user@host/name.

    Raises:
        NoDatabase: The server does not answer, or the user may not create databases.
    """
    given = _read(address)
    name = f"listkeeper_sandbox_{uuid4().hex[:12]}"
    await _run(given, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield given.set(database=name).render_as_string(hide_password=False)
    finally:
        await _run(given, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def place_of(address: str) -> str:
    """Say where a database is, without a user and a password: "PostgreSQL at host:port"."""
    given = _read(address)
    return f"PostgreSQL at {given.host or 'this machine'}:{given.port or 5432}"


def _read(address: str) -> URL:
    try:
        given = make_url(address)
    except ArgumentError as error:
        raise NoDatabase(f"The address of the database is none. {_EXAMPLE}") from error
    if given.get_backend_name() != "postgresql":
        raise NoDatabase(f"This needs a PostgreSQL; on SQLite no address is given. {_EXAMPLE}")
    return given


async def _run(given: URL, statement: sql.Composed) -> None:
    plain = given.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        async with await AsyncConnection.connect(plain, autocommit=True) as connection:
            await connection.execute(statement)
    except Error as error:
        raise NoDatabase(
            f"A database for this cannot be made or dropped ({type(error).__name__}). See whether "
            "PostgreSQL runs at that address, and whether its user may CREATE DATABASE."
        ) from error


_EXAMPLE = "Write it as postgresql+psycopg://user:password@host:5432/name."
