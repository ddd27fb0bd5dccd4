"""Schema changes, run at every start by alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from storage.database import Database


async def migrate(database: Database) -> None:
    """Bring the schema to the newest revision; nothing happens where it is there already."""
    async with database.engine.connect() as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    # configparser reads % as interpolation, and a folder may be called anything.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
