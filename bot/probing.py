"""The hourly look at whether mail servers can be asked at all; without it the engine asks none."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence

from verification import Engine, ProbeOptions, preflight

log = logging.getLogger(__name__)

#: Seconds between two looks.
LOOK_EVERY = 3600.0


@contextlib.asynccontextmanager
async def watched(
    engine: Engine, options: ProbeOptions, hosts: Sequence[str]
) -> AsyncIterator[None]:
    """Look at the start and every hour, for as long as the block runs."""
    watch = asyncio.create_task(_keep_looking(engine, options, hosts))
    try:
        yield
    finally:
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch


async def _keep_looking(engine: Engine, options: ProbeOptions, hosts: Sequence[str]) -> None:
    while True:
        found = await preflight(options, hosts=hosts)
        engine.suspend(found.problem)
        if found.problem:
            log.warning("No mail server is asked: %s", found.problem, extra={"action": "preflight"})
        await asyncio.sleep(LOOK_EVERY)
