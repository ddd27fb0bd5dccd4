"""What the tests of storage share: a real SQLite file each, opened as often as a test needs."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from storage.database import Database
from tests.storage.stores import Store, copy_of, make_template, url

OpenStore = Callable[[], Store]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a file with the newest schema once, for every test to copy."""
    return make_template(tmp_path_factory.mktemp("schema"))


@pytest.fixture
def file(migrated: Path, tmp_path: Path) -> Path:
    return copy_of(migrated, tmp_path)


@pytest.fixture
async def open_store(file: Path) -> AsyncIterator[OpenStore]:
    """Return a maker of stores on the test's file, each with a Database of its own."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(Store(Database(url(file))))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.database.close()


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    return open_store()


@pytest.fixture
def stores(open_store: OpenStore) -> list[Store]:
    """Open the test's file four times, as four processes would."""
    return [open_store() for _ in range(4)]
