"""conversations.history: what was said in a conversation, the newest first.

https://docs.slack.dev/reference/methods/conversations.history
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from sandbox.slack.arguments import flag_argument, text_argument
from sandbox.slack.errors import Refusal
from sandbox.slack.methods.chat import message_json
from sandbox.slack.records import Json, Message
from sandbox.slack.store import Store
from sandbox.slack.web_api import Method, missing_scope
from sandbox.slack.workspace import Channel

LIMIT_DEFAULT = 100
LIMIT_MAX = 999
_TIME = re.compile(r"\d+(\.\d{1,6})?")
_CURSOR = "next_ts:"


@dataclass(frozen=True, slots=True)
class Span:
    """Hold the time that is asked for, in microseconds since 1970; None is without an end."""

    oldest: int | None
    latest: int | None
    is_inclusive: bool
    #: The page before ended with a message of this time.
    before: int | None

    @classmethod
    def asked_for(cls, arguments: Json) -> Self:
        """Read the arguments.

        Raises:
            Refusal: invalid_ts_oldest, invalid_ts_latest or invalid_cursor.
        """
        return cls(
            oldest=_time(arguments, "oldest"),
            latest=_time(arguments, "latest"),
            is_inclusive=flag_argument(arguments, "inclusive"),
            before=_cursor(text_argument(arguments, "cursor")),
        )

    def has(self, at: int) -> bool:
        """Tell whether a time is in it."""
        if self.before is not None and at >= self.before:
            return False
        if self.is_inclusive and at in (self.oldest, self.latest):
            return True
        return (self.oldest is None or at > self.oldest) and (
            self.latest is None or at < self.latest
        )


class History:
    """Answer what a conversation's history is; threads are not in it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by name."""
        reading = ("channels:history", "groups:history", "im:history", "mpim:history")
        optional = ("cursor", "include_all_metadata", "inclusive", "latest", "limit", "oldest")
        return {"conversations.history": Method(self._history, ("channel",), optional, reading)}

    def _history(self, arguments: Json) -> Json:
        channel = self._readable(text_argument(arguments, "channel"))
        span = Span.asked_for(arguments)
        found = [each for each in self._messages(channel) if span.has(_micros(each.ts))]
        limit, with_metadata = _limit(arguments), flag_argument(arguments, "include_all_metadata")
        page = [self._drawn(each, with_metadata) for each in found[:limit]]
        answer: Json = {"messages": page, "has_more": len(found) > limit, "pin_count": 0}
        if answer["has_more"]:
            cursor = base64.b64encode(f"{_CURSOR}{_micros(page[-1]['ts'])}".encode()).decode()
            answer["response_metadata"] = {"next_cursor": cursor}
        return answer

    def _readable(self, key: str) -> Channel:
        store = self._store
        channel = store.channels.get(key)
        is_member = channel is not None and store.app.bot_user in channel.members
        if channel is None or (channel.is_private and not is_member):
            raise Refusal("channel_not_found")
        # Each kind of conversation has a scope of its own.
        kind = "im" if channel.is_im else "groups" if channel.is_private else "channels"
        if f"{kind}:history" not in store.app.scopes:
            raise missing_scope((f"{kind}:history",), store.app.scopes)
        if not is_member:
            raise Refusal("not_in_channel")
        return channel

    def _messages(self, channel: Channel) -> list[Message]:
        """Return what everybody sees in the conversation itself, the newest first."""
        return [
            each
            for each in reversed(self._store.posts)
            if each.channel == channel.id
            and not each.deleted
            and each.visible_to is None
            and (each.thread_ts is None or each.reply_broadcast)
        ]

    def _drawn(self, message: Message, with_metadata: bool) -> Json:
        drawn = message_json(message, self._store)
        if not with_metadata:
            drawn.pop("metadata", None)
        return drawn


def _time(arguments: Json, name: str) -> int | None:
    value = text_argument(arguments, name)
    if not value:
        return None
    if not _TIME.fullmatch(value):
        raise Refusal(f"invalid_ts_{name}")
    return _micros(value)


def _micros(ts: str) -> int:
    seconds, _, rest = ts.partition(".")
    return int(seconds) * 1_000_000 + int(rest.ljust(6, "0") or 0)


def _cursor(value: str) -> int | None:
    if not value:
        return None
    try:
        name, _, micros = base64.b64decode(value, validate=True).decode().partition(":")
        if f"{name}:" != _CURSOR:
            raise ValueError(name)
        return int(micros)
    except (binascii.Error, ValueError) as problem:
        raise Refusal("invalid_cursor") from problem


def _limit(arguments: Json) -> int:
    value = text_argument(arguments, "limit") or str(LIMIT_DEFAULT)
    if not value.isdecimal():
        raise Refusal("invalid_arguments", messages=("must be an integer [json-pointer:/limit]",))
    return max(1, min(int(value), LIMIT_MAX))
