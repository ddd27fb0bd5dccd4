"""Gives conversations their places: no more at a time than are useful, longest backlog first."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from verification.probing.schedule import Backlog, first_in_line, useful_conversations

#: Seconds of silence after which a conversation counts no more: slow hosts must not hold up others.
_PATIENCE = 3.0
#: Seconds for which an estimate of what is left holds.
_ESTIMATE_LASTS = 0.05


class Place:
    """The right to talk; lost in silence, and found again with the next answer."""

    def __init__(self, count: Callable[[int], None]) -> None:
        """Take the place; ``count`` is told +1 and -1."""
        self._count = count
        self._timer: asyncio.TimerHandle | None = None
        self.heard()

    def heard(self) -> None:
        """Note that the conversation is getting on."""
        if self._timer is None:
            self._count(1)
        else:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(_PATIENCE, self.leave)

    def leave(self) -> None:
        """Let somebody else talk."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._count(-1)


class Places:
    """Admits waiting conversations by the backlog of their organisations."""

    def __init__(self, estimate: Callable[[], Sequence[Backlog]], clock: Callable[[], float]):
        """Start empty; ``estimate`` tells what is left to do, ``clock`` gives monotonic seconds."""
        self._estimate = estimate
        self._clock = clock
        self._taken = 0
        self._limit = 1
        self._remaining: dict[str, float] = {}
        self._valid_until = 0.0
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def place(self, organisation: str) -> AsyncIterator[Place]:
        """Wait for a place, and keep it while the block lasts."""
        await self._turn(organisation)
        place = Place(self._count)
        try:
            yield place
        finally:
            place.leave()

    async def _turn(self, organisation: str) -> None:
        admitted = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(organisation, deque()).append(admitted)
        self._admit()
        try:
            await admitted
        finally:
            if admitted.done() and not admitted.cancelled():
                self._taken -= 1  # the place itself counts from here on

    def _count(self, change: int) -> None:
        self._taken += change
        if change < 0:
            # A little later, so that who has just ended may stand in line again: the longest
            # backlog must not wait for a whole conversation of somebody else's.
            asyncio.get_running_loop().call_soon(self._admit)

    def _admit(self) -> None:
        """Let as many begin as are useful now."""
        self._review()
        while self._waiting and self._taken < self._limit:
            name = first_in_line(self._waiting, self._remaining)
            admitted = self._waiting[name].popleft()
            if not self._waiting[name]:
                del self._waiting[name]
            if not admitted.done():
                admitted.set_result(None)
                self._taken += 1

    def _review(self) -> None:
        """Estimate anew what is left, unless that was done just now."""
        now = self._clock()
        if now >= self._valid_until:
            backlogs = self._estimate()
            # Never fewer than before: that would only draw out the end.
            self._limit = max(self._limit, useful_conversations(backlogs))
            self._remaining = {backlog.name: backlog.remaining for backlog in backlogs}
            self._valid_until = now + _ESTIMATE_LASTS
