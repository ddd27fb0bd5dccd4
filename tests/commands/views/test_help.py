"""The help explains every Category, the plan and the two commonest troubles."""

import pytest
from syrupy.assertion import SnapshotAssertion

from commands.views.help import help_message
from tests.commands.views.judging import judge_message, words
from verification import Category


@pytest.mark.parametrize(
    "command",
    [pytest.param("/verify", id="verify"), pytest.param("/cleanup", id="cleanup")],
)
def test_the_help_is_drawn(command: str, as_json: SnapshotAssertion) -> None:
    message = help_message(command)
    judge_message(message)
    assert {"text": message.text, "blocks": list(message.blocks)} == as_json


def test_each_command_comes_first_in_its_own_help() -> None:
    assert words(help_message("/cleanup")).index("`/cleanup`") < words(
        help_message("/cleanup")
    ).index("`/verify`")
    assert words(help_message("/verify")).index("`/verify`") < words(help_message("/verify")).index(
        "`/cleanup`"
    )


def test_the_help_explains_categories_plan_and_troubles() -> None:
    drawn = words(help_message("/verify"))
    for category in Category:
        assert f"*{category.label}*" in drawn
    assert "Invalid: Unsubscribe, enabled" in drawn
    assert "Unknown: Keep, not enabled" in drawn
    assert "I cannot find the API Secret" in drawn
    assert "Subscribers do not show up as unsubscribed" in drawn
