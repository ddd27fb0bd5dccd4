"""The engine's queues: where workflows wait for a process, and under which names."""

import contextlib
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TypedDict

from dbos import SetEnqueueOptions, SetWorkflowID


class Queue(StrEnum):
    """Where workflows wait for a process."""

    #: What calls ConvertKit: one job of a Connection at a time.
    ACCOUNTS = "accounts"
    #: The parts of large Runs: each process takes a few parts of each Run.
    PARTS = "parts"
    #: Everything else.
    GENERAL = "general"


class Limits(TypedDict, total=False):
    """How many workflows of a queue run at once (DBOS, "Queues")."""

    worker_concurrency: int
    partition_concurrency: int
    partition_worker_concurrency: int


LIMITS: dict[Queue, Limits] = {
    Queue.ACCOUNTS: {"partition_concurrency": 1},
    Queue.PARTS: {"partition_worker_concurrency": 16},
    Queue.GENERAL: {"worker_concurrency": 50},
}


def number_of(job: str, workflow_id: str) -> int:
    """Read the number of a job's workflow, such as 2 of `verify:7:1/2+/13`."""
    found = re.match(r"\d+", workflow_id.removeprefix(f"{job}/"))
    return int(found.group()) if found else 0


@contextlib.contextmanager
def placed(workflow_id: str, partition: str | None, after: float | None = None) -> Iterator[None]:
    """Say under which id, in which partition and when the next workflow is enqueued."""
    delay = None if after is None else max(0.0, after)
    with (
        SetWorkflowID(workflow_id),
        SetEnqueueOptions(queue_partition_key=partition, delay_seconds=delay),
    ):
        yield
