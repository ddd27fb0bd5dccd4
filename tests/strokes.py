"""Strokes of fate for tests: a process is killed or frozen, PostgreSQL crashes."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.kit import Route
from sandbox.process import BotProcess
from sandbox.stage import Stage
from tests import postgres


@contextmanager
def own_postgres() -> Iterator[tuple[postgres.Server, str]]:
    """Start a PostgreSQL that a test may crash; give it and the address of an empty database."""
    # Not in pytest's own folder: the server's user may not enter that.
    with TemporaryDirectory() as folder, postgres.running(Path(folder), durable=True) as server:
        if server is None:
            postgres.is_missing()
        name = f"bot_{Path(folder).name.lower()}"
        server.create(name)
        yield server, server.url(name)
        server.drop(name)


async def kill(stage: Stage, bot: BotProcess, *, down_for: float = 0.0) -> None:
    """Kill a process, and start it again after some seconds."""
    bot.strike()
    await asyncio.sleep(down_for)
    await stage.start_again(bot)


async def freeze(bot: BotProcess, seconds: float) -> None:
    """Let a process stand still for some seconds, and go on as if they had not passed."""
    bot.freeze()
    await asyncio.sleep(seconds)
    bot.thaw()


async def crash(stage: Stage, server: postgres.Server, *, down_for: float = 0.0) -> None:
    """Crash PostgreSQL, and start it again after some seconds; a given one is left alone."""
    if not server.can_restart:
        return
    down = datetime.now(UTC)
    await asyncio.to_thread(server.crash)
    await asyncio.sleep(down_for)
    await asyncio.to_thread(server.start)
    stage.outages.append((down, datetime.now(UTC)))


def on_call(
    stage: Stage,
    route: Route,
    stroke: Callable[[BotProcess], None],
    *,
    skip: int = 0,
    struck: asyncio.Future[BotProcess] | None = None,
) -> asyncio.Future[BotProcess]:
    """Strike the process that makes a call to ConvertKit, just before the call is served.

    `skip` lets so many calls of the route pass first. The future that is given, or else a new one,
    ends with the process.
    """
    future = struck or asyncio.get_running_loop().create_future()

    def strike() -> None:
        bot = stage.named(stage.world.kit.served)
        stroke(bot)
        future.set_result(bot)

    stage.world.kit.before(route, strike, skip=skip)
    return future
