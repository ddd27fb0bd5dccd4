"""The guard: what a job does when a step finds the database unusable, or fails unforeseen."""

import functools
import itertools
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from enum import StrEnum
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from storage.errors import DatabaseFault

P = ParamSpec("P")
#: What a step that failed tells a workflow that asks how long to wait.
NO_TIME: float | None = None

#: Seconds before a step is tried again that could not use the database; the last one repeats.
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
#: Tries that fail before anybody is told: what passes in a moment is no news.
TELL_AFTER = 2
GOES_ON = "Nothing is lost or half done: this goes on by itself as soon as it can."

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What a step found, for the workflow to decide on."""

    #: There is more of the same to do.
    MORE = "more"
    #: This part is complete.
    DONE = "done"
    #: Stopped, cancelled or taken over: the workflow ends here without a word.
    HALTED = "halted"
    #: ConvertKit does not answer: try the same again later.
    WAIT = "wait"


class ShuttingDown(Exception):
    """A step gives up because its process stops; the next start repeats it."""


class Guarded(Protocol):
    """A job that can halt what it works on."""

    def is_closing(self) -> bool:
        """Tell whether the process is shutting down."""

    async def halt(self, subject_id: int, sentence: str) -> None:
        """Stop the Run or Cleanup and say why."""

    @property
    def sleep(self) -> Callable[[float], Awaitable[None]]:
        """Wait for some seconds."""

    async def tell(self, subject_id: int, sentence: str) -> None:
        """Tell who asked for the Run or Cleanup what its message cannot show; never raise."""


Job = TypeVar("Job", bound=Guarded)
T = TypeVar("T")


def guarded(
    step: Callable[Concatenate[Job, int, P], Coroutine[Any, Any, Outcome]],
) -> Callable[Concatenate[Job, int, P], Coroutine[Any, Any, Outcome]]:
    """Guard a step that tells an Outcome; an unforeseen error is HALTED."""
    return guarded_or(Outcome.HALTED)(step)


def guarded_or(
    otherwise: T,
) -> Callable[
    [Callable[Concatenate[Job, int, P], Coroutine[Any, Any, T]]],
    Callable[Concatenate[Job, int, P], Coroutine[Any, Any, T]],
]:
    """Halt the step's subject on an unforeseen error, and return `otherwise` to the workflow.

    The error gets a reference that stands in the log and in the message. Nothing is lost by it: the
    ledgers say what was done, and Resume goes on from there.
    """

    def guard(
        step: Callable[Concatenate[Job, int, P], Coroutine[Any, Any, T]],
    ) -> Callable[Concatenate[Job, int, P], Coroutine[Any, Any, T]]:
        @patient
        @functools.wraps(step)
        async def run(self: Job, subject_id: int, /, *args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return await step(self, subject_id, *args, **kwargs)
            except DatabaseFault:
                raise
            except Exception as error:
                # A shutdown tears the loop's tools away; the next start repeats the step.
                if self.is_closing():
                    raise
                await self.halt(subject_id, _report(error, step.__name__, subject_id))
                return otherwise

        return run

    return guard


def patient(
    step: Callable[Concatenate[Job, int, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Job, int, P], Coroutine[Any, Any, T]]:
    """Repeat a step until the database can be used, as `patiently` does.

    A step may run again at any time, because it looks before it acts.
    """

    @functools.wraps(step)
    async def run(self: Job, subject_id: int, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await patiently(self, subject_id, lambda: step(self, subject_id, *args, **kwargs))

    return run


async def patiently(job: Guarded, subject_id: int, deed: Callable[[], Awaitable[T]]) -> T:
    """Do something until the database can be used; who asked for the subject is told meanwhile.

    While it cannot, nothing can be written down: not even that the subject is halted.
    """
    for number in itertools.count():
        try:
            return await deed()
        except DatabaseFault as fault:
            if job.is_closing():
                raise
            log.warning(
                "A step waits for the database: %s",
                fault.happened,
                extra={"action": "wait_for_database", "subject": subject_id},
            )
            if number == TELL_AFTER:
                await job.tell(subject_id, f"{fault.happened} {GOES_ON} {fault.remedy}")
            await job.sleep(PAUSES[min(number, len(PAUSES) - 1)])
    raise AssertionError("there is always a next try")


def _report(error: Exception, action: str, subject_id: int) -> str:
    """Log an unforeseen error, and give the sentence for the people who wait."""
    reference = make_reference()
    log.error(
        "A step failed in a way that nobody foresaw (reference %s): %s",
        reference,
        type(error).__name__,
        exc_info=error,
        extra={"action": action, "subject": subject_id},
    )
    return (
        "Something went wrong that should not. What is done is kept. If it happens again, "
        f"give the reference {reference} to the person who hosts this bot."
    )


def make_reference() -> str:
    """Make a short reference that a person can read out and an operator can search for."""
    return uuid.uuid4().hex[:8]
