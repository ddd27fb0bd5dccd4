"""The engine's notes: which workflows it knows of, of which jobs, states and versions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dbos import DBOS, WorkflowStatus

#: DBOS's words for a workflow that a process works on.
AT_WORK = ("PENDING",)
#: For one that will go on by itself.
UNDER_WAY = (*AT_WORK, "ENQUEUED", "DELAYED")
#: And for one that is over.
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
#: Workflows that are deleted at once.
DELETED_AT_ONCE = 500


async def noted(*statuses: str, **where: Any) -> list[WorkflowStatus]:
    """List workflows in these states, or in any."""
    return await DBOS.list_workflows_async(
        status=list(statuses) or None, load_input=False, load_output=False, **where
    )


async def of_jobs(jobs: Sequence[str], *statuses: str) -> list[WorkflowStatus]:
    """List the workflows of some jobs, those that follow each other and their parts."""
    if not jobs:
        return []
    return await noted(*statuses, workflow_id_prefix=[f"{job}/" for job in jobs])


async def cancel_all(workflows: Sequence[WorkflowStatus]) -> None:
    """Give up workflows; a step in flight still ends."""
    if workflows:
        await DBOS.cancel_workflows_async([each.workflow_id for each in workflows])


async def delete_some_ended(before: datetime) -> int:
    """Delete some workflows that ended before then, and count them; 0 when none is left."""
    ended = await noted(*ENDED, completed_before=before.isoformat(), limit=DELETED_AT_ONCE)
    if ended:
        await DBOS.delete_workflows_async([each.workflow_id for each in ended])
    return len(ended)


def was_left_waiting(workflow: WorkflowStatus, version: str) -> bool:
    """Tell whether a workflow waits for a process of an older version than this one.

    What such a process is at work on is its own for as long as it lives. What waits for a newer
    version is no business of this one, lest each gives up what the other has started.
    """
    return workflow.status not in AT_WORK and _number(workflow.app_version) < _number(version)


def _number(version: str | None) -> int:
    return int(version) if version and version.isdecimal() else 0
