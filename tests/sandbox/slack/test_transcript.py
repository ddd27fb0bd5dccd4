"""Messages and dialogs read well as plain text."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import FakeSlack, View, as_text
from sandbox.slack.drawing import drawn_view
from tests.sandbox.slack.blocks import (
    actions,
    button,
    field,
    modal,
    mrkdwn,
    option,
    plain,
    section,
    text_input,
)


async def test_a_message_reads_from_top_to_bottom(slack: FakeSlack, client: AsyncWebClient) -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain("Results")},
        section("Asked by <@U0OWNER>", accessory=button("more", "Details")),
        {
            "type": "section",
            "fields": [mrkdwn("*Safe*\n1,200"), mrkdwn("*Invalid*\n31"), mrkdwn("*Risky*\n4")],
        },
        {"type": "divider"},
        {
            "type": "table",
            "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_number", "value": 1}]],
        },
        actions(button("ok", "Approve"), button("no", "Reject")),
        {"type": "context", "elements": [mrkdwn("Run 7")]},
    ]
    await client.chat_postMessage(channel="C0GENERAL", text="Results", blocks=blocks)

    text = slack.as_text(slack.messages("general")[0])

    assert text.split("\n") == [
        "# Results",
        "Asked by @owner  [Details]",
        "Safe    Invalid",
        "1,200   31",
        "Risky",
        "4",
        "─" * 40,
        "a  1",
        "[Approve] [Reject]",
        "· Run 7",
    ]


def test_a_dialog_shows_what_is_filled_in_and_what_is_wrong() -> None:
    view = modal(
        field("name", text_input(), "Name", hint=plain("Any name"), optional=True),
        field(
            "what",
            {
                "type": "static_select",
                "action_id": "a",
                "options": [option("keep", "Keep")],
                "initial_option": option("keep", "Keep"),
            },
            "Action",
        ),
        field(
            "on",
            {
                "type": "checkboxes",
                "action_id": "a",
                "options": [option("x", "Enabled"), option("y", "Loud")],
                "initial_options": [option("x", "Enabled")],
            },
            "Switches",
        ),
        title="Clean up",
        close=plain("Not now"),
    )
    drawn = View("V1", "U0OWNER", drawn_view(view), "1.a", "V1")
    drawn.values = {"name": {"text": {"type": "plain_text_input", "value": "Main"}}}
    drawn.errors = {"name": "Taken already."}

    assert as_text(drawn).split("\n") == [
        "╭ Clean up",
        "  Name (optional): [Main]",
        "    (Any name)",
        "    ! Taken already.",
        "  Action: <Keep>",
        "  Switches: [x] Enabled  [ ] Loud",
        "╰ [Not now] [Save]",
    ]
