"""Each element is checked as strictly as Slack does, and each problem points at its place."""

from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from sandbox.slack.blockkit import (
    message_problems,
)
from tests.sandbox.slack.blocks import (
    button,
    field,
    mrkdwn,
    option,
    plain,
    section,
    text_input,
)
from tests.sandbox.slack.samples import OPTIONS, select
from tests.sandbox.slack.test_bad_blocks import BAD_BLOCKS

Json = dict[str, Any]

BAD_ELEMENTS = [
    pytest.param(
        section(accessory=select(options=OPTIONS)),
        "no more than 100",
        "/accessory/options",
        id="options-101",
    ),
    pytest.param(
        section(accessory=select(options=[])),
        "no fewer than 1",
        "/accessory/options",
        id="no-options",
    ),
    pytest.param(
        section(accessory=select()), "exactly one of", "/accessory", id="neither-options-nor-groups"
    ),
    pytest.param(
        section(
            accessory=select(
                options=OPTIONS[:1], option_groups=[{"label": plain(), "options": OPTIONS[:1]}]
            )
        ),
        "exactly one of",
        "/accessory",
        id="options-and-groups",
    ),
    pytest.param(
        section(accessory=select(options=[option("v" * 151, "a")])),
        "must be less than 151",
        "/accessory/options/0/value",
        id="option-value",
    ),
    pytest.param(
        section(accessory=select(options=[option("a", "x" * 76)])),
        "must be less than 76",
        "/accessory/options/0/text/text",
        id="option-text",
    ),
    pytest.param(
        section(accessory=select(options=[{"text": mrkdwn(), "value": "a"}])),
        "unsupported type",
        "/accessory/options/0/text/type",
        id="option-mrkdwn",
    ),
    pytest.param(
        section(accessory=select(options=[option("a") | {"url": "https://example.com"}])),
        "invalid additional property: url",
        "/accessory/options/0",
        id="option-url",
    ),
    pytest.param(
        section(accessory=select(options=OPTIONS[:2], initial_option=option("1", "other words"))),
        "must exactly match one of the provided options",
        "/accessory/initial_option",
        id="initial-option-differs",
    ),
    pytest.param(
        section(
            accessory=select(
                "multi_static_select",
                options=OPTIONS[:3],
                initial_options=OPTIONS[:3],
                max_selected_items=2,
            )
        ),
        "no more than 2",
        "/accessory/initial_options",
        id="too-many-chosen",
    ),
    pytest.param(
        section(accessory={"type": "overflow", "options": OPTIONS[:6]}),
        "no more than 5",
        "/accessory/options",
        id="overflow-6",
    ),
    pytest.param(
        section(accessory={"type": "radio_buttons", "options": OPTIONS[:11]}),
        "no more than 10",
        "/accessory/options",
        id="radio-11",
    ),
    pytest.param(
        section(accessory={"type": "timepicker", "initial_time": "9:30"}),
        "HH:mm",
        "/accessory/initial_time",
        id="time",
    ),
    pytest.param(
        section(accessory={"type": "timepicker", "timezone": "Middle/Earth"}),
        "IANA",
        "/accessory/timezone",
        id="zone",
    ),
    pytest.param(
        field("b", button("a")), "unsupported type", "/element/type", id="button-in-input"
    ),
    pytest.param(
        field("b", {"type": "password_text_input"}),
        "unsupported type",
        "/element/type",
        id="no-masked-field",
    ),
    pytest.param(
        field("b", {"type": "file_input"}), "only allowed in modals", "/element", id="file-input"
    ),
    pytest.param(
        field("b", text_input(min_length=5, max_length=2)),
        "max_length",
        "/element/min_length",
        id="bounds",
    ),
    pytest.param(
        field("b", {"type": "number_input", "is_decimal_allowed": False, "min_value": 1}),
        "a number inside a string",
        "/element/min_value",
        id="number-bounds-are-strings",
    ),
    pytest.param(
        field("b", {"type": "number_input"}), "is_decimal_allowed", "/element", id="decimals"
    ),
]


@pytest.mark.parametrize(("block", "words", "place"), BAD_ELEMENTS)
def test_an_element_is_refused(block: Json, words: str, place: str) -> None:
    problems = message_problems([section(), block])

    assert any(words in p and f"[json-pointer:/blocks/1{place}]" in p for p in problems), problems


def test_what_the_sdk_refuses_is_refused_here_too() -> None:
    refused = []
    for case in [*BAD_BLOCKS, *BAD_ELEMENTS]:
        block = case.values[0]
        try:
            parsed = Block.parse(block)  # type: ignore[arg-type]
            if parsed is not None:
                parsed.to_dict()
        except (SlackObjectFormationError, AttributeError, TypeError):
            refused.append(block)

    assert len(refused) > 10
    assert all(message_problems([block]) for block in refused)
