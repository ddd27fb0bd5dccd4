"""The rows of the CSV files: safe to open in a spreadsheet, masked where a channel sees them."""

import codecs
import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeAlias

from commands.views.wording import OUTCOMES
from convertkit import subscriber_url
from storage.run_subscribers import VerifiedSubscriber
from storage.unsubscribes import Unsubscribe
from verification import Category

#: One line of a file, cell by cell.
Row: TypeAlias = tuple[str, ...]

RESULT_COLUMNS = (
    "subscriber_id",
    "address",
    "category",
    "reason",
    "role",
    "free_provider",
    "suggestion",
    "checked_at",
    "link",
)
CLEANUP_COLUMNS = (
    "subscriber_id",
    "address",
    "category",
    "state",
    "note",
    "changed_at",
    "link",
)

#: A spreadsheet runs a cell that begins with one of these (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
#: What the reason says where a dropped Run left a subscriber without a verdict.
_NO_VERDICT = "Not verified, because the run was dropped."


def result_row(subscriber: VerifiedSubscriber, *, masked: bool) -> Row:
    """Draw one subscriber of a Run, in RESULT_COLUMNS."""
    verdict = subscriber.verdict
    link = subscriber_url(subscriber.subscriber_id)
    address = _address(subscriber.address, masked=masked)
    if verdict is None:
        unknown = (Category.UNKNOWN.label, _NO_VERDICT, "", "", "", "")
        return _row(str(subscriber.subscriber_id), address, *unknown, link)
    return _row(
        str(subscriber.subscriber_id),
        address,
        verdict.category.label,
        verdict.reason.sentence,
        _yes(verdict.role),
        _yes(verdict.free_provider),
        _address(verdict.suggestion or "", masked=masked),
        _time(verdict.decided_at),
        link,
    )


def cleanup_row(unsubscribe: Unsubscribe, *, masked: bool) -> Row:
    """Draw one subscriber of a Cleanup, in CLEANUP_COLUMNS."""
    changed_at = unsubscribe.proven_at or unsubscribe.requested_at or unsubscribe.tried_at
    return _row(
        str(unsubscribe.subscriber_id),
        _address(unsubscribe.address, masked=masked),
        unsubscribe.category.label,
        OUTCOMES[unsubscribe.state],
        unsubscribe.note or "",
        _time(changed_at),
        subscriber_url(unsubscribe.subscriber_id),
    )


def csv_start(columns: Row) -> bytes:
    """Begin a file: the mark that tells spreadsheets that it is UTF-8, and the header line."""
    return codecs.BOM_UTF8 + csv_bytes([columns])


def csv_bytes(rows: Iterable[Row]) -> bytes:
    """Write rows as lines of a file (RFC 4180), a few hundred at a time, to append to its start."""
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode(errors="replace")


def mask(address: str) -> str:
    """Hide whose address it is, and keep its domain: j***@example.com. Works on any text."""
    local, at, domain = address.strip().rpartition("@")
    if not at:
        return f"{address.strip()[:1]}***"
    return f"{local[:1]}***@{domain}"


def _address(address: str, *, masked: bool) -> str:
    return mask(address) if masked and address else address


def _row(*cells: str) -> Row:
    return tuple(f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in cells)


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _time(when: datetime | None) -> str:
    """Write a time in ISO 8601, UTC, to the second."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if when else ""
