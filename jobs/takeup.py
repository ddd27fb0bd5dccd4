"""Take-up: what the ledgers say is not at its end is started, whatever became of its workflow."""

import asyncio
import logging
from datetime import datetime, timedelta

from jobs.ports import Clock
from jobs.workflows import Workflows
from storage.cleanups import Cleanups
from storage.records import Cleanup, Run
from storage.runs import Runs
from storage.states import ACTIVE_RUNS, OPEN_CLEANUPS

#: Seconds between two looks. A process may die between a click and the start of its work.
LOOK_EVERY = 20.0
#: How long whoever makes something may take to post its message, and to forget it again where the
#: channel is shut. Slack may ask for patience meanwhile.
OPENING = timedelta(seconds=30)

log = logging.getLogger(__name__)


async def take_up(
    workflows: Workflows, all_runs: Runs, all_cleanups: Cleanups, *, opened_before: datetime
) -> None:
    """Start whatever is not at its end; what runs already is not started again.

    What was made since `opened_before` and has no message yet is left to whoever is posting that.
    """

    def is_opening(each: Run | Cleanup) -> bool:
        return each.message_ts is None and each.created_at >= opened_before

    for run in (*await all_runs.in_states(ACTIVE_RUNS), *await all_runs.undelivered()):
        if not is_opening(run):
            await workflows.start_run(run)
    open_ones = await all_cleanups.in_states(OPEN_CLEANUPS)
    for cleanup in (*open_ones, *await all_cleanups.undelivered()):
        if not is_opening(cleanup):
            await workflows.start_cleanup(cleanup)


async def keep_taking_up(
    workflows: Workflows, all_runs: Runs, all_cleanups: Cleanups, clock: Clock
) -> None:
    """Do it again and again, for as long as the process lives."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            await take_up(workflows, all_runs, all_cleanups, opened_before=clock() - OPENING)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next look tries again
            log.warning(
                "What is left undone was not looked for: %s",
                type(error).__name__,
                extra={"action": "take_up"},
            )
