"""The tidying: every day, what is too old is deleted, and what was forgotten is ended before."""

import asyncio
import contextlib
import functools
import itertools
import logging
from collections.abc import Callable, Coroutine
from datetime import date, timedelta
from typing import Any

from jobs.engine import Engine
from jobs.guard import PAUSES
from jobs.ports import Clock, Notifier
from jobs.queues import Queue
from jobs.superseded import superseded_of_cleanup, superseded_of_run
from storage.cleanups import Cleanups
from storage.decisions import Decisions
from storage.errors import AlreadyDecided, DatabaseFault
from storage.records import Cleanup, Run
from storage.retention import Retention
from storage.runs import Runs
from storage.states import CleanupState, RunState, StopReason

log = logging.getLogger(__name__)

NOT_PREPARED = "Nothing happened with it for as long as addresses are kept."


Step = Callable[["Tidy"], Coroutine[Any, Any, int]]


def guarded(step: Step) -> Step:
    """Repeat a step until the database can be used; one that fails otherwise is done with.

    A day is tidied once. So no fault may end it: what one step leaves undone, the others do not,
    and the next day's finds it.
    """

    @functools.wraps(step)
    async def run(self: "Tidy") -> int:
        for pause in itertools.chain(PAUSES, itertools.repeat(PAUSES[-1])):
            try:
                return await step(self)
            except DatabaseFault as fault:
                if self.is_closing():
                    raise
                log.warning(
                    "The tidying waits for the database: %s",
                    fault.happened,
                    extra={"action": "tidy", "subject": step.__name__},
                )
            except Exception as error:
                if self.is_closing():
                    raise
                _report(error, step.__name__)
                return 0
            await asyncio.sleep(pause)
        raise AssertionError("there is always a next try")

    return run


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
        self.is_closing = engine.is_closing
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

    @guarded
    async def end_forgotten(self) -> int:
        """End what nobody decided on or went on with, for as long as addresses are kept.

        Results that are not delivered yet are delivered by the next take-up.
        """
        before = self._clock() - self._keep
        runs = await self._retention.forgotten_runs(before)
        for run in runs:
            await self._alone(self._end_run(run), f"run:{run.id}")
        cleanups = await self._retention.forgotten_cleanups(before)
        for cleanup in cleanups:
            await self._alone(self._end_cleanup(cleanup), f"cleanup:{cleanup.id}")
        return len(runs) + len(cleanups)

    @guarded
    async def mark(self) -> int:
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
        return runs + cleanups

    @guarded
    async def delete_addresses(self) -> int:
        """Delete some addresses and Verdicts of what is marked; 0 when nothing is left."""
        return await self._retention.delete_some()

    @guarded
    async def delete_known_verdicts(self) -> int:
        """Delete some Verdicts that no Run can take over any more; 0 when nothing is left."""
        return await self._retention.delete_some_known(self._clock() - self._reuse)

    @guarded
    async def delete_workflows(self) -> int:
        """Delete some of the engine's finished workflows; 0 when nothing is left."""
        return await self._engine.delete_some_ended(self._clock() - self._keep)

    async def _alone(self, ending: Coroutine[Any, Any, None], subject: str) -> None:
        """End one of many, so that one that cannot be ended does not hold up the others."""
        try:
            await ending
        except DatabaseFault:
            raise
        except Exception as error:
            if self.is_closing():
                raise
            _report(error, subject)

    async def _end_run(self, run: Run) -> None:
        now, reason = self._clock(), StopReason.FORGOTTEN
        # Somebody may press a button at this very moment.
        with contextlib.suppress(AlreadyDecided):
            if run.state in (RunState.FETCHING, RunState.QUOTED):
                await self._runs.cancel(run.id, None, now, reason=reason)
            else:
                await self._runs.stop(run.id, reason)
                await self._runs.drop(run.id, None, now, reason=reason)
        await self._engine.cancel(*superseded_of_run(await self._runs.get(run.id)))
        await self._notifier.show_run(run.id, now=True)

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
        await self._engine.cancel(*superseded_of_cleanup(await self._cleanups.get(cleanup.id)))
        await self._notifier.show_cleanup(cleanup.id, now=True)


def _report(error: Exception, subject: str) -> None:
    log.error(
        "A part of the tidying failed in a way that nobody foresaw: %s",
        type(error).__name__,
        exc_info=error,
        extra={"action": "tidy", "subject": subject},
    )
