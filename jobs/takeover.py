"""Take-over: what a process that is gone was working on goes back into its queue.

The engine moves no work from a dead process to a live one by itself; see docs/decisions.
"""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from jobs.engine import Engine

log = logging.getLogger(__name__)


class Presence(Protocol):
    """Knows which processes are alive."""

    def absent(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Tell whether nobody is alive under a name, for as long as the block runs."""


#: Looks in a row that have to find a process missing.
LOOKS = 5


async def take_over(engine: Engine, presence: Presence, *, grace: float) -> None:
    """Look for ever at the other processes that workflows belong to, and hand theirs back.

    A process has to be missing at every look for `grace` seconds: a restart of the database takes
    every lock away for a moment, and then those who live need time to come back.
    """
    await engine.launched.wait()
    missed: dict[str, int] = {}
    while True:
        await asyncio.sleep(grace / LOOKS)
        try:
            owners = await engine.owners()
            missed = {name: looks for name, looks in missed.items() if name in owners}
            for owner in owners:
                await _look_at(owner, engine, presence, missed)
        except Exception as error:  # noqa: BLE001 - whatever it is, this looks again
            missed.clear()
            log.warning(
                "Whether other processes live was not seen: %s",
                type(error).__name__,
                extra={"action": "take_over"},
            )


async def _look_at(owner: str, engine: Engine, presence: Presence, missed: dict[str, int]) -> None:
    async with presence.absent(owner) as is_absent:
        missed[owner] = missed.get(owner, 0) + 1 if is_absent else 0
        if missed[owner] <= LOOKS:
            return
        # Inside the block, so that two who look do not hand back what a third runs already.
        count = await engine.hand_back(owner)
        log.warning(
            "A process is gone; what it was working on goes on elsewhere (%d workflows).",
            count,
            extra={"action": "take_over"},
        )
