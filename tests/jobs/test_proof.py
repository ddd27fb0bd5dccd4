"""A reading of a proof goes on in parts, gives signs of life, and asks about each person once."""

from datetime import timedelta

import pytest

from jobs import proof
from jobs.guard import Outcome
from sandbox.kit import Delays, Route
from storage.records import Cleanup
from storage.states import CleanupState, StopReason, UnsubscribeState
from storage.watching import Stuck
from tests.jobs.worlds import World, invent_people
from tests.storage.stores import BEN

REQUESTED, CONFIRMED = UnsubscribeState.REQUESTED, UnsubscribeState.CONFIRMED
AFTER = timedelta(minutes=15)
#: Nothing takes effect while a test looks.
LATE = Delays(effect=90_000.0, lists=0.0)


async def long_proof(world: World, people: int) -> Cleanup:
    """Bring a long list to where every call is made; everybody on it is still subscribed."""
    world.account = world.kit.add_account("Long Boats", invent_people(people))
    cleanup = await world.approved_cleanup(others=0)
    await world.store.sql(
        f"UPDATE unsubscribe SET state = '{REQUESTED}', requested_at = '2027-03-01 09:00:00'"
    )
    await world.cleanup.begin_proof(cleanup.id, 1)
    return cleanup


def read(world: World) -> list[str]:
    """Name whom ConvertKit was asked about, in order."""
    return [each.path for each in world.kit.requests if each.route is Route.SUBSCRIBER]


async def test_a_long_reading_goes_on_in_parts_and_is_counted_at_its_end(world: World) -> None:
    cleanup = await long_proof(world, proof.READ_AT_ONCE + 20)
    assert await world.cleanup.read_back(cleanup.id, 1, 0) == Outcome.DONE
    assert len(read(world)) == proof.READ_AT_ONCE
    assert (await world.store.cleanups.get(cleanup.id)).proofs == 0
    assert await world.cleanup.next_reading(cleanup.id, 1) == {"number": 0, "seconds": 0.0}
    assert await world.cleanup.read_back(cleanup.id, 1, 0) == Outcome.DONE
    assert len(set(read(world))) == len(read(world)) == proof.READ_AT_ONCE + 20
    done = await world.store.cleanups.get(cleanup.id)
    assert (done.proofs, done.read_up_to) == (1, -1)


async def test_a_later_reading_goes_on_in_parts_as_well(world: World) -> None:
    cleanup = await long_proof(world, proof.READ_AT_ONCE + 20)
    await world.store.cleanups.count_proof(cleanup.id, 1, world.clock())
    world.clock.move(timedelta(minutes=11))
    for _ in range(2):
        reading = await world.cleanup.next_reading(cleanup.id, 1)
        assert reading
        assert (reading["number"], reading["seconds"]) == (1, -60.0)
        assert await world.cleanup.read_back(cleanup.id, 1, 1) == Outcome.DONE
    assert len(set(read(world))) == len(read(world)) == proof.READ_AT_ONCE + 20
    assert (await world.store.cleanups.get(cleanup.id)).proofs == 2


async def test_a_reading_of_people_who_are_still_subscribed_gives_signs_of_life(
    world: World,
) -> None:
    world.account.delays = LATE
    cleanup = await world.requested_cleanup()
    alarms = []

    def look() -> None:
        world.clock.move(timedelta(minutes=10))

    async def watch(_subject: int) -> None:
        alarms.append(await world.store.watching.newly_stuck(world.clock(), AFTER))

    world.notifier.meanwhile = watch
    for number in range(3):
        world.kit.before(Route.SUBSCRIBER, look, skip=number)
    await world.cleanup.read_back(cleanup.id, 1, 0)
    assert world.clock() - cleanup.created_at > AFTER
    assert alarms
    assert set(alarms) == {Stuck()}


@pytest.mark.parametrize("how", ["stopped", "closing"])
async def test_a_reading_that_was_cut_off_goes_on_where_it_was(how: str, world: World) -> None:
    world.account.delays = LATE
    cleanup = await world.requested_cleanup()
    asked_before = len(read(world))
    attempt = 1

    async def cut_off() -> None:
        world.closing = how == "closing"
        if how == "stopped":
            await world.store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)

    world.during(Route.SUBSCRIBER, cut_off, skip=1)
    await world.cleanup.read_back(cleanup.id, 1, 0)
    assert len(read(world)) - asked_before < 3
    world.closing = False
    if how == "stopped":
        assert await world.cleanup_state(cleanup.id) is CleanupState.STOPPED
        attempt = (await world.store.decisions.resume(cleanup.id, BEN, world.clock())).attempt
    assert await world.cleanup.read_back(cleanup.id, attempt, 0) == Outcome.DONE
    assert len(read(world)) - asked_before <= 4, "one is asked about again at most"
    assert (await world.store.cleanups.get(cleanup.id)).proofs == 1


async def test_a_reading_that_began_before_parts_were_known_begins_anew(world: World) -> None:
    """As a workflow does that was in the middle of the step when the bot was upgraded."""
    cleanup = await world.requested_cleanup()
    first = world.ids[0]
    await world.store.unsubscribes.mark(cleanup.id, first, CONFIRMED, now=world.clock())
    assert (await world.store.cleanups.get(cleanup.id)).read_up_to == -1
    assert await world.cleanup.read_back(cleanup.id, 1, 0) == Outcome.DONE
    assert await world.states(cleanup.id) == [CONFIRMED] * 3
