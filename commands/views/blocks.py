"""Builders for the blocks of messages and dialogs. Text from outside is escaped before it comes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from commands.views.ids import Button
from commands.views.text import as_sentence, shorten

#: One block, element or composition object, as Slack's JSON has it.
Block: TypeAlias = dict[str, Any]
#: One modal, as views.open takes it.
View: TypeAlias = dict[str, Any]
Style: TypeAlias = Literal["primary", "danger"]

#: Limits of docs.slack.dev/reference/block-kit, in characters.
HEADER_LENGTH = 150
BUTTON_LENGTH = 75
CONFIRM_TITLE_LENGTH = 100
CONFIRM_TEXT_LENGTH = 300
CONFIRM_BUTTON_LENGTH = 30
PLAIN_LENGTH = 3000


@dataclass(frozen=True, slots=True)
class Message:
    """What to post: the blocks, and the text for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...]


def plain(text: str, limit: int = PLAIN_LENGTH) -> Block:
    """Build a text that Slack draws as it is; emoji codes stay codes."""
    return {"type": "plain_text", "text": shorten(text, limit) or "-", "emoji": False}


def mrkdwn(text: str) -> Block:
    """Build a formatted text. Verbatim: Slack links no words of its own accord."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(text: str) -> Block:
    """Build a heading from raw text; headings need no escaping."""
    return {"type": "header", "text": plain(text, HEADER_LENGTH)}


def section(text: str, accessory: Block | None = None) -> Block:
    """Build a paragraph, with an element such as a button beside it."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return block if accessory is None else {**block, "accessory": accessory}


def fields(pairs: Iterable[tuple[str, str]]) -> Block:
    """Build at most ten pairs of name and value in two columns (one column on a phone)."""
    return {
        "type": "section",
        "fields": [mrkdwn(f"*{name}*\n{value}") for name, value in pairs],
    }


def context(*texts: str) -> Block:
    """Build at most ten small grey texts."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def note(sentence: str | None) -> tuple[Block, ...]:
    """Build the paragraph for what hinders the work just now; nothing where nothing does."""
    text = as_sentence(sentence or "")
    return (section(text),) if text else ()


def divider() -> Block:
    """Build a line across."""
    return {"type": "divider"}


def actions(*elements: Block, block_id: str | None = None) -> Block:
    """Build a row of elements."""
    block: Block = {"type": "actions", "elements": list(elements)}
    return block if block_id is None else {**block, "block_id": block_id}


def button(
    text: str,
    action: Button,
    value: int | str,
    *,
    style: Style | None = None,
    ask: Block | None = None,
) -> Block:
    """Build a button that carries one id; `ask` is the confirmation that it shows first."""
    element: Block = {
        "type": "button",
        "text": plain(text, BUTTON_LENGTH),
        "action_id": action.value,
        "value": str(value),
    }
    if style is not None:
        element["style"] = style
    if ask is not None:
        element["confirm"] = ask
    return element


def confirm(
    title: str, text: str, yes: str, no: str = "Go back", *, style: Style = "primary"
) -> Block:
    """Build the question a button asks before it acts, from raw text."""
    return {
        "title": plain(title, CONFIRM_TITLE_LENGTH),
        "text": plain(text, CONFIRM_TEXT_LENGTH),
        "confirm": plain(yes, CONFIRM_BUTTON_LENGTH),
        "deny": plain(no, CONFIRM_BUTTON_LENGTH),
        "style": style,
    }
