"""Progress is shown beside the work: nobody waits for it but the end of the step."""

import asyncio

import pytest

from jobs.progress import progress


class Showing:
    """A Slack that takes a message when it is let to."""

    def __init__(self) -> None:
        self.begun = self.shown = 0
        self.gate = asyncio.Event()
        self.fault: Exception | None = None
        self.closing = False

    async def __call__(self) -> None:
        self.begun += 1
        await self.gate.wait()
        if self.fault:
            raise self.fault
        self.shown += 1

    def is_closing(self) -> bool:
        return self.closing


@pytest.fixture
def show() -> Showing:
    return Showing()


async def test_work_goes_on_while_an_update_is_shown(show: Showing) -> None:
    done = 0
    async with progress(show, show.is_closing) as note:
        for _ in range(5):
            note()
            await asyncio.sleep(0)
            done += 1
        assert (done, show.begun, show.shown) == (5, 1, 0)
        show.gate.set()
    assert (show.begun, show.shown) == (1, 1)


async def test_the_next_update_follows_the_one_before(show: Showing) -> None:
    show.gate.set()
    async with progress(show, show.is_closing) as note:
        for _ in range(3):
            note()
            await asyncio.sleep(0.01)
    assert show.shown == 3


async def test_the_step_ends_when_its_update_is_shown(show: Showing) -> None:
    asyncio.get_running_loop().call_later(0.3, show.gate.set)
    async with progress(show, show.is_closing) as note:
        note()
    assert show.shown == 1


async def test_what_an_update_raised_is_raised_at_the_end_of_the_step(show: Showing) -> None:
    show.fault = RuntimeError("unforeseen")
    show.gate.set()

    async def work() -> None:
        async with progress(show, show.is_closing) as note:
            for _ in range(3):
                note()
                await asyncio.sleep(0.01)

    with pytest.raises(RuntimeError, match="unforeseen"):
        await work()
    assert show.begun == 1


async def test_work_that_fails_gives_its_update_up(show: Showing) -> None:
    async def work() -> None:
        async with progress(show, show.is_closing) as note:
            note()
            await asyncio.sleep(0)
            raise LookupError

    with pytest.raises(LookupError):
        await work()
    assert (show.begun, show.shown) == (1, 0)


async def test_a_process_that_shuts_down_waits_for_no_update(show: Showing) -> None:
    async with progress(show, show.is_closing) as note:
        note()
        await asyncio.sleep(0)
        show.closing = True
    assert (show.begun, show.shown) == (1, 0)


async def test_work_without_progress_shows_nothing(show: Showing) -> None:
    async with progress(show, show.is_closing):
        pass
    assert show.begun == 0
