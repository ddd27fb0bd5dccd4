"""Writes verdicts as JSON lines or CSV, and counts them for the closing table."""

import csv
import json
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TextIO

from verification.verdicts import Category, Reason, Verdict

COLUMNS = (
    "address",
    "category",
    "reason",
    "sentence",
    "role",
    "free_provider",
    "suggestion",
    "mail_host",
    "reply",
    "made_up_reply",
    "rule",
    "decided_at",
    "retry_after",
)


class Format(StrEnum):
    """How verdicts are written."""

    #: One JSON object a line.
    JSON = "json"
    #: A header and one row for each verdict.
    CSV = "csv"


class VerdictWriter(Protocol):
    """Writes one verdict after the other."""

    def write(self, verdict: Verdict) -> None:
        """Write one verdict."""
        ...


def as_record(verdict: Verdict) -> dict[str, str | bool | float | None]:
    """Give a verdict as flat values; ``retry_after`` is in seconds."""
    wait = verdict.retry_after
    values = (
        verdict.address,
        verdict.category.label,
        verdict.reason.value,
        verdict.reason.sentence,
        verdict.role,
        verdict.free_provider,
        verdict.suggestion,
        verdict.evidence.mail_host,
        verdict.evidence.reply,
        verdict.evidence.made_up_reply,
        verdict.evidence.rule,
        verdict.decided_at.isoformat(),
        None if wait is None else wait.total_seconds(),
    )
    return dict(zip(COLUMNS, values, strict=True))


class JsonWriter:
    """Writes JSON lines."""

    def __init__(self, target: TextIO) -> None:
        """Write to an open text file."""
        self._target = target

    def write(self, verdict: Verdict) -> None:
        """Write one line."""
        self._target.write(json.dumps(as_record(verdict), ensure_ascii=False) + "\n")


class CsvWriter:
    """Writes CSV that a spreadsheet can open without running anything."""

    def __init__(self, target: TextIO) -> None:
        """Write the header to an open text file."""
        self._rows = csv.DictWriter(target, COLUMNS)
        self._rows.writeheader()

    def write(self, verdict: Verdict) -> None:
        """Write one row; text that a spreadsheet would take for a formula is quoted."""
        self._rows.writerow({name: _inert(value) for name, value in as_record(verdict).items()})


def _inert(value: str | bool | float | None) -> str | bool | float | None:
    # https://owasp.org/www-community/attacks/CSV_Injection
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


@dataclass(slots=True)
class Tally:
    """Counts verdicts by category and reason."""

    reasons: Counter[Reason] = field(default_factory=Counter)

    def count(self, verdict: Verdict) -> None:
        """Count one verdict."""
        self.reasons[verdict.reason] += 1

    @property
    def total(self) -> int:
        """Give the number of verdicts."""
        return self.reasons.total()

    def lines(self) -> list[str]:
        """Write the closing table: categories with their shares, each with its reasons."""
        lines = []
        for category in Category:
            reasons = {
                reason: n for reason, n in self.reasons.items() if reason.category is category
            }
            count = sum(reasons.values())
            share = count / self.total if self.total else 0.0
            lines.append(f"{category.label:<12}{count:>10,}{share:>8.1%}")
            lines.extend(
                f"  {reason.value:<24}{n:>10,}"
                for reason, n in sorted(reasons.items(), key=lambda pair: -pair[1])
            )
        lines.append(f"{'Total':<12}{self.total:>10,}")
        return lines
