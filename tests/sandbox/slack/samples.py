"""Small pieces of Block Kit that several tests vary."""

from typing import Any

from tests.sandbox.slack.blocks import option

Json = dict[str, Any]


def select(kind: str = "static_select", **fields: Any) -> Json:
    """Return a menu."""
    return {"type": kind, "action_id": "menu", **fields}


OPTIONS = [option(str(number)) for number in range(101)]
CHART = {"type": "pie", "segments": [{"label": "Safe", "value": 3}]}
AXES = {
    "type": "bar",
    "series": [{"name": "June", "data": [{"label": "Safe", "value": 3}]}],
    "axis_config": {"categories": ["Safe"]},
}
CELL = {"type": "raw_text", "text": "a"}
RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "a"}]}],
}
