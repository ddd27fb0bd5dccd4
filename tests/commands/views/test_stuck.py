"""Who asked for a job that stands still reads what is safe, and has the buttons that help."""

from datetime import timedelta
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from commands.views.stuck import stuck_cleanup_message, stuck_run_message
from storage.states import CleanupState, RunState
from tests.commands.views.judging import elements, judge_message, words
from tests.commands.views.samples import NOW, approved, run_report, verifying

STILL: dict[str, Any] = {"is_stuck": True, "active_at": NOW - timedelta(minutes=15)}
FETCHING = run_report(RunState.FETCHING, **STILL)
VERIFYING = verifying(**STILL)
PREPARING = approved(CleanupState.PREPARING, **STILL)
UNSUBSCRIBING = approved(CleanupState.UNSUBSCRIBING, **STILL)
PROVING = approved(CleanupState.PROVING, requested_at=NOW, **STILL)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(stuck_run_message(FETCHING), id="fetching"),
        pytest.param(stuck_run_message(VERIFYING), id="verifying"),
        pytest.param(stuck_cleanup_message(PREPARING), id="preparing"),
        pytest.param(stuck_cleanup_message(UNSUBSCRIBING), id="unsubscribing"),
        pytest.param(stuck_cleanup_message(PROVING), id="proving"),
    ],
)
def test_a_standstill_is_drawn(message: Any, as_json: SnapshotAssertion) -> None:
    judge_message(message)
    assert {"text": message.text, "blocks": list(message.blocks)} == as_json


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(stuck_run_message(FETCHING), ["run_resume", "run_cancel"], id="fetching"),
        pytest.param(stuck_run_message(VERIFYING), ["run_resume", "run_stop"], id="verifying"),
        pytest.param(stuck_cleanup_message(PREPARING), ["cleanup_resume"], id="preparing"),
        pytest.param(
            stuck_cleanup_message(PROVING), ["cleanup_resume", "cleanup_stop"], id="proving"
        ),
    ],
)
def test_a_standstill_has_the_buttons_of_its_state(message: Any, expected: list[str]) -> None:
    assert [element["action_id"] for element in elements(message)] == expected


def test_resuming_the_writing_of_a_list_unsubscribes_nobody() -> None:
    [resume] = elements(stuck_cleanup_message(PREPARING))
    assert "Nobody is unsubscribed" in resume["confirm"]["text"]["text"]


def test_a_job_without_a_sign_of_life_has_words_too() -> None:
    assert "does not move" in words(stuck_run_message(verifying(is_stuck=True)))
