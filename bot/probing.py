"""The hourly look at whether mail servers can be asked at all; without it the engine asks none."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from verification import Engine, ProbeOptions, VerificationError, preflight

log = logging.getLogger(__name__)

#: Seconds between two looks.
LOOK_EVERY = 3600.0
#: Seconds after a look that could not see everything.
LOOK_AGAIN = 60.0


def keep_looking(
    engine: Engine,
    options: ProbeOptions,
    hosts: Sequence[str],
    *,
    every: float = LOOK_EVERY,
    again: float = LOOK_AGAIN,
) -> Coroutine[Any, Any, None]:
    """Look at the start and then now and then, for ever; ``every`` and ``again`` are seconds.

    From this call on, before anything is awaited, verifications wait for the end of the first look.
    """
    engine.hold()

    async def looks() -> None:
        while True:
            try:
                is_sure = await look(engine, options, hosts)
            finally:
                engine.release()
            await asyncio.sleep(every if is_sure else again)

    return looks()


async def look(engine: Engine, options: ProbeOptions, hosts: Sequence[str]) -> bool:
    """Look once, act on it, and tell whether everything was seen.

    What could not be seen changes nothing: the engine goes on, or stays suspended, as it is.
    """
    try:
        found = await preflight(options, hosts=hosts)
    except (VerificationError, OSError) as error:
        _warn(f"Whether mail servers can be asked was not seen: {type(error).__name__}.")
        return False
    if found.problem:
        _warn(f"No mail server is asked: {found.problem}")
    if found.problem or found.is_sure:
        engine.suspend(found.problem)
    return found.is_sure


def _warn(sentence: str) -> None:
    log.warning(sentence, extra={"action": "preflight"})
