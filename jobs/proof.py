"""One reading of a proof: those whose unsubscribe was requested are read back by id, in parts."""

from collections.abc import Callable
from dataclasses import dataclass

from convertkit import ConvertKit, Gone, Subscriber, SubscriberState, TryLater
from jobs.guard import Outcome
from jobs.ports import Clock
from jobs.unsubscribing import not_mailed
from storage.cleanups import Cleanups
from storage.states import UnsubscribeState
from storage.unsubscribes import Unsubscribes

#: Subscribers that one step reads back.
READ_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """Read on where the reading stands; it may be repeated after a crash."""

    cleanups: Cleanups
    unsubscribes: Unsubscribes
    clock: Clock
    is_closing: Callable[[], bool]

    async def go_on(
        self, client: ConvertKit, cleanup_id: int, attempt: int, note: Callable[[], None]
    ) -> Outcome:
        """Read the next subscribers back, and `note` each; DONE where nobody is left to read.

        Raises:
            CredentialRefused: ConvertKit refused the secret.
            NotAllowed: The account may not do this.
            Rejected: ConvertKit refused what was asked.
        """
        after = (await self.cleanups.get(cleanup_id)).read_up_to
        requested = await self.unsubscribes.ids(
            cleanup_id, UnsubscribeState.REQUESTED, READ_AT_ONCE, after=after
        )
        for each in requested:
            if self.is_closing():
                return Outcome.MORE
            # A sign of life as well: whoever is still subscribed leaves no other trace.
            if not await self.cleanups.read_on(cleanup_id, attempt, after, self.clock()):
                return Outcome.HALTED
            try:
                await self._write_down(cleanup_id, await client.subscriber(each))
            except Gone:
                await self._mark(cleanup_id, each, UnsubscribeState.GONE)
            except TryLater:
                return Outcome.WAIT
            after = each
            note()
        if not await self.cleanups.read_on(cleanup_id, attempt, after, self.clock()):
            return Outcome.HALTED
        return Outcome.MORE if len(requested) == READ_AT_ONCE else Outcome.DONE

    async def _write_down(self, cleanup_id: int, found: Subscriber) -> None:
        if found.state is SubscriberState.CANCELLED:
            await self._mark(cleanup_id, found.id, UnsubscribeState.CONFIRMED)
        elif found.state is not SubscriberState.ACTIVE:
            note = not_mailed(found.state)
            await self._mark(cleanup_id, found.id, UnsubscribeState.PROTECTED, note)

    async def _mark(
        self, cleanup_id: int, each: int, state: UnsubscribeState, note: str | None = None
    ) -> None:
        await self.unsubscribes.mark(cleanup_id, each, state, now=self.clock(), note=note)
