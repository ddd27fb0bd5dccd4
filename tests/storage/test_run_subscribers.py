"""The list is written page by page, the Verdicts chunk by chunk; nobody is lost."""

import asyncio
from datetime import timedelta

import pytest

from convertkit import Subscriber, SubscriberState
from storage.states import RunState, StopReason
from tests.storage.stores import ANN, BEN, NOW, Store, readers
from verification import Category, Evidence, Reason, Verdict

WAIT = timedelta(minutes=5)


async def ids(store: Store, run_id: int) -> list[int]:
    return [each.subscriber_id async for each in store.subscribers.stream(run_id)]


async def test_a_subscriber_of_several_tags_is_on_the_list_once(store: Store) -> None:
    run = await store.new_run()
    await store.subscribers.add_page(run.id, readers(3), (1, None), NOW)
    await store.subscribers.add_page(run.id, readers(3, first=2), (2, None), NOW)
    assert await ids(store, run.id) == [1, 2, 3, 4]


async def test_two_people_with_one_address_are_two_subscribers(store: Store) -> None:
    twins = [Subscriber(n, "shared@example.com", SubscriberState.ACTIVE) for n in (1, 2)]
    run = await store.quoted_run(twins)
    assert run.subscribers == 2
    assert run.duplicates == 0


async def test_reading_goes_on_at_the_stored_cursor(store: Store) -> None:
    run = await store.new_run()
    assert await store.subscribers.position(run.id) == (0, None)
    await store.subscribers.add_page(run.id, readers(2), (0, "WzEyM10="), NOW)
    assert await store.subscribers.position(run.id) == (0, "WzEyM10=")
    await store.subscribers.add_page(run.id, readers(2, first=3), (1, None), NOW)
    assert await store.subscribers.position(run.id) == (1, None)


async def test_an_empty_page_still_moves_on(store: Store) -> None:
    run = await store.new_run()
    assert await store.subscribers.add_page(run.id, (), (1, None), NOW)
    assert await store.subscribers.position(run.id) == (1, None)
    assert (await store.runs.get(run.id)).subscribers == 0


async def test_a_page_that_comes_after_cancel_is_not_written(store: Store) -> None:
    run = await store.new_run()
    await store.subscribers.add_page(run.id, readers(2), (0, "next"), NOW)
    await store.runs.cancel(run.id, BEN, NOW)
    assert not await store.subscribers.add_page(run.id, readers(2, first=3), (1, None), NOW)
    assert await ids(store, run.id) == [1, 2]
    assert await store.subscribers.position(run.id) == (0, "next")


async def test_a_page_of_a_process_that_was_taken_over_meanwhile_is_passed_over(
    store: Store,
) -> None:
    run = await store.new_run()
    page, next_page = readers(2), (0, "next")
    assert await store.subscribers.add_page(run.id, page, next_page, NOW, at=(0, None))
    assert await store.subscribers.add_page(
        run.id, readers(2, first=3), (1, None), NOW, at=next_page
    )
    assert await store.subscribers.add_page(run.id, page, next_page, NOW, at=(0, None))
    assert await store.subscribers.position(run.id) == (1, None)
    assert (await store.runs.get(run.id)).duplicates == 0


async def test_closing_a_list_that_was_cancelled_quotes_nothing(store: Store) -> None:
    run = await store.run_in(RunState.CANCELLED)
    await store.subscribers.close_list(run.id, 200, NOW)
    assert (await store.runs.get(run.id)).state is RunState.CANCELLED


@pytest.mark.parametrize(
    ("subscribers", "size", "chunks"),
    [
        pytest.param(1, 3, [1], id="one"),
        pytest.param(3, 3, [3], id="exactly-one-chunk"),
        pytest.param(4, 3, [3, 1], id="one-more"),
        pytest.param(9, 3, [3, 3, 3], id="several"),
    ],
)
async def test_the_list_is_divided_into_chunks(
    subscribers: int, size: int, chunks: list[int], store: Store
) -> None:
    run = await store.quoted_run(subscribers, chunk_size=size)
    numbers = await store.subscribers.open_chunks(run.id)
    assert numbers == list(range(len(chunks)))
    held = [await store.subscribers.chunk(run.id, each) for each in numbers]
    assert [len(each) for each in held] == chunks
    assert sorted(each for chunk in held for each in chunk) == list(range(1, subscribers + 1))


async def test_addresses_of_one_domain_are_side_by_side(store: Store) -> None:
    mixed = [
        Subscriber(
            n, f"reader{n}@{'BIG' if n % 2 else 'small'}.example.com", SubscriberState.ACTIVE
        )
        for n in range(6)
    ]
    run = await store.quoted_run(mixed, chunk_size=3)
    # A domain comes where its first subscriber would.
    assert set(await store.subscribers.chunk(run.id, 0)) == {0, 2, 4}
    assert set(await store.subscribers.chunk(run.id, 1)) == {1, 3, 5}


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("", id="empty"),
        pytest.param("no-at-sign.example.com", id="no-at"),
        pytest.param('"odd @ name"@example.com', id="quoted"),
        pytest.param("leserin@bücherhöhle.com", id="unicode"),
        pytest.param("x" * 300 + "@example.com", id="long"),
        pytest.param("o'malley%s:run\t\n@example.com", id="quotes-and-signs"),
    ],
)
async def test_an_odd_address_is_kept_as_it_is(address: str, store: Store) -> None:
    run = await store.quoted_run([Subscriber(2**40, address, SubscriberState.ACTIVE)])
    assert await store.subscribers.chunk(run.id, 0) == {2**40: address}


async def test_a_verdict_comes_back_as_it_was_reached(store: Store) -> None:
    run = await store.quoted_run(1)
    await store.runs.start(run.id, ANN, NOW)
    reached = Verdict(
        "reader1@letters0.example.com",
        Reason.NO_SUCH_MAILBOX,
        Evidence("mx.example.com", "550 5.1.1 no “such” user", "550 5.1.1", "unknown-user"),
        True,
        True,
        "reader1@letters.example.com",
        NOW,
    )
    await store.subscribers.settle(run.id, 1, 0, {1: reached}, retry_after=None, now=NOW)
    [found] = [each async for each in store.subscribers.stream(run.id)]
    assert found.verdict == reached


async def test_whoever_has_no_verdict_yet_is_streamed_without_one(store: Store) -> None:
    run = await store.quoted_run(2)
    assert [each.verdict async for each in store.subscribers.stream(run.id)] == [None, None]


async def test_a_long_list_is_streamed_whole(store: Store) -> None:
    run = await store.quoted_run(2_000)
    assert await ids(store, run.id) == list(range(1, 2_001))


async def test_a_settled_chunk_is_not_open_any_more(store: Store) -> None:
    run = await store.quoted_run(4, chunk_size=2)
    await store.runs.start(run.id, ANN, NOW)
    await store.settle_chunk(run.id, 1, 0)
    assert await store.subscribers.open_chunks(run.id) == [1]
    assert await store.subscribers.chunk(run.id, 0) == {}


@pytest.mark.parametrize(
    "meanwhile",
    [pytest.param("stopped", id="stopped"), pytest.param("resumed", id="another-attempt")],
)
async def test_verdicts_of_a_run_that_was_stopped_meanwhile_are_not_written(
    meanwhile: str, store: Store
) -> None:
    run = await store.quoted_run(2)
    await store.runs.start(run.id, ANN, NOW)
    await store.runs.stop(run.id, StopReason.BY_PERSON, by=BEN)
    if meanwhile == "resumed":
        await store.runs.resume(run.id, BEN, NOW)
    assert not await store.settle_chunk(run.id, 1, 0)
    assert len(await store.subscribers.chunk(run.id, 0)) == 2
    report = await store.reports.run(run.id)
    assert (report.charged, report.released, report.verified) == (0, 0, 0)


async def test_a_greylisted_subscriber_waits_for_another_look(store: Store) -> None:
    run = await store.quoted_run(3)
    await store.runs.start(run.id, ANN, NOW)
    assert await store.subscribers.waiting_until(run.id) is None
    await store.settle(run.id, 1, [Reason.GREYLISTED, Reason.TIMEOUT], retry_after=WAIT)
    assert await store.subscribers.waiting_until(run.id) == NOW + WAIT
    report = await store.reports.run(run.id)
    assert (report.waiting, report.retry_at) == (1, NOW + WAIT)
    assert report.counts == {Category.UNKNOWN: 2, Category.SAFE: 1}
    assert (report.charged, report.released) == (1, 1), "its credit stays held"


async def test_without_another_look_a_greylisted_subscriber_is_unknown_for_good(
    store: Store,
) -> None:
    run = await store.quoted_run(1)
    await store.runs.start(run.id, ANN, NOW)
    await store.settle(run.id, 1, [Reason.GREYLISTED], retry_after=None)
    assert await store.subscribers.waiting_until(run.id) is None
    report = await store.reports.run(run.id)
    assert (report.charged, report.released) == (0, 1)


async def test_who_waits_is_put_into_new_chunks_and_judged_anew(store: Store) -> None:
    run = await store.quoted_run(6, chunk_size=3)
    await store.runs.start(run.id, ANN, NOW)
    await store.settle(run.id, 1, [Reason.GREYLISTED, Reason.GREYLISTED], retry_after=WAIT)
    await store.subscribers.regroup(run.id, 3, NOW)
    assert await store.subscribers.waiting_until(run.id) is None
    assert await store.subscribers.open_chunks(run.id) == [2, 3]
    again = {**await store.subscribers.chunk(run.id, 2), **await store.subscribers.chunk(run.id, 3)}
    assert set(again) == {1, 2, 4, 5}
    await store.settle(run.id, 1)
    await store.runs.finish(run.id, 1, NOW)
    report = await store.reports.run(run.id)
    assert report.counts == {Category.SAFE: 6}
    assert (report.held, report.charged, report.released) == (6, 6, 0)


async def test_regrouping_twice_is_regrouping_once(store: Store) -> None:
    run = await store.quoted_run(2)
    await store.runs.start(run.id, ANN, NOW)
    await store.settle(run.id, 1, [Reason.GREYLISTED], retry_after=WAIT)
    await store.subscribers.regroup(run.id, 200, NOW)
    await store.subscribers.regroup(run.id, 200, NOW)
    assert await store.subscribers.open_chunks(run.id) == [1]
    await store.settle(run.id, 1, [Reason.GREYLISTED], retry_after=WAIT)
    await store.subscribers.regroup(run.id, 200, NOW)
    assert await store.subscribers.open_chunks(run.id) == [2]


async def test_chunks_settled_at_the_same_moment_are_all_written(stores: list[Store]) -> None:
    run = await stores[0].quoted_run(40, chunk_size=10)
    await stores[0].runs.start(run.id, ANN, NOW)
    await asyncio.gather(
        *(store.settle_chunk(run.id, 1, chunk) for chunk, store in enumerate(stores))
    )
    report = await stores[0].reports.run(run.id)
    assert (report.verified, report.charged) == (40, 40)
