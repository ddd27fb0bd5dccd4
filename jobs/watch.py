"""The watch: whoever asked for a job that does not move is told, and so is the operator."""

import asyncio
import logging
from datetime import datetime, timedelta

from jobs.ports import Clock, Notifier
from storage.watching import Watching

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
        stuck = await self._watching.newly_stuck(now, self._after)
        for run_id in stuck.runs:
            self._log(f"run:{run_id}")
            await self._notifier.tell_stuck_run(run_id)
        for cleanup_id in stuck.cleanups:
            self._log(f"cleanup:{cleanup_id}")
            await self._notifier.tell_stuck_cleanup(cleanup_id)

    def _log(self, subject: str) -> None:
        log.warning(
            "Nothing has moved for %.0f minutes.",
            self._after.total_seconds() / 60,
            extra={"action": "stuck", "subject": subject},
        )
