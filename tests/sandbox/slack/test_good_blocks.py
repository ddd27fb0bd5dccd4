"""What Slack takes is taken, and an independent library agrees."""

from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from sandbox.slack.blockkit import (
    message_problems,
)
from tests.sandbox.slack.blocks import (
    actions,
    button,
    confirm,
    field,
    mrkdwn,
    option,
    plain,
    section,
    text_input,
)
from tests.sandbox.slack.samples import AXES, CELL, CHART, OPTIONS, RICH, select

Json = dict[str, Any]

GOOD_BLOCKS = [
    pytest.param(section(), id="section"),
    pytest.param({"type": "section", "fields": [mrkdwn(), plain()]}, id="fields-only"),
    pytest.param(section(accessory=button("a", confirm=confirm())), id="accessory-with-confirm"),
    pytest.param({"type": "header", "text": plain(), "level": 2}, id="header"),
    pytest.param({"type": "divider"}, id="divider"),
    pytest.param({"type": "context", "elements": [mrkdwn(), plain()]}, id="context"),
    pytest.param(actions(button("a", style="danger", value="v" * 2000)), id="actions"),
    pytest.param(section(accessory=select(options=OPTIONS[:100])), id="hundred-options"),
    pytest.param(
        section(accessory=select(options=OPTIONS[:2], initial_option=option("1"))), id="initial"
    ),
    pytest.param(
        section(
            accessory=select(
                "multi_static_select",
                option_groups=[{"label": plain(), "options": OPTIONS[:3]}],
                initial_options=[option("0"), option("2")],
                max_selected_items=2,
            )
        ),
        id="groups",
    ),
    pytest.param(
        actions(
            {
                "type": "checkboxes",
                "options": [{"text": mrkdwn("*a*"), "value": "a"}],
                "initial_options": [{"text": mrkdwn("*a*"), "value": "a"}],
            },
            {"type": "timepicker", "initial_time": "09:30", "timezone": "Europe/Paris"},
            {"type": "datepicker", "initial_date": "2030-02-28"},
            {"type": "overflow", "options": [option("a") | {"url": "https://example.com"}]},
        ),
        id="pickers",
    ),
    pytest.param(field("b", text_input(), hint=plain(), optional=True), id="input-in-message"),
    pytest.param(
        {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"}, id="image"
    ),
    pytest.param(RICH, id="rich-text"),
    pytest.param({"type": "markdown", "text": "# a"}, id="markdown"),
    pytest.param({"type": "table", "rows": [[CELL, RICH]]}, id="table"),
    pytest.param({"type": "data_table", "caption": "a", "rows": [[CELL], [CELL]]}, id="data-table"),
    pytest.param({"type": "data_visualization", "title": "a", "chart": CHART}, id="pie"),
    pytest.param({"type": "data_visualization", "title": "a", "chart": AXES}, id="bar"),
    pytest.param({"type": "card", "title": plain(), "actions": [button("a")]}, id="card"),
    pytest.param(
        {"type": "container", "title": plain(), "child_blocks": [section()]}, id="container"
    ),
    pytest.param(
        {
            "type": "plan",
            "title": "a",
            "tasks": [{"task_id": "1", "title": "a", "status": "pending"}],
        },
        id="plan",
    ),
]


@pytest.mark.parametrize("block", GOOD_BLOCKS)
def test_a_message_takes(block: Json) -> None:
    assert message_problems([block]) == ()


@pytest.mark.parametrize("block", GOOD_BLOCKS)
def test_the_sdk_has_nothing_against_what_we_take(block: Json) -> None:
    parsed = Block.parse(block)
    if parsed is not None:
        parsed.to_dict()
