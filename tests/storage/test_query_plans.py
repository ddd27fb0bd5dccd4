"""No statement walks through a table that grows with the subscribers: each finds its rows by index.

The whole life of a Run and a Cleanup is played, and SQLite is asked how it would do each statement.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from storage.states import CleanupState, RunState, StopReason, UnsubscribeState
from tests.storage.stores import ANN, BEN, NOW, ON_SQLITE, TEAM, Store, readers
from verification import Category, Reason

GROWING = ("run_subscriber", "unsubscribe", "credit_entry")
VERBS = ("SELECT", "UPDATE", "DELETE", "INSERT")


@contextmanager
def listening(engine: Engine) -> Iterator[set[str]]:
    """Collect the statements that are made."""
    heard: set[str] = set()

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith(VERBS):
            heard.add(statement)

    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


async def live(store: Store) -> None:
    """Do everything that is done to a list of subscribers."""
    run = await store.quoted_run(6, chunk_size=3)
    await store.runs.start(run.id, ANN, NOW)
    await store.settle(run.id, 1, [Reason.GREYLISTED], retry_after=timedelta(minutes=5))
    await store.subscribers.waiting_until(run.id)
    await store.subscribers.regroup(run.id, 3, NOW)
    await store.settle(run.id, 1, [Reason.TIMEOUT])
    await store.runs.finish(run.id, 1, NOW)
    await store.reports.run(run.id)
    assert [each async for each in store.subscribers.stream(run.id)]
    assert await store.evidence.newest(TEAM, "reader1@letters0.example.com")
    await store.runs.drop((await store.run_in(RunState.STOPPED)).id, BEN, NOW)
    await store.credits.entries(TEAM, 10)
    await store.credits.grant(TEAM, 10, made_by=BEN, note=None, now=NOW)
    again = await store.run_in(RunState.FETCHING)
    await store.subscribers.add_page(again.id, readers(6), (1, None), NOW)
    assert await store.reuse.take_over(again.id, {Category.SAFE: timedelta(days=60)}, NOW)
    await store.runs.discard((await store.run_in(RunState.FETCHING)).id)

    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    assert await store.cleanups.list_is_unchanged(cleanup.id)
    await store.unsubscribes.ids(cleanup.id, UnsubscribeState.PENDING, 100)
    await store.unsubscribes.claim(cleanup.id, 1, 1)
    await store.unsubscribes.mark_trying(cleanup.id, 1, 1, NOW)
    await store.unsubscribes.mark(cleanup.id, 1, UnsubscribeState.REQUESTED, now=NOW)
    await store.cleanups.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    await store.cleanups.drop(cleanup.id, NOW)
    await store.cleanups.finish(cleanup.id, NOW)
    await store.reports.cleanup(cleanup.id)
    assert [each async for each in store.unsubscribes.stream(cleanup.id)]
    await store.cleanups.discard((await store.cleanup_in(CleanupState.PREPARING)).id)

    await store.watching.newly_stuck(NOW, timedelta(minutes=15))
    assert (await store.watching.census()).runs
    await store.retention.forgotten_runs(NOW)
    assert await store.retention.mark(NOW, NOW)
    assert await store.retention.delete_some()
    await store.retention.delete_some_known(NOW)


@pytest.fixture
async def statements(store: Store) -> set[str]:
    with listening(store.database.engine.sync_engine) as heard:
        await live(store)
    return heard


@ON_SQLITE
def test_no_statement_walks_through_a_growing_table(statements: set[str], file: Path) -> None:
    walks, met = [], set()
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            no_values = [None] * statement.count("?")
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", no_values)
            for *_, detail in plan:
                met |= {table for table in GROWING if f"SEARCH {table} " in detail}
                walks += [
                    f"{detail}: {statement}" for table in GROWING if f"SCAN {table}" in detail
                ]
    assert not walks, "\n".join(walks)
    assert met == set(GROWING), "the life that was played does not meet every growing table"
