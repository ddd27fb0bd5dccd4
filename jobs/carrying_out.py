"""Carrying an approved list out: its subscribers are unsubscribed one by one, a part at a time."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from convertkit import ConvertKit, Gone, Rejected, Subscriber, TryLater
from jobs.guard import Outcome
from jobs.ports import Clock
from jobs.unsubscribing import PAUSES, answers_about_others, look_before, unsubscribe
from storage.cleanups import Cleanups
from storage.states import CleanupState, UnsubscribeState
from storage.unsubscribes import Unsubscribe, Unsubscribes

#: Subscribers that one step deals with.
CHUNK_SIZE = 100
#: How often somebody is passed over before they are left alone for good.
MOST_PASSES = 3
NO_ANSWER = "ConvertKit has no answer about this subscriber, though it has one about others."


class End(Enum):
    """How dealing with one subscriber ended."""

    #: The call got through.
    CALLED = auto()
    #: There was nothing to call for, or ConvertKit refused to.
    LEFT = auto()
    #: ConvertKit has no answer about this one.
    NO_LOOK = auto()
    #: The call did not get through, however often it was made.
    NO_CALL = auto()
    #: Stopped, or taken by another attempt.
    HALTED = auto()


@dataclass(frozen=True, slots=True)
class Hand:
    """One step's hold on a Cleanup, with the clients that it looks and calls with."""

    cleanup_id: int
    attempt: int
    reader: ConvertKit
    caller: ConvertKit
    #: Names this execution of the step: one that was taken over no longer has the Cleanup.
    worker: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True, slots=True)
class CarryingOut:
    """Deal with the next subscribers; it may be repeated after a crash."""

    cleanups: Cleanups
    unsubscribes: Unsubscribes
    clock: Clock
    is_closing: Callable[[], bool]
    sleep: Callable[[float], Awaitable[None]]

    async def go_on(self, hand: Hand, note: Callable[[], None]) -> Outcome:
        """Unsubscribe the next subscribers, and `note` each; DONE where nobody is left.

        Raises:
            CredentialRefused: ConvertKit refused the secret.
            NotAllowed: The account may not do this.
        """
        if not await self.cleanups.take(hand.cleanup_id, hand.attempt, hand.worker):
            return Outcome.HALTED
        pending = await self.unsubscribes.ids(hand.cleanup_id, UnsubscribeState.PENDING, CHUNK_SIZE)
        suspect, passed_over = None, False
        for each in pending:
            if self.is_closing():
                return Outcome.MORE
            end = await self._deal_with(hand, each)
            if end is End.HALTED:
                return Outcome.HALTED
            if end is End.NO_LOOK:
                if not await self._is_the_only_one(hand, each):
                    return Outcome.WAIT
                passed_over |= await self._pass_over(hand, each)
            elif end is End.NO_CALL and suspect is not None:
                return Outcome.WAIT
            elif end is End.NO_CALL:
                # Whether it is an outage, the next call tells.
                suspect = each
            elif end is End.CALLED and suspect is not None:
                passed_over |= await self._pass_over(hand, suspect)
                suspect = None
            note()
        if suspect is not None:
            if not await self._is_known(hand, suspect):
                return Outcome.WAIT
            passed_over |= await self._pass_over(hand, suspect)
        if len(pending) == CHUNK_SIZE:
            return Outcome.MORE
        return Outcome.WAIT if passed_over else Outcome.DONE

    async def _deal_with(self, hand: Hand, each: int) -> End:
        """Unsubscribe one subscriber, with a new look before each try."""
        for pause in PAUSES:
            end = await self._try(hand, each)
            if end is not End.NO_CALL:
                return end
            await self.sleep(pause)
        return await self._try(hand, each)

    async def _try(self, hand: Hand, each: int) -> End:
        """Look and call once."""
        listed = await self._claim(hand, each)
        if listed is None:
            # Halted; or dealt with by the attempt before, which ended its call only now.
            cleanup = await self.cleanups.get(hand.cleanup_id)
            running = (CleanupState.UNSUBSCRIBING, CleanupState.PROVING)
            current = cleanup.state in running and cleanup.attempt == hand.attempt
            return End.LEFT if current else End.HALTED
        try:
            found = await hand.reader.subscriber(each)
        except Gone:
            await self._mark(hand, each, UnsubscribeState.GONE)
            return End.LEFT
        except Rejected as error:
            await self._mark(hand, each, UnsubscribeState.FAILED, str(error))
            return End.LEFT
        except TryLater:
            return End.NO_LOOK
        leave = look_before(listed, found)
        if leave:
            await self._mark(hand, each, leave.state, leave.note)
            return End.LEFT
        return await self._call(hand, found)

    async def _call(self, hand: Hand, found: Subscriber) -> End:
        """Make the call for somebody who was looked at just now."""
        if not await self.unsubscribes.mark_trying(
            hand.cleanup_id, hand.attempt, found.id, self.clock(), worker=hand.worker
        ):
            return End.HALTED
        try:
            if not await unsubscribe(hand.caller, found):
                return End.NO_CALL
        except Gone:
            await self._mark(hand, found.id, UnsubscribeState.GONE)
            return End.LEFT
        except Rejected as error:
            await self._mark(hand, found.id, UnsubscribeState.FAILED, str(error))
            return End.LEFT
        await self._mark(hand, found.id, UnsubscribeState.REQUESTED)
        return End.CALLED

    async def _is_the_only_one(self, hand: Hand, each: int) -> bool:
        """Tell whether ConvertKit has an answer about others: if not, it is an outage."""
        return await answers_about_others(hand.caller, self.unsubscribes, hand.cleanup_id, each)

    async def _is_known(self, hand: Hand, each: int) -> bool:
        """Tell whether others' calls got through when this one's did not, and it is so still."""
        listed = await self._claim(hand, each)
        known = listed is not None and listed.passed_over > 0
        return known and await self._is_the_only_one(hand, each)

    async def _pass_over(self, hand: Hand, each: int) -> bool:
        """Keep one from holding up the others; tell whether this one is tried again later."""
        times = await self.unsubscribes.pass_over(hand.cleanup_id, each, NO_ANSWER, self.clock())
        if times < MOST_PASSES:
            return True
        if listed := await self._claim(hand, each):
            # A call without an answer may have been carried out: the proof tells.
            tried = listed.tried_at is not None
            state = UnsubscribeState.REQUESTED if tried else UnsubscribeState.FAILED
            await self._mark(hand, each, state, NO_ANSWER)
        return False

    async def _claim(self, hand: Hand, each: int) -> Unsubscribe | None:
        return await self.unsubscribes.claim(
            hand.cleanup_id, hand.attempt, each, worker=hand.worker
        )

    async def _mark(
        self, hand: Hand, each: int, state: UnsubscribeState, note: str | None = None
    ) -> None:
        await self.unsubscribes.mark(hand.cleanup_id, each, state, now=self.clock(), note=note)
