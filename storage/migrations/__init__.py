"""Schema changes, run at every start by alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, select, text

from storage.database import Database
from storage.faults import explained

#: Any number that other programs on the same server are unlikely to use.
ADVISORY_LOCK = 712_005


async def migrate(database: Database) -> None:
    """Bring the schema to the newest revision; nothing happens where it is there already.

    Of several processes that start together, one does it and the others wait for it.

    Raises:
        DatabaseFault: The database cannot be used just now.
    """
    with explained():
        async with database.engine.connect() as connection:
            if not database.is_sqlite:
                # However long it takes: what another process does to a large table is no fault.
                await connection.execute(text("SET LOCAL lock_timeout = 0"))
                # PostgreSQL gives it back at the end of the transaction that the upgrade is in.
                await connection.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))
            await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    # configparser reads % as interpolation, and a folder may be called anything.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
