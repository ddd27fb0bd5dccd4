"""The workflows: which step follows which, in an order that never depends on anything else.

They run on the engine and are deterministic: whatever they decide on comes out of a step. Their
names and the order of their steps are kept when the code changes, because waiting ones go on with
the new code (see docs/decisions).
"""

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from jobs.cleanup import CleanupJob
from jobs.engine import Engine
from jobs.guard import Outcome
from jobs.verify import VerifyJob
from storage.records import Cleanup, Run
from storage.states import CleanupState, RunState

#: Chunks of a Run that are checked side by side.
CHUNKS_AT_A_TIME = 16

NO_ANSWER_YET = (
    "ConvertKit does not answer just now. Nothing is lost: this goes on by itself when it does."
)
NO_ANSWER = (
    "ConvertKit did not answer for hours. What is done is kept, and nothing else was changed. "
    "Try again when ConvertKit answers."
)


@dataclass(frozen=True, slots=True)
class Registered:
    """The workflows as the engine knows them."""

    fetch: Callable[..., Coroutine[Any, Any, None]]
    verify: Callable[..., Coroutine[Any, Any, None]]
    deliver_results: Callable[..., Coroutine[Any, Any, None]]
    approval: Callable[..., Coroutine[Any, Any, None]]
    cleanup: Callable[..., Coroutine[Any, Any, None]]
    deliver_proof: Callable[..., Coroutine[Any, Any, None]]


class Workflows:
    """Start the workflows; what was started before is not started again."""

    def __init__(
        self,
        engine: Engine,
        verify: VerifyJob,
        cleanup: CleanupJob,
        *,
        outage_delays: Sequence[timedelta],
    ) -> None:
        self._engine = engine
        self._verify = verify
        self._cleanup = cleanup
        self._outage_delays = outage_delays
        self._registered = Registered(
            fetch=engine.workflow("fetch", self._fetch_run),
            verify=engine.workflow("verify", self._verify_run),
            deliver_results=engine.workflow("deliver_results", self._deliver_results),
            approval=engine.workflow("approval", self._await_approval),
            cleanup=engine.workflow("cleanup", self._carry_out),
            deliver_proof=engine.workflow("deliver_proof", self._deliver_proof),
        )

    async def start_run(self, run: Run) -> None:
        """Start, or take up, what a Run in its state needs."""
        match run.state:
            case RunState.FETCHING:
                await self._engine.start(self._registered.fetch, f"fetch:{run.id}", run.id)
            case RunState.VERIFYING:
                await self._start_verify(run.id, run.attempt)
            case RunState.FINISHED:
                await self._engine.start(
                    self._registered.deliver_results, f"deliver_results:{run.id}", run.id
                )
            case _:
                return

    async def start_cleanup(self, cleanup: Cleanup) -> None:
        """Start, or take up, what a Cleanup in its state needs."""
        match cleanup.state:
            case CleanupState.PREPARING | CleanupState.AWAITING_APPROVAL:
                await self._engine.start(
                    self._registered.approval, f"approval:{cleanup.id}", cleanup.id
                )
            case CleanupState.UNSUBSCRIBING | CleanupState.PROVING:
                await self._engine.start(
                    self._registered.cleanup,
                    f"cleanup:{cleanup.id}:{cleanup.attempt}",
                    cleanup.id,
                    cleanup.attempt,
                )
            case CleanupState.FINISHED:
                await self._engine.start(
                    self._registered.deliver_proof, f"deliver_proof:{cleanup.id}", cleanup.id
                )
            case _:
                return

    async def _start_verify(self, run_id: int, attempt: int) -> None:
        await self._engine.start(
            self._registered.verify, f"verify:{run_id}:{attempt}", run_id, attempt
        )

    async def _fetch_run(self, run_id: int) -> None:
        step, job = self._engine.step, self._verify
        outcome = Outcome.MORE
        while outcome == Outcome.MORE:
            outcome = await self._through_outages(job, job.fetch_page, run_id)
        if outcome == Outcome.HALTED:
            return
        if await step(job.quote, run_id) == Outcome.MORE:
            await self._start_verify(run_id, 1)

    async def _verify_run(self, run_id: int, attempt: int) -> None:
        step, job = self._engine.step, self._verify
        look = 0
        while True:
            for group in spread(await step(job.open_chunks, run_id, attempt)):
                outcomes = await asyncio.gather(
                    *(step(job.verify_chunk, run_id, attempt, chunk, look) for chunk in group)
                )
                if Outcome.HALTED in outcomes:
                    return
            wait = await step(job.seconds_to_next_look, run_id, attempt)
            if wait is None:
                break
            await self._engine.sleep(wait)
            look += 1
            if await step(job.look_again, run_id, attempt) == Outcome.HALTED:
                return
        if await step(job.finish, run_id, attempt) == Outcome.DONE:
            await self._engine.start(
                self._registered.deliver_results, f"deliver_results:{run_id}", run_id
            )

    async def _deliver_results(self, run_id: int) -> None:
        await self._through_outages(self._verify, self._verify.deliver, run_id)

    async def _await_approval(self, cleanup_id: int) -> None:
        step, job = self._engine.step, self._cleanup
        if await step(job.prepare, cleanup_id) != Outcome.MORE:
            return
        # More than once only where the clock was set back meanwhile.
        while (wait := await step(job.seconds_to_expiry, cleanup_id)) > 0:
            await self._engine.sleep(wait)
        await step(job.expire, cleanup_id)

    async def _carry_out(self, cleanup_id: int, attempt: int) -> None:
        step, job = self._engine.step, self._cleanup
        outcome = await step(job.check_list, cleanup_id, attempt)
        while outcome == Outcome.MORE:
            outcome = await self._through_outages(job, job.unsubscribe_chunk, cleanup_id, attempt)
        if outcome == Outcome.HALTED:
            return
        if await step(job.begin_proof, cleanup_id, attempt) == Outcome.HALTED:
            return
        while reading := await step(job.next_reading, cleanup_id, attempt):
            await self._engine.sleep(reading["seconds"])
            outcome = await self._through_outages(
                job, job.read_back, cleanup_id, attempt, reading["number"]
            )
            if outcome == Outcome.HALTED:
                return
        if await step(job.finish, cleanup_id, attempt) == Outcome.DONE:
            await self._engine.start(
                self._registered.deliver_proof, f"deliver_proof:{cleanup_id}", cleanup_id
            )

    async def _deliver_proof(self, cleanup_id: int) -> None:
        await self._through_outages(self._cleanup, self._cleanup.deliver, cleanup_id)

    async def _through_outages(
        self,
        job: VerifyJob | CleanupJob,
        body: Callable[..., Coroutine[Any, Any, Outcome]],
        subject_id: int,
        *arguments: int,
    ) -> Outcome:
        """Repeat a step while ConvertKit does not answer, and give up after hours of that."""
        step, waited = self._engine.step, False
        for number in itertools.count():
            outcome = Outcome(await step(body, subject_id, *arguments))
            if outcome is not Outcome.WAIT:
                if waited:
                    await step(job.say_waiting, subject_id, None)
                return outcome
            # Out of a step, because a restart may come with other settings.
            delay = await step(self._outage_delay, number)
            if delay is None:
                break
            await step(job.say_waiting, subject_id, NO_ANSWER_YET)
            await self._engine.sleep(delay)
            waited = True
        await step(job.give_up_waiting, subject_id, NO_ANSWER)
        return Outcome.HALTED

    async def _outage_delay(self, number: int) -> float | None:
        """Give the seconds to wait after the `number`-th failure, from 0; None to give up."""
        if number >= len(self._outage_delays):
            return None
        return self._outage_delays[number].total_seconds()


def spread(chunks: Sequence[int]) -> list[Sequence[int]]:
    """Form groups of chunks that are checked side by side, each from all over the list.

    A chunk holds neighbouring domains. Were neighbouring chunks checked together, a large
    provider's would wait for each other while every other mail server idles.
    """
    groups = -(-len(chunks) // CHUNKS_AT_A_TIME)
    return [chunks[first::groups] for first in range(groups)]
