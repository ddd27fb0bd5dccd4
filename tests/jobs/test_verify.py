"""A Run reads its list to the end, quotes it, and judges and charges each subscriber once."""

import asyncio
from datetime import timedelta

import pytest

from convertkit import ApiVersion, HttpClient
from jobs import verify
from jobs.guard import Outcome, ShuttingDown
from jobs.verify import NOBODY, sources_of
from sandbox.kit import FakeKit, Fault, Route
from storage.records import Audience, Run
from storage.schedules import NewSchedule
from storage.states import AudienceKind, Cadence, ConnectionStatus, RunState, StopReason
from tests.jobs.worlds import (
    CUSTOMERS,
    GREYLIST_WAITS,
    HOME_PAGE,
    NEWSLETTER,
    NOBODY_YET,
    Clock,
    World,
    invent_people,
)
from tests.storage.stores import ANN, BEN, EVERYBODY, NOW, TEAM, WELCOME, Store
from verification import Category, Reason

BOTH_TAGS = Audience(
    AudienceKind.TAGS, (NEWSLETTER.id, CUSTOMERS.id), (NEWSLETTER.name, CUSTOMERS.name)
)
FORM = Audience(AudienceKind.FORMS, (HOME_PAGE.id,), (HOME_PAGE.name,))
EMPTY_TAG = Audience(AudienceKind.TAGS, (NOBODY_YET.id,), (NOBODY_YET.name,))
DELETED_TAG = Audience(AudienceKind.TAGS, (NEWSLETTER.id, 999), (NEWSLETTER.name, "Deleted"))


async def read_list(world: World, run: Run) -> Outcome:
    """Read pages as the workflow does."""
    outcome = Outcome.MORE
    while outcome == Outcome.MORE:
        outcome = await world.verify.fetch_page(run.id)
    return outcome


async def verifying(world: World) -> Run:
    """Bring a Run of the account to where its chunks are checked."""
    run = await world.new_run()
    await read_list(world, run)
    await world.verify.quote(run.id)
    return await world.store.runs.start(run.id, ANN, NOW)


async def reasons(world: World, run: Run) -> list[Reason | None]:
    stream = world.store.subscribers.stream(run.id)
    return [each.verdict.reason if each.verdict else None async for each in stream]


@pytest.mark.parametrize(
    ("audience", "sources"),
    [
        pytest.param(EVERYBODY, 1, id="subscribers"),
        pytest.param(BOTH_TAGS, 2, id="tags"),
        pytest.param(FORM, 1, id="form"),
        pytest.param(Audience(AudienceKind.TAGS), 0, id="no-tag"),
    ],
)
def test_an_audience_is_read_from_its_lists(audience: Audience, sources: int) -> None:
    assert len(sources_of(audience)) == sources


@pytest.mark.parametrize(
    ("audience", "duplicates"),
    [
        pytest.param(EVERYBODY, 0, id="subscribers"),
        pytest.param(BOTH_TAGS, 4, id="tags"),
        pytest.param(FORM, 0, id="form"),
    ],
)
async def test_each_subscriber_of_the_audience_is_quoted_once(
    audience: Audience, duplicates: int, world: World
) -> None:
    run = await world.new_run(audience)
    assert await read_list(world, run) == Outcome.DONE
    assert await world.verify.quote(run.id) == Outcome.DONE
    quoted = await world.store.runs.get(run.id)
    assert (quoted.state, quoted.subscribers) == (RunState.QUOTED, 4)
    assert quoted.duplicates == duplicates
    listed = [each.subscriber_id async for each in world.store.subscribers.stream(run.id)]
    assert listed == world.ids


@pytest.mark.parametrize("version", [pytest.param(ApiVersion.V3, id="v3")], indirect=True)
async def test_a_list_of_several_pages_goes_on_where_the_process_died(
    store: Store, kit: FakeKit, http: HttpClient, clock: Clock, version: ApiVersion
) -> None:
    account = kit.add_account("Paper Boats", invent_people(120))
    world = World(store=store, kit=kit, account=account, http=http, clock=clock, version=version)
    run = await world.new_run()
    step = asyncio.create_task(world.verify.fetch_page(run.id))

    def die() -> None:
        step.cancel()

    kit.before(Route.SUBSCRIBERS, die)
    with pytest.raises(asyncio.CancelledError):
        await step
    assert await world.verify.fetch_page(run.id) == Outcome.MORE
    assert await world.verify.fetch_page(run.id) == Outcome.MORE
    assert await world.verify.fetch_page(run.id) == Outcome.DONE
    assert (await store.runs.get(run.id)).subscribers == 120


async def test_an_empty_tag_ends_with_a_sentence_and_costs_nothing(world: World) -> None:
    run = await world.new_run(EMPTY_TAG)
    assert await read_list(world, run) == Outcome.DONE
    await world.verify.quote(run.id)
    failed = await world.store.runs.get(run.id)
    assert (failed.state, failed.note) == (RunState.FAILED, NOBODY)
    assert world.notifier.said[-1] == ("show_run", run.id)


async def test_a_deleted_tag_ends_the_run_without_a_charge(world: World) -> None:
    run = await world.new_run(DELETED_TAG)
    assert await read_list(world, run) == Outcome.HALTED
    failed = await world.store.runs.get(run.id)
    assert failed.state is RunState.FAILED
    assert failed.note
    assert "tag" in failed.note
    assert await world.store.credits.balance(TEAM) == WELCOME


async def test_a_revoked_secret_ends_the_reading_and_is_noted(world: World) -> None:
    run = await world.new_run()
    world.kit.revoke(world.account)
    assert await read_list(world, run) == Outcome.HALTED
    assert (await world.store.runs.get(run.id)).state is RunState.FAILED
    [connection] = await world.store.connections.of_workspace(TEAM)
    assert connection.status is ConnectionStatus.REFUSED


async def test_while_convertkit_is_down_the_reading_waits(world: World) -> None:
    run = await world.new_run()
    down = world.kit.trouble(Fault.SERVER_ERROR, times=None)
    assert await world.verify.fetch_page(run.id) == Outcome.WAIT
    assert await world.store.subscribers.position(run.id) == (0, None)
    world.kit.cure(down)
    assert await read_list(world, run) == Outcome.DONE


async def test_a_run_that_waited_in_line_moves_when_its_turn_comes(world: World) -> None:
    run = await world.new_run()
    world.clock.move(timedelta(hours=20))
    world.kit.trouble(Fault.SERVER_ERROR, times=None)
    assert await world.verify.fetch_page(run.id) == Outcome.WAIT
    assert (await world.store.runs.get(run.id)).active_at == world.clock()


async def test_hours_without_an_answer_end_the_reading(world: World) -> None:
    run = await world.new_run()
    await world.verify.give_up_waiting(run.id, "ConvertKit did not answer.")
    failed = await world.store.runs.get(run.id)
    assert (failed.state, failed.note) == (RunState.FAILED, "ConvertKit did not answer.")


async def test_a_page_that_repeats_its_cursor_is_an_outage_and_no_loop(world: World) -> None:
    run = await world.new_run()
    world.kit.trouble(Fault.REPEATED_CURSOR, times=None)
    outcomes = [await world.verify.fetch_page(run.id) for _ in range(3)]
    assert outcomes[-1] == Outcome.WAIT
    assert (await world.store.runs.get(run.id)).state is RunState.FETCHING


async def test_a_cancelled_run_is_not_read_further(world: World) -> None:
    run = await world.new_run()
    await world.store.runs.cancel(run.id, BEN, NOW)
    assert await world.verify.fetch_page(run.id) == Outcome.HALTED
    assert await world.verify.quote(run.id) == Outcome.DONE
    assert world.kit.requests == []
    assert (await world.store.runs.get(run.id)).state is RunState.CANCELLED


async def scheduled_run(world: World) -> Run:
    """Make a Run as the calendar does."""
    first = await world.new_run()
    await world.store.runs.cancel(first.id, BEN, NOW)
    new = NewSchedule(
        TEAM, first.connection_id, EVERYBODY, Cadence.WEEKLY, 0, 9, 0, "UTC", "C1", ANN, "V1"
    )
    schedule, _ = await world.store.schedules.create(new, NOW)
    return await world.new_run(schedule_id=schedule.id)


async def test_a_scheduled_run_starts_by_itself(world: World) -> None:
    run = await scheduled_run(world)
    await read_list(world, run)
    assert await world.verify.quote(run.id) == Outcome.MORE
    started = await world.store.runs.get(run.id)
    assert (started.state, started.decided_by) == (RunState.VERIFYING, ANN)


async def test_a_scheduled_run_without_enough_credits_waits_at_its_quote(world: World) -> None:
    run = await scheduled_run(world)
    await world.store.sql("UPDATE credit_entry SET credits = 3")
    await read_list(world, run)
    assert await world.verify.quote(run.id) == Outcome.DONE
    assert (await world.store.runs.get(run.id)).state is RunState.QUOTED


async def test_a_chunk_is_judged_and_charged_once_however_often_it_is_taken(world: World) -> None:
    run = await verifying(world)
    assert await world.verify.open_chunks(run.id, 1) == [0]
    assert await world.verify.verify_chunk(run.id, 1, 0, 0) == Outcome.DONE
    assert await world.verify.verify_chunk(run.id, 1, 0, 0) == Outcome.DONE
    assert len(world.verifier.looks) == 4
    assert await world.verify.open_chunks(run.id, 1) == []
    assert (await world.store.reports.run(run.id)).charged == 4


async def test_a_chunk_interrupted_by_a_crash_is_judged_anew(world: World) -> None:
    run = await verifying(world)
    world.verifier.gate.clear()
    step = asyncio.create_task(world.verify.verify_chunk(run.id, 1, 0, 0))
    await world.verifier.began.wait()
    step.cancel()
    with pytest.raises(asyncio.CancelledError):
        await step
    assert await reasons(world, run) == [None] * 4
    world.verifier.gate.set()
    assert await world.verify.verify_chunk(run.id, 1, 0, 0) == Outcome.DONE
    assert (await world.store.reports.run(run.id)).charged == 4


async def test_two_subscribers_at_one_address_are_judged_in_one_look(world: World) -> None:
    first, second = world.account.subscribers[:2]
    run = await verifying(world)
    await world.store.sql(
        f"UPDATE run_subscriber SET address = '{first.facts.address}'"
        f" WHERE subscriber_id = {second.id}"
    )
    await world.verify.verify_chunk(run.id, 1, 0, 0)
    assert len(world.verifier.looks) == 3
    assert await reasons(world, run) == [Reason.ACCEPTED] * 4


async def test_stop_ends_the_checking_and_writes_nothing(world: World) -> None:
    run = await verifying(world)
    world.verifier.gate.clear()
    step = asyncio.create_task(world.verify.verify_chunk(run.id, 1, 0, 0))
    await world.verifier.began.wait()
    await world.store.runs.stop(run.id, StopReason.BY_PERSON, by=BEN)
    assert await asyncio.wait_for(step, verify.STOP_CHECK * 3) == Outcome.HALTED
    assert await reasons(world, run) == [None] * 4
    assert await world.verify.open_chunks(run.id, 1) == []
    assert await world.verify.seconds_to_next_look(run.id, 1) is None
    assert await world.verify.finish(run.id, 1) == Outcome.HALTED
    await world.store.runs.resume(run.id, BEN, world.clock())
    assert await world.verify.open_chunks(run.id, 2) == [0]


async def test_greylisted_people_are_looked_at_again_as_often_as_planned(world: World) -> None:
    address = world.account.subscribers[1].facts.address
    world.verifier.script[address] = [Reason.GREYLISTED] * 9
    run = await verifying(world)
    look = 0
    waits = []
    while True:
        for chunk in await world.verify.open_chunks(run.id, 1):
            assert await world.verify.verify_chunk(run.id, 1, chunk, look) == Outcome.DONE
        wait = await world.verify.seconds_to_next_look(run.id, 1)
        if wait is None:
            break
        waits.append(timedelta(seconds=wait))
        world.clock.move(waits[-1])
        look += 1
        assert await world.verify.look_again(run.id, 1) == Outcome.MORE
    assert tuple(waits) == GREYLIST_WAITS
    assert world.verifier.looks.count(address) == 1 + len(GREYLIST_WAITS)
    assert len(world.verifier.looks) == 4 + len(GREYLIST_WAITS), "the others once"
    assert await world.verify.finish(run.id, 1) == Outcome.DONE
    report = await world.store.reports.run(run.id)
    assert report.counts == {Category.SAFE: 3, Category.UNKNOWN: 1}
    assert (report.held, report.charged, report.released) == (4, 3, 1)


async def test_a_greylisted_person_who_is_accepted_later_is_safe(world: World) -> None:
    address = world.account.subscribers[1].facts.address
    world.verifier.script[address] = [Reason.GREYLISTED]
    run = await verifying(world)
    await world.verify.verify_chunk(run.id, 1, 0, 0)
    await world.verify.look_again(run.id, 1)
    [chunk] = await world.verify.open_chunks(run.id, 1)
    await world.verify.verify_chunk(run.id, 1, chunk, 1)
    await world.verify.finish(run.id, 1)
    assert await reasons(world, run) == [Reason.ACCEPTED] * 4
    assert (await world.store.reports.run(run.id)).charged == 4


async def test_probing_that_was_stopped_halts_the_run(world: World) -> None:
    address = world.account.subscribers[3].facts.address
    world.verifier.script[address] = [Reason.PROBING_STOPPED]
    run = await verifying(world)
    assert await world.verify.verify_chunk(run.id, 1, 0, 0) == Outcome.HALTED
    stopped = await world.store.runs.get(run.id)
    assert (stopped.state, stopped.stop_reason) == (RunState.STOPPED, StopReason.BLOCKED)


async def test_an_unforeseen_error_in_the_verifier_stops_the_run_with_a_reference(
    world: World,
) -> None:
    run = await verifying(world)
    world.verifier.fault = ValueError("someone@letters.example.com")
    assert await world.verify.verify_chunk(run.id, 1, 0, 0) == Outcome.HALTED
    stopped = await world.store.runs.get(run.id)
    assert (stopped.state, stopped.stop_reason) == (RunState.STOPPED, StopReason.UNEXPECTED)
    assert stopped.note
    assert "reference" in stopped.note
    assert "@" not in stopped.note
    assert await reasons(world, run) == [None] * 4


async def test_a_chunk_is_given_up_while_the_process_closes_and_the_run_is_left_as_it_is(
    world: World,
) -> None:
    run = await verifying(world)
    world.verifier.fault = RuntimeError("cannot schedule new futures after shutdown")
    world.closing = True
    with pytest.raises(ShuttingDown):
        await world.verify.verify_chunk(run.id, 1, 0, 0)
    assert (await world.store.runs.get(run.id)).state is RunState.VERIFYING


async def test_an_unforeseen_error_while_the_list_is_read_fails_the_run(world: World) -> None:
    run = await world.new_run()
    await world.store.sql("UPDATE run SET position = '[\"zero\", null]'")
    assert await world.verify.fetch_page(run.id) == Outcome.HALTED
    assert (await world.store.runs.get(run.id)).state is RunState.FAILED


async def test_an_attempt_that_was_superseded_does_nothing(world: World) -> None:
    run = await verifying(world)
    await world.store.runs.stop(run.id, StopReason.BY_PERSON, by=BEN)
    await world.store.runs.resume(run.id, BEN, world.clock())
    assert await world.verify.open_chunks(run.id, 1) == []
    assert await world.verify.look_again(run.id, 1) == Outcome.HALTED
    assert await world.verify.finish(run.id, 1) == Outcome.HALTED
    assert await world.verify.verify_chunk(run.id, 1, 0, 0) == Outcome.HALTED
    assert world.verifier.looks == []


async def test_a_repeated_finish_is_still_done(world: World) -> None:
    run = await verifying(world)
    await world.verify.verify_chunk(run.id, 1, 0, 0)
    assert await world.verify.finish(run.id, 1) == Outcome.DONE
    assert await world.verify.finish(run.id, 1) == Outcome.DONE
    assert (await world.store.reports.run(run.id)).released == 0


async def test_results_are_delivered_once_when_slack_is_back(world: World) -> None:
    run = await verifying(world)
    await world.verify.verify_chunk(run.id, 1, 0, 0)
    await world.verify.finish(run.id, 1)
    world.notifier.away = 1
    assert await world.verify.deliver(run.id) == Outcome.WAIT
    assert await world.verify.deliver(run.id) == Outcome.DONE
    assert await world.verify.deliver(run.id) == Outcome.DONE
    assert world.notifier.said.count(("deliver_results", run.id)) == 1
