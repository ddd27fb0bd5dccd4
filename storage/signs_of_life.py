"""Signs of life: whether somebody was told that a job does not move, and it has not moved since.

A standstill is told once, by whichever process sees it first; it ends with the next sign of life,
which is later than the moment of telling. So nobody has to take anything back.
"""

from sqlalchemy import ColumnElement
from sqlmodel import col

from storage.tables import CleanupRow, RunRow


def missing(row: RunRow | CleanupRow) -> bool:
    """Tell whether a row has not moved since somebody was told so."""
    if row.stuck_told_at is None:
        return False
    return row.active_at is None or row.active_at <= row.stuck_told_at


def are_missing(table: type[RunRow] | type[CleanupRow]) -> ColumnElement[bool]:
    """Give the condition that `missing` is, for a query."""
    told, active = col(table.stuck_told_at), col(table.active_at)
    return told.is_not(None) & (active.is_(None) | (active <= told))
