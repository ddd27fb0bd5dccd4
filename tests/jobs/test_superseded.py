"""A job is given up when its Run or Cleanup needs it no more, and the account's line is free."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS

from convertkit import ApiVersion
from jobs.engine import Engine
from jobs.superseded import superseded_of_cleanup, superseded_of_run
from jobs.workflows import Workflows
from storage.database import Database
from storage.states import CleanupState, RunState, StopReason, UnsubscribeState
from storage.unsubscribes import Unsubscribe, Unsubscribes
from tests.jobs.test_workflows import RunningClock, cleanup_reaches, run_reaches
from tests.jobs.worlds import Clock, World
from tests.storage.stores import ANN, BEN, Store

#: Seconds that a job has to end by itself.
GRACE = 3.0


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(RunState.FETCHING, [], id="fetching"),
        pytest.param(RunState.QUOTED, ["fetch"], id="quoted"),
        pytest.param(RunState.CANCELLED, ["fetch"], id="cancelled"),
        pytest.param(RunState.VERIFYING, ["fetch"], id="verifying"),
        pytest.param(RunState.STOPPED, ["fetch", "verify:1"], id="stopped"),
        pytest.param(RunState.FINISHED, ["fetch", "verify:1"], id="finished"),
    ],
)
async def test_a_run_needs_the_job_of_its_state_only(
    state: RunState, expected: list[str], store: Store
) -> None:
    run = await store.run_in(state)
    assert [each.replace(f":{run.id}", "", 1) for each in superseded_of_run(run)] == expected


async def test_a_run_that_goes_on_does_not_need_the_attempts_before(store: Store) -> None:
    run = await store.run_in(RunState.STOPPED)
    resumed = await store.runs.resume(run.id, ANN, run.created_at)
    assert superseded_of_run(resumed) == [f"fetch:{run.id}", f"verify:{run.id}:1"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(CleanupState.PREPARING, [], id="preparing"),
        pytest.param(CleanupState.AWAITING_APPROVAL, [], id="awaiting"),
        pytest.param(CleanupState.REJECTED, ["approval"], id="rejected"),
        pytest.param(CleanupState.UNSUBSCRIBING, ["approval"], id="unsubscribing"),
        pytest.param(CleanupState.PROVING, ["approval"], id="proving"),
        pytest.param(CleanupState.STOPPED, ["approval", "cleanup:1"], id="stopped"),
        pytest.param(CleanupState.FINISHED, ["approval", "cleanup:1"], id="finished"),
    ],
)
async def test_a_cleanup_needs_the_job_of_its_state_only(
    state: CleanupState, expected: list[str], store: Store
) -> None:
    cleanup = await store.cleanup_in(state)
    named = [each.replace(f":{cleanup.id}", "", 1) for each in superseded_of_cleanup(cleanup)]
    assert named == expected


@pytest.fixture
def clock() -> Clock:
    return RunningClock()


@pytest.fixture
def version() -> ApiVersion:
    return ApiVersion.V4


class Hanging:
    """Let the first of all jobs hang that comes here for the n-th time, in the midst of a step."""

    def __init__(self, times: int) -> None:
        self.hangs, self._goes_on = asyncio.Event(), asyncio.Event()
        self._left = times

    async def here(self, *_: object) -> None:
        self._left -= 1
        if not self._left:
            self.hangs.set()
            await self._goes_on.wait()

    def let_go(self) -> None:
        self._goes_on.set()


class HangingUnsubscribes(Unsubscribes):
    """Hang before the second subscriber of a list is dealt with."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.hanging = Hanging(2)

    async def claim(self, *arguments: Any, **names: Any) -> Unsubscribe | None:
        await self.hanging.here()
        return await super().claim(*arguments, **names)


@pytest.fixture
def unsubscribes(store: Store) -> HangingUnsubscribes:
    return HangingUnsubscribes(store.database)


@pytest.fixture
async def workflows(
    world: World, unsubscribes: HangingUnsubscribes, tmp_path: Path
) -> AsyncIterator[Workflows]:
    engine = Engine(f"sqlite:///{tmp_path / 'engine.sqlite'}", executor_id="test")
    made = Workflows(
        engine,
        replace(world.verify, is_closing=engine.is_closing),
        replace(
            world.cleanup,
            unsubscribes=unsubscribes,
            proof_delays=(),
            is_closing=engine.is_closing,
        ),
        outage_delays=(),
        grace=timedelta(seconds=GRACE),
    )
    await engine.launch()
    yield made
    await engine.close()


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_run_that_hangs_and_is_cancelled_lets_the_next_one_of_its_account_read(
    world: World, workflows: Workflows, at_once: bool
) -> None:
    hanging = Hanging(1)
    world.notifier.meanwhile = hanging.here
    first = await world.new_run()
    await workflows.start_run(first)
    await hanging.hangs.wait()
    second = await world.new_run()
    await workflows.start_run(second)
    await world.store.runs.cancel(first.id, BEN, world.clock())
    await workflows.give_up_run(await world.store.runs.get(first.id), at_once=at_once)
    await run_reaches(world, second.id, RunState.QUOTED)
    hanging.let_go()


async def test_a_cleanup_that_hangs_and_is_stopped_goes_on_after_resume(
    world: World, workflows: Workflows, unsubscribes: HangingUnsubscribes
) -> None:
    hanging = unsubscribes.hanging
    cleanup = await world.approved_cleanup()
    await workflows.start_cleanup(cleanup)
    await hanging.hangs.wait()
    await world.store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    resumed = await world.store.decisions.resume(cleanup.id, BEN, world.clock())
    await workflows.start_cleanup(resumed)
    await workflows.give_up_cleanup(resumed)
    await cleanup_reaches(world, cleanup.id, CleanupState.FINISHED)
    assert world.called() == world.ids[:3], "nobody is called twice"
    # What hung finds that it is superseded.
    hanging.let_go()
    await asyncio.sleep(0.5)
    assert world.called() == world.ids[:3]
    assert await world.states(cleanup.id) == [UnsubscribeState.CONFIRMED] * 3


async def test_a_cleanup_that_hangs_and_is_dropped_is_proven(
    world: World, workflows: Workflows, unsubscribes: HangingUnsubscribes
) -> None:
    hanging = unsubscribes.hanging
    cleanup = await world.approved_cleanup()
    await workflows.start_cleanup(cleanup)
    await hanging.hangs.wait()
    await world.store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    dropped = await world.store.decisions.drop(cleanup.id, BEN, world.clock())
    await workflows.start_cleanup(dropped)
    await workflows.give_up_cleanup(dropped)
    await cleanup_reaches(world, cleanup.id, CleanupState.FINISHED)
    assert await world.states(cleanup.id) == [
        UnsubscribeState.CONFIRMED,
        UnsubscribeState.DROPPED,
        UnsubscribeState.DROPPED,
    ]
    hanging.let_go()


async def test_a_stopped_job_that_is_alive_has_time_to_end_by_itself(
    world: World, workflows: Workflows, unsubscribes: HangingUnsubscribes
) -> None:
    hanging = unsubscribes.hanging
    cleanup = await world.approved_cleanup()
    await workflows.start_cleanup(cleanup)
    await hanging.hangs.wait()
    await world.store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    stopped = await world.store.cleanups.get(cleanup.id)
    giving_up = asyncio.create_task(workflows.give_up_cleanup(stopped))
    await asyncio.sleep(GRACE / 10)
    hanging.let_go()
    await giving_up
    assert await statuses(f"cleanup:{cleanup.id}:1/") == ["SUCCESS"]


async def statuses(prefix: str) -> list[str]:
    known = await DBOS.list_workflows_async(workflow_id_prefix=prefix)
    return [str(each.status) for each in known]
