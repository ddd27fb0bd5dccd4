"""What ``check`` reads, and the sentences about what cannot be read."""

import io
import os
from pathlib import Path

import pytest

from verification import ConfigurationError
from verification.source import count_lines, open_source, read_addresses


def read(text: str, column: str | None = None) -> list[str]:
    """Read a text as if it were a file."""
    return list(read_addresses(io.StringIO(text, newline=""), column))


def test_lines_are_read_without_their_ends_and_without_empty_ones() -> None:
    assert read("ann@x.org\r\n\n \u200b\u00a0\nbob@x.org") == ["ann@x.org", "bob@x.org"]


def test_a_column_is_read_across_line_breaks_in_others() -> None:
    assert read('name,email\n"Lee\nAnn",ann@x.org\nBob\n,\n', "email") == ["ann@x.org"]


def test_a_field_may_be_longer_than_the_csv_module_thinks() -> None:
    assert read(f"email\n{'a' * 200_000}\nann@x.org\n", "email")[1] == "ann@x.org"


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        pytest.param("name\nann\n", "email", "no column 'email'", id="no-column"),
        pytest.param("", "email", "no column 'email'", id="empty"),
        pytest.param('email\n"a\nb",\n"ann,\nbob\n', "email", "begins in line 4", id="unclosed"),
        pytest.param('email\n"ann" lee,x\n', "email", "begins in line 2", id="stray-quote"),
        pytest.param(f'email\n"{"a" * 2_000_000}', "email", "begins in line 2", id="too-long"),
        pytest.param("ann@x.org\nb\0b@x.org\n", None, "Line 2 holds a NUL", id="nul"),
        pytest.param("email\nb\0b@x.org\n", "email", "Line 2 holds a NUL", id="nul-in-csv"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(
    text: str, column: str | None, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read(text, column)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_refused_and_make_nobody_invalid(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "people"
    file.write_text("ann@x.org\nbob@x.org\n", encoding=encoding)
    with pytest.raises(ConfigurationError, match="UTF-8"):
        list(read_addresses(open_source(str(file)), None))


def test_only_a_regular_file_is_counted(tmp_path: Path) -> None:
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    file.write_text("ann\nbob\n")
    os.mkfifo(pipe)
    assert count_lines(str(file)) == 2
    assert count_lines(str(pipe)) is None
    assert count_lines("-") is None


@pytest.mark.parametrize("column", [None, "email"])
def test_an_address_in_latin_1_is_read_as_such(tmp_path: Path, column: str | None) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes("email\nmüller@reader.example\n".encode("latin-1"))
    found = list(read_addresses(open_source(str(file)), column))
    assert found[-1] == "müller@reader.example"


def test_another_column_may_be_in_any_encoding(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes("name,email\nMüller,ann@reader.example\n".encode("latin-1"))
    assert list(read_addresses(open_source(str(file)), "email")) == ["ann@reader.example"]
