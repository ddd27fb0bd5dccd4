"""Who asked for a job that does not move is told once; what slept has time to begin again."""

import contextlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from jobs.ports import Notifier
from jobs.watch import LOOK_EVERY, Watch
from storage.errors import Unreachable
from storage.states import CleanupState, RunState
from storage.watching import Stuck, Watching
from tests.jobs.worlds import Clock, RecordingNotifier
from tests.storage.stores import Store

AFTER = timedelta(minutes=15)


@pytest.fixture
def notifier() -> RecordingNotifier:
    return RecordingNotifier()


@pytest.fixture
def watch(store: Store, notifier: RecordingNotifier, clock: Clock) -> Watch:
    return make_watch(store, notifier, clock)


def make_watch(
    store: Store, notifier: Notifier, clock: Clock, *, watching: Watching | None = None
) -> Watch:
    return Watch(watching=watching or store.watching, notifier=notifier, clock=clock, after=AFTER)


class FaultyWatching(Watching):
    """A database that is away at times."""

    is_away = False

    async def see(self, now: datetime, after: timedelta) -> None:
        self._answer()
        await super().see(now, after)

    async def newly_stuck(self, now: datetime, after: timedelta) -> Stuck:
        self._answer()
        return await super().newly_stuck(now, after)

    async def take_back(self, untold: Stuck) -> None:
        self._answer()
        await super().take_back(untold)

    def _answer(self) -> None:
        if self.is_away:
            raise Unreachable


class SlackAway(RecordingNotifier):
    """A Slack that takes no message of Runs, for now."""

    is_away = True

    async def tell_stuck_run(self, run_id: int) -> bool:
        return not self.is_away and await super().tell_stuck_run(run_id)


async def look_for(watches: Sequence[Watch], clock: Clock, minutes: int) -> None:
    """Let the watches look at once and in each further minute."""
    for minute in range(minutes + 1):
        if minute:
            clock.move(LOOK_EVERY)
        for each in watches:
            with contextlib.suppress(Unreachable):
                await each.look()


async def test_who_asked_is_told_once(
    store: Store, watch: Watch, notifier: RecordingNotifier, clock: Clock
) -> None:
    run = await store.run_in(RunState.VERIFYING)
    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    await look_for([watch], clock, 14)
    assert notifier.said == []
    await look_for([watch], clock, 30)
    assert notifier.said == [("tell_stuck_run", run.id), ("tell_stuck_cleanup", cleanup.id)]


async def test_several_processes_tell_once(
    store: Store, notifier: RecordingNotifier, clock: Clock
) -> None:
    run = await store.run_in(RunState.FETCHING)
    await look_for([make_watch(store, notifier, clock) for _ in range(3)], clock, 20)
    assert notifier.said == [("tell_stuck_run", run.id)]


async def test_a_standstill_is_logged_with_its_subject(
    store: Store, watch: Watch, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    run = await store.run_in(RunState.VERIFYING)
    with caplog.at_level(logging.WARNING):
        await look_for([watch], clock, 20)
    [line] = [each for each in caplog.records if each.name == "jobs.watch"]
    assert line.getMessage() == "Nothing has moved for 15 minutes."
    assert (line.__dict__["action"], line.__dict__["subject"]) == ("stuck", f"run:{run.id}")


async def test_what_stood_still_while_the_machine_slept_has_time_to_begin(
    store: Store, watch: Watch, notifier: RecordingNotifier, clock: Clock
) -> None:
    await store.run_in(RunState.VERIFYING)
    await look_for([watch], clock, 2)
    clock.move(timedelta(hours=8))
    await look_for([watch], clock, 14)
    assert notifier.said == []
    await look_for([watch], clock, 1)
    assert len(notifier.said) == 1


async def test_what_stood_still_while_the_database_was_away_has_time_to_begin(
    store: Store, notifier: RecordingNotifier, clock: Clock
) -> None:
    run = await store.run_in(RunState.VERIFYING)
    watching = FaultyWatching(store.database)
    watch = make_watch(store, notifier, clock, watching=watching)
    await look_for([watch], clock, 30)
    notifier.said.clear()
    await store.runs.wait_until(run.id, clock())
    watching.is_away = True
    await look_for([watch], clock, 20)
    watching.is_away = False
    await look_for([watch], clock, 14)
    assert notifier.said == []
    await look_for([watch], clock, 1)
    assert notifier.said == [("tell_stuck_run", run.id)]


async def test_who_could_not_be_told_is_told_once_slack_is_back(store: Store, clock: Clock) -> None:
    run = await store.run_in(RunState.VERIFYING)
    notifier = SlackAway()
    watches = [make_watch(store, notifier, clock) for _ in range(2)]
    await look_for(watches, clock, 20)
    notifier.is_away = False
    await look_for(watches, clock, 20)
    assert notifier.said == [("tell_stuck_run", run.id)]
    assert (await store.runs.get(run.id)).is_stuck


async def test_who_cannot_be_told_keeps_nobody_else_from_hearing(
    store: Store, clock: Clock
) -> None:
    """The database stumbles over the first of two."""

    class Stumbling(RecordingNotifier):
        async def tell_stuck_run(self, run_id: int) -> bool:
            if run_id == runs[0].id and not self.said:
                raise Unreachable
            return await super().tell_stuck_run(run_id)

    runs = [await store.run_in(RunState.VERIFYING) for _ in range(2)]
    notifier = Stumbling()
    await look_for([make_watch(store, notifier, clock)], clock, 15)
    assert notifier.said == [("tell_stuck_run", runs[1].id)]
    await look_for([make_watch(store, notifier, clock)], clock, 15)
    assert notifier.said[1:] == [("tell_stuck_run", runs[0].id)]


async def test_who_could_not_be_told_is_told_though_the_database_went_away_as_well(
    store: Store, clock: Clock
) -> None:
    run = await store.run_in(RunState.VERIFYING)
    watching = FaultyWatching(store.database)

    class BothAway(SlackAway):
        async def tell_stuck_run(self, run_id: int) -> bool:
            watching.is_away = self.is_away
            return await super().tell_stuck_run(run_id)

    notifier = BothAway()
    watch = make_watch(store, notifier, clock, watching=watching)
    await look_for([watch], clock, 16)
    watching.is_away = notifier.is_away = False
    await look_for([watch], clock, 16)
    assert notifier.said == [("tell_stuck_run", run.id)]


async def test_a_job_that_moves_again_is_not_found_because_nobody_could_be_told(
    store: Store, clock: Clock
) -> None:
    run = await store.run_in(RunState.VERIFYING)
    await store.watching.newly_stuck(clock() + AFTER, AFTER)
    await store.runs.wait_until(run.id, clock() + AFTER + LOOK_EVERY)
    await store.watching.take_back(Stuck((run.id,)))
    assert await store.sql("SELECT stuck_told_at IS NULL FROM run") == [(0,)]
