"""ConvertKit stumbles, or people change between the list and the call: each number is right."""

from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.audit import rows_of
from sandbox.kit import Delays, Fault, Route, Trouble
from sandbox.slack import Message
from sandbox.stage import Stage, staged
from tests.walk import (
    approve,
    approved,
    ask_for_approval,
    ask_for_quote,
    check_the_end,
    connect,
    converse,
    file_under,
    settings,
    verify,
)

PEOPLE = 160
#: What calls come to, by the name of it.
FAULTS: Mapping[str, tuple[Fault, Mapping[str, Any]]] = {
    "429-without-a-word": (Fault.TOO_MANY, {}),
    "429-with-retry-after": (Fault.TOO_MANY, {"retry_after": "3"}),
    "5xx": (Fault.SERVER_ERROR, {"status": 503}),
    "connection-reset": (Fault.RESET, {}),
    "connection-reset-after-the-deed": (Fault.RESET, {"acts": True}),
    "html-instead-of-json": (Fault.HTML, {}),
}
ROUTES = (Route.SUBSCRIBERS, Route.SUBSCRIBER, Route.UNSUBSCRIBE)


async def test_every_fault_at_every_kind_of_call_changes_nothing_of_the_end() -> None:
    async with staged(settings(people=PEOPLE)) as stage:
        await stage.start()
        await connect(stage)
        # One call or two get through in between; of a short list's pages, one after two faults.
        troubles = [
            stage.world.kit.trouble(
                fault,
                route=route,
                skip=number // 2 if route is Route.SUBSCRIBERS else 1 + number,
                **details,
            )
            for route in ROUTES
            for number, (fault, details) in enumerate(FAULTS.values())
        ]
        quote, request = await converse(stage)
        check_they_struck(troubles)
        await check_the_end(stage, quote, request)


# What differs in how a fault goes on is above, so storms of each kind take their time elsewhere.
@pytest.mark.parametrize(
    ("fault", "details"),
    [
        pytest.param(
            *FAULTS[name], id=name, marks=() if name == "429-with-retry-after" else pytest.mark.soak
        )
        for name in FAULTS
    ],
)
async def test_a_storm_at_every_kind_of_call_changes_nothing_of_the_end(
    fault: Fault, details: Mapping[str, Any]
) -> None:
    async with staged(settings(people=PEOPLE)) as stage:
        await stage.start()
        await connect(stage)
        storms = [
            stage.world.kit.trouble(fault, times=2, route=route, skip=1, **details)
            for route in ROUTES
        ]
        quote, request = await converse(stage)
        check_they_struck(storms)
        await check_the_end(stage, quote, request)


async def test_a_page_that_repeats_its_cursor_is_read_again_and_nobody_is_missed_or_twice() -> None:
    async with staged(settings(people=PEOPLE)) as stage:
        await stage.start()
        await connect(stage)
        storm = stage.world.kit.trouble(Fault.REPEATED_CURSOR, times=2, skip=1)
        quote, request = await converse(stage)
        check_they_struck([storm])
        await check_the_end(stage, quote, request)


async def test_an_unsubscribe_that_is_never_answered_is_looked_up_and_not_made_again() -> None:
    async with staged(settings(people=PEOPLE)) as stage:
        await stage.start()
        await connect(stage)
        storm = stage.world.kit.trouble(Fault.TIME_OUT, route=Route.UNSUBSCRIBE, skip=1, acts=True)
        quote, request = await converse(stage)
        check_they_struck([storm])
        await check_the_end(stage, quote, request)
        called = [each.subscriber for each in stage.world.kit.unsubscribes]
        assert sorted(called) == sorted(approved(stage)), "nobody was called a second time"


async def test_a_page_and_a_look_that_are_never_answered_are_asked_for_again() -> None:
    async with staged(settings(people=PEOPLE)) as stage:
        await stage.start()
        await connect(stage)
        storms = [
            stage.world.kit.trouble(Fault.TIME_OUT, route=route, skip=1)
            for route in (Route.SUBSCRIBERS, Route.SUBSCRIBER)
        ]
        quote, request = await converse(stage)
        check_they_struck(storms)
        await check_the_end(stage, quote, request)


async def test_who_changed_between_the_list_and_the_call_is_left_alone() -> None:
    async with staged(settings(people=PEOPLE)) as stage:
        await stage.start()
        await connect(stage)
        quote = await ask_for_quote(stage)
        await verify(stage, quote)
        request = await ask_for_approval(stage, quote)
        kit = stage.world.kit
        gone, moved, left, *others = sorted(approved(stage))

        def in_the_last_moment() -> None:
            kit.vanish(gone)
            kit.change_address(moved, "moved-on@plainhost.net")
            kit.unsubscribe_by_hand(left)

        kit.before(Route.SUBSCRIBER, in_the_last_moment)
        await approve(stage, request)
        await check_the_end(stage, quote, request, touched_by_hand={gone, moved, left})
        assert [each.subscriber for each in kit.unsubscribes] == others
        states = await states_in(stage, request)
        assert states[gone] == "No longer in ConvertKit"
        assert states[moved] == "Left alone"
        assert states[left] == "Already cancelled before"


async def test_a_list_that_lags_behind_for_five_minutes_leads_to_no_second_call() -> None:
    delays = Delays(effect=0.0, lists=300.0)
    async with staged(settings(people=PEOPLE, delays=delays)) as stage:
        await stage.start()
        await connect(stage)
        quote, request = await converse(stage)
        await check_the_end(stage, quote, request)
        calls = len(stage.world.kit.unsubscribes)

        _, again = await converse(stage)
        states = await states_in(stage, again)
        assert states.keys() == approved(stage), "the list still showed all of them"
        assert set(states.values()) == {"Already cancelled before"}
        assert len(stage.world.kit.unsubscribes) == calls


def check_they_struck(storms: list[Trouble]) -> None:
    assert [storm.times for storm in storms] == [0] * len(storms), "else this shows nothing"


async def states_in(stage: Stage, request: Message) -> dict[int, str]:
    """Read from a cleanup's file what has become of each subscriber."""
    rows = rows_of(await file_under(stage, request))
    return {int(row["subscriber_id"]): row["state"] for row in rows}
