"""Bounds the connections at a time to one IP address, whatever names lead there."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from verification.networks import IpAddress


class AddressCap:
    """Lets connections to each address begin in the order in which they were wanted."""

    def __init__(self) -> None:
        """Start without any connection."""
        self._open: Counter[IpAddress] = Counter()
        self._waiting: dict[IpAddress, deque[tuple[int, asyncio.Future[None]]]] = {}

    @asynccontextmanager
    async def place(self, address: IpAddress, most: int) -> AsyncIterator[None]:
        """Wait until fewer than ``most`` connections are open to the address, and be one of them.

        Who wants to be alone there keeps its turn: those behind it wait as well.
        """
        await self._enter(address, most)
        try:
            yield
        finally:
            self._leave(address)

    async def _enter(self, address: IpAddress, most: int) -> None:
        admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(address, deque()).append((most, admitted))
        self._admit(address)
        try:
            await admitted
        except asyncio.CancelledError:
            if admitted.cancelled():
                self._admit(address)
            else:
                self._leave(address)  # the place was given just before
            raise

    def _leave(self, address: IpAddress) -> None:
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]
        self._admit(address)

    def _admit(self, address: IpAddress) -> None:
        """Let in from the head of the line as many as there is room for."""
        line = self._waiting.get(address)
        while line:
            most, admitted = line[0]
            if not admitted.done():
                if self._open[address] >= most:
                    return
                self._open[address] += 1
                admitted.set_result(None)
            line.popleft()
        self._waiting.pop(address, None)
