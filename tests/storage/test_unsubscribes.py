"""Each subscriber on an approved list is dealt with once, and only while the Cleanup runs."""

import pytest

from storage.states import CleanupState, StopReason, UnsubscribeState
from tests.storage.stores import BEN, LATER, NOW, Store

RUNNING = CleanupState.UNSUBSCRIBING


async def test_pending_subscribers_are_listed_by_id(store: Store) -> None:
    cleanup = await store.cleanup_in(RUNNING)
    pending = UnsubscribeState.PENDING
    assert await store.unsubscribes.ids(cleanup.id, pending) == (1, 2, 3)
    assert await store.unsubscribes.ids(cleanup.id, pending, 2) == (1, 2)
    assert await store.unsubscribes.ids(cleanup.id, UnsubscribeState.GONE) == ()


async def test_a_claimed_subscriber_is_the_approved_one(store: Store) -> None:
    cleanup = await store.cleanup_in(RUNNING)
    claimed = await store.unsubscribes.claim(cleanup.id, 1, 2)
    assert claimed
    assert (claimed.subscriber_id, claimed.address) == (2, "reader2@letters0.example.com")
    assert (claimed.state, claimed.tried_at) == (UnsubscribeState.PENDING, None)


@pytest.mark.parametrize("state", [each for each in CleanupState if each is not RUNNING])
async def test_nobody_is_claimed_or_tried_unless_the_cleanup_unsubscribes(
    state: CleanupState, store: Store
) -> None:
    cleanup = await store.cleanup_in(state)
    assert await store.unsubscribes.claim(cleanup.id, cleanup.attempt, 1) is None
    assert not await store.unsubscribes.mark_trying(cleanup.id, cleanup.attempt, 1, NOW)
    assert [
        each.tried_at async for each in store.unsubscribes.stream(cleanup.id) if each.tried_at
    ] == []


async def test_an_earlier_attempt_claims_nobody(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.STOPPED)
    await store.decisions.resume(cleanup.id, BEN, NOW)
    assert await store.unsubscribes.claim(cleanup.id, 1, 1) is None
    assert not await store.unsubscribes.mark_trying(cleanup.id, 1, 1, NOW)
    assert await store.unsubscribes.claim(cleanup.id, 2, 1)
    assert await store.unsubscribes.mark_trying(cleanup.id, 2, 1, NOW)


async def test_whoever_was_dealt_with_is_not_claimed_again(store: Store) -> None:
    cleanup = await store.cleanup_in(RUNNING)
    await store.unsubscribes.mark(cleanup.id, 1, UnsubscribeState.REQUESTED, now=NOW)
    assert await store.unsubscribes.claim(cleanup.id, 1, 1) is None
    assert await store.unsubscribes.claim(cleanup.id, 1, 99) is None, "nobody of the list"


async def test_a_stop_between_claim_and_call_comes_in_time(store: Store) -> None:
    cleanup = await store.cleanup_in(RUNNING)
    assert await store.unsubscribes.claim(cleanup.id, 1, 1)
    await store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    assert not await store.unsubscribes.mark_trying(cleanup.id, 1, 1, NOW)


async def test_the_times_of_each_step_are_kept(store: Store) -> None:
    cleanup = await store.cleanup_in(RUNNING)
    await store.unsubscribes.mark_trying(cleanup.id, 1, 1, NOW)
    await store.unsubscribes.mark(cleanup.id, 1, UnsubscribeState.REQUESTED, now=LATER)
    await store.unsubscribes.mark(cleanup.id, 1, UnsubscribeState.CONFIRMED, now=LATER)
    await store.unsubscribes.mark(cleanup.id, 2, UnsubscribeState.FAILED, now=LATER, note="No.")
    first, second, third = [each async for each in store.unsubscribes.stream(cleanup.id)]
    assert (first.tried_at, first.requested_at, first.proven_at) == (NOW, LATER, LATER)
    assert (second.state, second.note, second.proven_at) == (UnsubscribeState.FAILED, "No.", None)
    assert third.state is UnsubscribeState.PENDING
