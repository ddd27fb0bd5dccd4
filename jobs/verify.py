"""The verification of a Run: read the list, quote it, check every address, settle the credits."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from convertkit import (
    FOR_JOB,
    ConvertKitError,
    CredentialRefused,
    Everybody,
    OnForm,
    Source,
    TryLater,
    WithTag,
)
from jobs.accounts import Accounts
from jobs.errors import SlackUnavailable
from jobs.guard import NO_TIME, Outcome, ShuttingDown, guarded, guarded_or, patient, patiently
from jobs.ports import Clock, Notifier
from storage.connections import Connections
from storage.errors import AlreadyDecided, NotEnoughCredits, SecretUnreadable
from storage.known_verdicts import KnownVerdicts
from storage.records import Audience, Run
from storage.reuse import Reuse
from storage.run_subscribers import RunSubscribers
from storage.runs import Runs
from storage.states import AudienceKind, RunState, StopReason
from verification import Category, Reason, Verdict, Verifier

#: Subscribers whose Verdicts and credits are written in one transaction.
CHUNK_SIZE = 200
BLOCKED = (
    "Nobody is called Invalid because of that. Drop ends the run, with the rest as Unknown and "
    "free; Resume tries again, best tomorrow. Whoever hosts this bot can look with make doctor."
)

#: What a step that failed tells a workflow: the steps that follow see that the Run is halted.
NO_CHUNKS: Sequence[int] = ()

#: How old a verdict may be to be taken over into a new Run. Unknown never is.
SHELF_LIVES = {
    Category.SAFE: timedelta(days=60),
    Category.INVALID: timedelta(days=60),
    Category.DISPOSABLE: timedelta(days=60),
    Category.CATCH_ALL: timedelta(days=30),
    Category.RISKY: timedelta(days=3),
}
#: Seconds between two looks at whether somebody pressed Stop, while a chunk is being checked.
STOP_CHECK = 1.0

NOBODY = (
    "There is no active subscriber in it, so there is nothing to verify: choose another audience."
)


@dataclass(frozen=True, slots=True)
class VerifyJob:
    """The steps of the verification workflows; each may run again after a crash."""

    runs: Runs
    subscribers: RunSubscribers
    reuse: Reuse
    known: KnownVerdicts
    connections: Connections
    accounts: Accounts
    verifier: Verifier
    notifier: Notifier
    clock: Clock
    #: Waits before each further look at an Unknown that may change.
    retry_delays: Sequence[timedelta]
    is_closing: Callable[[], bool]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def halt(self, run_id: int, sentence: str) -> None:
        """Stop a Run that cannot go on, and say why."""
        if not await self.runs.stop(
            run_id, StopReason.UNEXPECTED, note=f"{sentence} Press Resume to go on."
        ):
            await self.runs.fail(run_id, sentence, self.clock())
        await self._show(run_id)

    async def tell(self, run_id: int, sentence: str) -> None:
        """Tell who asked for the Run what its message cannot show."""
        await self.notifier.tell_run(run_id, sentence)

    @guarded
    async def fetch_page(self, run_id: int) -> Outcome:
        """Read the next page of the list into the database."""
        run = await self.runs.get(run_id)
        if run.state is not RunState.FETCHING:
            return Outcome.HALTED
        sources = sources_of(run.audience)
        index, cursor = await self.subscribers.position(run_id)
        if index >= len(sources):
            return Outcome.DONE
        # It may have waited in line for hours until now.
        await self.runs.wait_until(run_id, self.clock())
        try:
            client = await self.accounts.open(run.connection_id, FOR_JOB)
            page = await client.subscribers(sources[index], cursor)
        except TryLater:
            return Outcome.WAIT
        except (ConvertKitError, SecretUnreadable) as error:
            if isinstance(error, CredentialRefused):
                await self.connections.mark_refused(run.connection_id)
            await self.runs.fail(run_id, str(error), self.clock())
            await self._show(run_id)
            return Outcome.HALTED
        following = (index, page.next) if page.next else (index + 1, None)
        if not await self.subscribers.add_page(
            run_id, page.subscribers, following, self.clock(), at=(index, cursor)
        ):
            return Outcome.HALTED
        await self._show(run_id, now=False)
        return Outcome.MORE if following[0] < len(sources) else Outcome.DONE

    @guarded
    async def quote(self, run_id: int) -> Outcome:
        """Close the list and post its price; a scheduled Run starts by itself."""
        run = await self.runs.get(run_id)
        if run.state is RunState.FETCHING and run.subscribers == 0:
            await self.runs.fail(run_id, NOBODY, self.clock())
        elif run.state is RunState.FETCHING:
            if not run.fresh:
                await self.reuse.take_over(run_id, SHELF_LIVES, self.clock())
            await self.subscribers.close_list(run_id, CHUNK_SIZE, self.clock())
        await self._show(run_id)
        run = await self.runs.get(run_id)
        if run.state is not RunState.QUOTED or run.schedule_id is None:
            return Outcome.DONE
        try:
            await self.runs.start(run_id, run.requested_by, self.clock(), by_itself=True)
        except (NotEnoughCredits, AlreadyDecided):
            # The message is the quote, which shows the numbers and waits for somebody; or
            # somebody was faster with Start or Cancel.
            return Outcome.DONE
        return Outcome.MORE

    @guarded_or(NO_CHUNKS)
    async def open_chunks(self, run_id: int, attempt: int) -> Sequence[int]:
        """Show the progress message, and list the chunks that are still to be checked."""
        if not self._is_current(await self.runs.get(run_id), attempt):
            return []
        await self.runs.wait_until(run_id, self.clock())
        await self._show(run_id)
        return await self.subscribers.open_chunks(run_id)

    @guarded
    async def verify_chunk(self, run_id: int, attempt: int, chunk: int, look: int) -> Outcome:
        """Check a chunk's addresses, then write Verdicts and credits in one transaction."""
        addresses = await self.subscribers.chunk(run_id, chunk)
        verdicts = await self._check(run_id, attempt, addresses)
        if verdicts is None:
            return Outcome.HALTED
        wait = self.retry_delays[look] if look < len(self.retry_delays) else None
        # Whoever was not asked because asking was stopped is still to be asked, after Resume.
        asked = {e: v for e, v in verdicts.items() if v.reason is not Reason.PROBING_STOPPED}
        # Mail servers are not asked again only because the answers cannot be written down yet.
        settled = await patiently(
            self,
            run_id,
            lambda: self.subscribers.settle(
                run_id, attempt, chunk, asked, retry_after=wait, now=self.clock()
            ),
        )
        if not settled:
            return Outcome.HALTED
        if len(asked) < len(verdicts):
            await self.runs.stop(run_id, StopReason.BLOCKED, note=BLOCKED)
            await self._show(run_id)
            return Outcome.HALTED
        await self._show(run_id, now=False)
        return Outcome.DONE

    @guarded_or(NO_TIME)
    async def seconds_to_next_look(self, run_id: int, attempt: int) -> float | None:
        """Tell how long to wait until the greylisted ones may be asked again; None for nobody."""
        if not self._is_current(await self.runs.get(run_id), attempt):
            return None
        until = await self.subscribers.waiting_until(run_id)
        if until is None:
            return None
        await self.runs.wait_until(run_id, until)
        await self._show(run_id)
        return (until - self.clock()).total_seconds()

    @guarded
    async def look_again(self, run_id: int, attempt: int) -> Outcome:
        """Take back the Verdicts that may have changed by now."""
        if not self._is_current(await self.runs.get(run_id), attempt):
            return Outcome.HALTED
        await self.subscribers.regroup(run_id, CHUNK_SIZE, self.clock())
        return Outcome.MORE

    @guarded
    async def finish(self, run_id: int, attempt: int) -> Outcome:
        """Settle the rest; the Run is finished."""
        run = await self.runs.get(run_id)
        if run.attempt != attempt:
            return Outcome.HALTED
        if run.state is RunState.VERIFYING:
            # Before anybody hears that it is finished, and verifies the same people again.
            await self.known.remember(run_id)
            await self.runs.finish(run_id, attempt, self.clock())
        finished = (await self.runs.get(run_id)).state is RunState.FINISHED
        return Outcome.DONE if finished else Outcome.HALTED

    @guarded
    async def deliver(self, run_id: int) -> Outcome:
        """Turn the progress message into the summary, and put the results into its thread."""
        await self._show(run_id)
        # For a Run that was dropped.
        await self.known.remember(run_id)
        if not await self.runs.is_delivered(run_id):
            try:
                await self.notifier.deliver_results(run_id)
            except SlackUnavailable:
                return Outcome.WAIT
            await self.runs.mark_delivered(run_id)
        return Outcome.DONE

    @patient
    async def say_waiting(self, run_id: int, note: str | None, seconds: float) -> None:
        """Show what hinders the Run for how long; None when nothing does any more."""
        await self.runs.set_note(run_id, note)
        await self.runs.wait_until(run_id, self.clock() + timedelta(seconds=seconds))
        await self._show(run_id)

    @patient
    async def give_up_waiting(self, run_id: int, sentence: str) -> None:
        """End the reading of a list that ConvertKit has not given for hours."""
        await self.runs.fail(run_id, sentence, self.clock())
        await self._show(run_id)

    async def _check(
        self, run_id: int, attempt: int, addresses: dict[int, str]
    ) -> dict[int, Verdict] | None:
        """Check addresses; None where somebody stopped the Run meanwhile."""
        # Before anybody is asked: the chunks that wait behind a Stop come here too.
        if not self._is_current(await self.runs.get(run_id), attempt):
            return None
        judging = asyncio.create_task(self._judge(addresses))
        try:
            while not judging.done():
                if self.is_closing():
                    raise ShuttingDown
                if not self._is_current(await self.runs.get(run_id), attempt):
                    return None
                await asyncio.wait({judging}, timeout=STOP_CHECK)
            return judging.result()
        finally:
            judging.cancel()

    async def _judge(self, addresses: dict[int, str]) -> dict[int, Verdict]:
        reached = {v.address: v async for v in self.verifier.verify(set(addresses.values()))}
        return {each: reached[address] for each, address in addresses.items()}

    @staticmethod
    def _is_current(run: Run, attempt: int) -> bool:
        """Tell whether this attempt, and not a later one, works on the Run."""
        return run.state is RunState.VERIFYING and run.attempt == attempt

    async def _show(self, run_id: int, *, now: bool = True) -> None:
        await self.notifier.show_run(run_id, now=now)


def sources_of(audience: Audience) -> tuple[Source, ...]:
    """Name the lists that ConvertKit has to give for an Audience."""
    match audience.kind:
        case AudienceKind.SUBSCRIBERS:
            return (Everybody(),)
        case AudienceKind.TAGS:
            return tuple(WithTag(each) for each in audience.ids)
        case AudienceKind.FORMS:
            return tuple(OnForm(each) for each in audience.ids)
