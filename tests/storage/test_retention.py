"""What is old is deleted, a batch at a time; counts, credits and who decided what stay."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from storage import retention
from storage.errors import Purged
from storage.records import Cleanup, Run
from storage.states import CleanupState, RunState, StopReason, UnsubscribeState
from tests.storage.stores import BEN, NOW, ON_SQLITE, TEAM, Store, fresh_key, holding, readers
from verification import Category, Reason

DAYS = timedelta(days=15)
THEN = NOW + DAYS
_ENDED = (RunState.FINISHED, RunState.CANCELLED, RunState.FAILED)


async def rows(store: Store, table: str) -> int:
    [(count,)] = await store.sql(f"SELECT count(*) FROM {table}")
    return int(count)


async def purge(store: Store, now: datetime = THEN) -> tuple[int, int]:
    """Mark what is due and delete all of it; give how many Runs and Cleanups were marked."""
    marked = await store.retention.mark(now - DAYS, now)
    while await store.retention.delete_some():
        pass
    return marked


@pytest.mark.parametrize("state", RunState)
async def test_only_the_addresses_of_runs_that_ended_are_deleted(
    state: RunState, store: Store
) -> None:
    run = await store.run_in(state)
    before = await rows(store, "run_subscriber")
    assert await purge(store) == ((1, 0) if state in _ENDED else (0, 0))
    assert await rows(store, "run_subscriber") == (0 if state in _ENDED else before)
    purged = await store.runs.get(run.id)
    assert purged.purged_at == (THEN if state in _ENDED else None)
    assert purged.subscribers == run.subscribers


async def test_a_run_keeps_its_addresses_until_the_day(store: Store) -> None:
    await store.run_in(RunState.FINISHED)
    assert await purge(store, THEN - timedelta(seconds=1)) == (0, 0)
    assert await rows(store, "run_subscriber") == 4


async def test_the_credits_stay(store: Store) -> None:
    await store.finished_run([Reason.ACCEPTED, Reason.TIMEOUT])
    before = await store.credits.entries(TEAM, 10)
    await purge(store)
    assert await store.credits.entries(TEAM, 10) == before


async def test_a_run_with_an_open_cleanup_is_left_until_that_ends(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.AWAITING_APPROVAL)
    assert await purge(store) == (0, 0)
    await store.decisions.expire(cleanup.id, THEN)
    assert await purge(store) == (1, 0)
    assert await rows(store, "run_subscriber") == 0
    assert await rows(store, "unsubscribe") == 3


@pytest.mark.parametrize(
    "state",
    [s for s in CleanupState if s not in retention._ENDED_CLEANUPS],
)
async def test_the_list_of_an_open_cleanup_is_left(state: CleanupState, store: Store) -> None:
    await store.cleanup_in(state)
    before = await rows(store, "unsubscribe")
    assert await purge(store) == (0, 0)
    assert await rows(store, "unsubscribe") == before


@pytest.mark.parametrize("state", retention._ENDED_CLEANUPS)
async def test_the_list_of_an_ended_cleanup_goes(state: CleanupState, store: Store) -> None:
    cleanup = await store.cleanup_in(state)
    assert await purge(store, NOW + 2 * DAYS) == (1, 1)
    assert await rows(store, "unsubscribe") == 0
    kept = await store.cleanups.get(cleanup.id)
    assert (kept.decided_by, kept.subscribers) == (cleanup.decided_by, cleanup.subscribers)
    assert kept.purged_at == NOW + 2 * DAYS


async def test_rows_are_deleted_a_batch_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    await store.finished_run([Reason.ACCEPTED] * 7)
    await store.retention.mark(NOW, THEN)
    batches = [await store.retention.delete_some() for _ in range(4)]
    assert batches == [3, 3, 1, 0]


async def test_a_deletion_that_was_cut_off_goes_on(store: Store) -> None:
    await store.run_in(RunState.FINISHED)
    await store.retention.mark(NOW, THEN)
    assert await purge(store, THEN) == (0, 0)
    assert await rows(store, "run_subscriber") == 0


async def test_nothing_is_delivered_of_what_is_deleted(store: Store) -> None:
    await store.run_in(RunState.FINISHED)
    await store.cleanup_in(CleanupState.FINISHED)
    await purge(store)
    assert await store.runs.undelivered() == ()
    assert await store.cleanups.undelivered() == ()


async def test_nobody_makes_a_cleanup_of_a_deleted_list(store: Store) -> None:
    run = await store.run_in(RunState.FINISHED)
    await purge(store)
    with pytest.raises(Purged, match="Nobody was unsubscribed"):
        await store.new_cleanup(run)


async def test_what_nothing_happens_with_is_found(store: Store) -> None:
    quoted = await store.run_in(RunState.QUOTED)
    stopped = await store.cleanup_in(CleanupState.STOPPED)
    await store.run_in(RunState.CANCELLED)
    assert await store.retention.forgotten_runs(NOW - timedelta(seconds=1)) == ()
    assert await store.retention.forgotten_runs(NOW) == (quoted,)
    assert await store.retention.forgotten_cleanups(NOW) == (stopped,)


async def forgotten(store: Store, state: RunState) -> Run:
    run = await store.run_in(state)
    if state is RunState.QUOTED:
        await store.runs.cancel(run.id, None, THEN, reason=StopReason.FORGOTTEN)
    else:
        await store.runs.drop(run.id, None, THEN, reason=StopReason.FORGOTTEN)
    return await store.runs.get(run.id)


async def test_a_forgotten_quote_is_deleted_at_once(store: Store) -> None:
    run = await forgotten(store, RunState.QUOTED)
    assert (run.state, run.stop_reason) == (RunState.CANCELLED, StopReason.FORGOTTEN)
    assert await purge(store) == (1, 0)


async def test_a_forgotten_run_gives_its_credits_back_and_is_deleted_when_it_is_delivered(
    store: Store,
) -> None:
    before = await store.credits.balance((await store.connect()).workspace_id)
    run = await forgotten(store, RunState.STOPPED)
    assert (run.state, run.stop_reason) == (RunState.FINISHED, StopReason.FORGOTTEN)
    assert await store.credits.balance(TEAM) == before
    assert await purge(store) == (0, 0)
    await store.runs.mark_delivered(run.id)
    assert await purge(store) == (1, 0)


async def given_up(store: Store) -> Cleanup:
    cleanup = await store.cleanup_in(CleanupState.STOPPED)
    assert await store.decisions.give_up(cleanup.id, THEN)
    return await store.cleanups.get(cleanup.id)


async def test_a_forgotten_cleanup_leaves_the_rest_alone(store: Store) -> None:
    cleanup = await given_up(store)
    assert (cleanup.state, cleanup.stop_reason) == (CleanupState.FINISHED, StopReason.FORGOTTEN)
    assert (await store.reports.cleanup(cleanup.id)).by_state == {UnsubscribeState.DROPPED: 3}
    assert not await store.decisions.give_up(cleanup.id, THEN)
    await store.cleanups.mark_delivered(cleanup.id)
    assert await purge(store) == (1, 1)


async def test_known_verdicts_go_when_they_are_too_old_for_any_run(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    run = await store.run_in(RunState.CANCELLED)
    await store.sql("DELETE FROM known_verdict")
    for day, count in ((0, 3), (9, 1)):
        for _ in range(count):
            at = (NOW + timedelta(days=day)).strftime("%Y-%m-%d %H:%M:%S.000000")
            key = fresh_key()
            await store.sql(
                "INSERT INTO known_verdict (workspace_id, address_key, category, reason, role,"
                f" free_provider, decided_at, run_id, subscriber_id) VALUES ('{TEAM}', '{key}',"
                f" 'safe', 'accepted', '0', '0', '{at}', {run.id}, 1)"
            )
    before = NOW + timedelta(days=1)
    assert [await store.retention.delete_some_known(before) for _ in range(3)] == [2, 1, 0]
    assert await rows(store, "known_verdict") == 1


async def test_who_decided_stays(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.FINISHED)
    await purge(store)
    assert (await store.cleanups.get(cleanup.id)).decided_by == BEN


@ON_SQLITE
async def test_no_file_holds_an_address_of_a_run_that_was_purged(store: Store, file: Path) -> None:
    await store.cleanup_in(CleanupState.FINISHED)
    await store.sql("UPDATE run SET delivered = true")
    assert holding(file, "example.com")
    assert await purge(store) == (1, 1)
    assert holding(file, "letters0.example.com") == []


async def test_a_verdict_that_outlives_its_run_names_nobody(store: Store) -> None:
    await store.finished_run([Reason.NO_SUCH_MAILBOX] * 3)
    await purge(store)
    known = await store.sql("SELECT run_id, subscriber_id, category FROM known_verdict")
    assert known == [(None, None, "invalid")] * 3
    found = await store.evidence.newest(TEAM, "reader1@letters0.example.com")
    assert found
    assert (found.run_id, found.is_kept) == (None, False)
    assert found.verdict.reason is Reason.NO_SUCH_MAILBOX


async def test_a_verdict_that_a_later_run_reached_stays_with_that_one(store: Store) -> None:
    older = await store.finished_run([Reason.NO_SUCH_MAILBOX] * 3)
    newer = await store.finished_run([Reason.ACCEPTED] * 2)
    await store.sql(f"UPDATE run SET finished_at = '2027-06-01' WHERE id = {newer.id}")
    await purge(store)
    known = await store.sql("SELECT run_id, subscriber_id FROM known_verdict")
    assert sorted(known, key=str) == [(newer.id, 1), (newer.id, 2), (None, None)]
    assert (await store.runs.get(older.id)).purged_at == THEN


async def test_who_is_known_to_nobody_is_still_reused(store: Store) -> None:
    await store.finished_run([Reason.NO_SUCH_MAILBOX] * 3)
    await purge(store)
    run = await store.new_run()
    await store.subscribers.add_page(run.id, readers(3), (1, None), NOW)
    lives = {Category.INVALID: timedelta(days=60)}
    assert await store.reuse.take_over(run.id, lives, THEN) == 3
