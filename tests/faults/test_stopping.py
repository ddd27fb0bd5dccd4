"""A bot that is told to stop ends within ten seconds, whatever its database does, and goes on."""

import asyncio
import time
from contextlib import AbstractContextManager

from sandbox.kit import Route
from sandbox.slack import Message
from sandbox.stage import Stage, staged
from tests.faults.test_database import held_sqlite
from tests.strokes import on_call, own_postgres
from tests.walk import (
    ask_for_approval,
    ask_for_quote,
    check_the_end,
    connect,
    done,
    press_approve,
    settings,
    verify,
)

#: Calls to ConvertKit a minute that leave time to stop in the middle of a cleanup.
SLOW = "300"
#: Seconds that the bot has noticed its database's state for when it is told to stop.
NOTICED = 2.0


async def test_it_ends_beside_a_file_that_is_locked() -> None:
    async with staged(settings(people=60, CONVERTKIT_CALLS_PER_MINUTE=SLOW)) as stage:
        quote, request = await begin_cleanup(stage)
        await ends(stage, held_sqlite(stage))
        await goes_on(stage, quote, request)


async def test_it_ends_beside_a_server_that_does_not_answer() -> None:
    with own_postgres() as (server, url):
        chosen = settings(
            60, database_url=url, TAKEOVER_SECONDS="2", CONVERTKIT_CALLS_PER_MINUTE=SLOW
        )
        async with staged(chosen) as stage:
            quote, request = await begin_cleanup(stage)
            await ends(stage, server.frozen())
            await goes_on(stage, quote, request)


async def test_it_ends_at_once_where_nothing_hangs() -> None:
    async with staged(settings(people=20)) as stage:
        await stage.start()
        began = time.monotonic()
        assert await stage.bot.terminate() == 0
        assert time.monotonic() - began < 8
        assert "hangs" not in stage.bot.logged()


async def begin_cleanup(stage: Stage) -> tuple[Message, Message]:
    """Bring the stage into the middle of a cleanup; give the Run's message and the Cleanup's."""
    await stage.start()
    await connect(stage)
    quote = await ask_for_quote(stage)
    await verify(stage, quote)
    request = await ask_for_approval(stage, quote)
    busy = on_call(stage, Route.UNSUBSCRIBE, lambda bot: None, skip=3)
    await press_approve(stage, request)
    await busy
    return quote, request


async def ends(stage: Stage, trouble: AbstractContextManager[None]) -> None:
    """Tell the bot to stop in the middle of the trouble."""
    with trouble:
        await asyncio.sleep(NOTICED)
        assert await stage.bot.terminate(within=10) == 0


async def goes_on(stage: Stage, quote: Message, request: Message) -> None:
    """Start the bot again, and see the cleanup's right end."""
    await stage.start_again(stage.bot)
    await done(stage, request, "Cleanup finished")
    await check_the_end(stage, quote, request)
