"""What a person has filled in: initial values, `state.values`, and what Slack checks by itself."""

import re
from collections.abc import Iterator
from typing import Any

from sandbox.slack.drawing import elements_of, inner_blocks
from sandbox.slack.records import Json, Values, View
from sandbox.slack.workspace import Channel

#: For each element type: the key of its value in `state.values`, and the key of its initial value.
_VALUE_KEYS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", "initial_files"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
_MANY = frozenset(key for key, _ in _VALUE_KEYS.values() if key.endswith("s"))
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LINK = re.compile(r"https?://\S+|[^\s:/]+\.[^\s]+")

MISSING = "Please complete this required field."


def value_key(element: Json) -> str | None:
    """Return the key under which an element's value stands, or None when it has no value."""
    keys = _VALUE_KEYS.get(element["type"])
    return keys[0] if keys else None


def holds_many(element: Json) -> bool:
    """Tell whether an element's value is a list."""
    return value_key(element) in _MANY


def is_empty(value: Any) -> bool:
    """Tell whether nothing is filled in."""
    return value is None or value == "" or value == []


def initial_value(element: Json) -> Json:
    """Return the state of an element that nobody touched."""
    key, initial = _VALUE_KEYS[element["type"]]
    empty: Any = [] if key in _MANY else None
    state = {"type": element["type"], key: element.get(initial, empty)}
    if element["type"] == "timepicker" and element.get("timezone"):
        state["timezone"] = element["timezone"]
    return state


def stateful(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield every block with each of its elements that has a value."""
    for block in blocks:
        for element in elements_of(block):
            if value_key(element):
                yield block, element
        yield from stateful(inner_blocks(block))


def state_json(blocks: list[Json], values: Values) -> Values:
    """Return `state.values`: what is filled in now, or initially, for every drawn input."""
    state: Values = {}
    for block, element in stateful(blocks):
        filled = values.get(block["block_id"], {}).get(element["action_id"])
        state.setdefault(block["block_id"], {})[element["action_id"]] = filled or initial_value(
            element
        )
    return state


def carried_values(old: View | None, blocks: list[Json]) -> Values:
    """Return what a person had filled in, for the inputs that are still there after a redraw.

    An input keeps its value when its block_id, action_id and type stay; a value that is no longer
    among the options is dropped.
    """
    kept: Values = {}
    if old is None:
        return kept
    for block, element in stateful(blocks):
        filled = old.values.get(block["block_id"], {}).get(element["action_id"])
        if filled and filled["type"] == element["type"] and _still_offered(element, filled):
            kept.setdefault(block["block_id"], {})[element["action_id"]] = filled
    return kept


def _still_offered(element: Json, filled: Json) -> bool:
    options = flat_options(element)
    if not options:
        return True
    offered = {option["value"] for option in options}
    chosen = filled.get("selected_options") or [filled.get("selected_option")]
    return all(option["value"] in offered for option in chosen if option)


def flat_options(element: Json) -> list[Json]:
    """Return the options of a menu, from its groups if it has groups."""
    grouped = [o for group in element.get("option_groups") or [] for o in group["options"]]
    return [*(element.get("options") or []), *grouped]


def is_offered(channel: Channel, element: Json) -> bool:
    """Tell whether a menu of conversations or channels offers this one."""
    if channel.is_archived:
        return False
    if element["type"].endswith("channels_select"):
        return not channel.is_private
    wanted = element.get("filter") or {}
    if channel.is_im and wanted.get("exclude_bot_users"):
        return False
    kind = "im" if channel.is_im else "private" if channel.is_private else "public"
    return kind in wanted.get("include", ("im", "mpim", "private", "public"))


def input_problems(blocks: list[Json], values: Values) -> dict[str, str]:
    """Return what Slack itself says below the fields, by block id, before asking the app."""
    problems: dict[str, str] = {}
    state = state_json(blocks, values)
    for block, element in stateful(blocks):
        if block["type"] != "input":
            continue
        value = state[block["block_id"]][element["action_id"]][value_key(element) or ""]
        if is_empty(value):
            if not block.get("optional", False):
                problems[block["block_id"]] = MISSING
        elif problem := _value_problem(element, value):
            problems[block["block_id"]] = problem
    return problems


def _value_problem(element: Json, value: Any) -> str | None:
    kind = element["type"]
    if kind == "plain_text_input":
        return _length_problem(element, len(value))
    if kind == "email_text_input" and not _EMAIL.fullmatch(value):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not _LINK.fullmatch(value):
        return "Please enter a valid URL."
    if kind == "number_input":
        return _number_problem(element, value)
    return None


def _length_problem(element: Json, length: int) -> str | None:
    shortest, longest = element.get("min_length"), element.get("max_length")
    if shortest is not None and length < shortest:
        return f"Please enter at least {shortest} characters."
    if longest is not None and length > longest:
        return f"Please enter no more than {longest} characters."
    return None


def _number_problem(element: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and not number.is_integer():
        return "Please enter a whole number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and number < float(low):
        return f"Please enter a number of at least {low}."
    if high is not None and number > float(high):
        return f"Please enter a number of at most {high}."
    return None
