"""The message of a Run says, in each state, what happened and what to do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from commands.views.run import run_message, time_left
from storage.records import Audience, RunReport
from storage.states import AudienceKind, ConnectionStatus, RunState, StopReason
from tests.commands.views.judging import buttons, judge_message, words
from tests.commands.views.samples import (
    ALL_SAFE,
    CONNECTION,
    EVERYBODY,
    NOW,
    finished_run,
    run_report,
    stopped_run,
    verifying,
)
from verification import Category

STATES = [
    pytest.param(run_report(RunState.FETCHING, subscribers=0), id="fetching-begins"),
    pytest.param(
        replace(run_report(RunState.FETCHING, subscribers=0), in_line=True), id="fetching-in-line"
    ),
    pytest.param(run_report(RunState.FETCHING, subscribers=400), id="fetching"),
    pytest.param(run_report(), id="quoted"),
    pytest.param(run_report(balance=200), id="quoted-too-dear"),
    pytest.param(run_report(subscribers=0, audience=EVERYBODY), id="quoted-nobody"),
    pytest.param(verifying({}, started_at=NOW), id="verifying-begins"),
    pytest.param(verifying(), id="verifying"),
    pytest.param(
        verifying({Category.UNKNOWN: 1200}, waiting=30, retry_at=NOW + timedelta(minutes=5)),
        id="verifying-second-look",
    ),
    *(pytest.param(stopped_run(reason), id=f"stopped-{reason}") for reason in StopReason),
    pytest.param(finished_run(), id="finished"),
    pytest.param(finished_run(ALL_SAFE, roles=0, typos=0), id="finished-all-safe"),
    pytest.param(
        finished_run({Category.SAFE: 500, Category.INVALID: 700}), id="finished-many-invalid"
    ),
    pytest.param(finished_run(schedule_id=3), id="digest-first"),
    pytest.param(finished_run(schedule_id=3, previous_safe_share=0.8), id="digest"),
    pytest.param(run_report(RunState.CANCELLED, decided_by="U0BEN"), id="cancelled"),
    pytest.param(run_report(RunState.FAILED, note="The tag was deleted"), id="failed"),
    pytest.param(
        run_report(RunState.FAILED, stop_reason=StopReason.CREDENTIAL), id="failed-credential"
    ),
]


@pytest.mark.parametrize("report", STATES)
def test_every_state_is_drawn(report: RunReport, as_json: SnapshotAssertion) -> None:
    message = run_message(report, now=NOW)
    judge_message(message)
    assert {"text": message.text, "blocks": list(message.blocks)} == as_json


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        pytest.param(run_report(RunState.FETCHING), ["run_cancel"], id="fetching"),
        pytest.param(run_report(), ["run_start", "run_cancel"], id="quoted"),
        pytest.param(run_report(balance=1199), ["run_requote", "run_cancel"], id="too-dear"),
        pytest.param(run_report(balance=1200), ["run_start", "run_cancel"], id="just-enough"),
        pytest.param(run_report(subscribers=0), ["run_cancel"], id="nobody"),
        pytest.param(verifying(), ["run_stop"], id="verifying"),
        pytest.param(
            stopped_run(StopReason.BY_PERSON), ["run_resume", "run_drop"], id="stopped-by-person"
        ),
        pytest.param(
            stopped_run(StopReason.CREDENTIAL),
            ["connection_replace", "run_resume", "run_drop"],
            id="stopped-credential",
        ),
        pytest.param(finished_run(), ["run_clean_up", "run_csv"], id="finished"),
        pytest.param(finished_run(ALL_SAFE), ["run_csv"], id="all-safe"),
        pytest.param(run_report(RunState.CANCELLED), [], id="cancelled"),
        pytest.param(run_report(RunState.FAILED), [], id="failed"),
    ],
)
def test_each_state_offers_its_own_buttons(report: RunReport, expected: list[str]) -> None:
    assert list(buttons(run_message(report, now=NOW))) == expected


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        pytest.param(verifying({}), "estimating the time left", id="no-verdicts"),
        pytest.param(verifying({Category.SAFE: 19}), "estimating the time left", id="too-few"),
        pytest.param(verifying(started_at=NOW), "estimating the time left", id="too-early"),
        pytest.param(verifying(started_at=None), "estimating the time left", id="no-start"),
        pytest.param(verifying(), "about 6 minutes left", id="two-fifths-in-four-minutes"),
        pytest.param(verifying(ALL_SAFE), "finishing", id="all-done"),
    ],
)
def test_time_left_follows_the_pace_so_far(report: RunReport, expected: str) -> None:
    assert time_left(report, NOW) == expected


def test_time_left_names_the_second_look() -> None:
    report = verifying(ALL_SAFE, waiting=4, retry_at=NOW)
    assert time_left(report, NOW).startswith("a second look is due <!date^")


def test_a_stop_says_what_is_kept_and_what_is_left() -> None:
    drawn = words(run_message(stopped_run(StopReason.UNAVAILABLE), now=NOW))
    assert "480 of 1,200 subscribers verified; these verdicts are kept" in drawn
    assert "720 have no verdict yet" in drawn


def test_dropping_says_that_the_rest_is_unknown_and_free() -> None:
    drawn = words(run_message(stopped_run(StopReason.BY_PERSON), now=NOW))
    assert "720 subscribers without a verdict will be counted as Unknown" in drawn
    assert "their credits are given back" in drawn


def test_a_stop_names_who_pressed_it_and_what_was_noted() -> None:
    report = stopped_run(StopReason.BY_PERSON, note="Wrong <list>")
    assert "<@U0BEN> pressed Stop. Wrong &lt;list&gt;." in words(run_message(report, now=NOW))


def test_a_failed_run_with_a_refused_secret_offers_to_replace_it() -> None:
    report = run_report(RunState.FAILED)
    refused = replace(report, connection=replace(CONNECTION, status=ConnectionStatus.REFUSED))
    assert buttons(run_message(refused, now=NOW)) == {"connection_replace": "7"}


@pytest.mark.parametrize("state", RunState)
def test_hostile_names_are_drawn_literally_in_every_state(state: RunState) -> None:
    report = run_report(
        state,
        audience=Audience(AudienceKind.TAGS, (1,), ("VIP <!channel> *bold*",)),
        counts=ALL_SAFE,
    )
    message = run_message(report, now=NOW)
    judge_message(message)
    assert "VIP &lt;!channel&gt; \u2217bold\u2217" in words(message)
