"""What the tests of storage share: a real database each, opened as often as a test needs."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from storage.database import Database
from storage.migrations import migrate
from tests import postgres
from tests.storage.stores import Store, copy_of, make_template, url

OpenStore = Callable[[], Store]

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a file with the newest schema once, for every test to copy."""
    return make_template(tmp_path_factory.mktemp("schema"))


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """Start PostgreSQL once, with a migrated database for every test to copy."""
    # Not in pytest's own folder: the server's user may not enter that.
    with TemporaryDirectory() as folder, postgres.running(Path(folder)) as found:
        if found is None:
            postgres.is_missing()
        template = f"template_{os.getpid()}"
        found.create(template)

        async def bring_to_head() -> None:
            database = Database(found.url(template))
            await migrate(database)
            await database.close()

        asyncio.run(bring_to_head())
        yield found
        found.drop(template)


@pytest.fixture
def file(migrated: Path, tmp_path: Path) -> Path:
    return copy_of(migrated, tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of an empty database of the test's own, on either kind of database."""
    if request.param == "sqlite":
        yield url(request.getfixturevalue("file"))
        return
    server: postgres.Server = request.getfixturevalue("server")
    name = f"test_{os.getpid()}_{next(_numbers)}"
    server.create(name, template=f"template_{os.getpid()}")
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def open_store(database_url: str) -> AsyncIterator[OpenStore]:
    """Return a maker of stores on the test's database, each with a Database of its own."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(Store(Database(database_url)))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.database.close()


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    return open_store()


@pytest.fixture
def stores(open_store: OpenStore) -> list[Store]:
    """Open the test's database four times, as four processes would."""
    return [open_store() for _ in range(4)]
