"""One reading of a proof: those whose unsubscribe was requested are read back by id, in parts."""

from collections.abc import Callable
from dataclasses import dataclass

from convertkit import Gone, Rejected, Subscriber, SubscriberState, TryLater
from jobs.carrying_out import NO_ANSWER, Hand
from jobs.guard import Outcome
from jobs.ports import Clock
from jobs.unsubscribing import answers_about_others, not_mailed
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

    async def go_on(self, hand: Hand, note: Callable[[], None]) -> Outcome:
        """Read the next subscribers back, and `note` each; DONE where nobody is left to read.

        Whoever gets no answer, though others do, is passed over in this reading.

        Raises:
            CredentialRefused: ConvertKit refused the secret.
            NotAllowed: The account may not do this.
        """
        cleanup_id, attempt = hand.cleanup_id, hand.attempt
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
            if not await self._read(hand, each):
                return Outcome.WAIT
            after = each
            note()
        if not await self.cleanups.read_on(cleanup_id, attempt, after, self.clock()):
            return Outcome.HALTED
        return Outcome.MORE if len(requested) == READ_AT_ONCE else Outcome.DONE

    async def _read(self, hand: Hand, each: int) -> bool:
        """Read one back; False in an outage."""
        try:
            await self._write_down(hand.cleanup_id, await hand.reader.subscriber(each))
        except Gone:
            await self._mark(hand.cleanup_id, each, UnsubscribeState.GONE)
        except Rejected as error:
            await self.unsubscribes.pass_over(hand.cleanup_id, each, str(error), self.clock())
        except TryLater:
            if not await answers_about_others(
                hand.caller, self.unsubscribes, hand.cleanup_id, each
            ):
                return False
            await self.unsubscribes.pass_over(hand.cleanup_id, each, NO_ANSWER, self.clock())
        return True

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
