"""Each block is checked as strictly as Slack does, and each problem points at its place."""

from typing import Any

import pytest

from sandbox.slack.blockkit import (
    message_problems,
)
from tests.sandbox.slack.blocks import (
    actions,
    button,
    confirm,
    mrkdwn,
    plain,
    section,
    text_input,
)
from tests.sandbox.slack.samples import AXES, CELL

Json = dict[str, Any]

BAD_BLOCKS = [
    pytest.param({"text": plain()}, "missing required field: type", "", id="no-type"),
    pytest.param({"type": "mystery"}, "unsupported type: mystery", "/type", id="unknown-type"),
    pytest.param({"type": ["section"]}, "unsupported type", "/type", id="type-is-a-list"),
    pytest.param(
        {"type": "section"}, "must define either `text` or `fields`", "", id="empty-section"
    ),
    pytest.param(section(""), "must be more than 0 characters", "/text/text", id="empty-text"),
    pytest.param(section("x" * 3001), "must be less than 3001 characters", "/text/text", id="3001"),
    pytest.param(section() | {"text": "words"}, "must provide an object", "/text", id="bare-text"),
    pytest.param(section(colour="red"), "invalid additional property: colour", "", id="extra"),
    pytest.param(section(accessory=None), "must provide an object", "/accessory", id="null"),
    pytest.param(
        section() | {"text": mrkdwn() | {"emoji": True}},
        "invalid additional property: emoji",
        "/text",
        id="emoji-in-mrkdwn",
    ),
    pytest.param(section(block_id="b" * 256), "must be less than 256", "/block_id", id="block-id"),
    pytest.param(
        {"type": "section", "fields": [mrkdwn()] * 11},
        "no more than 10 items",
        "/fields",
        id="11-fields",
    ),
    pytest.param(
        {"type": "section", "fields": [mrkdwn("x" * 2001)]},
        "must be less than 2001 characters",
        "/fields/0/text",
        id="long-field",
    ),
    pytest.param(
        section(accessory=text_input()), "unsupported type", "/accessory/type", id="text-field"
    ),
    pytest.param(
        section(accessory={"type": "datetimepicker"}),
        "unsupported type",
        "/accessory/type",
        id="moment",
    ),
    pytest.param(
        {"type": "header", "text": mrkdwn()}, "unsupported type", "/text/type", id="header-mrkdwn"
    ),
    pytest.param(
        {"type": "header", "text": plain("x" * 151)},
        "must be less than 151",
        "/text/text",
        id="header-151",
    ),
    pytest.param(
        {"type": "header", "text": plain(), "level": 5}, "less than or equal", "/level", id="level"
    ),
    pytest.param(
        {"type": "context", "elements": []}, "no fewer than 1", "/elements", id="empty-context"
    ),
    pytest.param(
        {"type": "context", "elements": [plain()] * 11},
        "no more than 10",
        "/elements",
        id="context-11",
    ),
    pytest.param(
        {"type": "context", "elements": [button("a")]},
        "unsupported type",
        "/elements/0/type",
        id="button-in-context",
    ),
    pytest.param(actions(), "no fewer than 1", "/elements", id="empty-actions"),
    pytest.param(
        actions(*(button(str(n)) for n in range(26))),
        "no more than 25",
        "/elements",
        id="actions-26",
    ),
    pytest.param(
        actions(button("a", "x" * 76)), "must be less than 76", "/elements/0/text/text", id="label"
    ),
    pytest.param(
        actions(button("a") | {"text": mrkdwn()}),
        "unsupported type",
        "/elements/0/text/type",
        id="label-mrkdwn",
    ),
    pytest.param(
        actions(button("a", value="v" * 2001)), "less than 2001", "/elements/0/value", id="value"
    ),
    pytest.param(
        actions(button("a", style="default")), "enum value", "/elements/0/style", id="style"
    ),
    pytest.param(
        actions(button("a", confirm={"title": plain()})),
        "missing required field: deny",
        "/elements/0/confirm",
        id="half-a-confirm",
    ),
    pytest.param(
        actions(button("a", confirm=confirm("x" * 301))),
        "must be less than 301",
        "/elements/0/confirm/text/text",
        id="long-confirm",
    ),
    pytest.param(
        actions(button("a"), button("a"), block_id="b"),
        '`action_id` "a" already exists for `block_id` "b"',
        "/elements/1/action_id",
        id="same-action-twice-in-a-block",
    ),
    pytest.param(
        {"type": "image", "alt_text": "a"}, "exactly one of", "", id="image-without-source"
    ),
    pytest.param(
        {"type": "alert", "text": plain()},
        "unsupported type: alert",
        "/type",
        id="alert-in-message",
    ),
    pytest.param(
        {"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]},
        "more than 0",
        "/rows/0/0/text",
        id="cell",
    ),
    pytest.param(
        {"type": "table", "rows": [[CELL] * 21]}, "no more than 20", "/rows/0", id="21-cells"
    ),
    pytest.param(
        {"type": "table", "rows": [[CELL]] * 101}, "no more than 100", "/rows", id="101-rows"
    ),
    pytest.param(
        {"type": "data_table", "caption": "a", "rows": [[CELL], [CELL, CELL]]},
        "same number of columns",
        "/rows/1",
        id="ragged",
    ),
    pytest.param(
        {
            "type": "data_visualization",
            "title": "a",
            "chart": AXES | {"axis_config": {"categories": ["x"]}},
        },
        "exactly one point for every category",
        "/chart/series/0",
        id="chart-categories",
    ),
    pytest.param({"type": "card"}, "must define either", "", id="empty-card"),
    pytest.param(
        {
            "type": "container",
            "title": plain(),
            "child_blocks": [{"type": "markdown", "text": "a"}],
        },
        "unsupported type",
        "/child_blocks/0/type",
        id="child",
    ),
    pytest.param(
        {"type": "task_card", "task_id": "1", "title": "a", "status": "pending"},
        "must not be pending",
        "/status",
        id="task",
    ),
]


@pytest.mark.parametrize(("block", "words", "place"), BAD_BLOCKS)
def test_a_message_refuses(block: Json, words: str, place: str) -> None:
    problems = message_problems([section(), block])

    assert any(words in p and f"[json-pointer:/blocks/1{place}]" in p for p in problems), problems
