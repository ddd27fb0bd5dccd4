"""Roles: what a process does, and under which name it works."""

import contextlib
import uuid
from collections.abc import AsyncIterator
from enum import StrEnum

from bot.background import in_background
from bot.lock import only_one
from bot.settings import Settings
from jobs.engine import Engine
from jobs.takeover import take_over
from storage.presence import Presence


class Role(StrEnum):
    """What a process does."""

    #: Everything, which is all that a small team needs.
    ALL = "all"
    #: Listens to Slack and starts jobs.
    SLACK = "slack"
    #: Works on jobs.
    WORKER = "worker"

    @property
    def listens(self) -> bool:
        """Tell whether it takes commands and clicks."""
        return self is not Role.WORKER

    @property
    def works(self) -> bool:
        """Tell whether it runs jobs."""
        return self is not Role.SLACK


class NeedsPostgres(Exception):
    """Several processes need a database that they can share."""


@contextlib.asynccontextmanager
async def engine_of(settings: Settings, role: Role) -> AsyncIterator[Engine]:
    """Make the engine of this process, which is alone on SQLite and one of several on PostgreSQL.

    Raises:
        AlreadyRunning: On SQLite, another process works with the same data folder.
        NeedsPostgres: Only one process can work on SQLite, so it has to do everything.
    """
    if not settings.on_postgres:
        if role is not Role.ALL:
            raise NeedsPostgres(
                f"--role {role} shares the work with other processes, which needs PostgreSQL: set "
                "DATABASE_URL=postgresql+psycopg://... Nothing was started. On SQLite one process "
                "does everything: leave --role out."
            )
        with only_one(settings.data_dir):
            # Always the same name, so that it finds what it left undone.
            yield Engine(settings.engine_database, executor_id="bot")
        return
    name, grace = uuid.uuid4().hex, settings.takeover_seconds
    presence = Presence(settings.database, patience=grace)
    # Before the engine is launched, so that nobody takes it for dead.
    async with presence.held(name):
        engine = Engine(settings.engine_database, executor_id=name, works=role.works)
        if not role.works:
            yield engine
            return
        async with in_background(take_over(engine, presence, grace=grace)):
            yield engine
