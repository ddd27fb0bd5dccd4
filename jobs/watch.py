"""The watch: whoever asked for a job that does not move is told, and so is the operator."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from jobs.ports import Clock, Notifier
from storage.watching import Stuck, Watching

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(minutes=1)
#: A gap this long between two looks says that the process slept, or the machine, or that the
#: database was away.
_SLEPT = 5 * LOOK_EVERY


class Watch:
    """Look at all jobs; several processes may, and each standstill is told by one of them."""

    def __init__(
        self, *, watching: Watching, notifier: Notifier, clock: Clock, after: timedelta
    ) -> None:
        self._watching = watching
        self._notifier = notifier
        self._clock = clock
        self._after = after
        #: Those whose people could not be told, and who are still noted as told.
        self._untold = Stuck()
        self._awake_since = self._looked_at = datetime.min.replace(tzinfo=clock().tzinfo)

    async def keep_looking(self) -> None:
        """Look every minute, for ever."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look tries again
                log.warning(
                    "What does not move was not looked for: %s",
                    type(error).__name__,
                    extra={"action": "watch"},
                )
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def look(self) -> None:
        """Tell of the jobs that have not moved for too long."""
        now = self._clock()
        # Before it counts as a look: while the database is away, nothing is seen and nobody moves.
        await self._watching.see(now, self._after)
        if now - self._looked_at > _SLEPT:
            self._awake_since = now
        self._looked_at = now
        # What stood still while this process was away has the same time to begin to move.
        if now - self._awake_since < self._after:
            return
        await self._take_back()
        stuck = await self._watching.newly_stuck(now, self._after)
        notifier = self._notifier
        self._untold = Stuck(
            await self._tell("run", stuck.runs, notifier.tell_stuck_run),
            await self._tell("cleanup", stuck.cleanups, notifier.tell_stuck_cleanup),
        )
        await self._take_back()

    async def _tell(
        self, kind: str, ids: Sequence[int], tell: Callable[[int], Awaitable[bool]]
    ) -> tuple[int, ...]:
        """Tell of each job, whatever comes of the others; give those that were not told."""
        untold = []
        for each in ids:
            self._log(f"{kind}:{each}")
            try:
                told = await tell(each)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look tries again
                told = False
                log.warning(
                    "What does not move could not be told: %s",
                    type(error).__name__,
                    extra={"action": "watch", "subject": f"{kind}:{each}"},
                )
            if not told:
                untold.append(each)
        return tuple(untold)

    async def _take_back(self) -> None:
        """Let those whose people could not be told be found again, by whichever process."""
        if self._untold != Stuck():
            await self._watching.take_back(self._untold)
            self._untold = Stuck()

    def _log(self, subject: str) -> None:
        log.warning(
            "Nothing has moved for %.0f minutes.",
            self._after.total_seconds() / 60,
            extra={"action": "stuck", "subject": subject},
        )
