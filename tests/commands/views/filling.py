"""What Slack would report of a dialog: view.state.values, from the first choice of each input."""

from typing import Any

from commands.views.blocks import View
from commands.views.ids import Field
from tests.commands.views.judging import elements

Values = dict[str, dict[str, dict[str, Any]]]

#: Where each kind of element keeps its first choice, and where Slack reports the choice.
_STATES = {
    "static_select": ("initial_option", "selected_option"),
    "external_select": ("initial_option", "selected_option"),
    "radio_buttons": ("initial_option", "selected_option"),
    "checkboxes": ("initial_options", "selected_options"),
    "multi_static_select": ("initial_options", "selected_options"),
    "multi_external_select": ("initial_options", "selected_options"),
    "conversations_select": ("initial_conversation", "selected_conversation"),
    "timepicker": ("initial_time", "selected_time"),
    "plain_text_input": ("initial_value", "value"),
}


def untouched(view: View) -> Values:
    """Give the values of a dialog in which nobody changed anything."""
    values: Values = {}
    for element in elements(view):
        if element["type"] == "button":
            continue
        first, reported = _STATES[element["type"]]
        empty: list[Any] | None = [] if reported == "selected_options" else None
        state = {"type": element["type"], reported: element.get(first, empty)}
        values.setdefault(element["block_id"], {})[element["action_id"]] = state
    return values


def typed(view: View, field: Field, **state: Any) -> Values:
    """Give the values of a dialog in which one input was changed."""
    values = untouched(view)
    for inputs in values.values():
        if field.value in inputs:
            inputs[field.value].update(state)
    return values
