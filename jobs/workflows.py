"""The workflows: which step follows which, in an order that never depends on anything else.

They run on the engine and are deterministic: whatever they decide on comes out of a step. Their
names and the order of their steps are kept when the code changes, because waiting ones go on with
the new code (see docs/decisions).
"""

import itertools
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any

from jobs.cleanup import CleanupJob
from jobs.engine import Engine
from jobs.guard import Outcome
from jobs.queues import Queue
from jobs.superseded import superseded_of_cleanup, superseded_of_run
from jobs.verify import VerifyJob
from storage.records import Cleanup, Run
from storage.states import CleanupState, RunState

#: Parts that a large Run is divided into: enough that each process has its share, and few enough
#: that the engine has little to write down.
PARTS = 48
#: Parts that begin together are this far apart on the list.
STRIDE = 3
#: How long a job that is needed no more may take to end by itself. A call to ConvertKit takes less,
#: so none that is alive is given up in the middle of one.
GRACE = timedelta(seconds=35)

NO_ANSWER_YET = (
    "ConvertKit does not answer just now. Nothing is lost: this goes on by itself when it does."
)
NO_ANSWER = (
    "ConvertKit did not answer for hours. What is done is kept, and nothing else was changed. "
    "Try again when ConvertKit answers."
)


class Workflows:
    """Start the workflows; what was started before is not started again."""

    def __init__(
        self,
        engine: Engine,
        verify: VerifyJob,
        cleanup: CleanupJob,
        *,
        outage_delays: Sequence[timedelta],
        grace: timedelta = GRACE,
    ) -> None:
        self._engine = engine
        self._grace = grace
        self._verify = verify
        self._cleanup = cleanup
        self._outage_delays = outage_delays
        self._fetch = engine.workflow("fetch", self._fetch_run)
        self._look = engine.workflow("look", self._verify_run)
        self._part = engine.workflow("part", self._verify_part)
        self._results = engine.workflow("deliver_results", self._deliver_results)
        self._approval = engine.workflow("approval", self._await_approval)
        self._expiry = engine.workflow("expiry", self._expire)
        self._carrying_out = engine.workflow("cleanup", self._carry_out)
        self._proof = engine.workflow("proof", self._prove)
        self._proofs = engine.workflow("deliver_proof", self._deliver_proof)

    async def start_run(self, run: Run) -> None:
        """Start, or take up, what a Run in its state needs."""
        match run.state:
            case RunState.FETCHING:
                await self._engine.start(
                    f"fetch:{run.id}",
                    self._fetch,
                    run.id,
                    queue=Queue.ACCOUNTS,
                    partition=str(run.connection_id),
                )
            case RunState.VERIFYING:
                await self._start_verify(run.id, run.attempt)
            case RunState.FINISHED:
                await self._start_results(run.id)
            case _:
                return

    async def start_cleanup(self, cleanup: Cleanup) -> None:
        """Start, or take up, what a Cleanup in its state needs."""
        match cleanup.state:
            case CleanupState.PREPARING | CleanupState.AWAITING_APPROVAL:
                await self._engine.start(
                    f"approval:{cleanup.id}", self._approval, cleanup.id, queue=Queue.GENERAL
                )
            case CleanupState.UNSUBSCRIBING | CleanupState.PROVING:
                await self._engine.start(
                    f"cleanup:{cleanup.id}:{cleanup.attempt}",
                    self._carrying_out,
                    cleanup.id,
                    cleanup.attempt,
                    queue=Queue.ACCOUNTS,
                    partition=str(await self._cleanup.connection_of(cleanup.id)),
                )
            case CleanupState.FINISHED:
                await self._start_proof(cleanup.id)
            case _:
                return

    async def restart_run(self, run: Run) -> None:
        """Start anew what a Run needs, whatever an earlier attempt is still doing."""
        await self._engine.cancel(f"fetch:{run.id}", *superseded_of_run(run))
        await self.start_run(run)

    async def restart_cleanup(self, cleanup: Cleanup) -> None:
        """Start anew what a Cleanup needs, whatever an earlier attempt is still doing."""
        await self._engine.cancel(f"approval:{cleanup.id}", *superseded_of_cleanup(cleanup))
        await self.start_cleanup(cleanup)

    async def give_up_run(self, run: Run, *, at_once: bool = False) -> None:
        """Let go of whatever a Run needs no more, so that it holds up nobody on its account.

        A job that is alive sees by itself that it was halted, and has time to end, unless
        `at_once`: that is for one that is known to hang. Its step in flight, should it go on,
        still writes down what it has done.
        """
        await self._give_up(superseded_of_run(run), at_once)

    async def give_up_cleanup(self, cleanup: Cleanup, *, at_once: bool = False) -> None:
        """Let go of whatever a Cleanup needs no more, as `give_up_run` does."""
        await self._give_up(superseded_of_cleanup(cleanup), at_once)

    async def _give_up(self, jobs: Sequence[str], at_once: bool) -> None:
        if not at_once:
            await self._engine.idle(*jobs, within=self._grace.total_seconds())
        await self._engine.cancel(*jobs)

    async def _start_verify(self, run_id: int, attempt: int) -> None:
        # It makes no call to ConvertKit, so it holds no account up.
        await self._engine.start(
            f"verify:{run_id}:{attempt}", self._look, run_id, attempt, 0, queue=Queue.GENERAL
        )

    async def _start_results(self, run_id: int) -> None:
        await self._engine.start(
            f"deliver_results:{run_id}", self._results, run_id, queue=Queue.GENERAL
        )

    async def _start_proof(self, cleanup_id: int) -> None:
        await self._engine.start(
            f"deliver_proof:{cleanup_id}", self._proofs, cleanup_id, queue=Queue.GENERAL
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

    async def _verify_run(self, run_id: int, attempt: int, look: int) -> None:
        step, job = self._engine.step, self._verify
        if look and await step(job.look_again, run_id, attempt) == Outcome.HALTED:
            return
        chunks = await step(job.open_chunks, run_id, attempt)
        outcomes = await self._engine.parts(
            self._part,
            [(run_id, attempt, look, part) for part in divide(chunks)],
            partition=str(run_id),
        )
        if Outcome.HALTED in outcomes:
            return
        wait = await step(job.seconds_to_next_look, run_id, attempt)
        if wait is not None:
            await self._engine.follow(
                self._look, run_id, attempt, look + 1, queue=Queue.GENERAL, after=wait
            )
        elif await step(job.finish, run_id, attempt) == Outcome.DONE:
            await self._start_results(run_id)

    async def _verify_part(
        self, run_id: int, attempt: int, look: int, chunks: Sequence[int]
    ) -> Outcome:
        step, job = self._engine.step, self._verify
        for chunk in chunks:
            if await step(job.verify_chunk, run_id, attempt, chunk, look) == Outcome.HALTED:
                return Outcome.HALTED
        return Outcome.DONE

    async def _deliver_results(self, run_id: int) -> None:
        await self._through_outages(self._verify, self._verify.deliver, run_id)

    async def _await_approval(self, cleanup_id: int) -> None:
        step, job = self._engine.step, self._cleanup
        if await step(job.prepare, cleanup_id) == Outcome.MORE:
            await self._expire_after(cleanup_id, await step(job.seconds_to_expiry, cleanup_id))

    async def _expire(self, cleanup_id: int) -> None:
        step, job = self._engine.step, self._cleanup
        wait = await step(job.seconds_to_expiry, cleanup_id)
        if wait > 0:
            # The clock was set back meanwhile.
            await self._expire_after(cleanup_id, wait)
        else:
            await step(job.expire, cleanup_id)

    async def _expire_after(self, cleanup_id: int, wait: float) -> None:
        await self._engine.follow(self._expiry, cleanup_id, queue=Queue.GENERAL, after=wait)

    async def _carry_out(self, cleanup_id: int, attempt: int) -> None:
        step, job = self._engine.step, self._cleanup
        outcome = await step(job.check_list, cleanup_id, attempt)
        while outcome == Outcome.MORE:
            outcome = await self._through_outages(job, job.unsubscribe_chunk, cleanup_id, attempt)
        if outcome == Outcome.HALTED:
            return
        if await step(job.begin_proof, cleanup_id, attempt) != Outcome.HALTED:
            await self._prove(cleanup_id, attempt)

    async def _prove(self, cleanup_id: int, attempt: int) -> None:
        step, job = self._engine.step, self._cleanup
        while reading := await step(job.next_reading, cleanup_id, attempt):
            if reading["seconds"] > 0:
                partition = str(await step(job.connection_of, cleanup_id))
                await self._engine.follow(
                    self._proof,
                    cleanup_id,
                    attempt,
                    queue=Queue.ACCOUNTS,
                    partition=partition,
                    after=reading["seconds"],
                )
                return
            outcome = await self._through_outages(
                job, job.read_back, cleanup_id, attempt, reading["number"]
            )
            if outcome == Outcome.HALTED:
                return
        if await step(job.finish, cleanup_id, attempt) == Outcome.DONE:
            await self._start_proof(cleanup_id)

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
                    await step(job.say_waiting, subject_id, None, 0.0)
                return outcome
            # Out of a step, because a restart may come with other settings.
            delay = await step(self._outage_delay, number)
            if delay is None:
                break
            await step(job.say_waiting, subject_id, NO_ANSWER_YET, delay)
            await self._engine.sleep(delay)
            waited = True
        await step(job.give_up_waiting, subject_id, NO_ANSWER)
        return Outcome.HALTED

    async def _outage_delay(self, number: int) -> float | None:
        """Give the seconds to wait after the `number`-th failure, from 0; None to give up."""
        if number >= len(self._outage_delays):
            return None
        return self._outage_delays[number].total_seconds()


def divide(chunks: Sequence[int]) -> list[Sequence[int]]:
    """Divide a Run's chunks into parts, in the order in which they begin.

    A chunk holds neighbouring domains. Were neighbouring chunks checked side by side, a large
    provider's would wait for each other while every other mail server idles: so a part is a stretch
    of the list, and the parts that begin together are stretches from all over it.
    """
    parts = min(PARTS, len(chunks))
    stretches = [
        chunks[len(chunks) * part // parts : len(chunks) * (part + 1) // parts]
        for part in range(parts)
    ]
    return [each for first in range(STRIDE) for each in stretches[first::STRIDE]]
