"""The process is killed again and again at random moments, all through the conversation."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from random import Random

import pytest

from sandbox.slack import Message, NeverHappened, NotAcknowledged, NotDrawn
from sandbox.stage import Stage, staged
from tests.walk import (
    approve,
    ask_for_approval,
    ask_for_quote,
    check_the_end,
    connect,
    posted,
    restart,
    settings,
    start,
    verify,
)

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "25"))
PEOPLE = int(os.environ.get("SOAK_PEOPLE", "3000"))

#: Kills in one conversation: enough for every part of it, few enough that it ends.
KILLS = 10

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_kills_at_random_moments_change_nothing_of_the_end(seed: int) -> None:
    async with staged(settings(PEOPLE)) as stage:
        await start(stage)
        await connect(stage)
        killing = asyncio.create_task(kill_again_and_again(stage, Random(seed)))
        try:
            quote = await persisting(stage, lambda: ask_for_quote(stage), "[Start]")
            await persisting(stage, lambda: verify(stage, quote), "[Clean up]")
            request = await persisting(stage, lambda: ask_for_approval(stage, quote), "[Approve]")
            await persisting(stage, lambda: approve(stage, request), "Cleanup finished")
        finally:
            killing.cancel()
        if not stage.bot.is_running:
            await restart(stage)
        await check_the_end(stage, quote, request)


async def kill_again_and_again(stage: Stage, random: Random) -> None:
    """Kill the bot every few seconds and start it again, a few times in all."""
    for _ in range(KILLS):
        await asyncio.sleep(random.uniform(0.5, 6.0))
        await restart(stage)


async def persisting(stage: Stage, act: Callable[[], Awaitable[Message]], leads_to: str) -> Message:
    """Try again, like a person whose click went unanswered, unless it had its effect after all."""
    while True:
        try:
            return await act()
        except (NotAcknowledged, NotDrawn, NeverHappened):
            await stage.slack.connected()
            await asyncio.sleep(0.5)
            shown = [stage.slack.as_text(each) for each in stage.slack.messages()]
            if any(leads_to in text for text in shown):
                return await posted(stage, leads_to)
