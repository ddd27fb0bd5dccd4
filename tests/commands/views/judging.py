"""What the tests ask of every view: Slack would take it, and nothing in it is more than text."""

import json
import re
from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.views import View as SdkView

from commands.views.blocks import Message, View
from sandbox.slack.blockkit import message_problems, modal_problems

#: docs.slack.dev, chat.update: longer texts are refused.
TEXT_LENGTH = 4000
#: The only control sequences that a view writes itself.
_OWN_SEQUENCES = re.compile(
    r"<@[UW][A-Z0-9]+>|<#[CGD][A-Z0-9]+>|<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[^<>|]+>"
)
_ENTITY = re.compile(r"&(amp|lt|gt);")


def judge_message(message: Message) -> None:
    """Fail unless Slack would take the message and draw names as they are."""
    blocks = json.loads(json.dumps(message.blocks))
    assert message_problems(blocks) == ()
    for block in blocks:
        parsed = SdkBlock.parse(block)
        assert parsed is not None
        parsed.to_dict()
    assert 0 < len(message.text) <= TEXT_LENGTH
    _judge_markup(message.text)
    for text in mrkdwn_texts(blocks):
        _judge_markup(text)


def judge_view(view: View) -> None:
    """Fail unless Slack would open the dialog and draw names as they are."""
    content = json.loads(json.dumps(view))
    assert modal_problems(content) == ()
    SdkView(**content).to_dict()
    for text in mrkdwn_texts(content["blocks"]):
        _judge_markup(text)


def mrkdwn_texts(node: Any) -> Iterator[str]:
    """Go through every formatted text in blocks."""
    if isinstance(node, list):
        for item in node:
            yield from mrkdwn_texts(item)
    elif isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            assert node["verbatim"] is True
            yield node["text"]
        for item in node.values():
            yield from mrkdwn_texts(item)


def elements(view: View | Message) -> Iterator[dict[str, Any]]:
    """Go through the elements that a person can use, with their block's id."""
    blocks = view.blocks if isinstance(view, Message) else view["blocks"]
    for block in blocks:
        within = [*block.get("elements", []), block.get("element"), block.get("accessory")]
        for element in within:
            if element is not None and "action_id" in element:
                yield {**element, "block_id": block.get("block_id", "")}


def buttons(view: View | Message) -> dict[str, str]:
    """Map the action_id of each button to its value."""
    return {e["action_id"]: e["value"] for e in elements(view) if e["type"] == "button"}


def words(view: View | Message) -> str:
    """Join all that a person reads."""
    blocks = view.blocks if isinstance(view, Message) else view["blocks"]
    return "\n".join(_strings(list(blocks)))


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _strings(item)
    elif isinstance(node, dict):
        if node.get("type") in {"mrkdwn", "plain_text"}:
            yield node["text"]
        for item in node.values():
            yield from _strings(item)


def _judge_markup(text: str) -> None:
    rest = _OWN_SEQUENCES.sub("", text)
    assert "<" not in rest
    assert ">" not in rest
    assert "&" not in _ENTITY.sub("", rest)
