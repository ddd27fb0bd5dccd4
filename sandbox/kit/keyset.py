"""Cuts pages out of an ordered list by key, as ConvertKit's V4 cursors do; pure.

A key marks a place, not a row number: rows that leave the list do not shift the pages after them.
"""

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Place:
    """Say where a page lies: after a key, before a key, or at the start."""

    size: int
    after: Any = None
    before: Any = None
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Window(Generic[Row]):
    """Hold the rows of one page and whether there are rows on either side."""

    rows: list[Row]
    has_previous: bool
    has_next: bool


def window(
    rows: Sequence[Row],
    key: Callable[[Row], Any],
    keep: Callable[[Row], bool],
    place: Place,
) -> Window[Row]:
    """Return the page at `place` of the kept rows; `rows` must rise by `key`."""
    backwards = place.before is not None
    cursor = place.before if backwards else place.after
    # Reading towards lower keys is reading down; going back through a falling list reads up.
    down = place.descending != backwards
    start, behind = _edges(rows, key, cursor, down=down)
    found = list(islice(_kept(rows, keep, start, down=down), place.size + 1))
    more = len(found) > place.size
    page = found[: place.size]
    passed = cursor is not None and any(True for _ in _kept(rows, keep, behind, down=not down))
    if backwards:
        return Window(page[::-1], has_previous=more, has_next=passed)
    return Window(page, has_previous=passed, has_next=more)


def _edges(
    rows: Sequence[Row], key: Callable[[Row], Any], cursor: Any, *, down: bool
) -> tuple[int, int]:
    """Return the index to read from, and the index from which to look back."""
    if cursor is None:
        start = len(rows) - 1 if down else 0
        return start, start
    low, high = bisect_left(rows, cursor, key=key), bisect_right(rows, cursor, key=key)
    return (low - 1, low) if down else (high, high - 1)


def _kept(
    rows: Sequence[Row], keep: Callable[[Row], bool], start: int, *, down: bool
) -> Iterator[Row]:
    indexes = range(start, -1, -1) if down else range(start, len(rows))
    return (rows[index] for index in indexes if keep(rows[index]))


def encode(key: Any) -> str:
    """Return the cursor for a key: base64 of a JSON list, or of a bare time."""
    text = key if isinstance(key, str) else json.dumps(key, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def decode(cursor: str) -> Any:
    """Return what a cursor holds: a list, or a string.

    Raises:
        ValueError: it is no cursor.
    """
    try:
        text = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("not a cursor") from error
    return json.loads(text) if text.startswith("[") else text
