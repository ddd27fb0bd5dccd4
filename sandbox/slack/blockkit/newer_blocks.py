"""Block Kit's blocks of 2025 and 2026: tables, charts, cards, alerts, plans.

https://docs.slack.dev/reference/block-kit/blocks
"""

from typing import Any

from sandbox.slack.blockkit import limits
from sandbox.slack.blockkit.composition import CONFIRM, any_text, plain_text
from sandbox.slack.blockkit.elements import ACTION_ID, BUTTON, IMAGE
from sandbox.slack.blockkit.rich_text import RICH_TEXT
from sandbox.slack.blockkit.rules import (
    Json,
    Report,
    Rule,
    array,
    at_least_one,
    boolean,
    by_type,
    integer,
    number,
    one_of,
    shape,
    string,
    unique,
)

_BLOCK: dict[str, Rule] = {"block_id": string(limits.BLOCK_ID_MAX_LENGTH)}
_CELLS: dict[str, Rule] = {
    "raw_text": shape({"text": string(shortest=limits.DATA_TABLE_CELL_TEXT_MIN_LENGTH)}),
    "raw_number": shape({"value": number()}, {"text": string()}),
    "rich_text": RICH_TEXT,
}
_CELL = by_type(_CELLS)
_COLUMN = shape(
    {}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean}, is_typed=False
)
_TASK_STATUS = one_of("pending", "in_progress", "complete", "error")
_SOURCE = by_type({"url": shape({"url": string(), "text": string()})})
_TASK: dict[str, Rule] = {"task_id": string(), "title": string(), "status": _TASK_STATUS}
_TASK_MORE: dict[str, Rule] = {"details": RICH_TEXT, "output": RICH_TEXT, "sources": array(_SOURCE)}


def text_length(node: Any) -> int:
    """Return how many characters stand in every `text` below."""
    if isinstance(node, list):
        return sum(map(text_length, node))
    if not isinstance(node, dict):
        return 0
    own = len(node["text"]) if isinstance(node.get("text"), str) else 0
    return own + sum(map(text_length, node.values()))


def _data_table(block: Json, report: Report) -> None:
    width = len(block["rows"][0])
    for position, row in enumerate(block["rows"]):
        if len(row) != width:
            report.at("rows").at(position).say("all rows must have the same number of columns")
    if any(cell["type"] == "rich_text" for cell in block["rows"][0]):
        report.at("rows").at(0).say("header cells must not be rich_text")
    if block.get("row_header_column_index", 0) >= width:
        report.at("row_header_column_index").say(f"must be less than or equal to {width - 1}")
    if text_length(block["rows"]) > limits.DATA_TABLE_CONTENT_MAX_LENGTH:
        report.at("rows").say(
            f"must be less than {limits.DATA_TABLE_CONTENT_MAX_LENGTH + 1} characters"
        )


def _chart(block: Json, report: Report) -> None:
    chart = block["chart"]
    if chart["type"] == "pie":
        return
    categories = sorted(chart["axis_config"]["categories"])
    for position, series in enumerate(chart["series"]):
        if sorted(point["label"] for point in series["data"]) != categories:
            place = report.at("chart").at("series").at(position)
            place.say("must have exactly one point for every category")


def _one_icon(block: Json, report: Report) -> None:
    if "icon" in block and "slack_icon" in block:
        report.say("must not define both `icon` and `slack_icon`")


_SERIES = shape(
    {
        "name": string(limits.DATA_VISUALIZATION_SERIES_NAME_MAX_LENGTH),
        "data": array(
            shape(
                {
                    "label": string(limits.DATA_VISUALIZATION_POINT_LABEL_MAX_LENGTH),
                    "value": number(),
                },
                is_typed=False,
            ),
            limits.DATA_VISUALIZATION_DATA_MAX_ITEMS,
            limits.DATA_VISUALIZATION_DATA_MIN_ITEMS,
        ),
    },
    is_typed=False,
)
_AXIS = shape(
    {
        "categories": array(
            string(limits.DATA_VISUALIZATION_CATEGORY_LABEL_MAX_LENGTH),
            limits.DATA_VISUALIZATION_CATEGORIES_MAX_ITEMS,
            limits.DATA_VISUALIZATION_CATEGORIES_MIN_ITEMS,
        )
    },
    {
        "x_label": string(limits.DATA_VISUALIZATION_AXIS_LABEL_MAX_LENGTH),
        "y_label": string(limits.DATA_VISUALIZATION_AXIS_LABEL_MAX_LENGTH),
    },
    checks=(unique("categories", "categories"),),
    is_typed=False,
)
_AXIS_CHART = shape(
    {
        "series": array(
            _SERIES,
            limits.DATA_VISUALIZATION_SERIES_MAX_ITEMS,
            limits.DATA_VISUALIZATION_SERIES_MIN_ITEMS,
        ),
        "axis_config": _AXIS,
    },
    checks=(unique("series.name", "series names"),),
)
_PIE = shape(
    {
        "segments": array(
            shape(
                {
                    "label": string(limits.DATA_VISUALIZATION_SEGMENT_LABEL_MAX_LENGTH),
                    "value": number(limits.DATA_VISUALIZATION_SEGMENT_VALUE_EXCLUSIVE_MIN),
                },
                is_typed=False,
            ),
            limits.DATA_VISUALIZATION_SEGMENTS_MAX_ITEMS,
            limits.DATA_VISUALIZATION_SEGMENTS_MIN_ITEMS,
        )
    }
)
_CARD = shape(
    {},
    _BLOCK
    | {
        "hero_image": by_type({"image": IMAGE}),
        "icon": by_type({"image": IMAGE}),
        "slack_icon": by_type({"icon": shape({"name": string()})}),
        "title": any_text(limits.CARD_TITLE_MAX_LENGTH),
        "subtitle": any_text(limits.CARD_SUBTITLE_MAX_LENGTH),
        "body": any_text(limits.CARD_BODY_MAX_LENGTH),
        "subtext": any_text(limits.CARD_SUBTEXT_MAX_LENGTH),
        "actions": array(by_type({"button": BUTTON}), limits.CARD_ACTIONS_MAX_ITEMS),
    },
    checks=(at_least_one("hero_image", "title", "body", "actions"), _one_icon),
)
_FEEDBACK_BUTTON = shape(
    {
        "text": plain_text(limits.FEEDBACK_BUTTON_TEXT_MAX_LENGTH),
        "value": string(limits.FEEDBACK_BUTTON_VALUE_MAX_LENGTH),
    },
    {"accessibility_label": string(limits.FEEDBACK_BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH)},
    is_typed=False,
)
_CONTEXT_ACTIONS = by_type(
    {
        "feedback_buttons": shape(
            {"positive_button": _FEEDBACK_BUTTON, "negative_button": _FEEDBACK_BUTTON},
            {"action_id": ACTION_ID},
        ),
        "icon_button": shape(
            {"icon": one_of("trash"), "text": plain_text()},
            {
                "action_id": ACTION_ID,
                "value": string(limits.ICON_BUTTON_VALUE_MAX_LENGTH),
                "confirm": CONFIRM,
                "accessibility_label": string(limits.ICON_BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH),
                "visible_to_user_ids": array(
                    string(), limits.ICON_BUTTON_VISIBLE_TO_USER_IDS_MAX_ITEMS
                ),
            },
        ),
    }
)
NEWER_BLOCKS: dict[str, Rule] = {
    "table": shape(
        {"rows": array(array(_CELL, limits.TABLE_COLUMNS_MAX_ITEMS), limits.TABLE_ROWS_MAX_ITEMS)},
        _BLOCK | {"column_settings": array(_COLUMN, limits.TABLE_COLUMN_SETTINGS_MAX_ITEMS)},
    ),
    "data_table": shape(
        {
            "rows": array(
                array(
                    _CELL,
                    limits.DATA_TABLE_COLUMNS_MAX_ITEMS,
                    limits.DATA_TABLE_COLUMNS_MIN_ITEMS,
                ),
                limits.DATA_TABLE_ROWS_MAX_ITEMS,
                limits.DATA_TABLE_ROWS_MIN_ITEMS,
            ),
            "caption": string(),
        },
        _BLOCK
        | {
            "page_size": integer(limits.DATA_TABLE_PAGE_SIZE_MIN, limits.DATA_TABLE_PAGE_SIZE_MAX),
            "row_header_column_index": integer(limits.DATA_TABLE_ROW_HEADER_COLUMN_INDEX_MIN),
        },
        checks=(_data_table,),
    ),
    "data_visualization": shape(
        {
            "title": string(limits.DATA_VISUALIZATION_TITLE_MAX_LENGTH),
            "chart": by_type(
                {"pie": _PIE, "bar": _AXIS_CHART, "line": _AXIS_CHART, "area": _AXIS_CHART}
            ),
        },
        _BLOCK,
        checks=(_chart,),
    ),
    "alert": shape(
        {"text": any_text(limits.ALERT_TEXT_MAX_LENGTH)},
        _BLOCK | {"level": one_of("default", "info", "warning", "error", "success")},
    ),
    "card": _CARD,
    "carousel": shape(
        {
            "elements": array(
                by_type({"card": _CARD}),
                limits.CAROUSEL_ELEMENTS_MAX_ITEMS,
                limits.CAROUSEL_ELEMENTS_MIN_ITEMS,
            )
        },
        _BLOCK,
    ),
    "context_actions": shape(
        {"elements": array(_CONTEXT_ACTIONS, limits.CONTEXT_ACTIONS_ELEMENTS_MAX_ITEMS)}, _BLOCK
    ),
    "task_card": shape(_TASK, _BLOCK | _TASK_MORE),
    "plan": shape(
        {
            "title": string(),
            "tasks": array(shape(_TASK, _TASK_MORE), limits.PLAN_TASKS_MAX_ITEMS),
        },
        _BLOCK,
        checks=(unique("tasks.task_id", "task ids"),),
    ),
}
