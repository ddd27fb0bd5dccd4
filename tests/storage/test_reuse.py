"""A verdict that the workspace paid for lately is taken over; an old or Unknown one is not."""

from datetime import timedelta

import pytest

from convertkit import Subscriber
from storage.records import Run
from storage.states import RunState, StopReason
from tests.storage.stores import ANN, BEN, NOW, TEAM, Store, readers
from verification import Category, Reason

LIFE = timedelta(days=60)
SHELF_LIVES: dict[Category, timedelta] = {
    category: LIFE for category in Category if category not in (Category.UNKNOWN, Category.RISKY)
}


async def listed(store: Store, *people: Subscriber, team: str = TEAM) -> Run:
    """Make a Run whose list is read and not closed."""
    run = await store.new_run(team=team)
    await store.subscribers.add_page(run.id, people, (1, None), NOW)
    return run


@pytest.mark.parametrize(
    ("reason", "age", "taken"),
    [
        pytest.param(Reason.ACCEPTED, timedelta(0), 1, id="safe"),
        pytest.param(Reason.NO_SUCH_MAILBOX, LIFE - timedelta(seconds=1), 1, id="almost-old"),
        pytest.param(Reason.NO_SUCH_MAILBOX, LIFE, 0, id="old"),
        pytest.param(Reason.TIMEOUT, timedelta(0), 0, id="unknown"),
        pytest.param(Reason.MAILBOX_FULL, timedelta(0), 0, id="category-without-shelf-life"),
    ],
)
async def test_a_verdict_is_taken_over_while_it_is_fresh(
    reason: Reason, age: timedelta, taken: int, store: Store
) -> None:
    await store.finished_run([reason])
    run = await listed(store, *readers(1))
    assert await store.reuse.take_over(run.id, SHELF_LIVES, NOW + age) == taken
    [found] = [each async for each in store.subscribers.stream(run.id)]
    assert (found.verdict.reason if found.verdict else None) == (reason if taken else None)


async def test_what_is_taken_over_costs_nothing_and_is_not_checked_again(store: Store) -> None:
    await store.finished_run([Reason.ACCEPTED, Reason.TIMEOUT, Reason.NULL_MX])
    run = await listed(store, *readers(5))
    assert await store.reuse.take_over(run.id, SHELF_LIVES, NOW) == 2
    await store.subscribers.close_list(run.id, 2, NOW)
    quoted = await store.runs.get(run.id)
    assert (quoted.subscribers, quoted.reused, quoted.cost) == (5, 2, 3)
    await store.runs.start(run.id, ANN, NOW)
    chunks = await store.subscribers.open_chunks(run.id)
    left = [await store.subscribers.chunk(run.id, each) for each in chunks]
    assert sorted(each for chunk in left for each in chunk) == [2, 4, 5]
    await store.settle(run.id, 1)
    await store.runs.finish(run.id, 1, NOW)
    report = await store.reports.run(run.id)
    assert (report.held, report.charged, report.released) == (3, 3, 0)
    assert report.verified == 5


async def test_a_run_all_of_which_is_taken_over_holds_nothing(store: Store) -> None:
    await store.finished_run([Reason.ACCEPTED] * 3)
    run = await listed(store, *readers(3))
    await store.reuse.take_over(run.id, SHELF_LIVES, NOW)
    await store.subscribers.close_list(run.id, 200, NOW)
    await store.runs.start(run.id, ANN, NOW)
    assert await store.subscribers.open_chunks(run.id) == []
    await store.runs.finish(run.id, 1, NOW)
    report = await store.reports.run(run.id)
    assert (report.held, report.charged, report.released, report.verified) == (0, 0, 0, 3)


async def test_another_workspaces_verdicts_are_not_taken_over(store: Store) -> None:
    await store.finished_run([Reason.ACCEPTED])
    run = await listed(store, *readers(1), team="T0OTHERTEAM")
    assert await store.reuse.take_over(run.id, SHELF_LIVES, NOW) == 0


async def test_a_changed_address_is_checked_anew(store: Store) -> None:
    await store.finished_run([Reason.ACCEPTED])
    [reader] = readers(1)
    run = await listed(store, Subscriber(reader.id, "new@letters.example.com", reader.state))
    assert await store.reuse.take_over(run.id, SHELF_LIVES, NOW) == 0


async def test_the_youngest_verdict_counts(store: Store) -> None:
    first, second = await store.quoted_run(1), await store.quoted_run(1)
    for run, reason in ((first, Reason.NO_SUCH_MAILBOX), (second, Reason.ACCEPTED)):
        await store.runs.start(run.id, ANN, NOW)
        await store.settle(run.id, 1, [reason])
    await store.sql(
        f"UPDATE run_subscriber SET decided_at = '2027-02-01 00:00:00.000000'"
        f" WHERE run_id = {second.id}"
    )
    for each in (first, second):
        await store.known.remember(each.id)
    run = await listed(store, *readers(1))
    await store.reuse.take_over(run.id, SHELF_LIVES, NOW)
    [found] = [each async for each in store.subscribers.stream(run.id)]
    assert found.verdict
    assert found.verdict.reason is Reason.NO_SUCH_MAILBOX


async def test_taking_over_twice_is_taking_over_once(store: Store) -> None:
    await store.finished_run([Reason.ACCEPTED])
    run = await listed(store, *readers(2))
    assert await store.reuse.take_over(run.id, SHELF_LIVES, NOW) == 1
    assert await store.reuse.take_over(run.id, SHELF_LIVES, NOW) == 1


async def test_nothing_is_taken_over_into_a_run_that_is_past_its_list(store: Store) -> None:
    await store.finished_run([Reason.ACCEPTED])
    run = await store.run_in(RunState.STOPPED)
    assert await store.reuse.take_over(run.id, SHELF_LIVES, NOW) == 0
    assert len(await store.subscribers.open_chunks(run.id)) == 1


async def test_verdicts_of_a_dropped_run_are_taken_over_but_not_its_unreached(
    store: Store,
) -> None:
    run = await store.quoted_run(4, chunk_size=2)
    await store.runs.start(run.id, ANN, NOW)
    await store.settle_chunk(run.id, 1, 0)
    await store.runs.stop(run.id, StopReason.BY_PERSON, by=BEN)
    await store.runs.drop(run.id, BEN, NOW)
    await store.known.remember(run.id)
    again = await listed(store, *readers(4))
    assert await store.reuse.take_over(again.id, SHELF_LIVES, NOW) == 2
