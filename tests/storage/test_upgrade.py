"""A database of the first release is brought to the newest schema, and reads the same."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from storage import migrations
from storage.database import Database
from storage.migrations import migrate
from storage.states import RunState, UnsubscribeState
from tests import postgres
from tests.storage.stores import NOW, TEAM, Store, url
from verification import Category, Reason

WHEN = "2027-03-01 09:00:00.000000"
#: Rows in every table, as the first release wrote them.
ROWS = (
    f"INSERT INTO workspace (id, created_at) VALUES ('{TEAM}', '{WHEN}')",
    "INSERT INTO connection (id, workspace_id, account_key, seal_id, name, account_name,"
    " api_version, secret, last_four, status, connected_by, connected_at) VALUES (1,"
    f" '{TEAM}', 'key', 'seal', 'Boats', 'Paper Boats', 'v4', 'x', 'cret', 'active', 'U0ANN',"
    f" '{WHEN}')",
    "INSERT INTO call_pace (connection_id, next_at) VALUES (1, 0.0)",
    "INSERT INTO schedule (id, workspace_id, connection_id, request_key, audience, cadence, day,"
    f" hour, minute, timezone, channel_id, created_by, created_at) VALUES (1, '{TEAM}', 1, 'S1',"
    ' \'{"kind": "subscribers", "ids": [], "names": []}\', \'weekly\', 0, 8, 0, \'Europe/Paris\','
    f" 'C1', 'U0ANN', '{WHEN}')",
    "INSERT INTO run (id, workspace_id, connection_id, request_key, audience, requested_by,"
    " channel_id, state, position, listed, fresh, reused, subscribers, chunks, attempt,"
    f" delivered, created_at, finished_at) VALUES (1, '{TEAM}', 1, 'R1',"
    " '{\"kind\": \"subscribers\", \"ids\": [], \"names\": []}', 'U0ANN', 'C1', 'finished',"
    f" '[1, null]', 3, '0', 0, 3, 1, 1, '1', '{WHEN}', '{WHEN}')",
    *(
        "INSERT INTO run_subscriber (run_id, subscriber_id, address, domain, chunk, category,"
        f" reason, evidence, role, free_provider, suggestion, decided_at) VALUES (1, {number},"
        f" 'reader{number}@example.com', 'example.com', 0, '{category}', '{reason}',"
        f" '{{\"rule\": \"invented\"}}', '{role}', '0', {hint}, '{WHEN}')"
        for number, category, reason, role, hint in (
            (1, "safe", "accepted", 1, "'reader1@example.org'"),
            (2, "invalid", "null_mx", 0, "null"),
            (3, "unknown", "not_probed", 0, "null"),
        )
    ),
    # A Run that is under way: a chunk is settled but for one who waits, and one is open; the last
    # one's Verdict was taken over from the first Run.
    "INSERT INTO run (id, workspace_id, connection_id, request_key, audience, requested_by,"
    " channel_id, state, position, listed, fresh, reused, subscribers, chunks, attempt,"
    f" delivered, created_at) VALUES (2, '{TEAM}', 1, 'R2',"
    " '{\"kind\": \"subscribers\", \"ids\": [], \"names\": []}', 'U0ANN', 'C1', 'verifying',"
    f" '[1, null]', 6, '0', 1, 6, 2, 1, '0', '{WHEN}')",
    *(
        "INSERT INTO run_subscriber (run_id, subscriber_id, address, domain, chunk, category,"
        f" reason, role, free_provider, retry_at) VALUES (2, {number},"
        f" 'reader{number}@example.com', 'example.com', {chunk}, {category}, {reason}, '0', '0',"
        f" {retry_at})"
        for number, chunk, category, reason, retry_at in (
            (11, 0, "'safe'", "'accepted'", "null"),
            (12, 0, "'unknown'", "'timeout'", "null"),
            (13, 0, "'unknown'", "'greylisted'", f"'{WHEN}'"),
            (14, 1, "null", "null", "null"),
            (15, 1, "null", "null", "null"),
            (16, "null", "'safe'", "'accepted'", "null"),
        )
    ),
    "INSERT INTO credit_entry (workspace_id, kind, credits, run_id, chunk, made_at) VALUES"
    f" ('{TEAM}', 'hold', 5, 2, -1, '{WHEN}'), ('{TEAM}', 'charge', 1, 2, 0, '{WHEN}'),"
    f" ('{TEAM}', 'release', 1, 2, 0, '{WHEN}')",
    "INSERT INTO credit_entry (workspace_id, kind, credits, run_id, chunk, made_at) VALUES"
    f" ('{TEAM}', 'grant', 10, null, -1, '{WHEN}'), ('{TEAM}', 'hold', 3, 1, -1, '{WHEN}'),"
    f" ('{TEAM}', 'charge', 2, 1, 0, '{WHEN}'), ('{TEAM}', 'release', 1, 1, 0, '{WHEN}')",
    "INSERT INTO cleanup (id, workspace_id, run_id, request_key, plan, requested_by, channel_id,"
    " state, subscribers, digest, proofs, attempt, delivered, created_at, expires_at) VALUES (1,"
    f" '{TEAM}', 1, 'C1', '{{}}', 'U0ANN', 'C1', 'finished', 1, 'd', 1, 1, '1', '{WHEN}',"
    f" '{WHEN}')",
    "INSERT INTO unsubscribe (cleanup_id, subscriber_id, address, category, state) VALUES"
    " (1, 2, 'reader2@example.com', 'invalid', 'confirmed')",
)


#: Two verdicts that outlive their Runs, the addresses of the first of which are deleted.
KNOWN = (
    f"UPDATE run SET purged_at = '{WHEN}' WHERE id = 1",
    *(
        "INSERT INTO known_verdict (workspace_id, address_key, category, reason, role,"
        f" free_provider, decided_at, run_id, subscriber_id) VALUES ('{TEAM}', '{key}', 'invalid',"
        f" 'null_mx', '0', '0', '{WHEN}', {run_id}, {subscriber_id})"
        for key, run_id, subscriber_id in (("a", 1, 2), ("b", 2, 11))
    ),
)


def _to(connection: Connection, revision: str, rows: Sequence[str]) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    for row in rows:
        connection.execute(text(row.replace(":", "\\:")))
    connection.commit()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield url(tmp_path / "old.sqlite")
        return
    server: postgres.Server = request.getfixturevalue("server")
    name = f"old_{tmp_path.name}".replace("-", "_")[:60]
    server.create(name)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def upgraded(empty_url: str) -> AsyncIterator[Store]:
    async with brought_to(empty_url, "0001", ROWS) as store:
        yield store


@asynccontextmanager
async def brought_to(url: str, revision: str, rows: Sequence[str]) -> AsyncIterator[Store]:
    """Make a database of an earlier revision with rows in it, and bring it to the newest."""
    database = Database(url)
    async with database.engine.connect() as connection:
        await connection.run_sync(_to, revision, rows)
    await migrate(database)
    yield Store(database)
    await database.close()


async def test_everything_reads_the_same_after_the_upgrade(upgraded: Store) -> None:
    store = upgraded
    report = await store.reports.run(1)
    assert report.run.state is RunState.FINISHED
    assert report.counts == {Category.SAFE: 1, Category.INVALID: 1, Category.UNKNOWN: 1}
    assert (report.roles, report.typos, report.not_asked, report.blocked) == (1, 1, 1, 0)
    assert (report.held, report.charged, report.released, report.balance) == (3, 2, 1, 4)
    read = [each async for each in store.subscribers.stream(1)]
    assert [each.verdict and each.verdict.reason for each in read] == [
        Reason.ACCEPTED,
        Reason.NULL_MX,
        Reason.NOT_PROBED,
    ]
    listed = [each async for each in store.unsubscribes.stream(1)]
    assert [(each.subscriber_id, each.state) for each in listed] == [
        (2, UnsubscribeState.CONFIRMED)
    ]
    assert len(await store.schedules.all(TEAM)) == 1
    assert [each.id for each in await store.connections.of_workspace(TEAM)] == [1]
    counted = await store.sql("SELECT tally FROM cleanup")
    assert "confirmed" in str(counted)
    assert await store.sql(
        "SELECT subscriber_id FROM run_subscriber WHERE charged AND run_id=1"
    ) == [(1,), (2,)]
    assert await store.sql("SELECT held, settled FROM run ORDER BY id") == [(3, 3), (5, 2)]
    await store.known.remember(1)
    known = await store.evidence.newest(TEAM, "reader1@example.com")
    assert known
    assert known.verdict.suggestion == "reader1@example.org"
    assert known.verdict.decided_at == NOW


async def test_a_run_that_was_under_way_is_settled_to_its_end(upgraded: Store) -> None:
    """One chunk of its two was charged before the upgrade, and one subscriber waits."""
    store = upgraded
    await store.subscribers.regroup(2, 200, NOW)
    await store.settle(2, 1)
    assert await store.runs.finish(2, 1, NOW)
    report = await store.reports.run(2)
    assert (report.held, report.charged, report.released) == (5, 4, 1)
    charged = await store.sql("SELECT subscriber_id FROM run_subscriber WHERE charged AND run_id=2")
    assert sorted(charged) == [(11,), (13,), (14,), (15,)]


async def test_nobody_who_was_charged_before_the_upgrade_is_charged_again(upgraded: Store) -> None:
    store = upgraded
    await store.sql("UPDATE run_subscriber SET category = NULL, chunk = 1 WHERE subscriber_id = 11")
    with pytest.raises(IntegrityError, match="charged already"):
        await store.settle_chunk(2, 1, 1)


async def test_a_verdict_whose_run_was_purged_names_nobody_after_the_upgrade(
    empty_url: str,
) -> None:
    async with brought_to(empty_url, "0006", (*ROWS, *KNOWN)) as store:
        known = await store.sql("SELECT run_id, subscriber_id FROM known_verdict ORDER BY 1, 2")
        assert sorted(known, key=str) == [(2, 11), (None, None)]
