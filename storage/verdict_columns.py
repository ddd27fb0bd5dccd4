"""The columns of a Verdict: how one is written into a row, and read back."""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from storage.tables import RunSubscriberRow
from verification import Category, Evidence, Reason, Verdict

#: The columns that a Verdict fills.
NAMES = (
    "category",
    "reason",
    "evidence",
    "role",
    "free_provider",
    "suggestion",
    "decided_at",
    "retry_at",
)

_EVIDENCE = tuple(each.name for each in fields(Evidence))
#: Reason's members know their category and sentence, so the type cannot be called with a value.
_REASONS = {each.value: each for each in Reason}


def filled(verdict: Verdict, wait: timedelta | None, now: datetime) -> dict[str, Any]:
    """Write a Verdict; one that another look may change is looked at after `wait`.

    `charged` tells whether it costs a credit: an Unknown is free.
    """
    again = verdict.retry_after is not None
    retry_at = now + wait if again and wait else None
    return {
        "category": verdict.category,
        "reason": verdict.reason,
        # Not asdict(), which copies, and takes ten times as long.
        "evidence": {name: getattr(verdict.evidence, name) for name in _EVIDENCE},
        "role": verdict.role,
        "free_provider": verdict.free_provider,
        "suggestion": verdict.suggestion,
        "decided_at": verdict.decided_at,
        "retry_at": retry_at,
        "charged": retry_at is None and verdict.category is not Category.UNKNOWN,
    }


def read(row: RunSubscriberRow | Row[*tuple[Any, ...]]) -> Verdict | None:
    """Read a row's Verdict, or the same columns without the row; None where there is none yet."""
    if row.reason is None or row.decided_at is None:
        return None
    return Verdict(
        address=row.address,
        reason=reason(row.reason),
        evidence=Evidence(**(row.evidence or {})),
        role=row.role,
        free_provider=row.free_provider,
        suggestion=row.suggestion,
        decided_at=row.decided_at,
        retry_after=None,
    )


def reason(value: str) -> Reason:
    """Read a reason."""
    return _REASONS[value]
