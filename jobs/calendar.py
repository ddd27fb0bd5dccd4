"""The calendar: says when a Schedule is due, or the tidying. What it starts does the rest."""

import calendar
import logging
from collections.abc import Set
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from jobs.ports import Clock
from jobs.tidy import Tidy
from jobs.workflows import Workflows
from storage.records import Schedule
from storage.runs import NewRun, Runs
from storage.schedules import Schedules
from storage.states import Cadence

log = logging.getLogger(__name__)

#: A slot that passed while the bot or its database was down is made up for this long afterwards.
CATCH_UP = timedelta(hours=24)
#: Seconds between two looks at the table.
REFRESH_EVERY = 60
#: When the day's tidying is done, in UTC: an hour at which most lists are at rest.
TIDY_AT = time(3, 30)


class Calendar:
    """Start the Run of every Schedule in its slot, once, however many processes do the same.

    The schedules table is the truth; the timers are made from it at every start and change.
    """

    def __init__(
        self,
        *,
        schedules: Schedules,
        runs: Runs,
        workflows: Workflows,
        tidy: Tidy,
        clock: Clock,
    ) -> None:
        self._schedules = schedules
        self._runs = runs
        self._workflows = workflows
        self._tidy = tidy
        self._clock = clock
        self._timers = AsyncIOScheduler()
        #: The names of the Schedules' timers.
        self._set: Set[str] = frozenset()
        #: The last slot of each Schedule that this process has started; saves only work.
        self._fired: dict[int, date] = {}

    async def start(self) -> None:
        """Set the timers, for the Schedules and for the tidying."""
        daily = CronTrigger(hour=TIDY_AT.hour, minute=TIDY_AT.minute, timezone=UTC)
        self._timers.add_job(self._tidy_up, daily, coalesce=True, misfire_grace_time=3600)
        # Another process may make or remove a Schedule.
        self._timers.add_job(self.refresh, "interval", seconds=REFRESH_EVERY)
        self._timers.start()
        await self.refresh()
        # A bot that runs for an hour a day tidies up as well.
        await self._tidy_up()

    async def refresh(self) -> None:
        """Set the timers by the table, and make up for slots at which nothing could be started.

        A timer that is set stays, lest it be lost when it is due.
        """
        schedules = {f"schedule:{each.id}": each for each in await self._schedules.all()}
        # From here on without a pause, so that two refreshes cannot mix.
        for name in self._set - schedules.keys():
            self._timers.remove_job(name)
        for name in schedules.keys() - self._set:
            schedule = schedules[name]
            # Every day at its time; whether the day is one of its days, `last_slot` knows.
            trigger = CronTrigger(
                hour=schedule.hour, minute=schedule.minute, timezone=ZoneInfo(schedule.timezone)
            )
            self._timers.add_job(
                self._tick,
                trigger,
                args=[schedule.id],
                id=name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=3600,
            )
        self._set = schedules.keys()
        for schedule in schedules.values():
            await self._make_up(schedule)

    def stop(self) -> None:
        """Stop the timers."""
        self._timers.shutdown(wait=False)

    async def fire(self, schedule_id: int, day: date) -> None:
        """Start the Run of one slot; a slot that was started before is not started again."""
        schedule = await self._schedules.find(schedule_id)
        if schedule is None:
            return
        new = NewRun(
            workspace_id=schedule.workspace_id,
            connection_id=schedule.connection_id,
            audience=schedule.audience,
            requested_by=schedule.created_by,
            channel_id=schedule.channel_id,
            # The local date names the slot: a time that comes twice in a night when clocks go
            # back is still one slot.
            request_key=f"schedule:{schedule_id}:{day.isoformat()}",
            schedule_id=schedule_id,
        )
        run, _ = await self._runs.create(new, self._clock())
        await self._workflows.start_run(run)
        self._fired[schedule_id] = day

    async def _tidy_up(self) -> None:
        # The day begins at the hour of tidying, so that a start before it does not take its turn.
        at = timedelta(hours=TIDY_AT.hour, minutes=TIDY_AT.minute)
        await self._tidy.start((self._clock() - at).date())

    async def _tick(self, schedule_id: int) -> None:
        schedule = await self._schedules.find(schedule_id)
        if schedule is not None:
            await self._fire_last(schedule)

    async def _make_up(self, schedule: Schedule) -> None:
        try:
            await self._fire_last(schedule)
        except Exception as error:  # noqa: BLE001 - the other schedules go on, this one in a minute
            log.warning(
                "A schedule could not be started: %s",
                type(error).__name__,
                extra={"action": "schedule", "subject": schedule.id},
            )

    async def _fire_last(self, schedule: Schedule) -> None:
        """Fire the newest slot that is over: a timer may be late, and past midnight by then."""
        slot = last_slot(schedule, self._clock())
        if slot is None or self._clock() - slot >= CATCH_UP:
            return
        if self._fired.get(schedule.id) != slot.date():
            await self.fire(schedule.id, slot.date())


def falls_on(schedule: Schedule, day: date) -> bool:
    """Tell whether a local day is one of the Schedule's days."""
    if schedule.cadence is Cadence.WEEKLY:
        return day.weekday() == schedule.day
    return day.day == min(schedule.day, calendar.monthrange(day.year, day.month)[1])


def last_slot(schedule: Schedule, now: datetime) -> datetime | None:
    """Give the Schedule's newest slot that is over; None where it is younger than that."""
    zone = ZoneInfo(schedule.timezone)
    day = now.astimezone(zone).date()
    # A monthly slot is at most 31 days back, and today's may still be to come.
    for back in range(33):
        slot = datetime.combine(
            day - timedelta(days=back), time(schedule.hour, schedule.minute), zone
        )
        if falls_on(schedule, slot.date()) and slot <= now:
            return slot if slot > schedule.created_at else None
    return None
