"""What a person filled in is read back as it was drawn."""

from typing import Any

import pytest
from hypothesis import given

from commands.views.audience_inputs import Choice
from commands.views.cleanup_dialog import CleanupDialog, cleanup_dialog
from commands.views.connect_dialog import connect_dialog
from commands.views.forms import (
    AudienceForm,
    ScheduleForm,
    block_id_of,
    read_audience,
    read_connect,
    read_plan,
    read_schedule,
)
from commands.views.ids import Field
from commands.views.schedule_dialog import ScheduleDialog, schedule_dialog
from commands.views.verify_dialog import VerifyDialog, verify_dialog
from storage.plans import PLAN_CATEGORIES, Plan
from storage.states import Action, AudienceKind, Cadence
from tests.commands.views import strategies as any_
from tests.commands.views.filling import typed, untouched
from tests.commands.views.samples import CONNECTION, COUNTS, RUN, SECOND_CONNECTION
from verification import Category

TAGS = (Choice(11, "VIP readers"), Choice(12, "Spring 2026"))
MANY = tuple(Choice(number, f"Tag {number}") for number in range(140))
BOTH = (CONNECTION, SECOND_CONNECTION)


@given(any_.plans)
def test_any_plan_that_is_drawn_is_read_back(plan: Plan) -> None:
    view = cleanup_dialog(CleanupDialog(RUN, COUNTS, plan, CONNECTION, generation=3))
    assert read_plan(untouched(view)) == plan


def _row(action: str) -> dict[str, dict[str, Any]]:
    return {
        "plan_action": {"selected_option": {"value": action}},
        "plan_enabled": {"selected_options": []},
    }


def test_a_plan_without_rows_keeps_everybody() -> None:
    plan = read_plan({})
    assert plan.unsubscribed == ()
    assert set(plan.rows) == set(PLAN_CATEGORIES)


@pytest.mark.parametrize(
    ("block_id", "action"),
    [
        pytest.param("plan:invalid:0", "delete", id="delete"),
        pytest.param("plan:everybody:0", "keep", id="no-such-category"),
    ],
)
def test_a_plan_that_was_never_drawn_is_refused(block_id: str, action: str) -> None:
    with pytest.raises(ValueError, match=r"delete|everybody"):
        read_plan({block_id: _row(action)})


def test_a_row_that_is_not_enabled_keeps_its_action() -> None:
    row = read_plan({"plan:risky:0": _row("unsubscribe")}).rows[Category.RISKY]
    assert (row.enabled, row.action) == (False, Action.UNSUBSCRIBE)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("  kit_abc \n", "kit_abc", id="spaces-around"),
        pytest.param(None, "", id="nothing"),
    ],
)
def test_spaces_around_a_secret_are_dropped(value: str | None, expected: str) -> None:
    values = typed(connect_dialog(None, None), Field.SECRET, value=value)
    assert read_connect(values).secret == expected


def test_a_secret_is_not_in_the_text_of_its_form() -> None:
    values = typed(connect_dialog(None, None), Field.SECRET, value="kit_hidden")
    assert "kit_hidden" not in repr(read_connect(values))


def test_a_new_secret_has_no_name() -> None:
    assert read_connect(untouched(connect_dialog(CONNECTION, None))).name == ""


def _chosen(*choices: Choice) -> dict[str, Any]:
    options = [{"value": str(c.id), "text": {"text": c.name}} for c in choices]
    return {"selected_options": options}


def test_a_verify_dialog_is_read_back() -> None:
    view = verify_dialog(VerifyDialog(BOTH, CONNECTION, AudienceKind.TAGS, TAGS, "C0LIST"))
    values = typed(view, Field.CHOICES, **_chosen(TAGS[1]))
    assert read_audience(values) == AudienceForm(7, AudienceKind.TAGS, (TAGS[1],), "C0LIST")


def test_searched_tags_are_read_back() -> None:
    view = verify_dialog(VerifyDialog(BOTH, CONNECTION, AudienceKind.TAGS, MANY, "C0LIST"))
    values = typed(view, Field.CHOICES_SEARCH, **_chosen(MANY[120]))
    assert read_audience(values).choices == (MANY[120],)


def test_the_only_connection_is_left_to_the_metadata() -> None:
    view = verify_dialog(
        VerifyDialog((CONNECTION,), CONNECTION, AudienceKind.SUBSCRIBERS, None, None)
    )
    assert read_audience(untouched(view)) == AudienceForm(None, AudienceKind.SUBSCRIBERS, (), None)


@pytest.mark.parametrize(
    ("cadence", "day"),
    [pytest.param(Cadence.WEEKLY, 0, id="weekly"), pytest.param(Cadence.MONTHLY, 1, id="monthly")],
)
def test_a_schedule_dialog_is_read_back(cadence: Cadence, day: int) -> None:
    kind = AudienceKind.SUBSCRIBERS
    view = schedule_dialog(
        ScheduleDialog(BOTH, SECOND_CONNECTION, kind, None, "C0LIST", "Asia/Kolkata", (), cadence)
    )
    values = typed(view, Field.TIME, selected_time="17:45")
    assert read_schedule(values) == ScheduleForm(
        AudienceForm(8, kind, (), "C0LIST"), cadence, day, 17, 45, "Asia/Kolkata"
    )


def test_a_half_filled_schedule_is_read_without_what_is_missing() -> None:
    form = read_schedule({})
    assert (form.day, form.hour, form.minute, form.timezone) == (None, None, None, None)


def test_an_error_hangs_on_the_block_of_its_field() -> None:
    view = verify_dialog(VerifyDialog(BOTH, CONNECTION, AudienceKind.TAGS, TAGS, "C0LIST"))
    assert block_id_of(untouched(view), Field.CHOICES) == "choices:7:tags"
    assert block_id_of({}, Field.SECRET) == "secret"
