"""A Schedule fires in its slot, in its own time zone, and once for everybody."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from jobs.calendar import CATCH_UP, Calendar, falls_on, last_slot
from jobs.tidy import Tidy
from jobs.workflows import Workflows
from storage.errors import Unreachable
from storage.records import Run, Schedule
from storage.schedules import NewSchedule, Schedules
from storage.states import Cadence, RunState
from tests.jobs.worlds import Clock
from tests.storage.stores import ANN, BEN, EVERYBODY, TEAM, Store

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def schedule(
    cadence: Cadence = Cadence.WEEKLY,
    day: int = 0,
    at: tuple[int, int] = (9, 0),
    zone: str = "Europe/Paris",
    made: datetime = LONG_AGO,
) -> Schedule:
    return Schedule(1, TEAM, 1, EVERYBODY, cadence, day, *at, zone, "C1", ANN, made)


def weekly(day: int) -> Schedule:
    return schedule(Cadence.WEEKLY, day)


def monthly(day: int) -> Schedule:
    return schedule(Cadence.MONTHLY, day)


@pytest.mark.parametrize(
    ("what", "day", "expected"),
    [
        pytest.param(weekly(0), date(2027, 3, 1), True, id="monday"),
        pytest.param(weekly(6), date(2027, 3, 7), True, id="sunday"),
        pytest.param(weekly(0), date(2027, 3, 2), False, id="not-monday"),
        pytest.param(monthly(1), date(2027, 3, 1), True, id="first"),
        pytest.param(monthly(1), date(2027, 3, 31), False, id="not-the-first"),
        pytest.param(monthly(31), date(2027, 3, 31), True, id="31st"),
        pytest.param(monthly(31), date(2027, 4, 30), True, id="31st-in-april"),
        pytest.param(monthly(31), date(2027, 2, 28), True, id="31st-in-february"),
        pytest.param(monthly(30), date(2028, 2, 29), True, id="30th-in-a-leap-year"),
        pytest.param(monthly(30), date(2028, 2, 28), False, id="not-the-day-before-it"),
        pytest.param(monthly(29), date(2027, 2, 28), True, id="29th-without-one"),
        pytest.param(monthly(30), date(2027, 3, 31), False, id="30th-of-31"),
    ],
)
def test_a_day_is_one_of_the_schedules_or_not(what: Schedule, day: date, expected: bool) -> None:
    assert falls_on(what, day) is expected


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("what", "now", "expected"),
    [
        pytest.param(weekly(0), utc(2027, 3, 1, 8), utc(2027, 3, 1, 8), id="this-moment"),
        pytest.param(weekly(0), utc(2027, 3, 1, 7, 59), utc(2027, 2, 22, 8), id="a-minute-to-go"),
        pytest.param(weekly(0), utc(2027, 3, 7, 23), utc(2027, 3, 1, 8), id="six-days-later"),
        pytest.param(monthly(31), utc(2027, 3, 30), utc(2027, 2, 28, 8), id="end-of-february"),
        pytest.param(monthly(31), utc(2027, 5, 30), utc(2027, 4, 30, 7), id="end-of-april"),
        pytest.param(monthly(1), utc(2027, 3, 31, 22), utc(2027, 3, 1, 8), id="31-days-back"),
        pytest.param(monthly(1), utc(2027, 1, 1, 7), utc(2026, 12, 1, 8), id="over-new-year"),
        pytest.param(weekly(0), utc(2027, 3, 29, 7), utc(2027, 3, 29, 7), id="summer-time"),
        pytest.param(
            schedule(Cadence.WEEKLY, 6, (2, 30)),
            utc(2027, 3, 28, 12),
            utc(2027, 3, 28, 1, 30),
            id="a-time-that-the-spring-night-skips",
        ),
        pytest.param(
            schedule(Cadence.WEEKLY, 6, (2, 30)),
            utc(2027, 10, 31, 12),
            utc(2027, 10, 31, 0, 30),
            id="a-time-that-the-autumn-night-has-twice",
        ),
        pytest.param(
            schedule(Cadence.WEEKLY, 0, (9, 0), "Pacific/Auckland"),
            utc(2027, 3, 1, 12),
            utc(2027, 2, 28, 20),
            id="monday-is-still-sunday-in-utc",
        ),
        pytest.param(
            schedule(made=utc(2027, 3, 1, 8, 30)), utc(2027, 3, 5), None, id="made-after-the-slot"
        ),
        pytest.param(
            schedule(made=utc(2027, 3, 1, 7, 30)),
            utc(2027, 3, 5),
            utc(2027, 3, 1, 8),
            id="made-before-the-slot",
        ),
    ],
)
def test_the_last_slot_is_found(what: Schedule, now: datetime, expected: datetime | None) -> None:
    slot = last_slot(what, now)
    assert (slot.astimezone(UTC) if slot else None) == expected


class StartedDays(Tidy):
    """Remember the days for which the tidying was started."""

    def __init__(self) -> None:
        self.days: list[date] = []

    async def start(self, day: date) -> None:
        self.days.append(day)


class StartedRuns(Workflows):
    """Remember which Runs were started."""

    def __init__(self) -> None:
        self.started: list[Run] = []
        self.tidy = StartedDays()
        #: The Schedule whose Runs do not start.
        self.refused: int | None = None

    async def start_run(self, run: Run) -> None:
        if self.refused == run.schedule_id:
            raise ValueError
        self.started.append(run)


@pytest.fixture
def workflows() -> StartedRuns:
    return StartedRuns()


@pytest.fixture
def calendar(store: Store, clock: Clock, workflows: StartedRuns) -> Calendar:
    return make_calendar(store, clock, workflows)


def make_calendar(store: Store, clock: Clock, workflows: StartedRuns) -> Calendar:
    return Calendar(
        schedules=store.schedules,
        runs=store.runs,
        workflows=workflows,
        tidy=workflows.tidy,
        clock=clock,
    )


async def every_monday(store: Store, made: datetime = LONG_AGO, **changes: Any) -> Schedule:
    """Keep a Schedule for Mondays at 9 in Paris."""
    connection = await store.connect()
    details: dict[str, Any] = {"hour": 9, "minute": 0, "timezone": "Europe/Paris"}
    details |= {"request_key": "V1", **changes}
    new = NewSchedule(
        workspace_id=TEAM,
        connection_id=connection.id,
        audience=EVERYBODY,
        cadence=Cadence.WEEKLY,
        day=0,
        channel_id="C0DIGEST",
        created_by=ANN,
        **details,
    )
    return (await store.schedules.create(new, made))[0]


async def test_a_fire_starts_the_schedules_run(
    store: Store, calendar: Calendar, workflows: StartedRuns
) -> None:
    kept = await every_monday(store)
    await calendar.fire(kept.id, date(2027, 3, 1))
    [run] = workflows.started
    assert (run.schedule_id, run.state, run.requested_by) == (kept.id, RunState.FETCHING, ANN)
    assert (run.channel_id, run.audience) == ("C0DIGEST", EVERYBODY)


async def test_a_slot_fired_by_several_is_one_run(
    store: Store, clock: Clock, workflows: StartedRuns
) -> None:
    kept = await every_monday(store)
    calendars = [make_calendar(store, clock, workflows) for _ in range(4)]
    await asyncio.gather(*(each.fire(kept.id, date(2027, 3, 1)) for each in calendars))
    assert len({run.id for run in workflows.started}) == 1
    await calendars[0].fire(kept.id, date(2027, 3, 8))
    assert len({run.id for run in workflows.started}) == 2


async def test_a_removed_schedule_does_not_fire(
    store: Store, calendar: Calendar, clock: Clock, workflows: StartedRuns
) -> None:
    kept = await every_monday(store)
    await store.schedules.remove(kept.id, TEAM, BEN, clock())
    await calendar.fire(kept.id, date(2027, 3, 1))
    assert workflows.started == []


@pytest.mark.parametrize(
    ("late", "runs"),
    [
        pytest.param(timedelta(minutes=-1), 0, id="not-yet"),
        pytest.param(timedelta(0), 1, id="in-time"),
        pytest.param(timedelta(hours=23, minutes=59), 1, id="within-a-day"),
        pytest.param(CATCH_UP, 0, id="after-a-day"),
        pytest.param(timedelta(days=3), 0, id="after-three-days"),
    ],
)
async def test_a_slot_missed_while_the_bot_was_down_is_made_up_for_within_a_day(
    late: timedelta,
    runs: int,
    store: Store,
    calendar: Calendar,
    clock: Clock,
    workflows: StartedRuns,
) -> None:
    await every_monday(store)
    clock.now = utc(2027, 3, 1, 8) + late
    await calendar.start()
    calendar.stop()
    assert len(workflows.started) == runs


async def test_a_restart_in_the_same_day_does_not_fire_again(
    store: Store, clock: Clock, workflows: StartedRuns
) -> None:
    await every_monday(store)
    clock.now = utc(2027, 3, 1, 8, 5)
    for _ in range(3):
        calendar = make_calendar(store, clock, workflows)
        await calendar.start()
        calendar.stop()
    assert len({run.id for run in workflows.started}) == 1


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=15), timedelta(hours=23)])
async def test_a_timer_that_is_late_fires_for_its_own_day(
    late: timedelta, store: Store, calendar: Calendar, clock: Clock, workflows: StartedRuns
) -> None:
    # Ten minutes to midnight in Paris.
    kept = await every_monday(store, hour=23, minute=50)
    clock.now = utc(2027, 3, 1, 22, 50) + late
    await calendar._tick(kept.id)
    [run] = workflows.started
    key = await store.sql(f"SELECT request_key FROM run WHERE id = {run.id}")
    assert key == [(f"schedule:{kept.id}:2027-03-01",)]


async def test_a_timer_of_a_day_that_is_not_the_schedules_fires_nothing(
    store: Store, calendar: Calendar, clock: Clock, workflows: StartedRuns
) -> None:
    kept = await every_monday(store)
    clock.now = utc(2027, 3, 3, 8)
    await calendar._tick(kept.id)
    assert workflows.started == []


class AwayOnce(Schedules):
    """Find nothing while the database is away."""

    is_away = True

    async def find(self, schedule_id: int) -> Schedule | None:
        if self.is_away:
            raise Unreachable
        return await super().find(schedule_id)


async def test_a_slot_at_which_the_database_was_away_is_made_up_for_once(
    store: Store, clock: Clock, workflows: StartedRuns
) -> None:
    store.schedules = schedules = AwayOnce(store.database)
    kept = await every_monday(store)
    clock.now = utc(2027, 3, 1, 7, 59)
    calendar = make_calendar(store, clock, workflows)
    await calendar.start()
    clock.now = utc(2027, 3, 1, 8)
    with pytest.raises(Unreachable):
        await calendar._tick(kept.id)
    await calendar.refresh()
    assert workflows.started == []
    schedules.is_away = False
    for _ in range(5):
        clock.now += timedelta(minutes=1)
        await calendar.refresh()
    calendar.stop()
    assert len(workflows.started) == 1


async def test_a_schedule_that_cannot_be_fired_does_not_hold_up_the_others(
    store: Store,
    clock: Clock,
    workflows: StartedRuns,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = await every_monday(store)
    second = await every_monday(store, request_key="V2")
    workflows.refused = first.id
    clock.now = utc(2027, 3, 1, 8, 5)
    calendar = make_calendar(store, clock, workflows)
    await calendar.start()
    calendar.stop()
    assert [run.schedule_id for run in workflows.started] == [second.id]
    assert "ValueError" in caplog.text


async def test_a_schedule_made_after_its_slot_waits_for_the_next(
    store: Store, calendar: Calendar, clock: Clock, workflows: StartedRuns
) -> None:
    clock.now = utc(2027, 3, 1, 9)
    await every_monday(store, made=utc(2027, 3, 1, 8, 30))
    await calendar.start()
    calendar.stop()
    assert workflows.started == []


@pytest.mark.parametrize(
    ("now", "day"),
    [
        pytest.param(utc(2027, 3, 2, 3, 30), date(2027, 3, 2), id="at-the-hour"),
        pytest.param(utc(2027, 3, 2, 3, 29), date(2027, 3, 1), id="before-the-hour"),
        pytest.param(utc(2027, 3, 2, 23), date(2027, 3, 2), id="late"),
    ],
)
async def test_a_start_tidies_up_for_the_day(
    now: datetime, day: date, calendar: Calendar, clock: Clock, workflows: StartedRuns
) -> None:
    clock.now = now
    await calendar.start()
    calendar.stop()
    assert workflows.tidy.days == [day]
