"""The tidying: every day, what is too old is deleted, and what was forgotten is ended before."""

import contextlib
import logging
from datetime import date, timedelta

from jobs.engine import Engine
from jobs.ports import Clock, Notifier
from jobs.queues import Queue
from storage.cleanups import Cleanups
from storage.decisions import Decisions
from storage.errors import AlreadyDecided
from storage.records import Cleanup, Run
from storage.retention import Retention
from storage.runs import Runs
from storage.states import CleanupState, RunState, StopReason

log = logging.getLogger(__name__)

NOT_PREPARED = "Nothing happened with it for as long as addresses are kept."


class Tidy:
    """Run the day's tidying once, however many processes start it."""

    def __init__(
        self,
        engine: Engine,
        *,
        runs: Runs,
        cleanups: Cleanups,
        decisions: Decisions,
        retention: Retention,
        notifier: Notifier,
        clock: Clock,
        keep: timedelta,
        reuse: timedelta,
    ) -> None:
        """Prepare it.

        Args:
            keep: How long addresses and Verdicts are kept.
            reuse: How long a Verdict may be taken over, without its address.
        """
        self._engine = engine
        self._runs = runs
        self._cleanups = cleanups
        self._decisions = decisions
        self._retention = retention
        self._notifier = notifier
        self._clock = clock
        self._keep = keep
        self._reuse = reuse
        self._tidying = engine.workflow("tidy", self._tidy)

    async def start(self, day: date) -> None:
        """Tidy up for a day; what was started before is not started again."""
        await self._engine.start_once(f"tidy:{day.isoformat()}", self._tidying, queue=Queue.GENERAL)

    async def _tidy(self) -> None:
        step = self._engine.step
        await step(self.end_forgotten)
        await step(self.mark)
        for delete in (
            self.delete_addresses,
            self.delete_known_verdicts,
            self.delete_workflows,
        ):
            # Each batch is a step of its own: whoever goes on with it begins at the next one.
            while await step(delete):
                pass

    async def end_forgotten(self) -> None:
        """End what nobody decided on or went on with, for as long as addresses are kept.

        Results that are not delivered yet are delivered by the next take-up.
        """
        before = self._clock() - self._keep
        for run in await self._retention.forgotten_runs(before):
            # Somebody may press a button at this very moment.
            with contextlib.suppress(AlreadyDecided):
                await self._end_run(run)
            await self._notifier.show_run(run.id, now=True)
        for cleanup in await self._retention.forgotten_cleanups(before):
            await self._end_cleanup(cleanup)
            await self._notifier.show_cleanup(cleanup.id, now=True)

    async def mark(self) -> None:
        """Mark what is due to be deleted."""
        now = self._clock()
        runs, cleanups = await self._retention.mark(now - self._keep, now)
        if runs or cleanups:
            log.info(
                "The addresses of %d runs and %d cleanups are deleted: they are too old.",
                runs,
                cleanups,
                extra={"action": "tidy"},
            )

    async def delete_addresses(self) -> int:
        """Delete some addresses and Verdicts of what is marked; 0 when nothing is left."""
        return await self._retention.delete_some()

    async def delete_known_verdicts(self) -> int:
        """Delete some Verdicts that no Run can take over any more; 0 when nothing is left."""
        return await self._retention.delete_some_known(self._clock() - self._reuse)

    async def delete_workflows(self) -> int:
        """Delete some of the engine's finished workflows; 0 when nothing is left."""
        return await self._engine.delete_some_ended(self._clock() - self._keep)

    async def _end_run(self, run: Run) -> None:
        now, reason = self._clock(), StopReason.FORGOTTEN
        if run.state in (RunState.FETCHING, RunState.QUOTED):
            await self._runs.cancel(run.id, None, now, reason=reason)
            return
        await self._runs.stop(run.id, reason)
        await self._runs.drop(run.id, None, now, reason=reason)

    async def _end_cleanup(self, cleanup: Cleanup) -> None:
        now = self._clock()
        match cleanup.state:
            case CleanupState.PREPARING:
                await self._cleanups.fail(cleanup.id, NOT_PREPARED, now)
            case CleanupState.AWAITING_APPROVAL:
                await self._decisions.expire(cleanup.id, now)
            case _:
                await self._decisions.stop(cleanup.id, StopReason.FORGOTTEN)
                await self._decisions.give_up(cleanup.id, now)
