"""What the tests of jobs share: a world of four subscribers, on V3 and on V4."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from convertkit import ApiVersion, HttpClient, open_http
from sandbox.kit import Delays, FakeKit, KitSettings, RateLimit
from storage.database import Database
from tests.jobs.worlds import CUSTOMERS, HOME_PAGE, NEWSLETTER, Clock, World, invent_people
from tests.storage.stores import Store, copy_of, make_template, url

#: Far above anything that a test calls.
NO_LIMIT = RateLimit(1_000_000, 60.0)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a file with the newest schema once, for every test to copy."""
    return make_template(tmp_path_factory.mktemp("schema"))


@pytest.fixture
def file(migrated: Path, tmp_path: Path) -> Path:
    return copy_of(migrated, tmp_path)


@pytest.fixture
async def store(file: Path) -> AsyncIterator[Store]:
    database = Database(url(file))
    yield Store(database)
    await database.close()


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    async with open_http() as client:
        yield client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def kit(clock: Clock) -> AsyncIterator[FakeKit]:
    settings = KitSettings(limit=NO_LIMIT, delays=Delays(effect=0.0, lists=0.0))
    async with FakeKit(settings, now=clock) as fake:
        yield fake


@pytest.fixture(params=[pytest.param(each, id=each.value) for each in ApiVersion])
def version(request: pytest.FixtureRequest) -> ApiVersion:
    return ApiVersion(request.param)


@pytest.fixture
def world(store: Store, kit: FakeKit, http: HttpClient, clock: Clock, version: ApiVersion) -> World:
    people = invent_people(4, tags=(NEWSLETTER.id, CUSTOMERS.id), forms=(HOME_PAGE.id,))
    account = kit.add_account("Paper Boats", people)
    return World(store=store, kit=kit, account=account, http=http, clock=clock, version=version)
