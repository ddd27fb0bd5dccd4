"""The look at whether mail servers can be asked: what it does to the engine, and when again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from bot.background import in_background
from bot.probing import keep_looking, look
from sandbox.mail import MailWorld
from tests.verification.worlds import LOCAL, verdicts
from verification import Engine, ProbeOptions, Reason, build_engine

#: Nobody listens there.
CLOSED = 9


@dataclass(frozen=True)
class Place:
    """An engine in a make-believe internet with one mail host to greet."""

    world: MailWorld
    options: ProbeOptions
    engine: Engine
    host: str = "mx1.copperfinch.com"

    @property
    def behind_a_closed_port(self) -> ProbeOptions:
        return replace(self.options, smtp_port=CLOSED)


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with MailWorld() as world:
        world.add_domain("copperfinch.com")
        options = replace(LOCAL, resolver=world.resolver, smtp_port=world.smtp_port)
        yield Place(world, options, build_engine(options))


async def test_an_open_port_lets_the_engine_ask(place: Place) -> None:
    place.engine.suspend("The port was closed an hour ago.")
    assert await look(place.engine, place.options, [place.host])
    assert place.engine.not_probing is None


async def test_a_closed_port_suspends_the_engine(place: Place) -> None:
    assert await look(place.engine, place.behind_a_closed_port, [place.host])
    assert "seems to be closed" in (place.engine.not_probing or "")


@pytest.mark.parametrize("before", [None, "The port was closed an hour ago."])
async def test_a_look_that_saw_nothing_leaves_the_engine_as_it_is(
    place: Place, before: str | None
) -> None:
    place.engine.suspend(before)
    assert not await look(place.engine, place.options, ["nobody-has-this.com"])
    assert place.engine.not_probing == before


async def test_a_resolver_that_cannot_be_used_leaves_the_engine_as_it_is(place: Place) -> None:
    options = replace(place.options, resolver=("resolver.example.com", 53))
    assert not await look(place.engine, options, [place.host])
    assert place.engine.not_probing is None


async def test_nobody_is_asked_before_the_first_look_has_ended(place: Place) -> None:
    looking = keep_looking(place.engine, place.behind_a_closed_port, [place.host])
    waiting = asyncio.create_task(verdicts(place.engine, ["ann@copperfinch.com"]))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    async with in_background(looking):
        found = await waiting
    assert found["ann@copperfinch.com"].reason is Reason.NOT_PROBED


async def test_a_first_look_that_fails_keeps_nobody_waiting(place: Place) -> None:
    options = replace(place.options, resolver=("resolver.example.com", 53))
    async with in_background(keep_looking(place.engine, options, [place.host])):
        found = await verdicts(place.engine, ["nobody"])
    assert found["nobody"].reason is Reason.BAD_SYNTAX


async def test_after_a_look_that_saw_nothing_the_next_one_comes_soon(place: Place) -> None:
    place.world.zone.fail("copperfinch.com")
    place.engine.suspend("The port was closed an hour ago.")
    async with in_background(keep_looking(place.engine, place.options, [place.host], again=0.05)):
        await asyncio.sleep(0.2)
        assert place.engine.not_probing is not None
        place.world.zone.remove("copperfinch.com")
        place.world.zone.add(place.host, "A", "127.0.0.1")
        await asyncio.sleep(1)
    assert place.engine.not_probing is None
