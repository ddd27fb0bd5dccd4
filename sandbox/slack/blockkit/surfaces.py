"""Whole messages, dialogs and home tabs: which blocks they take, how many, and unique ids.

https://docs.slack.dev/surfaces
"""

from typing import Any

from sandbox.slack.blockkit import limits
from sandbox.slack.blockkit.blocks import BLOCKS
from sandbox.slack.blockkit.composition import SUGGESTIONS, plain_text
from sandbox.slack.blockkit.newer_blocks import text_length
from sandbox.slack.blockkit.rules import (
    Json,
    Report,
    Rule,
    array,
    boolean,
    by_type,
    shape,
    string,
)

_EVERYWHERE = frozenset(
    {
        "actions",
        "card",
        "context",
        "divider",
        "header",
        "image",
        "input",
        "rich_text",
        "section",
        "video",
    }
)
#: Blocks that each surface takes.
IN_MESSAGE = _EVERYWHERE | {
    "carousel",
    "container",
    "context_actions",
    "data_table",
    "data_visualization",
    "file",
    "markdown",
    "plan",
    "table",
    "task_card",
}
IN_MODAL = _EVERYWHERE | {"alert"}
IN_HOME = _EVERYWHERE | {"carousel", "container", "data_table", "data_visualization", "table"}
#: The characters of all tables in one message (docs.slack.dev, table block).
TABLE_TEXT_MAX_LENGTH = 10_000
_OUTSIDE_OF_MODALS = "is only allowed in modals"


def _blocks_rule(allowed: frozenset[str], most: int) -> Rule:
    return array(by_type({name: BLOCKS[name] for name in sorted(allowed)}), most, 0)


_MESSAGE_BLOCKS = _blocks_rule(IN_MESSAGE, limits.MESSAGE_BLOCKS_MAX_ITEMS)
_VIEW_FIELDS: dict[str, Rule] = {
    "private_metadata": string(limits.VIEW_PRIVATE_METADATA_MAX_LENGTH, 0),
    "callback_id": string(limits.VIEW_CALLBACK_ID_MAX_LENGTH, 0),
    "external_id": string(limits.VIEW_EXTERNAL_ID_MAX_LENGTH, 0),
}
_MODAL = shape(
    {
        "title": plain_text(limits.VIEW_TITLE_MAX_LENGTH),
        "blocks": _blocks_rule(IN_MODAL, limits.VIEW_BLOCKS_MAX_ITEMS),
    },
    _VIEW_FIELDS
    | {
        "submit": plain_text(limits.VIEW_SUBMIT_MAX_LENGTH),
        "close": plain_text(limits.VIEW_CLOSE_MAX_LENGTH),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
    },
)
_HOME = shape({"blocks": _blocks_rule(IN_HOME, limits.VIEW_BLOCKS_MAX_ITEMS)}, _VIEW_FIELDS)


def message_problems(blocks: Any, *, pointer: str = "/blocks") -> tuple[str, ...]:
    """Return what Slack would say against these blocks in a message; nothing when they are fine."""
    report = Report(pointer)
    _MESSAGE_BLOCKS(blocks, report)
    if not report.problems:
        _check_ids(blocks, report)
        _check_modal_only(blocks, report)
        _check_message_totals(blocks, report)
    return tuple(report.problems)


def modal_problems(view: Any) -> tuple[str, ...]:
    """Return what Slack would say against this dialog."""
    report = Report("/view")
    by_type({"modal": _MODAL})(view, report)
    if not report.problems:
        _check_ids(view["blocks"], report.at("blocks"))
        _check_focus(view["blocks"], report.at("blocks"))
        if "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
            report.say("missing required field: submit (a view with input blocks needs it)")
    return tuple(report.problems)


def home_problems(view: Any) -> tuple[str, ...]:
    """Return what Slack would say against this home tab."""
    report = Report("/view")
    by_type({"home": _HOME})(view, report)
    if not report.problems:
        blocks = report.at("blocks")
        _check_ids(view["blocks"], blocks)
        _check_focus(view["blocks"], blocks)
        _check_modal_only(view["blocks"], blocks)
    return tuple(report.problems)


def options_problems(answer: Any) -> tuple[str, ...]:
    """Return what Slack would say against an answer to block_suggestion."""
    report = Report("")
    SUGGESTIONS(answer, report)
    return tuple(report.problems)


def _children(block: Json, report: Report) -> list[tuple[Json, Report]]:
    """Return the elements and inner blocks of a block, each with its place."""
    found: list[tuple[Json, Report]] = []
    for name in ("accessory", "element"):
        if name in block:
            found.append((block[name], report.at(name)))
    for name in ("elements", "actions", "child_blocks"):
        for position, child in enumerate(block.get(name, ())):
            found.append((child, report.at(name).at(position)))
    return found


def _check_ids(blocks: list[Json], report: Report, seen: set[str] | None = None) -> None:
    """Refuse a block_id used twice on a surface and an action_id used twice in a block."""
    seen = set() if seen is None else seen
    for position, block in enumerate(blocks):
        place = report.at(position)
        block_id = block.get("block_id")
        if block_id is not None and block_id in seen:
            place.at("block_id").say(f'`block_id` "{block_id}" already exists')
        seen.add(str(block_id))
        actions: set[str] = set()
        for child, child_place in _children(block, place):
            action_id = child.get("action_id")
            if action_id is not None and action_id in actions:
                words = f'`action_id` "{action_id}" already exists for `block_id` "{block_id}"'
                child_place.at("action_id").say(words)
            actions.add(str(action_id))
        _check_ids(block.get("child_blocks", []), place.at("child_blocks"), seen)


def _elements(blocks: list[Json], report: Report) -> list[tuple[Json, Report]]:
    found = []
    for position, block in enumerate(blocks):
        for child, place in _children(block, report.at(position)):
            found += [(child, place), *_children(child, place)]
    return found


def _check_focus(blocks: list[Json], report: Report) -> None:
    focused = [
        place for element, place in _elements(blocks, report) if element.get("focus_on_load")
    ]
    for place in focused[1:]:
        place.at("focus_on_load").say("only one element in a view may have focus_on_load")


def _check_modal_only(blocks: list[Json], report: Report) -> None:
    for element, place in _elements(blocks, report):
        if element.get("type") == "file_input":
            place.say(f"file_input {_OUTSIDE_OF_MODALS}")
        if element.get("response_url_enabled"):
            place.at("response_url_enabled").say(f"response_url_enabled {_OUTSIDE_OF_MODALS}")


def _check_message_totals(blocks: list[Json], report: Report) -> None:
    by_kind: dict[str, list[Json]] = {}
    for block in blocks:
        by_kind.setdefault(block["type"], []).append(block)
    if len(by_kind.get("table", ())) > 1:
        report.say("only_one_table_allowed")
    if len(by_kind.get("data_visualization", ())) > limits.MESSAGE_DATA_VISUALIZATIONS_MAX_ITEMS:
        most = limits.MESSAGE_DATA_VISUALIZATIONS_MAX_ITEMS
        report.say(f"no more than {most} data_visualization blocks allowed")
    for kind, most in (
        ("markdown", limits.MARKDOWN_TOTAL_TEXT_MAX_LENGTH),
        ("data_table", limits.DATA_TABLE_TOTAL_CONTENT_MAX_LENGTH),
        ("table", TABLE_TEXT_MAX_LENGTH),
    ):
        if sum(map(text_length, by_kind.get(kind, ()))) > most:
            report.say(f"all {kind} blocks together must be less than {most + 1} characters")
    for position, block in enumerate(blocks):
        if block["type"] == "task_card" and block["status"] == "pending":
            report.at(position).at("status").say(
                "a task_card outside of a plan must not be pending"
            )
