"""Exactly the approved people are unsubscribed, each once, and each is proven."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from convertkit import ApiVersion, Subscriber, SubscriberState
from jobs.cleanup import LIST_CHANGED
from jobs.guard import Outcome
from jobs.unsubscribing import LeaveAlone, look_before
from sandbox.kit import Delays, Fault, Route
from storage.records import Cleanup
from storage.states import CleanupState, ConnectionStatus, StopReason, UnsubscribeState
from storage.unsubscribes import Unsubscribe
from tests.jobs.worlds import World
from tests.storage.stores import BEN, EXPIRES, NOW, PROOF_DELAYS
from verification import Category

PENDING, REQUESTED = UnsubscribeState.PENDING, UnsubscribeState.REQUESTED
CONFIRMED, GONE = UnsubscribeState.CONFIRMED, UnsubscribeState.GONE
PROTECTED, ALREADY = UnsubscribeState.PROTECTED, UnsubscribeState.ALREADY_CANCELLED
FAILED, DROPPED = UnsubscribeState.FAILED, UnsubscribeState.DROPPED

LISTED = Unsubscribe(7, "Ann@Example.com", Category.INVALID, PENDING, None, None, None, None)
TRIED = replace(LISTED, tried_at=NOW)


@pytest.mark.parametrize(
    ("listed", "found", "expected"),
    [
        pytest.param(LISTED, ("Ann@Example.com", "active"), None, id="as-approved"),
        pytest.param(TRIED, ("Ann@Example.com", "active"), None, id="tried-without-effect"),
        pytest.param(LISTED, (" ann@example.COM", "active"), None, id="written-differently"),
        pytest.param(LISTED, ("ann@example.org", "active"), PROTECTED, id="address-changed"),
        pytest.param(TRIED, ("ann@example.org", "active"), PROTECTED, id="changed-since-tried"),
        pytest.param(LISTED, ("ann@example.com", "cancelled"), ALREADY, id="left-by-hand"),
        pytest.param(TRIED, ("ann@example.com", "cancelled"), CONFIRMED, id="our-own-doing"),
        pytest.param(TRIED, ("ann@example.org", "cancelled"), CONFIRMED, id="ours-and-changed"),
        pytest.param(LISTED, ("ann@example.com", "bounced"), PROTECTED, id="bounced"),
        pytest.param(LISTED, ("ann@example.com", "complained"), PROTECTED, id="complained"),
        pytest.param(LISTED, ("ann@example.com", "inactive"), PROTECTED, id="unconfirmed"),
        pytest.param(LISTED, ("ann@example.com", "other"), PROTECTED, id="state-of-tomorrow"),
    ],
)
def test_the_look_before_the_call_decides(
    listed: Unsubscribe, found: tuple[str, str], expected: UnsubscribeState | None
) -> None:
    email, state = found
    leave = look_before(listed, Subscriber(7, email, SubscriberState(state)))
    assert (leave.state if leave else None) == expected
    if expected is PROTECTED:
        assert isinstance(leave, LeaveAlone)
        assert leave.note
        assert "@" not in leave.note


async def unsubscribe(world: World, cleanup: Cleanup) -> Outcome:
    """Take the step as the workflow does; the people of these tests fit into one chunk."""
    return await world.cleanup.unsubscribe_chunk(cleanup.id, cleanup.attempt)


async def test_exactly_the_approved_are_unsubscribed_and_proven(world: World) -> None:
    cleanup = await world.approved_cleanup()
    assert await world.cleanup.check_list(cleanup.id, 1) == Outcome.MORE
    assert await unsubscribe(world, cleanup) == Outcome.DONE
    assert await world.states(cleanup.id) == [REQUESTED] * 3
    assert await world.cleanup.begin_proof(cleanup.id, 1) == Outcome.DONE
    assert await world.cleanup.next_reading(cleanup.id, 1) == {"number": 0, "seconds": 0.0}
    assert await world.cleanup.read_back(cleanup.id, 1, 0) == Outcome.DONE
    assert await world.cleanup.next_reading(cleanup.id, 1) is None
    assert await world.cleanup.finish(cleanup.id, 1) == Outcome.DONE
    assert await world.states(cleanup.id) == [CONFIRMED] * 3
    assert world.called() == world.ids[:3]
    assert await world.cleanup_state(cleanup.id) is CleanupState.FINISHED


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        pytest.param(lambda w, who: w.kit.vanish(who), GONE, id="vanished"),
        pytest.param(
            lambda w, who: w.kit.change_address(who, "new@example.com"), PROTECTED, id="address"
        ),
        pytest.param(lambda w, who: w.kit.unsubscribe_by_hand(who), ALREADY, id="left-by-hand"),
        pytest.param(lambda w, who: w.bounce(who), PROTECTED, id="bounced"),
    ],
)
async def test_whoever_changed_since_the_approval_is_left_alone(
    happens: Callable[[World, int], None], expected: UnsubscribeState, world: World
) -> None:
    cleanup = await world.approved_cleanup()
    happens(world, world.ids[1])
    assert await unsubscribe(world, cleanup) == Outcome.DONE
    assert await world.states(cleanup.id) == [REQUESTED, expected, REQUESTED]
    assert world.called() == [world.ids[0], world.ids[2]]


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        pytest.param(lambda w, who: w.kit.vanish(who), GONE, id="vanished"),
        pytest.param(lambda w, who: w.kit.unsubscribe_by_hand(who), REQUESTED, id="left-by-hand"),
    ],
)
async def test_what_happens_between_look_and_call_ends_well(
    happens: Callable[[World, int], None], expected: UnsubscribeState, world: World
) -> None:
    cleanup = await world.approved_cleanup()
    world.kit.before(Route.UNSUBSCRIBE, lambda: happens(world, world.ids[0]))
    assert await unsubscribe(world, cleanup) == Outcome.DONE
    assert await world.states(cleanup.id) == [expected, REQUESTED, REQUESTED]


async def test_a_secret_revoked_in_the_middle_stops_and_keeps_what_is_done(world: World) -> None:
    cleanup = await world.approved_cleanup()
    revoked = world.kit.trouble(Fault.KEY_REVOKED, times=None, skip=2)
    assert await unsubscribe(world, cleanup) == Outcome.HALTED
    stopped = await world.store.cleanups.get(cleanup.id)
    assert (stopped.state, stopped.stop_reason) == (CleanupState.STOPPED, StopReason.CREDENTIAL)
    assert stopped.note
    assert await world.states(cleanup.id) == [REQUESTED, PENDING, PENDING]
    [connection] = await world.store.connections.of_workspace(cleanup.workspace_id)
    assert connection.status is ConnectionStatus.REFUSED

    world.kit.cure(revoked)
    await world.store.connect(secret=world.secret, version=world.version)
    resumed = await world.store.decisions.resume(cleanup.id, BEN, world.clock())
    assert await world.cleanup.check_list(cleanup.id, 2) == Outcome.MORE
    assert await unsubscribe(world, resumed) == Outcome.DONE
    assert await world.states(cleanup.id) == [REQUESTED] * 3
    assert world.called() == world.ids[:3]


async def test_while_convertkit_is_down_the_step_waits_and_nothing_changes(world: World) -> None:
    cleanup = await world.approved_cleanup()
    down = world.kit.trouble(Fault.SERVER_ERROR, times=None, skip=2)
    assert await unsubscribe(world, cleanup) == Outcome.WAIT
    assert await world.states(cleanup.id) == [REQUESTED, PENDING, PENDING]
    assert await world.cleanup_state(cleanup.id) is CleanupState.UNSUBSCRIBING
    world.kit.cure(down)
    assert await unsubscribe(world, cleanup) == Outcome.DONE
    assert world.called() == world.ids[:3]


async def test_a_cleanup_that_waited_in_line_moves_when_its_turn_comes(world: World) -> None:
    cleanup = await world.approved_cleanup()
    world.clock.move(timedelta(hours=20))
    assert await world.cleanup.check_list(cleanup.id, 1) == Outcome.MORE
    assert (await world.store.cleanups.get(cleanup.id)).active_at == world.clock()


async def test_a_reading_that_waited_in_line_moves_when_its_turn_comes(world: World) -> None:
    world.account.delays = Delays(effect=90_000.0, lists=0.0)
    cleanup = await world.requested_cleanup()
    await world.cleanup.read_back(cleanup.id, 1, 0)
    world.clock.move(timedelta(hours=20))
    reading = await world.cleanup.next_reading(cleanup.id, 1)
    assert reading
    assert reading["seconds"] < 0
    assert (await world.store.cleanups.get(cleanup.id)).active_at == world.clock()


async def test_hours_without_an_answer_stop_the_cleanup(world: World) -> None:
    cleanup = await world.approved_cleanup()
    await world.cleanup.give_up_waiting(cleanup.id, "ConvertKit did not answer.")
    stopped = await world.store.cleanups.get(cleanup.id)
    assert (stopped.stop_reason, stopped.note) == (
        StopReason.UNAVAILABLE,
        "ConvertKit did not answer.",
    )


async def test_a_call_that_was_carried_out_but_not_answered_is_confirmed_not_already_cancelled(
    world: World,
) -> None:
    cleanup = await world.approved_cleanup()
    world.kit.trouble(Fault.RESET, times=None, route=Route.UNSUBSCRIBE, acts=True)
    assert await unsubscribe(world, cleanup) == Outcome.DONE
    assert await world.states(cleanup.id) == [CONFIRMED] * 3
    assert world.called() == world.ids[:3], "each was called once"


async def test_a_call_is_made_again_only_after_a_new_look(world: World) -> None:
    cleanup = await world.approved_cleanup()
    first = world.ids[0]
    world.kit.trouble(Fault.SERVER_ERROR, route=Route.UNSUBSCRIBE)
    world.kit.before(
        Route.SUBSCRIBER, lambda: world.kit.change_address(first, "new@example.com"), skip=1
    )
    assert await unsubscribe(world, cleanup) == Outcome.DONE
    assert await world.states(cleanup.id) == [PROTECTED, REQUESTED, REQUESTED]


async def test_stop_is_heard_between_two_tries(world: World) -> None:
    cleanup = await world.approved_cleanup()
    world.kit.trouble(Fault.SERVER_ERROR, times=None, route=Route.UNSUBSCRIBE)

    async def stop_now(_seconds: float) -> None:
        await world.store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)

    job = replace(world.cleanup, sleep=stop_now)
    assert await job.unsubscribe_chunk(cleanup.id, cleanup.attempt) == Outcome.HALTED
    assert world.called() == []


async def test_a_late_refusal_of_an_old_attempt_stops_nothing(world: World) -> None:
    cleanup = await world.approved_cleanup()
    await world.store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    resumed = await world.store.decisions.resume(cleanup.id, BEN, world.clock())
    assert not await world.store.decisions.stop(
        cleanup.id, StopReason.CREDENTIAL, attempt=cleanup.attempt
    )
    assert (await world.store.cleanups.get(cleanup.id)).attempt == resumed.attempt


async def test_one_lost_answer_is_made_up_for_within_the_step(world: World) -> None:
    cleanup = await world.approved_cleanup()
    world.kit.trouble(Fault.RESET, route=Route.UNSUBSCRIBE, acts=True)
    assert await unsubscribe(world, cleanup) == Outcome.DONE
    assert await world.states(cleanup.id) == [CONFIRMED, REQUESTED, REQUESTED]


async def die_at(world: World, cleanup: Cleanup, route: Route, skip: int) -> None:
    """Take the step, and let the process die while it waits for an answer.

    The call is carried out all the same.
    """
    step = asyncio.create_task(unsubscribe(world, cleanup))

    def die() -> None:
        step.cancel()

    world.kit.before(route, die, skip=skip)
    with pytest.raises(asyncio.CancelledError):
        await step


@pytest.mark.parametrize("skip", [0, 1, 2])
@pytest.mark.parametrize(
    "route",
    [
        pytest.param(Route.SUBSCRIBER, id="before-the-call"),
        pytest.param(Route.UNSUBSCRIBE, id="after-the-call"),
    ],
)
async def test_a_step_repeated_after_a_crash_unsubscribes_nobody_twice(
    route: Route, skip: int, world: World
) -> None:
    cleanup = await world.approved_cleanup()
    await die_at(world, cleanup, route, skip)
    assert await unsubscribe(world, cleanup) == Outcome.DONE
    assert world.called() == world.ids[:3]
    states = await world.states(cleanup.id)
    ours = CONFIRMED if route is Route.UNSUBSCRIBE else REQUESTED
    assert states == [ours if place == skip else REQUESTED for place in range(3)]


async def test_a_crash_just_before_the_call_leaves_it_to_be_made(world: World) -> None:
    cleanup = await world.approved_cleanup()
    await world.store.unsubscribes.mark_trying(cleanup.id, 1, world.ids[0], NOW)
    assert await unsubscribe(world, cleanup) == Outcome.DONE
    assert world.called() == world.ids[:3]


async def test_a_step_repeated_when_all_is_done_does_nothing(world: World) -> None:
    cleanup = await world.approved_cleanup()
    await unsubscribe(world, cleanup)
    requests = len(world.kit.requests)
    assert await unsubscribe(world, cleanup) == Outcome.DONE
    assert len(world.kit.requests) == requests


async def test_stop_in_the_middle_touches_nobody_further(world: World) -> None:
    cleanup = await world.approved_cleanup()

    async def press_stop() -> None:
        await world.store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)

    world.during(Route.SUBSCRIBER, press_stop, skip=1)
    assert await unsubscribe(world, cleanup) == Outcome.HALTED
    assert await world.states(cleanup.id) == [REQUESTED, PENDING, PENDING]
    assert world.called() == world.ids[:1]
    assert await world.cleanup.begin_proof(cleanup.id, 1) == Outcome.HALTED
    assert await world.cleanup.finish(cleanup.id, 1) == Outcome.HALTED


async def test_an_attempt_that_was_superseded_does_nothing(world: World) -> None:
    cleanup = await world.approved_cleanup()
    await world.store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    await world.store.decisions.resume(cleanup.id, BEN, world.clock())
    assert await world.cleanup.check_list(cleanup.id, 1) == Outcome.HALTED
    assert await unsubscribe(world, cleanup) == Outcome.HALTED
    assert await world.cleanup.begin_proof(cleanup.id, 1) == Outcome.HALTED
    assert await world.cleanup.next_reading(cleanup.id, 1) is None
    assert await world.cleanup.finish(cleanup.id, 1) == Outcome.HALTED
    assert world.called() == []


async def test_after_drop_the_untouched_stay_and_the_rest_is_proven(world: World) -> None:
    cleanup = await world.approved_cleanup()
    down = world.kit.trouble(Fault.SERVER_ERROR, times=None, skip=2)
    await unsubscribe(world, cleanup)
    await world.store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    world.kit.cure(down)
    dropped = await world.store.decisions.drop(cleanup.id, BEN, NOW)
    assert await world.cleanup.check_list(cleanup.id, dropped.attempt) == Outcome.DONE
    assert await world.cleanup.begin_proof(cleanup.id, dropped.attempt) == Outcome.DONE
    assert await world.cleanup.read_back(cleanup.id, dropped.attempt, 0) == Outcome.DONE
    assert await world.cleanup.next_reading(cleanup.id, dropped.attempt) is None
    assert await world.cleanup.finish(cleanup.id, dropped.attempt) == Outcome.DONE
    assert await world.states(cleanup.id) == [CONFIRMED, DROPPED, DROPPED]
    assert world.called() == world.ids[:1]


async def test_a_call_under_way_at_stop_is_proven_after_drop(world: World) -> None:
    cleanup = await world.approved_cleanup()
    await die_at(world, cleanup, Route.UNSUBSCRIBE, 0)
    await world.store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    dropped = await world.store.decisions.drop(cleanup.id, BEN, NOW)
    await world.cleanup.check_list(cleanup.id, dropped.attempt)
    await world.cleanup.read_back(cleanup.id, dropped.attempt, 0)
    assert await world.states(cleanup.id) == [CONFIRMED, DROPPED, DROPPED]


@pytest.mark.parametrize(
    "tampering",
    [
        pytest.param("UPDATE unsubscribe SET address = 'someone@example.com'", id="addresses"),
        pytest.param(
            "INSERT INTO unsubscribe (cleanup_id, subscriber_id, address, category, state)"
            " VALUES (1, 5, 'someone@example.com', 'invalid', 'pending')",
            id="one-more",
        ),
    ],
)
async def test_another_list_than_the_approved_one_touches_nobody(
    tampering: str, world: World
) -> None:
    cleanup = await world.approved_cleanup()
    await world.store.sql(tampering)
    assert await world.cleanup.check_list(cleanup.id, 1) == Outcome.HALTED
    stopped = await world.store.cleanups.get(cleanup.id)
    assert (stopped.state, stopped.stop_reason) == (CleanupState.STOPPED, StopReason.LIST_CHANGED)
    assert stopped.note == LIST_CHANGED
    assert world.kit.requests == []
    assert await unsubscribe(world, cleanup) == Outcome.HALTED, "even if asked to"
    assert world.kit.requests == []


async def test_what_takes_effect_late_is_confirmed_by_a_later_reading(world: World) -> None:
    world.account.delays = Delays(effect=300.0, lists=0.0)
    cleanup = await world.requested_cleanup()
    await world.cleanup.read_back(cleanup.id, 1, 0)
    assert await world.states(cleanup.id) == [REQUESTED] * 3
    wait = PROOF_DELAYS[0].total_seconds()
    assert await world.cleanup.next_reading(cleanup.id, 1) == {"number": 1, "seconds": wait}
    world.clock.move(timedelta(seconds=wait))
    assert await world.cleanup.read_back(cleanup.id, 1, 1) == Outcome.DONE
    assert await world.cleanup.next_reading(cleanup.id, 1) is None
    assert await world.states(cleanup.id) == [CONFIRMED] * 3


async def test_whoever_is_subscribed_after_the_last_reading_is_named(world: World) -> None:
    world.kit.ignore_unsubscribes(world.ids[1])
    cleanup = await world.requested_cleanup()
    for number in range(3):
        reading = await world.cleanup.next_reading(cleanup.id, 1)
        assert reading
        assert reading["number"] == number
        world.clock.move(timedelta(seconds=reading["seconds"]))
        await world.cleanup.read_back(cleanup.id, 1, number)
    assert world.clock.now == NOW + PROOF_DELAYS[-1]
    assert await world.cleanup.next_reading(cleanup.id, 1) is None
    await world.cleanup.finish(cleanup.id, 1)
    assert await world.states(cleanup.id) == [CONFIRMED, UnsubscribeState.STILL_ACTIVE, CONFIRMED]


async def test_whoever_vanishes_before_the_proof_is_gone(world: World) -> None:
    cleanup = await world.requested_cleanup()
    world.kit.vanish(world.ids[0])
    await world.cleanup.read_back(cleanup.id, 1, 0)
    assert await world.states(cleanup.id) == [GONE, CONFIRMED, CONFIRMED]


async def test_a_reading_waits_while_convertkit_is_down_and_goes_on_after(world: World) -> None:
    cleanup = await world.requested_cleanup()
    down = world.kit.trouble(Fault.SERVER_ERROR, times=None, skip=1)
    assert await world.cleanup.read_back(cleanup.id, 1, 0) == Outcome.WAIT
    assert await world.states(cleanup.id) == [CONFIRMED, REQUESTED, REQUESTED]
    assert (await world.store.cleanups.get(cleanup.id)).proofs == 0
    world.kit.cure(down)
    assert await world.cleanup.read_back(cleanup.id, 1, 0) == Outcome.DONE
    assert (await world.store.cleanups.get(cleanup.id)).proofs == 1


async def test_a_secret_revoked_during_the_proof_stops_it_and_resume_proves_on(
    world: World,
) -> None:
    cleanup = await world.requested_cleanup()
    revoked = world.kit.trouble(Fault.KEY_REVOKED, times=None, skip=1)
    assert await world.cleanup.read_back(cleanup.id, 1, 0) == Outcome.HALTED
    assert await world.cleanup_state(cleanup.id) is CleanupState.STOPPED
    world.kit.cure(revoked)
    resumed = await world.store.decisions.resume(cleanup.id, BEN, world.clock())
    assert await world.cleanup.check_list(cleanup.id, 2) == Outcome.DONE
    assert await world.cleanup.begin_proof(cleanup.id, 2) == Outcome.DONE
    assert await world.cleanup.read_back(cleanup.id, resumed.attempt, 0) == Outcome.DONE
    assert await world.states(cleanup.id) == [CONFIRMED] * 3


async def test_stop_during_the_proof_reads_nobody_further(world: World) -> None:
    cleanup = await world.requested_cleanup()

    async def press_stop() -> None:
        await world.store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)

    world.during(Route.SUBSCRIBER, press_stop, skip=1)
    assert await world.cleanup.read_back(cleanup.id, 1, 0) == Outcome.HALTED
    assert await world.states(cleanup.id) == [CONFIRMED, CONFIRMED, REQUESTED]


def take_progress_late(world: World) -> None:
    """Let Slack take the next progress only after the last subscriber was asked about."""
    taken = asyncio.Event()
    world.notifier.meanwhile = lambda _subject: taken.wait()
    world.kit.before(Route.SUBSCRIBER, taken.set, skip=2)


async def test_a_slow_slack_slows_no_unsubscribe_down(world: World) -> None:
    cleanup = await world.approved_cleanup()
    take_progress_late(world)
    async with asyncio.timeout(10):
        assert await world.cleanup.unsubscribe_chunk(cleanup.id, 1) == Outcome.DONE
    assert ("progress", cleanup.id) in world.notifier.said


async def test_a_slow_slack_slows_no_reading_down(world: World) -> None:
    cleanup = await world.requested_cleanup()
    take_progress_late(world)
    async with asyncio.timeout(10):
        assert await world.cleanup.read_back(cleanup.id, 1, 0) == Outcome.DONE
    assert ("progress", cleanup.id) in world.notifier.said


async def test_a_repeated_beginning_of_the_proof_does_not_move_its_readings(world: World) -> None:
    cleanup = await world.requested_cleanup()
    world.clock.move(timedelta(minutes=3))
    assert await world.cleanup.begin_proof(cleanup.id, 1) == Outcome.DONE
    assert (await world.store.cleanups.get(cleanup.id)).requested_at == NOW


async def test_a_proof_is_delivered_once_when_slack_is_back(world: World) -> None:
    cleanup = await world.requested_cleanup()
    await world.cleanup.read_back(cleanup.id, 1, 0)
    await world.cleanup.finish(cleanup.id, 1)
    world.notifier.away = 1
    assert await world.cleanup.deliver(cleanup.id) == Outcome.WAIT
    assert await world.cleanup.deliver(cleanup.id) == Outcome.DONE
    assert await world.cleanup.deliver(cleanup.id) == Outcome.DONE
    assert world.notifier.said.count(("deliver_proof", cleanup.id)) == 1


async def test_a_request_is_prepared_once_and_expires_in_its_time(world: World) -> None:
    cleanup = await world.store.new_cleanup(await world.finished_run())
    assert await world.cleanup.prepare(cleanup.id) == Outcome.MORE
    assert await world.cleanup.prepare(cleanup.id) == Outcome.MORE
    assert await world.cleanup.seconds_to_expiry(cleanup.id) == (EXPIRES - NOW).total_seconds()
    await world.cleanup.expire(cleanup.id)
    assert await world.cleanup_state(cleanup.id) is CleanupState.AWAITING_APPROVAL
    world.clock.move(EXPIRES - NOW)
    await world.cleanup.expire(cleanup.id)
    assert await world.cleanup_state(cleanup.id) is CleanupState.EXPIRED


async def test_a_decided_request_does_not_expire(world: World) -> None:
    cleanup = await world.approved_cleanup()
    world.clock.move(EXPIRES - NOW)
    assert await world.cleanup.expire(cleanup.id) == Outcome.DONE
    assert await world.cleanup_state(cleanup.id) is CleanupState.UNSUBSCRIBING


async def test_a_list_that_cannot_be_prepared_ends_with_a_sentence(world: World) -> None:
    cleanup = await world.store.new_cleanup(await world.finished_run())
    await world.store.sql(
        "INSERT INTO unsubscribe (cleanup_id, subscriber_id, address, category, state) VALUES"
        f" ({cleanup.id}, {world.ids[0]}, 'in the way', 'invalid', 'pending')"
    )
    assert await world.cleanup.prepare(cleanup.id) == Outcome.HALTED
    ended = await world.store.cleanups.get(cleanup.id)
    assert ended.state is CleanupState.EMPTY
    assert ended.note
    assert "reference" in ended.note
    assert "Resume" not in ended.note
    assert world.notifier.said[-1] == ("show_cleanup", cleanup.id)


async def test_a_stored_secret_that_does_not_open_stops_before_anybody_is_touched(
    world: World,
) -> None:
    cleanup = await world.approved_cleanup()
    await world.store.sql("UPDATE connection SET seal_id = 'moved'")
    assert await unsubscribe(world, cleanup) == Outcome.HALTED
    stopped = await world.store.cleanups.get(cleanup.id)
    assert stopped.stop_reason is StopReason.CREDENTIAL
    assert world.kit.requests == []


@pytest.mark.parametrize("version", [pytest.param(ApiVersion.V3, id="v3")], indirect=True)
async def test_an_address_that_moved_to_somebody_else_is_a_failure_with_a_note(
    world: World,
) -> None:
    cleanup = await world.approved_cleanup()
    first, stranger = world.ids[0], world.ids[3]
    address = world.account.subscribers[0].facts.address

    def swap() -> None:
        world.kit.change_address(first, "moved@example.com")
        world.kit.change_address(stranger, address)

    world.kit.before(Route.UNSUBSCRIBE, swap)
    assert await unsubscribe(world, cleanup) == Outcome.DONE
    assert (await world.states(cleanup.id))[0] is FAILED
    listed = [each async for each in world.store.unsubscribes.stream(cleanup.id)]
    assert str(stranger) in (listed[0].note or "")
