"""Slack's message text: what is escaped on the way in, and which marks call everybody.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

# User, channel and special marks, and links: everything else that looks like one is escaped.
_CONTROL = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#C[A-Z0-9]+|![a-z]+[^<>]*|(?:https?://|mailto:|tel:)[^<>]+)(?:\|[^<>]*)?>"
)
_LONE_AMPERSAND = re.compile(r"&(?!amp;|lt;|gt;)")
_BROADCAST = re.compile(r"<!(?:channel|here|everyone|group)(?:\|[^<>]*)?>")
_BARE_BROADCAST = re.compile(r"(?<![\w@])@(?:channel|here|everyone)\b")


def escaped(text: str) -> str:
    """Return the text as Slack stores it: `&`, `<` and `>` outside of marks become entities."""
    parts: list[str] = []
    end = 0
    for mark in _CONTROL.finditer(text):
        parts.append(_escape_plain(text[end : mark.start()]))
        parts.append(mark.group())
        end = mark.end()
    parts.append(_escape_plain(text[end:]))
    return "".join(parts)


def _escape_plain(text: str) -> str:
    return _LONE_AMPERSAND.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """Return the text as a person reads it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def calls_everybody(text: str, *, parse_names: bool = False) -> bool:
    """Tell whether the text notifies a whole channel (bare @channel counts with parse=full)."""
    if _BROADCAST.search(text):
        return True
    return parse_names and _BARE_BROADCAST.search(text) is not None


def mrkdwn_texts(node: Any) -> Iterator[str]:
    """Yield every mrkdwn text inside blocks, and a mark for each rich text broadcast."""
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn" and isinstance(node.get("text"), str):
            yield node["text"]
        if node.get("type") == "markdown" and isinstance(node.get("text"), str):
            yield node["text"]
        if node.get("type") == "broadcast":
            yield f"<!{node.get('range', 'channel')}>"
        yield from _inside(node.values())
    elif isinstance(node, list):
        yield from _inside(node)


def _inside(nodes: Iterable[Any]) -> Iterator[str]:
    for child in nodes:
        yield from mrkdwn_texts(child)
