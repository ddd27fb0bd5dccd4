"""Processes are killed again and again at random moments, all through the conversation."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from random import Random
from typing import Any

import pytest

from sandbox.kit import Delays
from sandbox.stage import Stage, StageSettings, staged
from sandbox.twice import Twice
from tests import postgres
from tests.strokes import crash, freeze, kill, own_postgres
from tests.walk import check_the_end, connect, converse, settings

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "25"))
PEOPLE = int(os.environ.get("SOAK_PEOPLE", "3000"))

#: Kills in one conversation: enough for every part of it, few enough that it ends.
KILLS = 10
#: On PostgreSQL, besides: freezes of a process, and crashes of the server.
FREEZES = 3
CRASHES = 2

#: Calls to ConvertKit a minute, few enough that strokes fall in the middle of a cleanup as well.
CALLS_PER_MINUTE = "1500"
#: Seconds after which others take over the work of a dead process.
GRACE = 4.0
#: Seconds that each part of the conversation may take, whatever is done to it.
PATIENCE = 400.0

ROLES = (
    ("slack", "worker", "worker"),
    ("all", "all", "all"),
    ("all", "worker", "worker"),
)

pytestmark = pytest.mark.soak

Stroke = Callable[[], Awaitable[None]]


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_kills_at_random_moments_change_nothing_of_the_end_on_sqlite(seed: int) -> None:
    random = Random(seed)
    async with staged(slow_to_see(seed)) as stage:
        await stage.start()
        await connect(stage)
        strokes: list[Stroke] = [partial(kill, stage, stage.bot) for _ in range(KILLS)]
        async with disturbed(strokes, random):
            quote, request = await converse(stage, within=PATIENCE)
        print(f"sqlite, {seed}: {figures(stage, *await check_the_end(stage, quote, request))}")


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_kills_at_random_moments_change_nothing_of_the_end_on_postgresql(seed: int) -> None:
    random, roles = Random(seed), ROLES[seed % len(ROLES)]
    with own_postgres() as (server, url):
        chosen = slow_to_see(seed, roles=roles, database_url=url, TAKEOVER_SECONDS=str(GRACE))
        async with staged(chosen) as stage:
            await stage.start()
            await connect(stage)
            async with disturbed(strokes_of_many(stage, server, random), random):
                quote, request = await converse(stage, within=PATIENCE)
            twice = await check_the_end(stage, quote, request)
            print(f"postgresql, {seed}, {'+'.join(roles)}: {figures(stage, *twice)}")


def slow_to_see(seed: int, **more: Any) -> StageSettings:
    """Set the world up; in every other one, ConvertKit shows an unsubscribe 8 seconds late."""
    more["CONVERTKIT_CALLS_PER_MINUTE"] = CALLS_PER_MINUTE
    if seed % 2 == 0:
        return settings(PEOPLE, **more)
    return settings(PEOPLE, delays=Delays(effect=8.0), PROOF_DELAYS_SECONDS="12,20", **more)


def strokes_of_many(stage: Stage, server: postgres.Server, random: Random) -> list[Stroke]:
    """Choose what happens to three processes and their database, in the order in which it does."""
    strokes: list[Stroke] = []
    for _ in range(KILLS):
        # Started again at once, or after others have taken over.
        down_for = random.choice((0.0, random.uniform(0.0, 2.5 * GRACE)))
        strokes.append(partial(kill, stage, random.choice(stage.bots), down_for=down_for))
    for _ in range(FREEZES):
        strokes.append(partial(freeze, random.choice(stage.bots), random.uniform(1.0, 3 * GRACE)))
    random.shuffle(strokes)
    # In the first half, so that they fall before the conversation ends.
    for place in random.sample(range(len(strokes) // 2), CRASHES):
        crashing = partial(crash, stage, server, down_for=random.uniform(0.0, 2.0))
        strokes.insert(place, crashing)
    return strokes


@asynccontextmanager
async def disturbed(strokes: list[Stroke], random: Random) -> AsyncIterator[None]:
    """Let a stroke fall every few seconds while the block runs; what is left over is left out."""
    over = asyncio.Event()

    async def strike() -> None:
        while strokes:
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), random.uniform(0.5, 6.0))
            if over.is_set():
                return
            await strokes.pop(0)()

    striking = asyncio.create_task(strike())
    try:
        yield
        # Whoever is down just now is started again first.
        over.set()
        await striking
    finally:
        striking.cancel()


def figures(stage: Stage, calls: Twice, posts: Twice) -> str:
    """Say what was done to the processes, and what came of it."""
    lives = [life for bot in stage.bots for life in bot.lives]
    killed = sum(life.killed is not None for life in lives)
    frozen = sum(life.frozen is not None for life in lives)
    return (
        f"{killed} kills, {frozen} freezes, {len(stage.outages)} crashes of PostgreSQL; "
        f"{len(stage.world.kit.unsubscribes)} unsubscribes; made twice in flight: "
        f"{len(calls.in_flight)} calls, {len(posts.in_flight)} posts"
    )
