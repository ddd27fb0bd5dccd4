"""Reading ahead: everything arrives in order, and an iterator that waits holds up nobody."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterable, Iterator

import pytest

from tests.verification.scripted_mail import Script, ScriptedServer, only
from tests.verification.worlds import engine_for, one_domain
from verification.ahead import each


async def collected(items: Iterable[int], most: int = 3) -> list[int]:
    """Read everything."""
    return [item async for item in each(items, most=most)]


@pytest.mark.parametrize("count", [0, 1, 3, 1000])
async def test_everything_arrives_in_order(count: int) -> None:
    assert await collected(range(count)) == list(range(count))
    assert await collected(iter(range(count))) == list(range(count))
    assert await collected(iter(range(count)), most=1) == list(range(count))


async def test_what_the_iterator_raises_comes_after_what_it_gave() -> None:
    def breaks() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    items = each(breaks(), most=3)
    assert await anext(items) == 1
    with pytest.raises(ZeroDivisionError):
        await anext(items)


async def test_an_iterator_is_read_only_a_little_ahead_and_let_go_at_the_end() -> None:
    read, closed = 0, threading.Event()

    def endless() -> Iterator[int]:
        nonlocal read
        try:
            while True:
                read += 1
                yield read
        finally:
            closed.set()

    async with contextlib.aclosing(each(endless(), most=3)) as items:
        assert await anext(items) == 1
        await asyncio.sleep(0.05)
        assert read <= 6
    assert await asyncio.to_thread(closed.wait, 5)


async def test_conversations_go_on_while_the_next_address_keeps_us_waiting() -> None:
    waits = threading.Event()

    def slow() -> Iterator[str]:
        yield "ann@reader.example"
        waits.wait(20)
        yield "bob@mailinator.com"

    async with ScriptedServer(Script(only("ann@reader.example"))) as server:
        began = time.monotonic()
        verdicts = engine_for(one_domain(), port=server.port).verify(slow())
        assert (await anext(verdicts)).address == "ann@reader.example"
        assert time.monotonic() - began < 10
        waits.set()
        assert (await anext(verdicts)).address == "bob@mailinator.com"
        with pytest.raises(StopAsyncIteration):
            await anext(verdicts)
