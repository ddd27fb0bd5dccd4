"""The Connect dialog never shows more of a secret than its last four characters."""

from syrupy.assertion import SnapshotAssertion

from commands.views.connect_dialog import (
    connect_dialog,
    connected_dialog,
    connected_message,
)
from commands.views.metadata import unpack
from tests.commands.views.filling import untouched
from tests.commands.views.judging import (
    buttons,
    elements,
    judge_message,
    judge_view,
    words,
)
from tests.commands.views.samples import CONNECTION, SECOND_CONNECTION


def test_a_new_connection_is_drawn(as_json: SnapshotAssertion) -> None:
    view = connect_dialog(None, "C0LIST")
    judge_view(view)
    assert view == as_json


def test_a_new_secret_is_drawn(as_json: SnapshotAssertion) -> None:
    view = connect_dialog(CONNECTION, None)
    judge_view(view)
    assert view == as_json


def test_what_was_saved_is_drawn(as_json: SnapshotAssertion) -> None:
    view = connected_dialog(CONNECTION, "C0LIST")
    judge_view(view)
    assert view == as_json


def test_the_secret_is_never_filled_in_beforehand() -> None:
    for view in (connect_dialog(None, None), connect_dialog(CONNECTION, None)):
        assert all("initial_value" not in element for element in elements(view))
        assert view["clear_on_close"] is True


def test_a_new_secret_is_for_the_connection_it_replaces() -> None:
    view = connect_dialog(CONNECTION, "C0LIST")
    assert unpack(view["private_metadata"]).connection_id == 7
    assert unpack(view["private_metadata"]).channel_id == "C0LIST"
    assert list(untouched(view)) == ["secret"]


def test_the_dialog_says_where_the_secret_is() -> None:
    drawn = words(connect_dialog(None, None))
    assert "Account Settings &gt; Advanced" in drawn
    assert "the longer of the two" in drawn
    assert "`kit_`" in drawn


def test_saving_shows_the_account_and_the_next_step() -> None:
    view = connected_dialog(CONNECTION)
    assert "*Saved:* Harbour Letters; the secret ends in ...9f2c." in words(view)
    assert buttons(view) == {"verify_open": "7"}


def test_a_secret_of_another_account_says_so_and_what_to_do() -> None:
    view = connected_dialog(SECOND_CONNECTION, instead_of=CONNECTION)
    judge_view(view)
    drawn = words(view)
    assert "*This secret belongs to another account*, which is now connected as well." in drawn
    assert "*Main list* is unchanged" in drawn
    assert "...9f2c" in drawn
    assert "save a secret of that account" in drawn
    assert "start a new verification" in drawn


def test_the_same_can_be_told_in_a_message() -> None:
    message = connected_message(SECOND_CONNECTION, instead_of=CONNECTION)
    judge_message(message)
    assert message.text == "Saved: Shop news; the secret ends in ...41aa."
    assert "belongs to another account" in words(message)
    assert buttons(message) == {"verify_open": "8"}
