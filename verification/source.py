"""Reads addresses out of a file or standard input: one a line, or one column of a CSV file."""

import csv
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from verification.errors import ConfigurationError
from verification.syntax import trimmed

#: The characters in one field of a CSV file; a quote that is not closed goes on up to here.
_LONGEST_FIELD = 1_000_000


def open_source(file: str) -> TextIO:
    """Open a file, or standard input for "-"; bytes that are no UTF-8 come through as surrogates.

    Raises:
        OSError: The file cannot be opened.
    """
    if file == "-":
        return io.TextIOWrapper(
            _standard_input(), encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
    return Path(file).open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _standard_input() -> io.BufferedReader:
    """Open standard input anew: its own buffer, held by a reading thread, hinders Python's end."""
    try:
        descriptor = os.dup(sys.stdin.fileno())
    except (OSError, ValueError):  # replaced by something that is no file
        return sys.stdin.buffer  # type: ignore[return-value]
    return os.fdopen(descriptor, "rb")


def count_lines(file: str) -> int | None:
    """Count the lines of a file; None where that would use its contents up."""
    if not Path(file).is_file():
        return None
    with Path(file).open("rb") as source:
        return sum(1 for _ in source)


def read_addresses(source: TextIO, column: str | None) -> Iterator[str]:
    """Read one address a line, or one column of a CSV file; empty ones are left out.

    Closes the source at the end, or when it is read no further.

    Raises:
        ConfigurationError: It is not a text of addresses; the message names the line.
    """
    with source:
        lines = _lines(source)
        values = lines if column is None else _column(lines, column)
        for value in values:
            text = _legible(value.rstrip("\r\n"))
            if trimmed(text).strip():
                yield text


def _legible(text: str) -> str:
    """Read bytes that are no UTF-8 as Latin-1: nobody is to be called invalid for an encoding."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("latin-1")
    return text


def _lines(source: TextIO) -> Iterator[str]:
    """Read line by line, with their ends."""
    for number, line in enumerate(source, start=1):
        if "\0" in line:
            raise ConfigurationError(
                f"Line {number} holds a NUL byte, so this is no text in UTF-8. "
                "If it is UTF-16, as some spreadsheets write it, save it as UTF-8."
            )
        yield line


def _column(lines: Iterator[str], column: str) -> Iterator[str]:
    rows = _rows(lines)
    header = next(rows, [])
    if column not in header:
        raise ConfigurationError(f"The file has no column {column!r}.")
    place = header.index(column)
    return (row[place] for row in rows if len(row) > place)


def _rows(lines: Iterator[str]) -> Iterator[list[str]]:
    """Read rows strictly: a quote in the wrong place could hide any number of people."""
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(lines, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise ConfigurationError(
                f"What begins in line {first} cannot be read as CSV: {problem}. "
                "Is a quote missing there, or one too many?"
            ) from problem
        yield row
