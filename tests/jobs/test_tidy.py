"""On the real engine the day's tidying ends what was forgotten, and deletes what is old, once."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS

from convertkit import ApiVersion
from jobs.engine import Engine
from jobs.queues import Queue
from jobs.tidy import Tidy
from storage.errors import Unreachable
from storage.known_verdicts import KnownVerdicts
from storage.retention import Retention
from storage.runs import Runs
from storage.states import CleanupState, RunState, StopReason, UnsubscribeState
from tests.jobs.test_workflows import until
from tests.jobs.worlds import Clock, RecordingNotifier, World
from tests.storage.stores import NOW, TEAM, Store

KEEP = timedelta(days=15)
TODAY = date(2027, 3, 16)


@pytest.fixture
def clock() -> Clock:
    """Tell a time beyond the real one: the engine notes ends in that."""
    set_by_hand = Clock()
    set_by_hand.now = max(NOW, datetime.now(UTC)) + KEEP
    return set_by_hand


@pytest.fixture
def version() -> ApiVersion:
    return ApiVersion.V4


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    made = Engine(f"sqlite:///{tmp_path / 'engine.sqlite'}", executor_id="test")
    yield made
    await made.close()


@pytest.fixture
async def tidy(engine: Engine, store: Store, clock: Clock) -> Tidy:
    made = make_tidy(engine, store, clock)
    await engine.launch()
    return made


def make_tidy(engine: Engine, store: Store, clock: Clock) -> Tidy:
    return Tidy(
        engine,
        runs=store.runs,
        cleanups=store.cleanups,
        decisions=store.decisions,
        retention=store.retention,
        notifier=RecordingNotifier(),
        clock=clock,
        keep=KEEP,
        reuse=timedelta(days=60),
    )


async def ended(job: str) -> None:
    async def over() -> bool:
        status = await DBOS.get_workflow_status_async(f"{job}/0")
        return status is not None and status.status == "SUCCESS"

    await until(over)


async def run_a_day(tidy: Tidy, day: date = TODAY) -> None:
    await tidy.start(day)
    await ended(f"tidy:{day.isoformat()}")


async def test_a_day_deletes_what_is_old(tidy: Tidy, store: Store, clock: Clock) -> None:
    old = await store.run_in(RunState.FINISHED)
    await run_a_day(tidy)
    assert (await store.runs.get(old.id)).purged_at == clock.now
    assert await store.sql("SELECT * FROM run_subscriber") == []


async def test_a_day_is_tidied_once(tidy: Tidy, store: Store) -> None:
    await run_a_day(tidy)
    old = await store.run_in(RunState.FINISHED)
    await run_a_day(tidy)
    known = await DBOS.list_workflows_async(workflow_id_prefix="tidy:")
    assert [each.workflow_id for each in known] == ["tidy:2027-03-16/0"]
    assert (await store.runs.get(old.id)).purged_at is None
    await run_a_day(tidy, TODAY + timedelta(days=1))
    assert (await store.runs.get(old.id)).purged_at is not None


@pytest.mark.parametrize(
    ("state", "end", "reason"),
    [
        pytest.param(RunState.FETCHING, RunState.CANCELLED, StopReason.FORGOTTEN, id="fetching"),
        pytest.param(RunState.QUOTED, RunState.CANCELLED, StopReason.FORGOTTEN, id="quoted"),
        pytest.param(RunState.VERIFYING, RunState.FINISHED, StopReason.FORGOTTEN, id="verifying"),
        pytest.param(RunState.STOPPED, RunState.FINISHED, StopReason.FORGOTTEN, id="stopped"),
        pytest.param(RunState.FAILED, RunState.FAILED, None, id="failed"),
    ],
)
async def test_a_forgotten_run_is_ended(
    state: RunState, end: RunState, reason: StopReason | None, tidy: Tidy, store: Store
) -> None:
    run = await store.run_in(state)
    await tidy.end_forgotten()
    run = await store.runs.get(run.id)
    assert (run.state, run.stop_reason) == (end, reason)
    assert await store.credits.balance(TEAM) == 200


@pytest.mark.parametrize(
    ("state", "end"),
    [
        pytest.param(CleanupState.PREPARING, CleanupState.EMPTY, id="preparing"),
        pytest.param(CleanupState.AWAITING_APPROVAL, CleanupState.EXPIRED, id="awaiting"),
        pytest.param(CleanupState.UNSUBSCRIBING, CleanupState.FINISHED, id="unsubscribing"),
        pytest.param(CleanupState.PROVING, CleanupState.FINISHED, id="proving"),
        pytest.param(CleanupState.STOPPED, CleanupState.FINISHED, id="stopped"),
        pytest.param(CleanupState.REJECTED, CleanupState.REJECTED, id="rejected"),
    ],
)
async def test_a_forgotten_cleanup_is_ended(
    state: CleanupState, end: CleanupState, tidy: Tidy, store: Store
) -> None:
    cleanup = await store.cleanup_in(state)
    await tidy.end_forgotten()
    assert (await store.cleanups.get(cleanup.id)).state is end
    by_state = (await store.reports.cleanup(cleanup.id)).by_state
    assert end is not CleanupState.FINISHED or not by_state.get(UnsubscribeState.CONFIRMED)


class Stumbling(Retention):
    """Fail as often as it is told to before anything is marked or deleted."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.database, store.known)
        self.faults: list[Exception] = []

    async def mark(self, before: datetime, now: datetime) -> tuple[int, int]:
        if self.faults:
            raise self.faults.pop()
        return await super().mark(before, now)


@pytest.fixture
def retention(store: Store) -> Stumbling:
    store.retention = stumbling = Stumbling(store)
    return stumbling


async def test_a_database_that_is_away_for_a_moment_puts_the_tidying_off_for_that_moment(
    retention: Stumbling, tidy: Tidy, store: Store
) -> None:
    old = await store.run_in(RunState.FINISHED)
    retention.faults = [Unreachable(), Unreachable()]
    await run_a_day(tidy)
    assert (await store.runs.get(old.id)).purged_at is not None
    assert await store.sql("SELECT * FROM run_subscriber") == []


async def test_a_part_of_the_tidying_that_fails_does_not_stop_the_others(
    retention: Stumbling, tidy: Tidy, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    old = await store.run_in(RunState.FINISHED)
    await run_a_day(tidy)
    await store.sql("UPDATE known_verdict SET decided_at = '2020-01-01'")
    retention.faults = [ValueError("of nobody's")]
    await run_a_day(tidy, TODAY + timedelta(days=1))
    assert await store.sql("SELECT * FROM known_verdict") == []
    assert (await store.runs.get(old.id)).purged_at is not None
    assert "ValueError" in caplog.text


class Broken(Runs):
    """Refuse to do anything about one Run."""

    broken = 0

    async def stop(self, run_id: int, *arguments: Any, **names: Any) -> bool:
        if run_id == self.broken:
            raise ValueError
        return await super().stop(run_id, *arguments, **names)


async def test_one_that_cannot_be_ended_does_not_stop_the_others(
    engine: Engine, store: Store, clock: Clock
) -> None:
    runs = [await store.run_in(RunState.VERIFYING) for _ in range(3)]
    cleanup = await store.cleanup_in(CleanupState.AWAITING_APPROVAL)
    store.runs = broken = Broken(store.database)
    broken.broken = runs[1].id
    await make_tidy(engine, store, clock).end_forgotten()
    states = [(await store.runs.get(run.id)).state for run in runs]
    assert states == [RunState.FINISHED, RunState.VERIFYING, RunState.FINISHED]
    assert (await store.cleanups.get(cleanup.id)).state is CleanupState.EXPIRED


class Forgetful(KnownVerdicts):
    """Fail to remember the Verdicts of one Run."""

    broken = 0

    async def remember(self, run_id: int) -> None:
        if run_id == self.broken:
            raise ValueError
        await super().remember(run_id)


async def test_one_that_cannot_be_marked_does_not_stop_the_others(
    engine: Engine, store: Store, clock: Clock
) -> None:
    runs = [await store.run_in(RunState.FINISHED) for _ in range(3)]
    cleanup = await store.cleanup_in(CleanupState.REJECTED)
    known = Forgetful(store.database, store.keys)
    known.broken = runs[1].id
    store.retention = Retention(store.database, known)
    tidy = make_tidy(engine, store, clock)
    await engine.launch()
    await run_a_day(tidy)
    marked = [(await store.runs.get(run.id)).purged_at is not None for run in runs]
    assert marked == [True, False, True]
    assert (await store.cleanups.get(cleanup.id)).purged_at is not None
    left = await store.sql("SELECT DISTINCT run_id FROM run_subscriber")
    assert left == [(runs[1].id,)]


async def test_what_a_forgotten_run_has_under_way_is_let_go_of(
    engine: Engine, store: Store, clock: Clock
) -> None:
    async def hang() -> None:
        await engine.sleep(3600)

    hanging = engine.workflow("hang", hang)
    tidy = make_tidy(engine, store, clock)
    await engine.launch()
    run = await store.run_in(RunState.FETCHING)
    await engine.start_once(f"fetch:{run.id}", hanging, queue=Queue.GENERAL)
    await tidy.end_forgotten()
    status = await DBOS.get_workflow_status_async(f"fetch:{run.id}/0")
    assert status is not None
    assert status.status == "CANCELLED"


async def test_what_moves_is_not_ended(tidy: Tidy, store: Store, clock: Clock) -> None:
    run = await store.run_in(RunState.QUOTED)
    clock.now = NOW + KEEP - timedelta(seconds=1)
    await tidy.end_forgotten()
    assert (await store.runs.get(run.id)).state is RunState.QUOTED


async def test_what_ended_in_the_engine_is_deleted_and_what_is_under_way_stays(
    engine: Engine, store: Store, clock: Clock, world: World
) -> None:
    async def end() -> None:
        return

    async def fail() -> None:
        raise ValueError

    async def stay() -> None:
        await engine.sleep(3600)

    jobs = {name: engine.workflow(name, body) for name, body in (("end", end), ("fail", fail))}
    staying = engine.workflow("stay", stay)
    make_tidy(engine, store, clock)
    await engine.launch()
    for name, job in jobs.items():
        await engine.start_once(name, job, queue=Queue.GENERAL)
    for name in ("stay", "cancelled"):
        await engine.start_once(name, staying, queue=Queue.GENERAL)
    await engine.cancel("cancelled")

    async def statuses() -> dict[str, str]:
        known = await DBOS.list_workflows_async()
        return {each.workflow_id: str(each.status) for each in known}

    async def settled() -> bool:
        found = await statuses()
        return (found["end/0"], found["fail/0"]) == ("SUCCESS", "ERROR")

    await until(settled)
    assert await engine.delete_some_ended(datetime.now(UTC) - timedelta(minutes=1)) == 0
    assert await engine.delete_some_ended(clock.now) == 3
    assert set(await statuses()) == {"stay/0"}
