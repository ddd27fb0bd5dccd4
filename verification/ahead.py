"""Reads an iterator in a thread, a little ahead, so that one that waits holds up nobody else."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


async def each(items: Iterable[T], *, most: int) -> AsyncGenerator[T, None]:
    """Give the items one by one; what is no collection is read in a thread, ``most`` items ahead.

    Raises:
        Exception: Whatever the iterator raises.
    """
    if isinstance(items, Collection):
        for item in items:
            yield item
        return
    reader = _Reader(items, most)
    try:
        async for item in reader:
            yield item
    finally:
        reader.stop()


@dataclass(frozen=True, slots=True)
class _End:
    """Nothing comes any more, or what the iterator raised."""

    problem: Exception | None = None


class _Reader(Generic[T]):
    """One iterator and its thread, which does not keep the process from ending."""

    def __init__(self, items: Iterable[T], most: int) -> None:
        self._items = items
        self._read: queue.Queue[T | _End] = queue.Queue(most)
        self._loop = asyncio.get_running_loop()
        self._more = asyncio.Event()
        self._hungry = self._stopped = False
        threading.Thread(target=self._run, name="read ahead", daemon=True).start()

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        while self._read.empty():
            self._more.clear()
            self._hungry = True
            # Once more: what is put from here on wakes us, what was put before did not.
            if self._read.empty():
                await self._more.wait()
        got = self._read.get_nowait()
        if not isinstance(got, _End):
            return got
        if got.problem is not None:
            raise got.problem
        raise StopAsyncIteration

    def stop(self) -> None:
        """Read no further; the thread may be waiting for room, and finds some."""
        self._stopped = True
        while not self._read.empty():
            self._read.get_nowait()

    def _run(self) -> None:
        try:
            for item in self._items:
                self._put(item)
                if self._stopped:
                    return
            self._put(_End())
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is raised to the reader
            self._put(_End(problem))

    def _put(self, got: T | _End) -> None:
        self._read.put(got)
        if self._hungry and not self._stopped:
            self._hungry = False
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._more.set)
