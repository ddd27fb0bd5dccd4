"""Superseded: which jobs of a Run or a Cleanup its state needs no more. No I/O."""

from collections.abc import Sequence

from storage.records import Cleanup, Run
from storage.states import CleanupState, RunState

_BEFORE_APPROVAL = (CleanupState.PREPARING, CleanupState.AWAITING_APPROVAL)
_CARRIED_OUT = (CleanupState.UNSUBSCRIBING, CleanupState.PROVING)


def superseded_of_run(run: Run) -> Sequence[str]:
    """Name the jobs of a Run that have nothing left to do, under way or not."""
    fetch = () if run.state is RunState.FETCHING else (f"fetch:{run.id}",)
    newest = run.attempt if run.state is RunState.VERIFYING else run.attempt + 1
    return [*fetch, *(f"verify:{run.id}:{attempt}" for attempt in range(1, newest))]


def superseded_of_cleanup(cleanup: Cleanup) -> Sequence[str]:
    """Name the jobs of a Cleanup that have nothing left to do, under way or not."""
    approval = () if cleanup.state in _BEFORE_APPROVAL else (f"approval:{cleanup.id}",)
    newest = cleanup.attempt if cleanup.state in _CARRIED_OUT else cleanup.attempt + 1
    return [*approval, *(f"cleanup:{cleanup.id}:{attempt}" for attempt in range(1, newest))]
