"""What a dead process was working on is handed back, and a live one's is not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import pytest

from jobs.engine import Engine
from jobs.takeover import LOOKS, take_over

GRACE = 0.05


class FakeEngine:
    """Know who owns workflows, and who was declared gone."""

    def __init__(self, *owners: str) -> None:
        self.known = set(owners)
        self.handed_back: list[str] = []
        self.launched = asyncio.Event()
        self.launched.set()

    async def owners(self) -> frozenset[str]:
        return frozenset(self.known)

    async def hand_back(self, executor_id: str) -> int:
        self.handed_back.append(executor_id)
        self.known.discard(executor_id)
        return 1


class FakePresence:
    """Count the looks, and let the test say who is absent at which."""

    def __init__(self, answer: Callable[[str, int], bool]) -> None:
        self.looks: list[str] = []
        self._answer = answer

    @asynccontextmanager
    async def absent(self, name: str) -> AsyncIterator[bool]:
        self.looks.append(name)
        yield self._answer(name, self.looks.count(name))


async def watch(engine: FakeEngine, presence: FakePresence, looks: int) -> None:
    """Let it look so many times."""
    task = asyncio.create_task(take_over(cast(Engine, cast(Any, engine)), presence, grace=GRACE))
    try:
        for _ in range(1_000):
            if len(presence.looks) >= looks or not engine.known:
                return
            await asyncio.sleep(GRACE / LOOKS)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_process_that_is_gone_has_its_work_handed_back_once() -> None:
    engine = FakeEngine("dead")
    presence = FakePresence(lambda name, look: True)
    await watch(engine, presence, 3 * LOOKS)
    assert engine.handed_back == ["dead"]
    assert len(presence.looks) == LOOKS + 1, "missing at every look of the grace"


async def test_a_process_that_lives_keeps_its_work() -> None:
    engine = FakeEngine("alive")
    await watch(engine, FakePresence(lambda name, look: False), 3 * LOOKS)
    assert engine.handed_back == []


async def test_one_that_comes_back_within_the_grace_keeps_its_work() -> None:
    engine = FakeEngine("shaken")
    await watch(engine, FakePresence(lambda name, look: look % LOOKS != 0), 4 * LOOKS)
    assert engine.handed_back == []


async def test_a_database_that_is_away_lets_the_grace_begin_anew(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def answer(name: str, look: int) -> bool:
        if look == LOOKS:
            raise ConnectionError("away")
        return True

    engine, presence = FakeEngine("dead"), FakePresence(answer)
    await watch(engine, presence, 4 * LOOKS)
    assert engine.handed_back == ["dead"]
    assert len(presence.looks) == LOOKS + LOOKS + 1
    assert "ConnectionError" in caplog.text
