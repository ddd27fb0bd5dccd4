"""How Slack keeps blocks: with the ids and defaults filled in that the app left out."""

from copy import deepcopy
from itertools import count
from typing import Any

from sandbox.slack.records import Json

#: Elements that a person can press or fill in; all others only show something.
INTERACTIVE = frozenset(
    {
        "button",
        "workflow_button",
        "icon_button",
        "feedback_buttons",
        "overflow",
        "checkboxes",
        "radio_buttons",
        "datepicker",
        "timepicker",
        "datetimepicker",
        "static_select",
        "external_select",
        "users_select",
        "conversations_select",
        "channels_select",
        "multi_static_select",
        "multi_external_select",
        "multi_users_select",
        "multi_conversations_select",
        "multi_channels_select",
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "rich_text_input",
        "file_input",
    }
)


def drawn_blocks(blocks: list[Json]) -> list[Json]:
    """Return a copy in which every block has a block_id and every element an action_id.

    plain_text gets `emoji: true` and mrkdwn `verbatim: false`, as in Slack's own answers.
    """
    drawn = deepcopy(blocks)
    taken = {block.get("block_id") for block in drawn}
    fresh = (f"b{number}" for number in count(1))
    _complete(drawn)
    for block in _all_blocks(drawn):
        if not block.get("block_id"):
            block["block_id"] = next(name for name in fresh if name not in taken)
        for number, element in enumerate(elements_of(block)):
            element.setdefault("action_id", f"{block['block_id']}-a{number}")
    return drawn


def _all_blocks(blocks: list[Json]) -> list[Json]:
    nested = [child for block in blocks for child in inner_blocks(block)]
    return [*blocks, *(_all_blocks(nested) if nested else [])]


def inner_blocks(block: Json) -> list[Json]:
    """Return the blocks that stand inside a container or carousel."""
    if block["type"] == "container":
        return list(block["child_blocks"])
    if block["type"] == "carousel":
        return list(block["elements"])
    return []


def elements_of(block: Json) -> list[Json]:
    """Return the interactive elements that stand directly in a block, in reading order."""
    inside: list[Json] = [
        *([block["accessory"]] if block.get("accessory") else []),
        *([block["element"]] if block.get("element") else []),
        *(block.get("elements") or []),
        *(block.get("actions") or []),
    ]
    return [element for element in inside if element.get("type") in INTERACTIVE]


def _complete(node: Any) -> None:
    if isinstance(node, list):
        for child in node:
            _complete(child)
    elif isinstance(node, dict):
        if node.get("type") == "plain_text" and isinstance(node.get("text"), str):
            node.setdefault("emoji", True)
        if node.get("type") == "mrkdwn" and isinstance(node.get("text"), str):
            node.setdefault("verbatim", False)
        for child in list(node.values()):
            _complete(child)


def drawn_view(view: Json) -> Json:
    """Return a copy of a view with every field that Slack adds."""
    drawn = {**deepcopy(view), "blocks": drawn_blocks(view["blocks"])}
    for name in ("title", "submit", "close"):
        drawn.setdefault(name, None)
        _complete(drawn[name])
    for name in ("private_metadata", "callback_id", "external_id"):
        drawn[name] = drawn.get(name) or ""
    for name in ("clear_on_close", "notify_on_close"):
        drawn[name] = bool(drawn.get(name, False))
    return drawn
