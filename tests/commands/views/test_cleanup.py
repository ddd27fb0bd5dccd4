"""The message of a Cleanup says, in each state, who decided, what happened and what is left."""

from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from commands.views.cleanup import cleanup_message
from storage.records import CleanupReport
from storage.states import CleanupState, StopReason, UnsubscribeState
from tests.commands.views.judging import buttons, elements, judge_message, words
from tests.commands.views.samples import (
    ALL_CONFIRMED,
    DROPPED,
    FINISHED,
    NOW,
    approved,
    cleanup_report,
)
from verification import Category

PROVING = approved(
    CleanupState.PROVING,
    requested_at=NOW,
    by_state={UnsubscribeState.CONFIRMED: 150, UnsubscribeState.REQUESTED: 10},
    next_proof_at=NOW + timedelta(minutes=10),
)
STATES = [
    pytest.param(cleanup_report(CleanupState.PREPARING, subscribers=0), id="preparing"),
    pytest.param(cleanup_report(), id="awaiting"),
    pytest.param(
        cleanup_report(subscribers=400, by_category={Category.INVALID: 400}),
        id="awaiting-large-share",
    ),
    pytest.param(approved(CleanupState.UNSUBSCRIBING), id="unsubscribing"),
    pytest.param(PROVING, id="proving"),
    *(
        pytest.param(
            approved(CleanupState.STOPPED, stop_reason=reason, stopped_by="U0CLEO"),
            id=f"stopped-{reason}",
        )
        for reason in StopReason
    ),
    pytest.param(FINISHED, id="finished"),
    pytest.param(ALL_CONFIRMED, id="finished-all-confirmed"),
    pytest.param(DROPPED, id="finished-dropped"),
    pytest.param(approved(CleanupState.REJECTED, by_state={}), id="rejected"),
    pytest.param(cleanup_report(CleanupState.EXPIRED), id="expired"),
    pytest.param(cleanup_report(CleanupState.EMPTY, subscribers=0), id="empty"),
]


@pytest.mark.parametrize("report", STATES)
def test_every_state_is_drawn(report: CleanupReport, as_json: SnapshotAssertion) -> None:
    message = cleanup_message(report, now=NOW)
    judge_message(message)
    assert {"text": message.text, "blocks": list(message.blocks)} == as_json


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        pytest.param(cleanup_report(CleanupState.PREPARING), [], id="preparing"),
        pytest.param(cleanup_report(), ["cleanup_approve", "cleanup_reject"], id="awaiting"),
        pytest.param(approved(CleanupState.UNSUBSCRIBING), ["cleanup_stop"], id="unsubscribing"),
        pytest.param(PROVING, ["cleanup_stop"], id="proving"),
        pytest.param(
            approved(CleanupState.STOPPED, stop_reason=StopReason.BY_PERSON),
            ["cleanup_resume", "cleanup_drop"],
            id="stopped",
        ),
        pytest.param(
            approved(CleanupState.STOPPED, stop_reason=StopReason.CREDENTIAL),
            ["connection_replace", "cleanup_resume", "cleanup_drop"],
            id="stopped-credential",
        ),
        pytest.param(
            approved(CleanupState.STOPPED, stop_reason=StopReason.LIST_CHANGED),
            ["cleanup_drop"],
            id="stopped-list-changed",
        ),
        pytest.param(FINISHED, ["cleanup_csv"], id="finished"),
        pytest.param(approved(CleanupState.REJECTED), [], id="rejected"),
        pytest.param(cleanup_report(CleanupState.EXPIRED), [], id="expired"),
        pytest.param(cleanup_report(CleanupState.EMPTY), [], id="empty"),
    ],
)
def test_each_state_offers_its_own_buttons(report: CleanupReport, expected: list[str]) -> None:
    assert list(buttons(cleanup_message(report, now=NOW))) == expected


def test_no_state_offers_a_delete_button() -> None:
    for case in STATES:
        (report,) = case.values
        assert isinstance(report, CleanupReport)
        message = cleanup_message(report, now=NOW)
        assert not any("delete" in action for action in buttons(message))


def test_the_proof_says_when_it_reads_again() -> None:
    assert "10 subscribers to be read again <!date^" in cleanup_message(PROVING, now=NOW).text
    late = cleanup_message(PROVING, now=NOW + timedelta(minutes=11))
    assert "to be read again now" in late.text


@pytest.mark.parametrize(
    "state",
    [CleanupState.REJECTED, CleanupState.EXPIRED, CleanupState.EMPTY],
)
def test_an_end_without_approval_says_that_nobody_was_unsubscribed(state: CleanupState) -> None:
    drawn = words(cleanup_message(approved(state, by_state={}), now=NOW))
    assert "obody was unsubscribed" in drawn or "None of the 160 subscribers" in drawn


def test_an_empty_cleanup_says_why() -> None:
    report = cleanup_report(CleanupState.EMPTY, note="The run is too old")
    assert "The run is too old." in words(cleanup_message(report, now=NOW))


def test_a_list_that_could_not_be_prepared_is_not_called_empty() -> None:
    report = cleanup_report(CleanupState.EMPTY, note="Something went wrong (reference a1b2)")
    message = cleanup_message(report, now=NOW)
    judge_message(message)
    drawn = words(message)
    assert "The list could not be prepared, and nobody was unsubscribed." in drawn
    assert "Something went wrong (reference a1b2)." in drawn
    assert "Nothing to clean up" not in drawn
    assert "Kept by the plan" not in drawn


def test_stopping_while_unsubscribes_are_read_back_promises_no_more_than_that() -> None:
    (stop,) = elements(cleanup_message(PROVING, now=NOW))
    asked = stop["confirm"]["text"]["text"]
    assert "Every call is made" in asked
    assert "Nobody else is unsubscribed" not in asked


def test_a_cleanup_stopped_after_its_last_call_goes_on_with_reading_back() -> None:
    report = approved(
        CleanupState.STOPPED,
        stop_reason=StopReason.BY_PERSON,
        stopped_by="U0CLEO",
        requested_at=NOW,
        by_state={UnsubscribeState.CONFIRMED: 150, UnsubscribeState.REQUESTED: 10},
    )
    message = cleanup_message(report, now=NOW)
    judge_message(message)
    asked = {each["action_id"]: each["confirm"]["text"]["text"] for each in elements(message)}
    assert "nobody else is unsubscribed" in asked["cleanup_resume"]
    assert "not read back yet" in asked["cleanup_drop"]
    assert "not tried yet" not in words(message)
