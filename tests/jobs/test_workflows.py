"""On the real engine a Run and a Cleanup go their whole way, through outages and kills."""

import asyncio
import itertools
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from convertkit import ApiVersion
from jobs.engine import Engine
from jobs.takeup import take_up
from jobs.workflows import NO_ANSWER, PARTS, Workflows, divide
from sandbox.kit import Delays, FakeKit, Fault, KitSettings, Route
from storage.states import CleanupState, RunState, StopReason, UnsubscribeState
from tests.jobs.conftest import NO_LIMIT
from tests.jobs.worlds import Clock, World, listed
from tests.storage.stores import ANN, BEN, EXPIRES, NOW
from verification import Reason

REPOSITORY = Path(__file__).parents[2]
SHORT = timedelta(seconds=0.1)


class RunningClock(Clock):
    """Tell a time that goes on from where it was set."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self._began)


@pytest.fixture
def clock() -> Clock:
    return RunningClock()


@pytest.fixture
def version() -> ApiVersion:
    return ApiVersion.V4


@pytest.fixture
async def workflows(world: World, tmp_path: Path) -> AsyncIterator[Workflows]:
    """Launch the engine, with waits of a tenth of a second."""
    engine = Engine(f"sqlite:///{tmp_path / 'engine.sqlite'}", executor_id="test")
    made = Workflows(
        engine,
        replace(world.verify, retry_delays=(SHORT,), is_closing=engine.is_closing),
        replace(world.cleanup, proof_delays=(SHORT, 2 * SHORT), is_closing=engine.is_closing),
        outage_delays=(SHORT, SHORT),
    )
    await engine.launch()
    yield made
    await engine.close()


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    """Wait for something to become true."""
    for _ in range(round(seconds / 0.02)):
        if await condition():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


async def run_reaches(world: World, run_id: int, state: RunState) -> None:
    async def reached() -> bool:
        return (await world.store.runs.get(run_id)).state is state

    await until(reached)


async def cleanup_reaches(world: World, cleanup_id: int, state: CleanupState) -> None:
    async def reached() -> bool:
        return await world.cleanup_state(cleanup_id) is state

    await until(reached)


async def test_a_run_goes_from_list_to_delivered_results(
    world: World, workflows: Workflows
) -> None:
    greylisted = world.account.subscribers[0].facts.address
    world.verifier.script[greylisted] = [Reason.GREYLISTED, Reason.NO_SUCH_MAILBOX]
    run = await world.new_run()
    await workflows.start_run(run)
    await workflows.start_run(run)
    await run_reaches(world, run.id, RunState.QUOTED)
    await workflows.start_run(await world.store.runs.start(run.id, ANN, NOW))

    async def delivered() -> bool:
        return await world.store.runs.is_delivered(run.id)

    await until(delivered)
    report = await world.store.reports.run(run.id)
    assert (report.held, report.charged, report.released) == (4, 4, 0)
    assert world.verifier.looks.count(greylisted) == 2
    assert world.notifier.said.count(("deliver_results", run.id)) == 1


async def test_a_cleanup_goes_from_approval_to_delivered_proof(
    world: World, workflows: Workflows
) -> None:
    world.kit.ignore_unsubscribes(world.ids[2])
    cleanup = await world.store.new_cleanup(await world.finished_run())
    await workflows.start_cleanup(cleanup)
    await cleanup_reaches(world, cleanup.id, CleanupState.AWAITING_APPROVAL)
    await workflows.start_cleanup(await world.store.decisions.approve(cleanup.id, BEN, NOW))

    async def delivered() -> bool:
        return await world.store.cleanups.is_delivered(cleanup.id)

    await until(delivered)
    confirmed, still = UnsubscribeState.CONFIRMED, UnsubscribeState.STILL_ACTIVE
    assert await world.states(cleanup.id) == [confirmed, confirmed, still, confirmed]
    assert (await world.store.cleanups.get(cleanup.id)).proofs == 3
    assert world.called() == world.ids
    assert world.notifier.said.count(("deliver_proof", cleanup.id)) == 1


async def test_a_request_that_nobody_decides_expires_by_itself(
    world: World, workflows: Workflows
) -> None:
    cleanup = await world.store.new_cleanup(await world.finished_run())
    world.clock.now = EXPIRES - timedelta(seconds=1)
    await workflows.start_cleanup(cleanup)
    await cleanup_reaches(world, cleanup.id, CleanupState.EXPIRED)
    assert world.clock() >= EXPIRES
    assert world.called() == []


async def test_an_outage_is_waited_out(world: World, workflows: Workflows) -> None:
    down = world.kit.trouble(Fault.SERVER_ERROR, times=None)
    run = await world.new_run()
    await workflows.start_run(run)

    async def waits() -> bool:
        return (await world.store.runs.get(run.id)).note is not None

    await until(waits)
    world.kit.cure(down)
    await run_reaches(world, run.id, RunState.QUOTED)
    assert (await world.store.runs.get(run.id)).note is None


async def test_an_outage_that_does_not_end_ends_the_reading(
    world: World, workflows: Workflows
) -> None:
    world.kit.trouble(Fault.SERVER_ERROR, times=None)
    run = await world.new_run()
    await workflows.start_run(run)
    await run_reaches(world, run.id, RunState.FAILED)
    assert (await world.store.runs.get(run.id)).note == NO_ANSWER


async def test_an_outage_that_does_not_end_stops_a_cleanup_and_resume_goes_on(
    world: World, workflows: Workflows
) -> None:
    cleanup = await world.approved_cleanup()
    down = world.kit.trouble(Fault.SERVER_ERROR, times=None, skip=2)
    await workflows.start_cleanup(cleanup)
    await cleanup_reaches(world, cleanup.id, CleanupState.STOPPED)
    stopped = await world.store.cleanups.get(cleanup.id)
    assert (stopped.stop_reason, stopped.note) == (StopReason.UNAVAILABLE, NO_ANSWER)
    world.kit.cure(down)
    await workflows.start_cleanup(
        await world.store.decisions.resume(cleanup.id, BEN, world.clock())
    )
    await cleanup_reaches(world, cleanup.id, CleanupState.FINISHED)
    assert await world.states(cleanup.id) == [UnsubscribeState.CONFIRMED] * 3
    assert world.called() == world.ids[:3]


async def take_up_now(world: World, workflows: Workflows, *, opened_before: datetime) -> None:
    store = world.store
    await take_up(workflows, store.runs, store.cleanups, opened_before=opened_before)


async def test_what_somebody_is_about_to_show_is_not_taken_up(
    world: World, workflows: Workflows
) -> None:
    run = await world.new_run()
    cleanup = await world.store.new_cleanup(await world.finished_run())
    await take_up_now(world, workflows, opened_before=NOW)
    # What is posted meanwhile is taken up, so nothing that was started before it is still to come.
    posted = await world.new_run()
    await world.store.runs.set_message(posted.id, "1.2")
    await take_up_now(world, workflows, opened_before=NOW)
    await run_reaches(world, posted.id, RunState.QUOTED)
    assert (await world.store.runs.get(run.id)).state is RunState.FETCHING
    assert await world.cleanup_state(cleanup.id) is CleanupState.PREPARING


async def test_what_was_made_and_never_shown_is_taken_up(
    world: World, workflows: Workflows
) -> None:
    run = await world.new_run()
    cleanup = await world.store.new_cleanup(await world.finished_run())
    await take_up_now(world, workflows, opened_before=NOW + SHORT)
    await run_reaches(world, run.id, RunState.QUOTED)
    await cleanup_reaches(world, cleanup.id, CleanupState.AWAITING_APPROVAL)


@pytest.mark.parametrize("chunks", [0, 1, PARTS - 1, PARTS, PARTS + 1, 5_000])
def test_a_run_is_divided_into_stretches_of_its_list(chunks: int) -> None:
    made = divide(list(range(chunks)))
    assert len(made) == min(PARTS, chunks)
    assert sorted(chunk for part in made for chunk in part) == list(range(chunks))
    assert all(later - earlier == 1 for part in made for earlier, later in itertools.pairwise(part))
    assert max(map(len, made), default=0) - min(map(len, made), default=0) <= 1


def test_parts_that_begin_together_are_from_all_over_the_list() -> None:
    together = [part[0] for part in divide(list(range(4_800)))[:16]]
    assert max(together) - min(together) > 4_000
    assert min(later - earlier for earlier, later in itertools.pairwise(together)) > 200


@pytest.fixture
async def kit(clock: Clock) -> AsyncIterator[FakeKit]:
    async with FakeKit(KitSettings(limit=NO_LIMIT, delays=Delays(0.0, 0.0))) as fake:
        yield fake


@contextmanager
def process(world: World, file: Path, greylist_wait: float) -> Iterator[subprocess.Popen[bytes]]:
    """Let another process work on the file; kill it in the end."""
    arguments = [str(file), world.kit.v4_url, str(greylist_wait)]
    working = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.jobs.process", *arguments], cwd=REPOSITORY
    )
    try:
        yield working
    finally:
        working.kill()
        working.wait()


async def test_a_killed_process_goes_on_after_the_wait_that_it_was_in(
    world: World, file: Path
) -> None:
    # Over before the second process starts, which then has as long again before its look would be
    # one after a wait that began anew: a slow machine takes none of the wait for the other.
    wait = 15.0
    journal = file.with_name("journal")
    journal.touch()
    run = await world.new_run()
    await world.store.subscribers.add_page(run.id, listed(world.account), (1, None), NOW)
    await world.store.subscribers.close_list(run.id, 2, world.clock())
    await world.store.runs.start(run.id, ANN, NOW)

    async def waits() -> bool:
        return (await world.store.reports.run(run.id)).waiting == 4

    with process(world, file, wait) as first:
        await until(waits)
        await asyncio.sleep(0.3)
        first.kill()
    await asyncio.sleep(wait)
    with process(world, file, wait):
        await run_reaches(world, run.id, RunState.FINISHED)
    lines = [line.split() for line in journal.read_text().splitlines()]
    launches = [datetime.fromisoformat(at) for word, at in lines if word == "launched"]
    looks = [datetime.fromisoformat(at) for word, at in lines if "@" in word]
    assert len(launches) == 2
    assert len(looks) == 8, "each is looked at twice, the kill costs no look"
    assert max(looks) - launches[1] < timedelta(seconds=wait)
    report = await world.store.reports.run(run.id)
    assert (report.held, report.charged, report.released) == (4, 4, 0)


async def test_a_process_killed_while_it_unsubscribes_ends_as_if_it_had_lived(
    world: World, file: Path
) -> None:
    file.with_name("journal").touch()
    cleanup = await world.approved_cleanup()
    with process(world, file, 1.0) as first:
        world.kit.before(Route.UNSUBSCRIBE, first.kill, skip=1)
        await until(lambda: asyncio.to_thread(lambda: first.poll() is not None))
    assert world.called() == world.ids[:2], "the second call was made, and its answer lost"
    with process(world, file, 1.0):
        await cleanup_reaches(world, cleanup.id, CleanupState.FINISHED)
    assert world.called() == world.ids[:3]
    assert await world.states(cleanup.id) == [UnsubscribeState.CONFIRMED] * 3
