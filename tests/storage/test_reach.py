"""Every connection to PostgreSQL notices within half a minute that nobody is there any more."""

import os
import socket
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.presence import Presence
from storage.reach import LIMITS, limited
from storage.turns import Turns
from tests.storage.stores import Store

ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def test_an_address_gets_the_limits_and_keeps_everything_else() -> None:
    url = make_url(
        limited("postgresql+psycopg://me:p%40ss@db.example.com:6432/lists?sslmode=require")
    )
    assert (url.password, url.host, url.port, url.database) == (
        "p@ss",
        "db.example.com",
        6432,
        "lists",
    )
    assert url.query == {"sslmode": "require", **LIMITS}


def test_limits_of_the_operators_own_stay() -> None:
    url = make_url(limited("postgresql+psycopg://host/lists?connect_timeout=3&keepalives=0"))
    assert (url.query["connect_timeout"], url.query["keepalives"]) == ("3", "0")


def test_a_file_is_not_reached_by_a_network() -> None:
    assert limited("sqlite+aiosqlite:////data/listkeeper.sqlite?x=1") == (
        "sqlite+aiosqlite:////data/listkeeper.sqlite?x=1"
    )


async def limits_of(connection: AsyncConnection) -> tuple[bool, int, int]:
    """Ask the operating system what the connection's socket is set to."""
    raw: Any = (await connection.get_raw_connection()).driver_connection
    with socket.socket(fileno=os.dup(raw.pgconn.socket)) as own:
        return (
            bool(own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)),
            own.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
            own.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
        )


@ON_POSTGRES
async def test_all_of_storages_connections_have_the_limits(store: Store, database_url: str) -> None:
    engines = [
        store.database.engine,
        Turns(store.database)._engine,
        Presence(database_url, patience=1.0)._open(),
    ]
    for engine in engines:
        assert engine is not None
        async with engine.connect() as connection:
            assert await limits_of(connection) == (True, 15, 30_000)
