"""A real PostgreSQL for tests: one that is given, or Debian's own, started in a folder."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

#: Where Debian keeps the server's programs, which are not on the PATH.
_DEBIAN = Path("/usr/lib/postgresql")
_DRIVER = "postgresql+psycopg://"


class Server:
    """A running server in which tests may make databases."""

    def __init__(self, address: str) -> None:
        """Take an address such as postgresql://user@host:port, without a database."""
        self._address = address.rstrip("/")

    def url(self, database: str) -> str:
        """Give a database's address for SQLAlchemy."""
        return self._address.replace("postgresql://", _DRIVER, 1) + f"/{database}"

    def create(self, database: str, template: str = "template1") -> None:
        """Make a database, such as a copy of a migrated one."""
        self._run(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with psycopg.connect(f"{self._address}/postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running(folder: Path) -> Iterator[Server | None]:
    """Give the server of TEST_DATABASE_URL or start Debian's; None where there is neither."""
    given = os.environ.get("TEST_DATABASE_URL")
    programs = _programs()
    if given:
        yield Server(given.replace(_DRIVER, "postgresql://", 1).rpartition("/")[0])
    elif programs is None:
        yield None
    else:
        with _started(programs, folder) as server:
            yield server


def _programs() -> Path | None:
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


@contextmanager
def _started(programs: Path, folder: Path) -> Iterator[Server]:
    data, port = folder / "data", _free_port()
    as_owner: list[str | Path] = []
    if os.geteuid() == 0:
        # The server refuses to run as root.
        as_owner = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    _call(*as_owner, programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-N")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = [*as_owner, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    _call(*control, "-o", options, "start")
    try:
        yield Server(f"postgresql://postgres@127.0.0.1:{port}")
    finally:
        with suppress(subprocess.CalledProcessError):
            _call(*control, "-m", "immediate", "stop")


def _call(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
