"""Whole messages, dialogs, home tabs and suggestions are checked as Slack does."""

from typing import Any

import pytest

from sandbox.slack.blockkit import (
    home_problems,
    message_problems,
    modal_problems,
    options_problems,
)
from tests.sandbox.slack.blocks import (
    actions,
    button,
    field,
    modal,
    mrkdwn,
    plain,
    section,
    text_input,
)
from tests.sandbox.slack.samples import CELL, CHART, OPTIONS, select

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        pytest.param([section()] * 51, "no more than 50 items", id="51-blocks"),
        pytest.param(
            [section(block_id="b")] * 2, '`block_id` "b" already exists', id="same-block-id"
        ),
        pytest.param(
            [
                {"type": "container", "title": plain(), "child_blocks": [section(block_id="b")]},
                section(block_id="b"),
            ],
            '`block_id` "b" already exists',
            id="same-block-id-inside",
        ),
        pytest.param(
            [{"type": "table", "rows": [[CELL]]}] * 2, "only_one_table_allowed", id="two-tables"
        ),
        pytest.param(
            [{"type": "data_visualization", "title": "a", "chart": CHART}] * 3,
            "no more than 2",
            id="three-charts",
        ),
        pytest.param(
            [{"type": "markdown", "text": "x" * 7000}] * 2, "12001", id="markdown-together"
        ),
        pytest.param("words", "must be an array", id="not-an-array"),
    ],
)
def test_a_whole_message_refuses(blocks: Any, words: str) -> None:
    assert any(words in problem for problem in message_problems(blocks))


def test_the_same_action_may_stand_in_several_blocks() -> None:
    assert message_problems([actions(button("a")), actions(button("a"))]) == ()


BAD_VIEWS = [
    pytest.param(
        modal(title="x" * 25), "less than 25 characters [json-pointer:/view/title/text]", id="title"
    ),
    pytest.param(modal(submit=plain("x" * 25)), "[json-pointer:/view/submit/text]", id="submit"),
    pytest.param(modal(close=plain("x" * 25)), "[json-pointer:/view/close/text]", id="close"),
    pytest.param(
        modal(title="") | {"title": mrkdwn()}, "[json-pointer:/view/title/type]", id="title-mrkdwn"
    ),
    pytest.param(
        modal(private_metadata="x" * 3001), "[json-pointer:/view/private_metadata]", id="metadata"
    ),
    pytest.param(
        modal(callback_id="x" * 256), "[json-pointer:/view/callback_id]", id="callback-id"
    ),
    pytest.param(
        modal(external_id="x" * 256), "[json-pointer:/view/external_id]", id="external-id"
    ),
    pytest.param(modal(*[section()] * 101), "no more than 100 items", id="101-blocks"),
    pytest.param(
        {"type": "modal", "blocks": []},
        "missing required field: title [json-pointer:/view]",
        id="no-title",
    ),
    pytest.param(
        {"type": "modal", "title": plain()}, "missing required field: blocks", id="no-blocks"
    ),
    pytest.param({"type": "window"}, "unsupported type: window", id="type"),
    pytest.param(modal(hash="1"), "invalid additional property: hash", id="field-of-an-answer"),
    pytest.param(
        {"type": "modal", "title": plain(), "blocks": [field("b", text_input())]},
        "missing required field: submit",
        id="input-without-submit",
    ),
    pytest.param(modal({"type": "table", "rows": [[CELL]]}), "unsupported type: table", id="table"),
    pytest.param(
        modal({"type": "markdown", "text": "a"}), "unsupported type: markdown", id="markdown"
    ),
    pytest.param(
        modal(field("b", text_input()), field("b", text_input())),
        '`block_id` "b" already exists [json-pointer:/view/blocks/1/block_id]',
        id="same-block-id",
    ),
    pytest.param(
        modal(
            field("a", text_input(focus_on_load=True)), field("b", text_input(focus_on_load=True))
        ),
        "focus_on_load",
        id="two-focused",
    ),
]


@pytest.mark.parametrize(("view", "words"), BAD_VIEWS)
def test_a_dialog_refuses(view: Json, words: str) -> None:
    problems = modal_problems(view)

    assert any(words in problem for problem in problems), problems


def test_a_dialog_takes_what_only_dialogs_may_hold() -> None:
    menu = select("conversations_select", response_url_enabled=True)

    view = modal({"type": "alert", "text": plain(), "level": "warning"}, field("b", menu))

    assert modal_problems(view) == ()


def test_a_home_tab_refuses_a_title_and_takes_a_table() -> None:
    table = {"type": "table", "rows": [[CELL]]}

    assert home_problems({"type": "home", "blocks": [table]}) == ()
    assert "title" in home_problems({"type": "home", "blocks": [], "title": plain()})[0]


@pytest.mark.parametrize(
    ("answer", "is_good"),
    [
        pytest.param({"options": []}, True, id="no-results"),
        pytest.param({"options": OPTIONS[:100]}, True, id="hundred"),
        pytest.param({"options": OPTIONS}, False, id="101"),
        pytest.param({}, False, id="nothing"),
        pytest.param({"options": [], "option_groups": []}, False, id="both"),
    ],
)
def test_suggestions_are_checked(answer: Json, is_good: bool) -> None:
    assert (options_problems(answer) == ()) is is_good
