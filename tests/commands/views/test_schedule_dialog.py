"""The Schedule dialog: the rhythm, and the schedules there are."""

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from commands.views.audience_inputs import Choice
from commands.views.schedule_dialog import (
    ScheduleDialog,
    schedule_dialog,
    schedule_line,
    scheduled_dialog,
    timezone_options,
)
from storage.states import AudienceKind, Cadence
from tests.commands.views.judging import elements, judge_view, words
from tests.commands.views.samples import CONNECTION, EVERYBODY, SCHEDULE, SECOND_CONNECTION

TAGS = (Choice(11, "VIP readers"),)
MONTHLY = ScheduleDialog(
    (CONNECTION,), CONNECTION, AudienceKind.SUBSCRIBERS, None, "C0LIST", None, ()
)
WEEKLY = ScheduleDialog(
    (CONNECTION, SECOND_CONNECTION),
    CONNECTION,
    AudienceKind.TAGS,
    TAGS,
    "C0LIST",
    "Europe/Paris",
    (SCHEDULE, replace(SCHEDULE, id=4, cadence=Cadence.MONTHLY, day=31, audience=EVERYBODY)),
    Cadence.WEEKLY,
)


@pytest.mark.parametrize(
    "dialog", [pytest.param(MONTHLY, id="monthly"), pytest.param(WEEKLY, id="weekly")]
)
def test_each_dialog_is_drawn(dialog: ScheduleDialog, as_json: SnapshotAssertion) -> None:
    view = schedule_dialog(dialog)
    judge_view(view)
    assert view == as_json


@pytest.mark.parametrize(
    ("dialog", "first", "last"),
    [
        pytest.param(WEEKLY, ("Monday", "0"), ("Sunday", "6"), id="weekly"),
        pytest.param(MONTHLY, ("1", "1"), ("31", "31"), id="monthly"),
    ],
)
def test_the_days_fit_the_rhythm(
    dialog: ScheduleDialog, first: tuple[str, str], last: tuple[str, str]
) -> None:
    (day,) = [e for e in elements(schedule_dialog(dialog)) if e["action_id"] == "day"]
    shown = [(option["text"]["text"], option["value"]) for option in day["options"]]
    assert (shown[0], shown[-1]) == (first, last)


def test_each_schedule_can_be_removed() -> None:
    removals = [
        e["value"] for e in elements(schedule_dialog(WEEKLY)) if e["action_id"] == "schedule_remove"
    ]
    assert removals == ["3", "4"]


def test_more_schedules_than_fit_are_counted() -> None:
    many = tuple(replace(SCHEDULE, id=number) for number in range(45))
    assert "And 5 more schedules." in words(schedule_dialog(replace(WEEKLY, existing=many)))


def test_a_schedule_reads_as_a_sentence() -> None:
    assert schedule_line(SCHEDULE) == (
        '*Tagged groups "VIP readers" and "Spring 2026"* every Monday at 09:05 (Europe/Paris), '
        "digest in <#C0LIST>"
    )
    monthly = replace(SCHEDULE, cadence=Cadence.MONTHLY, day=31, audience=EVERYBODY)
    assert "*all Subscribers* every month on day 31 at 09:05" in schedule_line(monthly)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("paris", ["Europe/Paris"], id="city"),
        pytest.param("new york", ["America/New_York"], id="with-a-space"),
        pytest.param("e", ["America/New_York", "Europe/Paris"], id="in-order"),
    ],
)
def test_a_time_zone_is_found_by_its_city(typed: str, expected: list[str]) -> None:
    names = {"Europe/Paris", "America/New_York", "UTC"}
    assert [option["value"] for option in timezone_options(names, typed)] == expected


def test_what_was_saved_is_drawn(as_json: SnapshotAssertion) -> None:
    view = scheduled_dialog(SCHEDULE)
    judge_view(view)
    assert view == as_json
