"""Dialogs that only tell something."""

from syrupy.assertion import SnapshotAssertion

from commands.views.notices import error_dialog, loading_dialog
from tests.commands.views.judging import judge_view, words


def test_an_error_is_drawn(as_json: SnapshotAssertion) -> None:
    view = error_dialog("ConvertKit did not answer. Nothing was changed. Try again", "a1b2c3")
    judge_view(view)
    assert view == as_json


def test_an_error_without_words_still_says_something() -> None:
    assert words(error_dialog("")).endswith("Something went wrong. Nothing was changed.")


def test_loading_has_the_title_of_what_comes() -> None:
    view = loading_dialog("Verify a list")
    judge_view(view)
    assert view["title"]["text"] == "Verify a list"
