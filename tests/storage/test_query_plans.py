"""No statement walks through a table that grows with the subscribers: each finds its rows by index.

The whole life of a Run and a Cleanup is played, and the database is asked how it would do each
statement that was made. SQLite is asked what it does. PostgreSQL prefers to walk through tables as
small as these, so it is told to walk only where no index helps: what it still walks through then
has no index for the question, at any size.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event

from storage.database import Database
from storage.states import CleanupState, RunState, StopReason, UnsubscribeState
from tests.storage.stores import ANN, BEN, NOW, TEAM, Store, readers
from verification import Category, Reason

GROWING = ("run_subscriber", "unsubscribe", "credit_entry", "known_verdict")
VERBS = ("SELECT", "UPDATE", "DELETE", "INSERT")

#: What was asked, with values that it was asked with.
Heard = dict[str, Any]


@contextmanager
def listening(database: Database) -> Iterator[Heard]:
    """Collect the statements that are made."""
    heard: Heard = {}

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.lstrip().startswith(VERBS):
            heard.setdefault(statement, values[0] if isinstance(values, list) else values)

    def listen(engine: Engine, stack: ExitStack) -> None:
        event.listen(engine, "before_cursor_execute", hear)
        stack.callback(event.remove, engine, "before_cursor_execute", hear)

    with ExitStack() as stack:
        for engine in database.engines:
            listen(engine.sync_engine, stack)
        yield heard


async def live(store: Store) -> None:
    """Do everything that is done to a list of subscribers."""
    run = await store.quoted_run(6, chunk_size=3)
    await store.runs.start(run.id, ANN, NOW)
    await store.settle(run.id, 1, [Reason.GREYLISTED], retry_after=timedelta(minutes=5))
    await store.subscribers.waiting_until(run.id)
    await store.subscribers.regroup(run.id, 3, NOW)
    await store.settle(run.id, 1, [Reason.TIMEOUT])
    await store.known.remember(run.id)
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
    await store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    await store.decisions.drop(cleanup.id, BEN, NOW)
    await store.cleanups.drop_pending(cleanup.id, NOW)
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


async def plan(store: Store, statement: str, values: Any) -> list[str]:
    """Ask how the database would do a statement, a line for each step."""
    async with store.database.reading() as session:
        connection = await session.connection()
        if store.database.is_sqlite:
            explain = f"EXPLAIN QUERY PLAN {statement}"
        else:
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            explain = f"EXPLAIN {statement}"
        return [str(row[-1]) for row in await connection.exec_driver_sql(explain, values)]


async def test_no_statement_walks_through_a_growing_table(store: Store) -> None:
    with listening(store.database) as heard:
        await live(store)
    walks, met = [], set[str]()
    for statement, values in heard.items():
        for line in await plan(store, statement, values):
            met |= {table for table in GROWING if f"SEARCH {table}" in line}
            met |= {
                table
                for table in GROWING
                if f"Scan on {table} " in line or (f" on {table} " in line and "Index" in line)
            }
            walks += [
                f"{line}: {statement}"
                for table in GROWING
                if f"SCAN {table}" in line or f"Seq Scan on {table}" in line
            ]
    assert not walks, "\n".join(walks)
    assert met == set(GROWING), "the life that was played does not meet every growing table"
