"""Small Block Kit building blocks for the tests."""

from typing import Any

Json = dict[str, Any]


def plain(text: str = "words") -> Json:
    """Return a plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "words") -> Json:
    """Return a mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def section(text: str = "words", **fields: Any) -> Json:
    """Return a section."""
    return {"type": "section", "text": mrkdwn(text), **fields}


def option(value: str, text: str | None = None) -> Json:
    """Return a menu's option."""
    return {"text": plain(text or value), "value": value}


def button(action_id: str, text: str = "Press", **fields: Any) -> Json:
    """Return a button."""
    return {"type": "button", "action_id": action_id, "text": plain(text), **fields}


def actions(*elements: Json, **fields: Any) -> Json:
    """Return an actions block."""
    return {"type": "actions", "elements": list(elements), **fields}


def field(block_id: str, element: Json, label: str = "Label", **fields: Any) -> Json:
    """Return an input block."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        **fields,
    }


def text_input(action_id: str = "text", **fields: Any) -> Json:
    """Return a plain text field."""
    return {"type": "plain_text_input", "action_id": action_id, **fields}


def confirm(text: str = "Really?") -> Json:
    """Return a confirmation."""
    return {
        "title": plain("Sure?"),
        "text": plain(text),
        "confirm": plain("Yes"),
        "deny": plain("No"),
    }


def modal(*blocks: Json, title: str = "Dialog", **fields: Any) -> Json:
    """Return a dialog with a submit button."""
    return {
        "type": "modal",
        "title": plain(title),
        "submit": plain("Save"),
        "blocks": list(blocks) or [section()],
        **fields,
    }
