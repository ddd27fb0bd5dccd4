"""SQLite's write-ahead log stays short, is copied beside the writers, and loses nothing."""

from pathlib import Path

from sqlalchemy import text

from storage.write_ahead import COMMITS, LONG
from tests.storage.stores import ON_SQLITE, Store

PAGE = 4096
#: Pages that one commit of these tests changes, about.
PAGES = 80
pytestmark = ON_SQLITE


async def write(store: Store, commits: int) -> None:
    """Commit as often, each time with so many new pages."""
    for number in range(commits):
        async with store.database.writing() as session:
            await (await session.connection()).execute(
                text("INSERT INTO filler VALUES (:number, randomblob(:size))"),
                {"number": number, "size": PAGES * PAGE},
            )


def length_of_log(store: Store) -> int:
    """Give the pages that the log has on the disk."""
    return Path(f"{store.database.engine.url.database}-wal").stat().st_size // PAGE


async def test_the_log_begins_anew_however_much_is_written(store: Store) -> None:
    await store.sql("CREATE TABLE filler (number INTEGER, content BLOB)")
    commits = 3 * LONG // PAGES
    assert commits > COMMITS
    await write(store, commits)
    assert length_of_log(store) < 2 * LONG
    assert await store.sql("SELECT count(*) FROM filler") == [(commits,)]


async def test_a_long_look_at_the_database_hinders_no_writer(store: Store) -> None:
    await store.sql("CREATE TABLE filler (number INTEGER, content BLOB)")
    await write(store, 1)
    async with store.database.reading() as session:
        connection = await session.connection()
        before = (await connection.execute(text("SELECT count(*) FROM filler"))).scalar_one()
        await write(store, 2 * COMMITS)
        after = (await connection.execute(text("SELECT count(*) FROM filler"))).scalar_one()
    # The log was copied in between as far as this look allowed, which sees what it saw.
    assert (before, after) == (1, 1)
    assert await store.sql("SELECT count(*) FROM filler") == [(1 + 2 * COMMITS,)]


async def test_nothing_is_lost_when_the_database_closes_in_the_middle(stores: list[Store]) -> None:
    first, second = stores[:2]
    await first.sql("CREATE TABLE filler (number INTEGER, content BLOB)")
    await write(first, COMMITS)
    await first.database.close()
    assert await second.sql("SELECT count(*) FROM filler") == [(COMMITS,)]
