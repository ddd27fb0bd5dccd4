"""One subscriber without an answer holds nobody up; an outage is nobody's own."""

from datetime import timedelta

import pytest

from jobs.carrying_out import MOST_PASSES, NO_ANSWER
from jobs.guard import Outcome
from sandbox.kit import Fault, Route
from storage.records import Cleanup
from storage.states import UnsubscribeState
from tests.jobs.worlds import World

PENDING, REQUESTED = UnsubscribeState.PENDING, UnsubscribeState.REQUESTED
CONFIRMED, FAILED = UnsubscribeState.CONFIRMED, UnsubscribeState.FAILED
STILL_ACTIVE = UnsubscribeState.STILL_ACTIVE


async def carry_out(world: World, cleanup: Cleanup) -> list[Outcome]:
    """Repeat the step as often as somebody may be passed over, or until it is done."""
    outcomes: list[Outcome] = []
    while len(outcomes) < MOST_PASSES + 1 and Outcome.DONE not in outcomes:
        outcomes.append(await world.cleanup.unsubscribe_chunk(cleanup.id, 1))
    return outcomes


async def notes(world: World, cleanup: Cleanup) -> list[str | None]:
    return [each.note async for each in world.store.unsubscribes.stream(cleanup.id)]


def no_look(world: World, *subscribers: int) -> None:
    for each in subscribers:
        world.kit.trouble(Fault.SERVER_ERROR, times=None, route=Route.SUBSCRIBER, target=each)


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_one_without_an_answer_fails_and_the_others_are_unsubscribed(
    place: int, world: World
) -> None:
    cleanup = await world.approved_cleanup()
    silent = world.ids[place]
    no_look(world, silent)
    assert await world.cleanup.unsubscribe_chunk(cleanup.id, 1) == Outcome.WAIT
    states = [PENDING if each == silent else REQUESTED for each in world.ids[:3]]
    assert await world.states(cleanup.id) == states
    assert await carry_out(world, cleanup) == [Outcome.WAIT, Outcome.DONE]
    assert (await world.states(cleanup.id))[place] is FAILED
    assert (await notes(world, cleanup))[place] == NO_ANSWER
    assert silent not in world.called()


async def test_two_without_an_answer_hold_nobody_up_either(world: World) -> None:
    cleanup = await world.approved_cleanup(others=0)
    no_look(world, world.ids[0], world.ids[3])
    assert (await carry_out(world, cleanup))[-1] is Outcome.DONE
    assert await world.states(cleanup.id) == [FAILED, REQUESTED, REQUESTED, FAILED]


async def test_who_is_answered_about_at_last_is_unsubscribed(world: World) -> None:
    cleanup = await world.approved_cleanup()
    silent = world.kit.trouble(
        Fault.SERVER_ERROR, times=None, route=Route.SUBSCRIBER, target=world.ids[1]
    )
    assert await world.cleanup.unsubscribe_chunk(cleanup.id, 1) == Outcome.WAIT
    world.kit.cure(silent)
    assert await world.cleanup.unsubscribe_chunk(cleanup.id, 1) == Outcome.DONE
    assert await world.states(cleanup.id) == [REQUESTED] * 3
    assert await notes(world, cleanup) == [None] * 3


async def test_an_outage_is_not_put_down_to_anybody(world: World) -> None:
    cleanup = await world.approved_cleanup()
    world.kit.trouble(Fault.SERVER_ERROR, times=None, route=Route.SUBSCRIBER)
    assert await carry_out(world, cleanup) == [Outcome.WAIT] * (MOST_PASSES + 1)
    assert await world.states(cleanup.id) == [PENDING] * 3
    assert await notes(world, cleanup) == [None] * 3


async def test_an_outage_of_the_calls_alone_is_not_put_down_to_anybody(world: World) -> None:
    cleanup = await world.approved_cleanup()
    world.kit.trouble(Fault.SERVER_ERROR, times=None, route=Route.UNSUBSCRIBE)
    assert await carry_out(world, cleanup) == [Outcome.WAIT] * (MOST_PASSES + 1)
    assert await world.states(cleanup.id) == [PENDING] * 3


async def test_one_whose_call_never_gets_through_is_left_to_the_proof(world: World) -> None:
    """V3 calls by address, so the first subscriber's calls are the first ones of each round."""
    cleanup = await world.approved_cleanup()
    world.kit.trouble(Fault.SERVER_ERROR, times=6, route=Route.UNSUBSCRIBE)
    assert await world.cleanup.unsubscribe_chunk(cleanup.id, 1) == Outcome.WAIT
    assert await world.states(cleanup.id) == [PENDING, REQUESTED, REQUESTED]
    world.kit.trouble(Fault.SERVER_ERROR, times=None, route=Route.UNSUBSCRIBE)
    assert await carry_out(world, cleanup) == [Outcome.WAIT, Outcome.DONE]
    assert await world.states(cleanup.id) == [REQUESTED] * 3
    await world.cleanup.begin_proof(cleanup.id, 1)
    await world.cleanup.read_back(cleanup.id, 1, 0)
    await world.cleanup.finish(cleanup.id, 1)
    assert await world.states(cleanup.id) == [STILL_ACTIVE, CONFIRMED, CONFIRMED]
    assert (await notes(world, cleanup))[0] == NO_ANSWER


@pytest.mark.parametrize(
    "status", [pytest.param(500, id="no-answer"), pytest.param(422, id="refused")]
)
async def test_one_who_cannot_be_read_back_holds_no_proof_up(status: int, world: World) -> None:
    cleanup = await world.requested_cleanup()
    world.kit.trouble(
        Fault.SERVER_ERROR,
        times=None,
        route=Route.SUBSCRIBER,
        target=world.ids[1],
        status=status,
    )
    assert await world.cleanup.read_back(cleanup.id, 1, 0) == Outcome.DONE
    assert await world.states(cleanup.id) == [CONFIRMED, REQUESTED, CONFIRMED]
    world.clock.move(timedelta(hours=2))
    for number in (1, 2):
        assert await world.cleanup.read_back(cleanup.id, 1, number) == Outcome.DONE
    assert await world.cleanup.next_reading(cleanup.id, 1) is None
    assert await world.cleanup.finish(cleanup.id, 1) == Outcome.DONE
    assert await world.states(cleanup.id) == [CONFIRMED, STILL_ACTIVE, CONFIRMED]
    assert (await notes(world, cleanup))[1]


async def test_an_outage_makes_a_reading_wait_for_everybody(world: World) -> None:
    cleanup = await world.requested_cleanup()
    world.kit.trouble(Fault.SERVER_ERROR, times=None)
    assert await world.cleanup.read_back(cleanup.id, 1, 0) == Outcome.WAIT
    assert await world.states(cleanup.id) == [REQUESTED] * 3
