"""The hourly look at whether mail servers can be asked at all; without it the engine asks none."""

import asyncio
import logging
from collections.abc import Sequence

from verification import Engine, ProbeOptions, VerificationError, preflight

log = logging.getLogger(__name__)

#: Seconds between two looks.
LOOK_EVERY = 3600.0


async def keep_looking(engine: Engine, options: ProbeOptions, hosts: Sequence[str]) -> None:
    """Look at the start and every hour, for ever."""
    while True:
        try:
            found = await preflight(options, hosts=hosts)
        except (VerificationError, OSError) as error:
            _warn(f"Whether mail servers can be asked was not seen: {type(error).__name__}.")
        else:
            engine.suspend(found.problem)
            if found.problem:
                _warn(f"No mail server is asked: {found.problem}")
        await asyncio.sleep(LOOK_EVERY)


def _warn(sentence: str) -> None:
    log.warning(sentence, extra={"action": "preflight"})
