"""Schedules: recurring Runs, each in its own time zone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import audiences, audit
from storage.database import Database
from storage.records import Audience, Schedule
from storage.states import Cadence, Deed
from storage.tables import ScheduleRow


@dataclass(frozen=True, slots=True)
class NewSchedule:
    """What a person asked to have verified again and again."""

    workspace_id: str
    connection_id: int
    audience: Audience
    cadence: Cadence
    day: int
    hour: int
    minute: int
    timezone: str
    channel_id: str
    created_by: str
    #: The same key makes the same Schedule, however often it is sent.
    request_key: str


class Schedules:
    """Remember what recurs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, new: NewSchedule, now: datetime) -> tuple[Schedule, bool]:
        """Make a Schedule, or find the one that the same request made; tell which."""
        row = ScheduleRow(
            workspace_id=new.workspace_id,
            connection_id=new.connection_id,
            request_key=new.request_key,
            audience=audiences.dump(new.audience),
            cadence=new.cadence,
            day=new.day,
            hour=new.hour,
            minute=new.minute,
            timezone=new.timezone,
            channel_id=new.channel_id,
            created_by=new.created_by,
            created_at=now,
        )
        try:
            async with self._database.writing() as session:
                session.add(row)
                await session.flush()
                _note(session, Deed.SCHEDULE_SAVED, row, new.created_by)
                return _record(row), True
        except IntegrityError:
            query = select(ScheduleRow).where(col(ScheduleRow.request_key) == new.request_key)
            async with self._database.reading() as session:
                return _record((await session.exec(query)).one()), False

    async def find(self, schedule_id: int) -> Schedule | None:
        """Look up a Schedule that was not removed."""
        async with self._database.reading() as session:
            row = await session.get(ScheduleRow, schedule_id)
            return _record(row) if row and row.removed_at is None else None

    async def all(self, workspace_id: str | None = None) -> tuple[Schedule, ...]:
        """List the Schedules of a workspace, or of all."""
        query = (
            select(ScheduleRow)
            .where(col(ScheduleRow.removed_at).is_(None))
            .order_by(col(ScheduleRow.id))
        )
        if workspace_id is not None:
            query = query.where(col(ScheduleRow.workspace_id) == workspace_id)
        async with self._database.reading() as session:
            return tuple(_record(row) for row in await session.exec(query))

    async def remove(self, schedule_id: int, workspace_id: str, by: str, now: datetime) -> bool:
        """Stop a Schedule for good; tell whether it was there."""
        async with self._database.writing() as session:
            result = await session.exec(
                update(ScheduleRow)
                .where(
                    col(ScheduleRow.id) == schedule_id,
                    col(ScheduleRow.workspace_id) == workspace_id,
                    col(ScheduleRow.removed_at).is_(None),
                )
                .values(removed_at=now)
            )
            if result.rowcount == 0:
                return False
            row = await session.get_one(ScheduleRow, schedule_id)
            _note(session, Deed.SCHEDULE_REMOVED, row, by)
            return True


def _note(session: AsyncSession, deed: Deed, row: ScheduleRow, by: str) -> None:
    details = {"schedule": row.id, "connection": row.connection_id}
    audit.note(session, deed, workspace_id=row.workspace_id, by=by, details=details)


def _record(row: ScheduleRow) -> Schedule:
    assert row.id is not None
    return Schedule(
        id=row.id,
        workspace_id=row.workspace_id,
        connection_id=row.connection_id,
        audience=audiences.load(row.audience),
        cadence=Cadence(row.cadence),
        day=row.day,
        hour=row.hour,
        minute=row.minute,
        timezone=row.timezone,
        channel_id=row.channel_id,
        created_by=row.created_by,
        created_at=row.created_at,
    )
