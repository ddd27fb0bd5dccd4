"""The status shows what goes on, with the button that fits."""

from datetime import timedelta
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from commands.views.status import status_message
from storage.states import CleanupState, RunState, StopReason
from tests.commands.views.judging import elements, judge_message, words
from tests.commands.views.samples import (
    NOW,
    SCHEDULE,
    approved,
    cleanup_report,
    run_report,
    stopped_run,
    verifying,
)


def test_the_status_is_drawn(as_json: SnapshotAssertion) -> None:
    message = status_message(
        [verifying(), stopped_run(StopReason.BY_PERSON), run_report()],
        [approved(CleanupState.UNSUBSCRIBING), cleanup_report()],
        [SCHEDULE],
        now=NOW,
    )
    judge_message(message)
    assert {"text": message.text, "blocks": list(message.blocks)} == as_json


def test_nothing_going_on_says_what_to_do() -> None:
    message = status_message([], [], [], now=NOW)
    assert "Use `/verify` to verify a list." in message.text


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        pytest.param(RunState.VERIFYING, None, ["run_stop"], id="verifying"),
        pytest.param(RunState.STOPPED, StopReason.BY_PERSON, ["run_resume"], id="stopped"),
        pytest.param(
            RunState.STOPPED, StopReason.CREDENTIAL, ["connection_replace"], id="credential"
        ),
        pytest.param(RunState.QUOTED, None, [], id="quoted"),
        pytest.param(RunState.FETCHING, None, ["run_cancel"], id="fetching"),
    ],
)
def test_a_run_has_the_button_of_its_state(
    state: RunState, reason: StopReason | None, expected: list[str]
) -> None:
    message = status_message([verifying(state=state, stop_reason=reason)], [], [], now=NOW)
    assert [element["action_id"] for element in elements(message)] == expected


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        pytest.param(CleanupState.UNSUBSCRIBING, None, ["cleanup_stop"], id="unsubscribing"),
        pytest.param(CleanupState.PROVING, None, ["cleanup_stop"], id="proving"),
        pytest.param(CleanupState.STOPPED, StopReason.BY_PERSON, ["cleanup_resume"], id="stopped"),
        pytest.param(
            CleanupState.STOPPED, StopReason.CREDENTIAL, ["connection_replace"], id="credential"
        ),
        pytest.param(
            CleanupState.STOPPED, StopReason.LIST_CHANGED, ["cleanup_drop"], id="list-changed"
        ),
        pytest.param(CleanupState.AWAITING_APPROVAL, None, [], id="awaiting"),
    ],
)
def test_a_cleanup_has_the_button_of_its_state(
    state: CleanupState, reason: StopReason | None, expected: list[str]
) -> None:
    message = status_message([], [approved(state, stop_reason=reason)], [], now=NOW)
    assert [element["action_id"] for element in elements(message)] == expected


@pytest.mark.parametrize("state", RunState)
def test_every_state_of_a_run_has_words(state: RunState) -> None:
    judge_message(status_message([verifying(state=state)], [], [], now=NOW))


@pytest.mark.parametrize("state", CleanupState)
def test_every_state_of_a_cleanup_has_words(state: CleanupState) -> None:
    judge_message(status_message([], [approved(state)], [], now=NOW))


STILL: dict[str, Any] = {"is_stuck": True, "active_at": NOW - timedelta(minutes=20)}


def test_stuck_and_waiting_jobs_are_drawn(as_json: SnapshotAssertion) -> None:
    later = NOW + timedelta(minutes=5)
    message = status_message(
        [
            verifying(active_at=NOW),
            run_report(RunState.FETCHING, active_at=later),
            verifying(**STILL),
            run_report(RunState.FETCHING, **STILL),
        ],
        [
            approved(CleanupState.PROVING, active_at=later),
            approved(CleanupState.UNSUBSCRIBING, **STILL),
            approved(CleanupState.PREPARING, **STILL),
        ],
        [],
        now=NOW,
    )
    judge_message(message)
    assert {"text": message.text, "blocks": list(message.blocks)} == as_json


def test_more_than_fit_are_counted() -> None:
    message = status_message([verifying()] * 12, [], [], now=NOW)
    assert "And 4 more." in words(message)


def test_as_many_as_are_shown_fit_even_when_all_are_stuck() -> None:
    cleanups = [approved(CleanupState.UNSUBSCRIBING, **STILL)] * 99
    judge_message(status_message([verifying(**STILL)] * 99, cleanups, [SCHEDULE] * 99, now=NOW))
