"""The whole story passes on both databases, and with the work shared by several processes."""

import io
from collections.abc import Sequence

import pytest

from sandbox.story import play
from tests.strokes import own_postgres

pytestmark = pytest.mark.soak


async def test_the_story_passes_on_sqlite() -> None:
    told = io.StringIO()
    assert all(check.holds for check in await play(told))
    assert "The bot keeps its tables in SQLite." in told.getvalue()


@pytest.mark.parametrize(
    "roles",
    [
        pytest.param(("all",), id="one-process"),
        pytest.param(("slack", "worker", "worker"), id="one-listens-two-work"),
    ],
)
async def test_the_story_passes_on_postgresql(roles: Sequence[str]) -> None:
    told = io.StringIO()
    with own_postgres() as (_, url):
        checks = await play(told, database_url=url, roles=roles)
    assert all(check.holds for check in checks)
    assert "The bot keeps its tables in PostgreSQL at 127.0.0.1:" in told.getvalue()
