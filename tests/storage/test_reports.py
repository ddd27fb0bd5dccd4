"""A report counts every subscriber once, and says what a message has to show."""

from dataclasses import replace
from datetime import timedelta

import pytest

from convertkit import Subscriber, SubscriberState
from storage.schedules import NewSchedule
from storage.states import Cadence, CleanupState, RunState, UnsubscribeState
from tests.storage.stores import (
    ANN,
    EVERYBODY,
    NOW,
    PROOF_DELAYS,
    TEAM,
    WELCOME,
    Store,
    judged,
    readers,
)
from verification import Category, Reason

EVERY_REASON_TWICE = (*Reason, *Reason)


async def test_a_finished_run_counts_every_subscriber_in_one_category(store: Store) -> None:
    run = await store.finished_run(EVERY_REASON_TWICE)
    report = await store.reports.run(run.id)
    expected = {
        category: 2 * sum(reason.category is category for reason in Reason) for category in Category
    }
    assert report.counts == expected
    assert report.verified == report.run.subscribers == len(EVERY_REASON_TWICE)
    assert report.released == expected[Category.UNKNOWN]
    assert report.balance == WELCOME - report.charged


async def test_a_run_that_has_begun_counts_what_is_verified(store: Store) -> None:
    run = await store.quoted_run(4, chunk_size=2)
    assert (await store.reports.run(run.id)).counts == {}
    await store.runs.start(run.id, ANN, NOW)
    await store.settle_chunk(run.id, 1, 0)
    report = await store.reports.run(run.id)
    assert (report.verified, report.charged, report.held) == (2, 2, 4)
    assert report.connection.account_name == "Paper Boats"


async def test_roles_and_typos_are_counted_at_the_end(store: Store) -> None:
    people = [
        Subscriber(1, "info@example.com", SubscriberState.ACTIVE),
        Subscriber(2, "ann@gmial.example.com", SubscriberState.ACTIVE),
        Subscriber(3, "ben@example.com", SubscriberState.ACTIVE),
    ]
    run = await store.quoted_run(people)
    await store.runs.start(run.id, ANN, NOW)
    verdicts = {
        1: judged("info@example.com", role=True),
        2: judged("ann@gmial.example.com", role=True, hint="ann@gmail.example.com"),
        3: judged("ben@example.com"),
    }
    await store.subscribers.settle(run.id, 1, 0, verdicts, retry_after=None, now=NOW)
    running = await store.reports.run(run.id)
    assert (running.roles, running.typos) == (0, 0)
    await store.runs.finish(run.id, 1, NOW)
    finished = await store.reports.run(run.id)
    assert (finished.roles, finished.typos) == (2, 1)


async def test_a_scheduled_run_is_compared_with_the_one_before(store: Store) -> None:
    connection = await store.connect()
    new = NewSchedule(
        TEAM, connection.id, EVERYBODY, Cadence.WEEKLY, 0, 8, 0, "Europe/Paris", "C1", ANN, "V1"
    )
    first, _ = await store.schedules.create(new, NOW)
    second, _ = await store.schedules.create(replace(new, request_key="V2"), NOW)

    async def fire(schedule_id: int, reasons: list[Reason]) -> float | None:
        run = await store.new_run(schedule_id=schedule_id, connection_id=connection.id)
        await store.subscribers.add_page(run.id, readers(len(reasons)), (1, None), NOW)
        await store.subscribers.close_list(run.id, 200, NOW)
        await store.runs.start(run.id, ANN, NOW)
        await store.settle(run.id, 1, reasons)
        await store.runs.finish(run.id, 1, NOW)
        return (await store.reports.run(run.id)).previous_safe_share

    assert await fire(first.id, [Reason.ACCEPTED, Reason.NULL_MX]) is None
    assert await fire(second.id, [Reason.ACCEPTED]) is None
    assert await fire(first.id, [Reason.ACCEPTED]) == 0.5
    assert await fire(first.id, [Reason.ACCEPTED]) == 1.0


async def test_a_run_by_hand_is_compared_with_nothing(store: Store) -> None:
    await store.run_in(RunState.FINISHED)
    run = await store.run_in(RunState.FINISHED)
    assert (await store.reports.run(run.id)).previous_safe_share is None


async def test_a_cleanup_is_counted_by_category_and_by_what_became_of_each(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    before = await store.reports.cleanup(cleanup.id)
    assert before.by_category == {Category.INVALID: 2, Category.DISPOSABLE: 1}
    assert before.by_state == {UnsubscribeState.PENDING: 3}
    assert (before.handled, before.cleanup.subscribers) == (0, 3)
    await store.unsubscribes.mark(cleanup.id, 1, UnsubscribeState.REQUESTED, now=NOW)
    await store.unsubscribes.mark(cleanup.id, 2, UnsubscribeState.GONE, now=NOW)
    after = await store.reports.cleanup(cleanup.id)
    assert after.by_category == before.by_category
    assert after.by_state == {
        UnsubscribeState.REQUESTED: 1,
        UnsubscribeState.GONE: 1,
        UnsubscribeState.PENDING: 1,
    }
    assert after.handled == 2
    assert after.run.id == cleanup.run_id


@pytest.mark.parametrize(
    ("proofs", "delay"),
    [
        pytest.param(0, PROOF_DELAYS[0], id="after-none"),
        pytest.param(1, PROOF_DELAYS[1], id="after-the-first"),
        pytest.param(2, None, id="after-the-last"),
    ],
)
async def test_a_proof_says_when_it_is_read_next(
    proofs: int, delay: timedelta | None, store: Store
) -> None:
    cleanup = await store.cleanup_in(CleanupState.PROVING)
    await store.cleanups.count_proof(cleanup.id, proofs, NOW)
    report = await store.reports.cleanup(cleanup.id)
    assert report.next_proof_at == (NOW + delay if delay else None)


async def test_a_cleanup_that_proves_nothing_has_no_next_reading(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    assert (await store.reports.cleanup(cleanup.id)).next_proof_at is None


async def test_a_run_waits_in_line_while_another_job_works_with_its_account(store: Store) -> None:
    first = await store.new_run()
    second = await store.new_run(connection_id=first.connection_id)
    assert not (await store.reports.run(first.id)).in_line
    assert (await store.reports.run(second.id)).in_line
    await store.runs.cancel(first.id, ANN, NOW)
    assert not (await store.reports.run(second.id)).in_line
