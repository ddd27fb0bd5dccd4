"""What the tables are made of, on either kind of database: kinds of columns, and the names."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Index, LargeBinary, false, func, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

#: Constraint names are fixed, so that a later migration can name what it changes.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = SQLModel.metadata


class UtcTime(TypeDecorator[datetime]):
    """A UTC-aware datetime, on databases that keep the zone and on those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's naive answer its zone back, and PostgreSQL's its plain name."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


# SQLModel types `sa_type` as a class, and takes an instance as well.
TIME: Any = UtcTime()
BIG: Any = BigInteger()
BYTES: Any = LargeBinary()
JSON_VALUE: Any = JSON()

#: What a row has that is older than the column.
EMPTY = {"server_default": "{}"}
NO = {"server_default": false()}
ZERO = {"server_default": "0"}
NOBODY = {"server_default": "-1"}
#: What a row has that says nothing of its time.
NOW = {"server_default": func.now(), "nullable": False}

#: A message that outlives its row must not come to name another one, as SQLite would have it.
NEVER_THE_SAME_ID = {"sqlite_autoincrement": True}


def partial_index(name: str, *columns: str, where: str) -> Index:
    """Index the rows that a condition holds for, on either kind of database."""
    condition = text(where)
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)
