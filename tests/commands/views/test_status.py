"""The status shows what goes on, with the button that fits."""

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
        pytest.param(CleanupState.PROVING, None, [], id="proving"),
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


def test_more_than_fit_are_counted() -> None:
    message = status_message([verifying()] * 12, [], [], now=NOW)
    assert "And 2 more." in words(message)
