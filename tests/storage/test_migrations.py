"""The migrations lead to the tables, once, wherever the product and its data are."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from storage.database import Database
from storage.migrations import migrate
from storage.tables import METADATA
from tests import postgres
from tests.storage.stores import NOW, ON_SQLITE, TEAM, Store, url

REPOSITORY = Path(__file__).parents[2]
ODD_FOLDERS = [
    pytest.param("with spaces", id="spaces"),
    pytest.param("100%done %(here)s", id="percent"),
    pytest.param("bücher & co #1", id="other-signs"),
]


async def test_a_fresh_database_has_the_tables_of_the_code(tmp_path: Path) -> None:
    database = Database(url(tmp_path / "fresh.sqlite"))
    await migrate(database)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


@ON_SQLITE
async def test_migrating_again_changes_nothing(store: Store) -> None:
    await store.workspaces.welcome(TEAM, NOW)

    async def everything() -> list[tuple[object, ...]]:
        schema = await store.sql("SELECT * FROM sqlite_master ORDER BY name")
        return [*schema, *await store.sql("SELECT * FROM alembic_version")]

    before = await everything()
    await migrate(store.database)
    await migrate(store.database)
    assert await everything() == before
    assert await store.workspaces.find(TEAM)


def test_processes_that_start_together_on_an_empty_database_do_not_collide(
    server: postgres.Server,
) -> None:
    name = f"together_{os.getpid()}"
    server.create(name)
    script = (
        "import asyncio, sys; from storage.database import Database;"
        "from storage.migrations import migrate;"
        "asyncio.run(migrate(Database(sys.argv[1])))"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, server.url(name)],
            cwd=REPOSITORY,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    said = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0], said
    server.drop(name)


@pytest.mark.parametrize("folder", ODD_FOLDERS)
async def test_the_data_may_be_in_a_folder_of_any_name(folder: str, tmp_path: Path) -> None:
    path = tmp_path / folder / "listkeeper.sqlite"
    path.parent.mkdir()
    database = Database(url(path))
    await migrate(database)
    await database.close()
    assert path.exists()


def test_the_product_may_be_in_a_folder_of_any_name(tmp_path: Path) -> None:
    home = tmp_path / "100%done %(here)s and spaces"
    for package in ("storage", "convertkit", "verification"):
        shutil.copytree(REPOSITORY / package, home / package)
    script = (
        "import asyncio; from storage.database import Database;"
        "from storage.migrations import migrate;"
        "asyncio.run(migrate(Database('sqlite+aiosqlite:///made.sqlite')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=home,
        env={"PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (home / "made.sqlite").stat().st_size > 0
