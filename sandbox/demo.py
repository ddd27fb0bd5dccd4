"""The demo: everything up, and a page in the browser to try it with."""

import asyncio
import contextlib
import signal

from sandbox.kit import RateLimit
from sandbox.stage import HURRIED, SPEED, StageSettings, staged
from sandbox.world import WorldSettings

#: Enough to verify everybody a few times.
CREDITS = 10_000


async def run(*, people: int, port: int) -> None:
    """Run until Ctrl-C."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    world = WorldSettings(people=people, limit=RateLimit(120, 60.0 / SPEED))
    environment = {**HURRIED, "WELCOME_CREDITS": str(CREDITS)}
    settings = StageSettings(world=world, environment=environment, page_port=port)
    async with staged(settings) as stage:
        await stage.bot.start()
        await stage.slack.connected()
        keys = stage.world.account.keys
        print(
            f"""
The bot is running in a make-believe Slack. Open this page:

    {stage.slack.page_url}

Type /verify there. It asks for the API Secret of the make-believe ConvertKit account:

    API Secret (V3):     {keys.v3_secret}
    or API key (V4):     {keys.v4[0]}
    public API Key:      {keys.v3_key}   (paste it to see what happens)

The account has {people:,} subscribers, and the workspace {CREDITS:,} credits instead of 200. Waits
and paces are {SPEED} times shorter than in life; everything else is as it is.

Ctrl-C stops it and forgets everything.
""",
            flush=True,
        )
        ended = asyncio.create_task(stage.bot.ended())
        waiting = asyncio.create_task(stopped.wait())
        await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
        for task in (ended, waiting):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if stage.bot.is_running:
            await stage.bot.stop()
        else:
            print(f"The bot has stopped by itself. Its log:\n{stage.bot.logged()[-4000:]}")
