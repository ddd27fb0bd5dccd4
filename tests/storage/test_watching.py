"""What should move and does not is told once for each standstill, and can be begun anew."""

from datetime import timedelta

import pytest

from storage.errors import AlreadyDecided, ApprovalExpired
from storage.records import Run
from storage.states import CleanupState, RunState, StopReason, UnsubscribeState
from storage.watching import Stuck
from tests.storage.stores import ANN, BEN, EXPIRES, NOW, Store, readers

AFTER = timedelta(minutes=15)
THEN = NOW + AFTER
NOTHING = Stuck()


async def stuck_run(store: Store, state: RunState = RunState.VERIFYING) -> Run:
    run = await store.run_in(state)
    assert (await store.watching.newly_stuck(THEN, AFTER)).runs == (run.id,)
    return await store.runs.get(run.id)


@pytest.mark.parametrize("state", RunState)
async def test_a_run_is_stuck_only_where_it_should_be_running(
    state: RunState, store: Store
) -> None:
    run = await store.run_in(state)
    runs = state in (RunState.FETCHING, RunState.VERIFYING)
    assert await store.watching.newly_stuck(THEN, AFTER) == (Stuck((run.id,)) if runs else NOTHING)
    assert (await store.runs.get(run.id)).is_stuck == runs


@pytest.mark.parametrize("state", CleanupState)
async def test_a_cleanup_is_stuck_only_where_it_should_be_running(
    state: CleanupState, store: Store
) -> None:
    cleanup = await store.cleanup_in(state)
    runs = state in (CleanupState.PREPARING, CleanupState.UNSUBSCRIBING, CleanupState.PROVING)
    stuck = Stuck(cleanups=(cleanup.id,)) if runs else NOTHING
    assert await store.watching.newly_stuck(THEN, AFTER) == stuck
    assert (await store.cleanups.get(cleanup.id)).is_stuck == runs


async def test_what_moved_a_moment_ago_is_not_stuck(store: Store) -> None:
    await store.run_in(RunState.VERIFYING)
    assert await store.watching.newly_stuck(THEN - timedelta(seconds=1), AFTER) == NOTHING


async def test_what_waits_on_purpose_is_not_stuck(store: Store) -> None:
    run = await store.run_in(RunState.VERIFYING)
    await store.runs.wait_until(run.id, NOW + timedelta(hours=1))
    assert await store.watching.newly_stuck(NOW + timedelta(minutes=70), AFTER) == NOTHING
    assert (await store.watching.newly_stuck(NOW + timedelta(minutes=75), AFTER)).runs == (run.id,)


async def test_what_waits_in_line_behind_a_moving_job_is_not_stuck(store: Store) -> None:
    first, second = await store.new_run(), await store.new_run()
    await store.subscribers.add_page(first.id, readers(2), (0, "next"), THEN)
    assert await store.watching.newly_stuck(THEN, AFTER) == NOTHING
    later = THEN + AFTER
    assert set((await store.watching.newly_stuck(later, AFTER)).runs) == {first.id, second.id}


async def test_what_waits_in_line_behind_an_outage_is_not_stuck(store: Store) -> None:
    first, _ = await store.new_run(), await store.new_run()
    await store.runs.wait_until(first.id, THEN + timedelta(hours=1))
    assert await store.watching.newly_stuck(THEN, AFTER) == NOTHING


async def test_nothing_waits_in_line_behind_a_proof_that_is_due_later(store: Store) -> None:
    proof = await store.cleanup_in(CleanupState.PROVING)
    await store.cleanups.wait_until(proof.id, THEN + timedelta(hours=1))
    run = await store.new_run()
    assert await store.watching.newly_stuck(THEN, AFTER) == Stuck((run.id,))


async def test_a_line_that_comes_to_its_next_job_has_time_to_move_on(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    run = await store.new_run()
    ends = NOW + timedelta(hours=2)
    await store.unsubscribes.mark_trying(cleanup.id, 1, 1, ends)
    assert await store.watching.newly_stuck(ends, AFTER) == NOTHING
    await store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    soon = ends + AFTER - timedelta(seconds=1)
    assert await store.watching.newly_stuck(soon, AFTER) == NOTHING
    assert await store.watching.newly_stuck(ends + AFTER, AFTER) == Stuck((run.id,))


async def test_a_line_moves_on_behind_a_proof_that_has_just_left_it(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    await store.new_run()
    ends = NOW + timedelta(hours=2)
    await store.cleanups.begin_proof(cleanup.id, ends)
    await store.watching.see(ends, AFTER)
    await store.cleanups.wait_until(cleanup.id, ends + timedelta(minutes=10))
    assert await store.watching.newly_stuck(ends + timedelta(seconds=1), AFTER) == NOTHING


async def test_a_line_that_sat_out_an_outage_has_time_to_move_on(store: Store) -> None:
    first, second = await store.new_run(), await store.new_run()
    ends = NOW + timedelta(hours=2)
    await store.runs.wait_until(first.id, ends + timedelta(hours=1))
    assert await store.watching.newly_stuck(ends, AFTER) == NOTHING
    await store.runs.cancel(first.id, BEN, ends)
    assert await store.watching.newly_stuck(ends + timedelta(minutes=1), AFTER) == NOTHING
    assert await store.watching.newly_stuck(ends + AFTER, AFTER) == Stuck((second.id,))


async def test_a_standstill_is_told_once_however_many_look(stores: list[Store]) -> None:
    run = await stores[0].run_in(RunState.VERIFYING)
    found = [await store.watching.newly_stuck(THEN, AFTER) for store in stores]
    assert found == [Stuck((run.id,)), NOTHING, NOTHING, NOTHING]
    assert await stores[0].watching.newly_stuck(THEN + 9 * AFTER, AFTER) == NOTHING


async def test_the_next_standstill_is_told_again(store: Store) -> None:
    run = await stuck_run(store)
    moved = THEN + timedelta(minutes=1)
    await store.settle_chunk(run.id, 1, 0, now=moved)
    assert not (await store.runs.get(run.id)).is_stuck
    assert await store.watching.newly_stuck(moved, AFTER) == NOTHING
    assert (await store.watching.newly_stuck(moved + AFTER, AFTER)).runs == (run.id,)


async def test_a_stuck_run_begins_a_new_attempt(store: Store) -> None:
    run = await stuck_run(store)
    resumed = await store.runs.resume(run.id, BEN, THEN)
    assert (resumed.state, resumed.attempt, resumed.is_stuck) == (RunState.VERIFYING, 2, False)
    assert not await store.settle_chunk(run.id, 1, 0)
    with pytest.raises(AlreadyDecided):
        await store.runs.resume(run.id, BEN, THEN)


async def test_a_stuck_reading_goes_on_without_a_new_attempt(store: Store) -> None:
    run = await stuck_run(store, RunState.FETCHING)
    resumed = await store.runs.resume(run.id, BEN, THEN)
    assert (resumed.state, resumed.attempt, resumed.is_stuck) == (RunState.FETCHING, 0, False)


@pytest.mark.parametrize(
    ("state", "attempt"),
    [
        pytest.param(CleanupState.PREPARING, 0, id="preparing"),
        pytest.param(CleanupState.UNSUBSCRIBING, 2, id="unsubscribing"),
        pytest.param(CleanupState.PROVING, 2, id="proving"),
    ],
)
async def test_a_stuck_cleanup_begins_a_new_attempt(
    state: CleanupState, attempt: int, store: Store
) -> None:
    cleanup = await store.cleanup_in(state)
    await store.watching.newly_stuck(THEN, AFTER)
    resumed = await store.decisions.resume(cleanup.id, BEN, THEN)
    assert (resumed.state, resumed.attempt, resumed.is_stuck) == (state, attempt, False)
    with pytest.raises(AlreadyDecided):
        await store.decisions.resume(cleanup.id, BEN, THEN)


async def test_a_running_cleanup_that_was_stopped_once_is_not_resumed(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.STOPPED)
    await store.decisions.resume(cleanup.id, BEN, NOW)
    with pytest.raises(AlreadyDecided):
        await store.decisions.resume(cleanup.id, BEN, NOW)


async def test_a_stuck_cleanup_on_an_old_approval_is_not_begun_anew(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    await store.watching.newly_stuck(EXPIRES, AFTER)
    with pytest.raises(ApprovalExpired, match="Press Stop and then Drop"):
        await store.decisions.resume(cleanup.id, BEN, EXPIRES)


async def test_the_census_counts_what_is_open(store: Store) -> None:
    await stuck_run(store)
    await store.run_in(RunState.FINISHED)
    await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    await store.cleanup_in(CleanupState.REJECTED)
    census = await store.watching.census()
    assert census.runs == {RunState.VERIFYING: 1}
    assert census.cleanups == {CleanupState.UNSUBSCRIBING: 1}
    assert census.unsubscribes == {UnsubscribeState.PENDING: 3}
    assert (census.stuck_runs, census.stuck_cleanups) == (1, 0)
    assert census.oldest_progress == NOW


async def test_the_census_of_nothing_is_nothing(store: Store) -> None:
    await store.runs.stop((await stuck_run(store)).id, StopReason.BY_PERSON, by=ANN)
    census = await store.watching.census()
    assert (census.stuck_runs, census.oldest_progress) == (0, None)
