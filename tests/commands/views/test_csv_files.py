"""The CSV files open safely in a spreadsheet, and channels see no whole address."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given

from commands.views.csv_files import (
    CLEANUP_COLUMNS,
    RESULT_COLUMNS,
    cleanup_row,
    csv_bytes,
    csv_start,
    mask,
    result_row,
)
from storage.run_subscribers import VerifiedSubscriber
from storage.states import UnsubscribeState
from storage.unsubscribes import Unsubscribe
from tests.commands.views import strategies as any_
from tests.commands.views.samples import NOW
from verification import Category, Evidence, Reason, Verdict

VERDICT = Verdict(
    address="jo.doe@exmaple.com",
    reason=Reason.NO_SUCH_DOMAIN,
    evidence=Evidence(),
    role=False,
    free_provider=True,
    suggestion="jo.doe@example.com",
    decided_at=NOW,
)
SUBSCRIBER = VerifiedSubscriber(981, "jo.doe@exmaple.com", VERDICT)
UNSUBSCRIBE = Unsubscribe(
    subscriber_id=981,
    address="jo.doe@example.com",
    category=Category.INVALID,
    state=UnsubscribeState.CONFIRMED,
    note=None,
    tried_at=NOW,
    requested_at=NOW,
    proven_at=None,
)


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        pytest.param("jo.doe@example.com", "j***@example.com", id="usual"),
        pytest.param("j@example.com", "j***@example.com", id="one-letter"),
        pytest.param('"odd @ one"@example.com', '"***@example.com', id="quoted"),
        pytest.param("@example.com", "***@example.com", id="no-local-part"),
        pytest.param("jo@", "j***@", id="no-domain"),
        pytest.param("not an address", "n***", id="no-at"),
        pytest.param("", "***", id="empty"),
        pytest.param("été@exemple.fr", "é***@exemple.fr", id="unicode"),
        pytest.param(" jo@example.com ", "j***@example.com", id="spaces"),
    ],
)
def test_a_masked_address_hides_who_it_is(address: str, masked: str) -> None:
    assert mask(address) == masked


@given(any_.texts)
def test_any_text_can_be_masked(text: str) -> None:
    domain = text.strip().rpartition("@")[2] if "@" in text else ""
    shown = mask(text).removesuffix(domain)
    assert len(shown) <= len("j***@")


def test_a_result_has_a_cell_for_each_column() -> None:
    assert dict(zip(RESULT_COLUMNS, result_row(SUBSCRIBER, masked=False), strict=True)) == {
        "subscriber_id": "981",
        "address": "jo.doe@exmaple.com",
        "category": "Invalid",
        "reason": Reason.NO_SUCH_DOMAIN.sentence,
        "role": "no",
        "free_provider": "yes",
        "suggestion": "jo.doe@example.com",
        "checked_at": "2026-03-04T09:30:00Z",
        "link": "https://app.kit.com/subscribers/981",
    }


def test_a_subscriber_without_a_verdict_is_unknown() -> None:
    row = result_row(replace(SUBSCRIBER, verdict=None), masked=False)
    assert dict(zip(RESULT_COLUMNS, row, strict=True))["category"] == "Unknown"


def test_a_masked_file_holds_no_whole_address() -> None:
    cells = result_row(SUBSCRIBER, masked=True) + cleanup_row(UNSUBSCRIBE, masked=True)
    assert not any("jo.doe" in cell for cell in cells)


def test_a_cleanup_has_a_cell_for_each_column() -> None:
    row = dict(zip(CLEANUP_COLUMNS, cleanup_row(UNSUBSCRIBE, masked=False), strict=True))
    assert row["state"] == "Confirmed unsubscribed"
    assert row["changed_at"] == "2026-03-04T09:30:00Z"
    assert row["link"] == "https://app.kit.com/subscribers/981"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_runs_no_cell(start: str) -> None:
    address = f"{start}cmd|' /C calc'!A0@example.com"
    row = result_row(VerifiedSubscriber(1, address, None), masked=False)
    assert row[1] == f"'{address}"


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_masking_makes_no_formula_either(start: str) -> None:
    row = result_row(VerifiedSubscriber(1, f"{start}x@example.com", None), masked=True)
    assert row[1].startswith("'")


@given(any_.texts)
def test_any_cell_survives_the_file(text: str) -> None:
    row = cleanup_row(replace(UNSUBSCRIBE, address=text, note=text), masked=False)
    file = csv_start(CLEANUP_COLUMNS) + csv_bytes([row])
    read = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))
    assert read == [list(CLEANUP_COLUMNS), list(row)]


def test_a_file_begins_with_the_mark_that_spreadsheets_look_for() -> None:
    assert csv_start(RESULT_COLUMNS).startswith(b"\xef\xbb\xbfsubscriber_id,address")
