"""The engine: DBOS, embedded, which only resumes. Our own tables are the truth.

A job is the work on one Run or Cleanup under a name such as `verify:7:1`. What the engine runs are
its workflows: `verify:7:1/0`, the one that follows it `verify:7:1/0+`, its parts `verify:7:1/0/3`.
Every one of them stands in a queue, from which any process that works takes it.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, WorkflowStatus
from dbos import error as dbos_error

from jobs import notes
from jobs.queues import LIMITS, Queue, number_of, placed
from storage.engine_file import open_engine_file
from storage.reach import limited

T = TypeVar("T")
Body = Callable[..., Coroutine[Any, Any, Any]]

#: A process takes up only workflows of its own version; what an older version left undone is
#: started anew from the ledgers. So it is raised when the steps of a workflow change their order.
APPLICATION_VERSION = "2"

#: What the engine's notes are kept under.
APPLICATION = "listkeeper"
#: Seconds between two looks at a queue, and at whether a part has ended.
POLL_EVERY = 0.3
#: Seconds that a shutdown waits for the steps in flight, and then for the engine.
PATIENCE = 4.0


def _is_news(record: logging.LogRecord) -> bool:
    """Tell whether a record of DBOS's is about more than a workflow that was cancelled."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, dbos_error.DBOSAwaitedWorkflowCancelledError)


class Engine:
    """Run workflows that survive a restart.

    A step may run again after a crash, so each one looks before it acts.
    """

    def __init__(self, url: str, *, executor_id: str, works: bool = True) -> None:
        """Prepare the engine.

        Args:
            url: The address of its database.
            executor_id: Names this process: unique among those that work on the database.
            works: Whether this process runs workflows, or only starts them.
        """
        self._url = limited(url)
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._url,
            "executor_id": executor_id,
            "application_version": APPLICATION_VERSION,
            # Not pickle, so that writing to the database is not running code.
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
        }
        self._file = open_engine_file(url) if url.startswith("sqlite") else None
        if self._file:
            config["system_database_engine"] = self._file
        DBOS(config=config)
        # Who cancels knows; DBOS would log an error with a traceback each time.
        logging.getLogger("dbos").addFilter(_is_news)
        if not works:
            DBOS.listen_queues([])
        self.executor_id = executor_id
        #: Set once workflows can be asked about.
        self.launched = asyncio.Event()
        self._closing, self._steps = False, 0
        self._idle = asyncio.Event()
        self._idle.set()

    def is_closing(self) -> bool:
        """Tell whether the process is shutting down."""
        return self._closing

    def workflow(self, name: str, body: Body) -> Body:
        """Register a workflow by a name that stays, before `launch`."""

        async def run(*arguments: Any) -> Any:
            return await body(*arguments)

        run.__qualname__ = name
        # Each restart counts as an attempt, and a month of restarts must not end a job.
        return DBOS.workflow(name=name, max_recovery_attempts=None)(run)

    async def launch(self) -> None:
        """Take up what this process left undone, and begin to look at the queues.

        It blocks for a moment, and not in a thread: the engine runs workflows on the loop that it
        is launched in.
        """
        DBOS.launch()
        for queue, limits in LIMITS.items():
            await DBOS.register_queue_async(
                queue, polling_interval_sec=POLL_EVERY, on_conflict="always_update", **limits
            )
        if self._file:
            # There is no other process, so what is not of this version is nobody's.
            await notes.cancel_all(_of_others(await notes.noted(*notes.UNDER_WAY)))
        self.launched.set()

    async def start(
        self, job: str, workflow: Body, *arguments: Any, queue: Queue, partition: str | None = None
    ) -> None:
        """Start a job, unless a workflow of it is under way.

        Whoever calls has seen in the ledger that the work is not done. A job that ended all the
        same, by an error or beside another database, is followed by one with the next number.
        """
        number = await self.step(self._next_number, job)
        if number is None:
            return
        with placed(f"{job}/{number}", partition):
            await DBOS.enqueue_workflow_async(queue, workflow, *arguments)

    async def start_once(self, job: str, workflow: Body, *, queue: Queue) -> None:
        """Start a job that is not followed by another one of its name, however it ended."""
        with placed(f"{job}/0", None):
            await DBOS.enqueue_workflow_async(queue, workflow)

    async def follow(
        self,
        workflow: Body,
        *arguments: Any,
        queue: Queue,
        partition: str | None = None,
        after: float,
    ) -> None:
        """End the current workflow with another one of the same job, after some seconds.

        A workflow that waits like this holds no place in its queue, and no memory.
        """
        with placed(f"{DBOS.workflow_id}+", partition, after):
            await DBOS.enqueue_workflow_async(queue, workflow, *arguments)

    async def parts(
        self, workflow: Body, calls: Sequence[Sequence[Any]], *, partition: str
    ) -> list[Any]:
        """Run parts of the current workflow, spread over all processes; give what they return."""
        handles = []
        for number, arguments in enumerate(calls):
            with placed(f"{DBOS.workflow_id}/{number}", partition):
                handles.append(await DBOS.enqueue_workflow_async(Queue.PARTS, workflow, *arguments))
        return [await each.get_result(polling_interval_sec=POLL_EVERY) for each in handles]

    async def step(self, body: Callable[..., Coroutine[Any, Any, T]], *arguments: Any) -> T:
        """Run a step of the current workflow and record what it returns."""

        async def counted(*arguments: Any) -> T:
            if self._closing:
                await _forever()
            self._steps += 1
            self._idle.clear()
            try:
                return await body(*arguments)
            except Exception:
                # What fails in a process that shuts down is not what the step came to.
                if not self._closing:
                    raise
            finally:
                self._steps -= 1
                if not self._steps:
                    self._idle.set()
            return await _forever()

        return await DBOS.run_step_async({"name": body.__name__}, counted, *arguments)

    async def sleep(self, seconds: float) -> None:
        """Wait inside a workflow; a restart does not start the wait anew."""
        await DBOS.sleep_async(max(0.0, seconds))

    async def cancel(self, *jobs: str) -> None:
        """Give up whatever is under way of these jobs; a step in flight still ends."""
        if not self._closing:
            await notes.cancel_all(await notes.of_jobs(jobs, *notes.UNDER_WAY))

    async def idle(self, *jobs: str, within: float) -> None:
        """Wait until no process works on these jobs any more, for some seconds at most."""
        until = time.monotonic() + within
        while not self._closing and await notes.of_jobs(jobs, *notes.AT_WORK):
            if time.monotonic() >= until:
                return
            await asyncio.sleep(POLL_EVERY)

    async def owners(self) -> frozenset[str]:
        """Name the other processes that workflows under way belong to."""
        at_work = await notes.noted(*notes.AT_WORK)
        return frozenset(each.executor_id or "" for each in at_work) - {self.executor_id, ""}

    async def hand_back(self, executor_id: str) -> int:
        """Put the workflows of a process that works no more back into their queues; count them.

        Those of another version are given up: nobody may be there who takes them from a queue, and
        until then they hold their places in it. The ledgers start new ones.
        """
        left = await notes.noted(*notes.AT_WORK, executor_id=executor_id)
        others = _of_others(left)
        await notes.cancel_all(others)
        for each in left:
            if each not in others:
                await DBOS.resume_workflow_async(each.workflow_id, queue_name=each.queue_name)
        return len(left)

    async def delete_some_ended(self, before: datetime) -> int:
        """Delete some workflows that ended before then, and count them; 0 when none is left."""
        return await notes.delete_some_ended(before)

    async def _next_number(self, job: str) -> int | None:
        """Give the number of a job's next workflow; None where one is under way."""
        known = await notes.of_jobs([job])
        under_way = [each for each in known if each.status in notes.UNDER_WAY]
        if not all(notes.was_left_waiting(each, APPLICATION_VERSION) for each in under_way):
            return None
        await notes.cancel_all(under_way)
        return max((number_of(job, each.workflow_id) + 1 for each in known), default=0)

    async def close(self) -> None:
        """Stop: no step begins any more, those in flight end or are given up after `PATIENCE`.

        What was under way goes on at the next launch or, on PostgreSQL, in another process at once.
        """
        self._closing = True
        # Workflows that wait find the engine gone. They are taken up at the next launch, so the
        # traceback that DBOS would log for each of them tells nobody anything.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._idle.wait()
        # Where the database is gone, the others see it by the missing lock.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(PATIENCE):
                # Aside, because a thread of DBOS may wait for the loop, and this for that thread.
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(ThreadPoolExecutor(1), self._destroy)
        # DBOS leaves the loop with its own, closed, thread pool.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())

    def _destroy(self) -> None:
        DBOS.destroy(destroy_registry=True)
        if self._file:
            # The next launch finds what is left, because it has the same name.
            self._file.dispose()
            return
        # Only now, when this process takes nothing from a queue any more.
        client = DBOSClient(
            system_database_url=self._url,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
        )
        try:
            for each in client.list_workflows(
                status="PENDING", executor_id=self.executor_id, load_input=False, load_output=False
            ):
                client.resume_workflow(each.workflow_id, queue_name=each.queue_name)
        finally:
            client.destroy()


def _of_others(workflows: Sequence[WorkflowStatus]) -> list[WorkflowStatus]:
    """Choose those of other versions than this process's."""
    return [each for each in workflows if each.app_version != APPLICATION_VERSION]


async def _forever() -> NoReturn:
    """Wait until the process ends, so that a step of a process that stops is never recorded."""
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")
