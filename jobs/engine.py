"""The engine: DBOS, embedded, which only resumes. Our own tables are the truth."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

T = TypeVar("T")

#: Waiting workflows belong to it, so it never changes; code changes go by new workflow names.
APPLICATION_VERSION = "1"


#: DBOS's words for a workflow that will go on by itself.
_UNDER_WAY = frozenset({"PENDING", "ENQUEUED", "DELAYED"})


class Engine:
    """Run workflows that survive a restart.

    A step may run again after a crash, so each one looks before it acts.
    """

    def __init__(self, url: str, *, executor_id: str) -> None:
        config: DBOSConfig = {
            "name": "listkeeper",
            "system_database_url": url,
            "executor_id": executor_id,
            "application_version": APPLICATION_VERSION,
            # Not pickle, so that writing to the database is not running code.
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
        }
        DBOS(config=config)
        self._closing = False

    def is_closing(self) -> bool:
        """Tell whether the process is shutting down."""
        return self._closing

    def workflow(
        self, name: str, body: Callable[..., Coroutine[Any, Any, None]]
    ) -> Callable[..., Coroutine[Any, Any, None]]:
        """Register a workflow by a name that stays, before `launch`."""

        async def run(*arguments: Any) -> None:
            await body(*arguments)

        run.__qualname__ = name
        # Each restart counts as an attempt, and a month of restarts must not end a job.
        return DBOS.workflow(name=name, max_recovery_attempts=None)(run)

    def launch(self) -> None:
        """Take up what was left undone.

        It blocks for a moment, and not in a thread: the engine runs recovered workflows on the
        loop that it is launched in.
        """
        DBOS.launch()

    async def start(
        self, workflow: Callable[..., Coroutine[Any, Any, None]], workflow_id: str, *arguments: Any
    ) -> None:
        """Start a workflow, unless one with this id is under way.

        Whoever calls has seen in the ledger that the work is not done. One that ended all the
        same, by an error or beside another database, is followed by one with the next number.
        """
        for number in itertools.count():
            numbered = f"{workflow_id}#{number}" if number else workflow_id
            status = await DBOS.get_workflow_status_async(numbered)
            if status is None:
                with SetWorkflowID(numbered):
                    await DBOS.start_workflow_async(workflow, *arguments)
                return
            if status.status in _UNDER_WAY:
                return

    async def step(self, body: Callable[..., Coroutine[Any, Any, T]], *arguments: Any) -> T:
        """Run a step of the current workflow and record what it returns."""
        return await DBOS.run_step_async({"name": body.__name__}, body, *arguments)

    async def sleep(self, seconds: float) -> None:
        """Wait inside a workflow; a restart does not start the wait anew."""
        await DBOS.sleep_async(max(0.0, seconds))

    def close(self) -> None:
        """Stop; what is under way is taken up at the next launch."""
        self._closing = True
        # Workflows that wait find the engine gone. They are taken up at the next launch, so the
        # traceback that DBOS would log for each of them tells nobody anything.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        DBOS.destroy(destroy_registry=True)
        # DBOS leaves the loop with its own, closed, thread pool.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
