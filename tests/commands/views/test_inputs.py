"""The inputs have the ids that the listeners read."""

from commands.views.ids import Dialog, Field
from commands.views.inputs import (
    checkbox,
    field_input,
    modal,
    multi_search,
    option,
    select,
    text_input,
)


def test_a_block_is_named_after_its_field() -> None:
    element = text_input(Field.SECRET, placeholder="Paste it here", longest=200)
    assert field_input("API Secret", element)["block_id"] == "secret"
    assert field_input("API Secret", element, suffix="7:tags")["block_id"] == "secret:7:tags"


def test_a_long_name_fits_an_option() -> None:
    choice = option("n" * 300, 11, "d" * 300)
    assert len(choice["text"]["text"]) == 75
    assert len(choice["description"]["text"]) == 75
    assert choice["value"] == "11"


def test_nothing_is_chosen_unless_told() -> None:
    choice = option("Keep", "keep")
    assert "initial_option" not in select(Field.PLAN_ACTION, [choice])
    assert "initial_options" not in checkbox(Field.PLAN_ENABLED, choice, checked=False)
    assert checkbox(Field.PLAN_ENABLED, choice, checked=True)["initial_options"] == [choice]


def test_a_search_shows_options_before_anything_is_typed() -> None:
    assert multi_search("Type to search")["min_query_length"] == 0


def test_a_dialog_without_inputs_has_nothing_to_submit() -> None:
    view = modal(Dialog.NOTICE, "A title that is far too long for Slack", [])
    assert "submit" not in view
    assert len(view["title"]["text"]) == 24
