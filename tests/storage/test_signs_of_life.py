"""What several processes share about one Run or Cleanup: who shows it, who works, what moved."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from storage.records import Cleanup
from storage.states import CleanupState, RunState, StopReason, UnsubscribeState
from storage.tables import CleanupRow, RunRow
from tests.storage.stores import ANN, BEN, LATER, NOW, Store, readers
from verification import Reason

EVERY = timedelta(seconds=3)
FAR = NOW + timedelta(hours=6)


async def active_at(
    store: Store, table: type[RunRow] | type[CleanupRow], row_id: int
) -> datetime | None:
    query = select(table.active_at).where(col(table.id) == row_id)
    async with store.database.reading() as session:
        return (await session.exec(query)).one()


async def test_a_message_is_shown_by_one_process_at_a_time(stores: list[Store]) -> None:
    run = await stores[0].run_in(RunState.VERIFYING)
    cleanup = await stores[0].cleanup_in(CleanupState.UNSUBSCRIBING)
    for now in (NOW, NOW + EVERY):
        runs = await asyncio.gather(*(s.runs.may_show(run.id, now, EVERY) for s in stores))
        assert sorted(runs) == [False, False, False, True]
        answers = await asyncio.gather(
            *(s.cleanups.may_show(cleanup.id, now, EVERY) for s in stores)
        )
        assert sorted(answers) == [False, False, False, True]
    assert not await stores[0].runs.may_show(run.id, NOW + EVERY * 1.9, EVERY)
    assert not await stores[0].cleanups.may_show(cleanup.id, NOW + EVERY * 1.9, EVERY)


@pytest.mark.parametrize("state", RunState)
async def test_a_run_waits_on_purpose_only_while_it_is_worked_on(
    state: RunState, store: Store
) -> None:
    run = await store.run_in(state)
    await store.runs.wait_until(run.id, FAR)
    waits = await active_at(store, RunRow, run.id) == FAR
    assert waits is (state in (RunState.FETCHING, RunState.VERIFYING))


@pytest.mark.parametrize("state", CleanupState)
async def test_a_cleanup_waits_on_purpose_only_while_it_is_worked_on(
    state: CleanupState, store: Store
) -> None:
    cleanup = await store.cleanup_in(state)
    await store.cleanups.wait_until(cleanup.id, FAR)
    waits = await active_at(store, CleanupRow, cleanup.id) == FAR
    working = (CleanupState.PREPARING, CleanupState.UNSUBSCRIBING, CleanupState.PROVING)
    assert waits is (state in working)


async def test_every_step_of_a_run_is_a_sign_of_life(store: Store) -> None:
    run = await store.new_run()

    async def moved(now: datetime) -> None:
        assert await active_at(store, RunRow, run.id) == now

    times = [NOW + timedelta(minutes=n) for n in range(7)]
    await moved(times[0])
    await store.subscribers.add_page(run.id, readers(4), (1, None), times[1])
    await moved(times[1])
    await store.subscribers.close_list(run.id, 2, times[2])
    await moved(times[2])
    await store.runs.start(run.id, ANN, times[3])
    await moved(times[3])
    waits = {"retry_after": timedelta(minutes=5)}
    await store.settle_chunk(run.id, 1, 0, [Reason.GREYLISTED], now=times[4], **waits)
    await moved(times[4])
    await store.subscribers.regroup(run.id, 2, times[5])
    await moved(times[5])
    await store.runs.stop(run.id, StopReason.BY_PERSON, by=BEN)
    await store.runs.resume(run.id, BEN, times[6])
    await moved(times[6])


async def test_every_step_of_a_cleanup_is_a_sign_of_life(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.PREPARING)

    async def moved(now: datetime) -> None:
        assert await active_at(store, CleanupRow, cleanup.id) == now

    times = [NOW + timedelta(minutes=n) for n in range(8)]
    await moved(times[0])
    await store.cleanups.prepare(cleanup.id, times[1])
    await moved(times[1])
    await store.decisions.approve(cleanup.id, BEN, times[2])
    await moved(times[2])
    await store.unsubscribes.mark_trying(cleanup.id, 1, 1, times[3])
    await moved(times[3])
    await store.unsubscribes.mark(cleanup.id, 1, UnsubscribeState.REQUESTED, now=times[4])
    await moved(times[4])
    await store.cleanups.begin_proof(cleanup.id, times[5])
    await moved(times[5])
    await store.cleanups.count_proof(cleanup.id, 1, times[6])
    await moved(times[6])
    await store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    await store.decisions.resume(cleanup.id, BEN, times[7])
    await moved(times[7])


async def taken(store: Store) -> Cleanup:
    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    assert await store.cleanups.take(cleanup.id, 1, "first")
    return cleanup


async def test_whoever_takes_a_cleanup_over_ends_the_one_before(store: Store) -> None:
    cleanup = await taken(store)
    assert await store.unsubscribes.claim(cleanup.id, 1, 1, worker="first")
    assert await store.unsubscribes.mark_trying(cleanup.id, 1, 1, NOW, worker="first")
    assert await store.cleanups.take(cleanup.id, 1, "second")
    assert not await store.unsubscribes.claim(cleanup.id, 1, 2, worker="first")
    assert not await store.unsubscribes.mark_trying(cleanup.id, 1, 2, LATER, worker="first")
    assert await store.unsubscribes.claim(cleanup.id, 1, 2, worker="second")
    assert await store.unsubscribes.mark_trying(cleanup.id, 1, 2, LATER, worker="second")


async def test_a_halted_cleanup_and_a_later_attempt_are_not_taken(store: Store) -> None:
    cleanup = await taken(store)
    await store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    assert not await store.cleanups.take(cleanup.id, 1, "second")
    await store.decisions.resume(cleanup.id, BEN, NOW)
    assert not await store.cleanups.take(cleanup.id, 1, "second")
    assert await store.cleanups.take(cleanup.id, 2, "second")
