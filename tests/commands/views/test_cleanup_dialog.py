"""The Cleanup dialog shows the whole plan and what it would do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from commands.views.cleanup_dialog import CleanupDialog, cleanup_dialog
from commands.views.metadata import unpack
from storage.plans import PLAN_CATEGORIES, RECOMMENDED_PLAN, Plan, PlanRow
from storage.states import Action
from tests.commands.views.filling import untouched
from tests.commands.views.judging import buttons, elements, judge_view, words
from tests.commands.views.samples import CONNECTION, COUNTS, NOW, RUN

VERIFIED = replace(RUN, finished_at=NOW - timedelta(minutes=15))
RECOMMENDED = CleanupDialog(VERIFIED, COUNTS, RECOMMENDED_PLAN, CONNECTION)
NOBODY = Plan(dict.fromkeys(PLAN_CATEGORIES, PlanRow(enabled=False, action=Action.UNSUBSCRIBE)))


@pytest.mark.parametrize(
    "dialog",
    [
        pytest.param(RECOMMENDED, id="recommended"),
        pytest.param(replace(RECOMMENDED, plan=NOBODY, generation=2), id="nobody"),
        pytest.param(replace(RECOMMENDED, counts={}), id="no-counts"),
    ],
)
def test_each_dialog_is_drawn(dialog: CleanupDialog, as_json: SnapshotAssertion) -> None:
    view = cleanup_dialog(dialog)
    judge_view(view)
    assert view == as_json


def test_there_is_a_row_for_each_category_even_at_zero() -> None:
    drawn = words(cleanup_dialog(replace(RECOMMENDED, counts={})))
    for category in PLAN_CATEGORIES:
        assert f"*{category.label}: 0*" in drawn


def test_a_row_offers_keep_and_unsubscribe_and_nothing_else() -> None:
    for element in elements(cleanup_dialog(RECOMMENDED)):
        if element["type"] == "static_select":
            shown = [option["text"]["text"] for option in element["options"]]
            assert shown == ["Keep", "Unsubscribe"]


def test_the_banner_says_what_convertkit_supports() -> None:
    drawn = words(cleanup_dialog(RECOMMENDED))
    assert "ConvertKit only supports unsubscribe" in drawn
    assert "become Cancelled and keep their tags and history" in drawn
    assert "by hand in ConvertKit's dashboard" in drawn
    assert "Delete unavailable on ConvertKit" in drawn
    assert "Safe: 1,000 subscribers, always kept." in drawn


def test_the_dialog_says_when_the_list_was_verified() -> None:
    assert "Verified <!date^" in words(cleanup_dialog(RECOMMENDED))


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        pytest.param(RECOMMENDED_PLAN, "asks to unsubscribe 160 subscribers", id="recommended"),
        pytest.param(NOBODY, "This plan unsubscribes nobody", id="not-enabled"),
    ],
)
def test_the_dialog_counts_whom_the_plan_unsubscribes(plan: Plan, expected: str) -> None:
    assert expected in words(cleanup_dialog(replace(RECOMMENDED, plan=plan)))


def test_another_generation_resets_every_input() -> None:
    before = untouched(cleanup_dialog(RECOMMENDED))
    after = untouched(cleanup_dialog(replace(RECOMMENDED, generation=1)))
    assert not before.keys() & after.keys()


def test_the_same_generation_keeps_what_was_chosen() -> None:
    before = untouched(cleanup_dialog(RECOMMENDED))
    after = untouched(cleanup_dialog(replace(RECOMMENDED, plan=NOBODY)))
    assert before.keys() == after.keys()


def test_the_dialog_remembers_its_run_and_generation() -> None:
    view = cleanup_dialog(replace(RECOMMENDED, generation=4))
    metadata = unpack(view["private_metadata"])
    assert (metadata.run_id, metadata.connection_id, metadata.generation) == (31, 7, 4)
    assert buttons(view) == {"plan_recommended": "31"}
