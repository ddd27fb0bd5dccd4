"""The Cleanup: fix the list, wait for approval, unsubscribe one by one, prove each of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict

from convertkit import (
    FOR_JOB,
    ONCE,
    ConvertKit,
    CredentialRefused,
    NotAllowed,
    RetryPolicy,
)
from jobs.accounts import Accounts
from jobs.carrying_out import CarryingOut, Hand
from jobs.errors import SlackUnavailable
from jobs.guard import Outcome, guarded, guarded_or, patient
from jobs.ports import Clock, Notifier
from jobs.progress import progress
from jobs.proof import Reading
from storage.cleanups import Cleanups
from storage.connections import Connections
from storage.decisions import Decisions
from storage.errors import SecretUnreadable
from storage.records import Cleanup
from storage.runs import Runs
from storage.states import CleanupState, StopReason, UnsubscribeState
from storage.unsubscribes import Unsubscribes

LIST_CHANGED = (
    "The stored list is not the list that was approved, so nobody on it was touched. Drop this "
    "cleanup and start a new one with /cleanup."
)


class NextReading(TypedDict):
    """Which reading of the proof comes next, from 0, and in how many seconds."""

    number: int
    seconds: float


#: What a failed step tells the workflow: the steps that follow see that the Cleanup is halted.
NO_READING: NextReading | None = None


@dataclass(frozen=True, slots=True)
class CleanupJob:
    """The steps of the Cleanup workflows; each may run again after a crash."""

    cleanups: Cleanups
    decisions: Decisions
    unsubscribes: Unsubscribes
    runs: Runs
    connections: Connections
    accounts: Accounts
    notifier: Notifier
    clock: Clock
    #: When unconfirmed unsubscribes are read again, counted from the last call.
    proof_delays: Sequence[timedelta]
    is_closing: Callable[[], bool]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def halt(self, cleanup_id: int, sentence: str) -> None:
        """Stop a Cleanup that cannot go on, and say why."""
        # One whose list is not written down has nothing to resume.
        await self.cleanups.fail(cleanup_id, sentence, self.clock())
        await self._stop(cleanup_id, StopReason.UNEXPECTED, f"{sentence} Press Resume to go on.")

    async def tell(self, cleanup_id: int, sentence: str) -> None:
        """Tell who asked for the Cleanup what its message cannot show."""
        await self.notifier.tell_cleanup(cleanup_id, sentence)

    @patient
    async def connection_of(self, cleanup_id: int) -> int:
        """Tell which Connection a Cleanup works on."""
        return (await self.runs.get((await self.cleanups.get(cleanup_id)).run_id)).connection_id

    @guarded
    async def prepare(self, cleanup_id: int) -> Outcome:
        """Write down the exact list and post the approval request."""
        state = await self.cleanups.prepare(cleanup_id, self.clock())
        await self._show(cleanup_id)
        waits = state is CleanupState.AWAITING_APPROVAL
        return Outcome.MORE if waits else Outcome.DONE

    @patient
    async def seconds_to_expiry(self, cleanup_id: int) -> float:
        """Tell how long the approval may still be given."""
        cleanup = await self.cleanups.get(cleanup_id)
        return (cleanup.expires_at - self.clock()).total_seconds()

    @guarded
    async def expire(self, cleanup_id: int) -> Outcome:
        """Close the request if nobody has decided."""
        if await self.decisions.expire(cleanup_id, self.clock()):
            await self._show(cleanup_id)
        return Outcome.DONE

    @guarded
    async def check_list(self, cleanup_id: int, attempt: int) -> Outcome:
        """Refuse to begin with any other list than the approved one."""
        cleanup = await self.cleanups.get(cleanup_id)
        if cleanup.attempt != attempt:
            return Outcome.HALTED
        # It may have waited in line for hours until now.
        await self.cleanups.wait_until(cleanup_id, self.clock())
        if cleanup.state is CleanupState.PROVING:
            # After Drop; else nobody is pending.
            await self.cleanups.drop_pending(cleanup_id, self.clock())
            return Outcome.DONE
        if not await self.cleanups.list_is_unchanged(cleanup_id):
            await self._stop(cleanup_id, StopReason.LIST_CHANGED, LIST_CHANGED)
            return Outcome.HALTED
        await self._show(cleanup_id)
        return Outcome.MORE

    @guarded
    async def unsubscribe_chunk(self, cleanup_id: int, attempt: int) -> Outcome:
        """Unsubscribe the next subscribers of the list, one by one."""
        reader = await self._open(cleanup_id, attempt, FOR_JOB)
        caller = await self._open(cleanup_id, attempt, ONCE)
        if reader is None or caller is None:
            return Outcome.HALTED
        work = CarryingOut(
            self.cleanups, self.unsubscribes, self.clock, self.is_closing, self.sleep
        )
        hand = Hand(cleanup_id, attempt, reader, caller)
        try:
            async with self._progress(cleanup_id) as note:
                return await work.go_on(hand, note)
        except (CredentialRefused, NotAllowed) as error:
            await self._stop_for(cleanup_id, attempt, error)
            return Outcome.HALTED

    @guarded
    async def begin_proof(self, cleanup_id: int, attempt: int) -> Outcome:
        """Note that every call is made; the proof's delays count from here."""
        if not self._is_current(await self.cleanups.get(cleanup_id), attempt):
            return Outcome.HALTED
        await self.cleanups.begin_proof(cleanup_id, self.clock())
        await self._show(cleanup_id)
        return Outcome.DONE

    @guarded_or(NO_READING)
    async def next_reading(self, cleanup_id: int, attempt: int) -> NextReading | None:
        """Tell which reading is next and when; None when none is left or nobody needs one."""
        cleanup = await self.cleanups.get(cleanup_id)
        if not self._is_current(cleanup, attempt) or cleanup.requested_at is None:
            return None
        number = cleanup.proofs
        if number == 0:
            return {"number": 0, "seconds": 0.0}
        unconfirmed = await self.unsubscribes.ids(cleanup_id, UnsubscribeState.REQUESTED, 1)
        if not unconfirmed or number > len(self.proof_delays):
            return None
        due = cleanup.requested_at + self.proof_delays[number - 1]
        now = self.clock()
        # What was due while other jobs of the account were at work begins only now.
        await self.cleanups.wait_until(cleanup_id, max(due, now))
        return {"number": number, "seconds": (due - now).total_seconds()}

    @guarded
    async def read_back(self, cleanup_id: int, attempt: int, number: int) -> Outcome:
        """Read unconfirmed subscribers back by id, as a part of the `number`-th reading from 0."""
        reader = await self._open(cleanup_id, attempt, FOR_JOB)
        caller = await self._open(cleanup_id, attempt, ONCE)
        if reader is None or caller is None:
            return Outcome.HALTED
        reading = Reading(self.cleanups, self.unsubscribes, self.clock, self.is_closing)
        try:
            async with self._progress(cleanup_id) as note:
                outcome = await reading.go_on(Hand(cleanup_id, attempt, reader, caller), note)
        except (CredentialRefused, NotAllowed) as error:
            await self._stop_for(cleanup_id, attempt, error)
            return Outcome.HALTED
        if outcome is Outcome.DONE:
            await self.cleanups.count_proof(cleanup_id, number + 1, self.clock())
            await self._show(cleanup_id)
        # Whatever is left of it, `next_reading` names the same reading again.
        return Outcome.DONE if outcome is Outcome.MORE else outcome

    @guarded
    async def finish(self, cleanup_id: int, attempt: int) -> Outcome:
        """End the Cleanup; who is not confirmed by now is still subscribed."""
        cleanup = await self.cleanups.get(cleanup_id)
        if cleanup.attempt != attempt:
            return Outcome.HALTED
        await self.cleanups.finish(cleanup_id, self.clock())
        finished = (await self.cleanups.get(cleanup_id)).state is CleanupState.FINISHED
        return Outcome.DONE if finished else Outcome.HALTED

    @guarded
    async def deliver(self, cleanup_id: int) -> Outcome:
        """Turn the progress message into the confirmation, and put the proof into its thread."""
        await self._show(cleanup_id)
        if not await self.cleanups.is_delivered(cleanup_id):
            try:
                await self.notifier.deliver_proof(cleanup_id)
            except SlackUnavailable:
                return Outcome.WAIT
            await self.cleanups.mark_delivered(cleanup_id)
        return Outcome.DONE

    @patient
    async def say_waiting(self, cleanup_id: int, note: str | None, seconds: float) -> None:
        """Show what hinders the Cleanup for how long; None when nothing does any more."""
        await self.cleanups.set_note(cleanup_id, note)
        await self.cleanups.wait_until(cleanup_id, self.clock() + timedelta(seconds=seconds))
        await self._show(cleanup_id)

    @patient
    async def give_up_waiting(self, cleanup_id: int, sentence: str) -> None:
        """Halt a Cleanup that ConvertKit has not answered for hours."""
        await self._stop(cleanup_id, StopReason.UNAVAILABLE, sentence)

    async def _open(self, cleanup_id: int, attempt: int, retries: RetryPolicy) -> ConvertKit | None:
        """Open the account, or halt the Cleanup."""
        run = await self.runs.get((await self.cleanups.get(cleanup_id)).run_id)
        try:
            return await self.accounts.open(run.connection_id, retries)
        except (SecretUnreadable, CredentialRefused) as error:
            await self._stop(cleanup_id, StopReason.CREDENTIAL, str(error), attempt)
            return None

    async def _stop_for(
        self, cleanup_id: int, attempt: int, error: CredentialRefused | NotAllowed
    ) -> None:
        if not isinstance(error, CredentialRefused):
            await self._stop(cleanup_id, StopReason.REFUSED, str(error), attempt)
            return
        # An old attempt that was refused says nothing of a secret that was saved since.
        if await self._stop(cleanup_id, StopReason.CREDENTIAL, str(error), attempt):
            run = await self.runs.get((await self.cleanups.get(cleanup_id)).run_id)
            await self.connections.mark_refused(run.connection_id)
            await self._show(cleanup_id)

    async def _stop(
        self, cleanup_id: int, reason: StopReason, note: str, attempt: int | None = None
    ) -> bool:
        stopped = await self.decisions.stop(cleanup_id, reason, attempt=attempt, note=note)
        await self._show(cleanup_id)
        return stopped

    async def _mark(
        self,
        cleanup_id: int,
        subscriber_id: int,
        state: UnsubscribeState,
        note: str | None = None,
    ) -> None:
        await self.unsubscribes.mark(cleanup_id, subscriber_id, state, now=self.clock(), note=note)

    @staticmethod
    def _is_current(cleanup: Cleanup, attempt: int) -> bool:
        """Tell whether this attempt, and not a later one, works on the Cleanup."""
        running = (CleanupState.UNSUBSCRIBING, CleanupState.PROVING)
        return cleanup.state in running and cleanup.attempt == attempt

    def _progress(self, cleanup_id: int) -> AbstractAsyncContextManager[Callable[[], None]]:
        """Show progress beside the work: a slow Slack slows no call down."""
        return progress(lambda: self._show(cleanup_id, now=False), self.is_closing)

    async def _show(self, cleanup_id: int, *, now: bool = True) -> None:
        await self.notifier.show_cleanup(cleanup_id, now=now)
