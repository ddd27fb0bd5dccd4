"""Posts: puts a message into a channel once, also where Slack's answer gets lost.

Each message carries what it is about, such as run:7, in its metadata. So one that may be there
already is looked for among the last ones of its channel before it is posted again. Where the bot
may not read the channel it cannot look, and a lost answer ends in a second message.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.careful import FAULTS, careful, is_unsure
from commands.slack_errors import code_of
from commands.views.blocks import Message

#: Slack's words for a fault in the middle: "some aspect of the operation" may have succeeded.
_HALFWAY = frozenset({"fatal_error", "internal_error"})

log = logging.getLogger(__name__)

#: What the metadata of the bot's messages are called. Every app in the workspace can read them.
EVENT = "list_keeper_message"
#: The scopes that a look needs, for public channels and for private ones.
LOOKING = frozenset({"channels:history", "groups:history"})
#: Seconds before each further try, in which a post that was only slow arrives.
PAUSES = (1.0, 3.0)
#: Messages of the channel that are looked at, the newest first.
LOOKED_AT = 200
#: How far Slack's clock may be from ours.
CLOCKS_APART = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Post:
    """A message to be posted, and what tells it from all others."""

    #: Names what it is about among all, such as run:7.
    key: str
    channel_id: str
    message: Message
    #: When that was made. A message from before it is of another database, which counts anew.
    made_at: datetime
    #: The message whose place this one takes; it is not looked for.
    replaces: str | None

    @property
    def oldest(self) -> str:
        """Give the time after which the message must have been posted, as Slack writes it."""
        return self.replaces or f"{(self.made_at - CLOCKS_APART).timestamp():.6f}"


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that is in its channel."""

    ts: str
    #: Whether it shows what was to be posted. One that was there already may be older.
    is_new: bool


@dataclass(frozen=True, slots=True)
class Bot:
    """Who the bot is, and whether it may read any channel."""

    user_id: str
    may_look: bool


class Posts:
    """Post to channels."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = careful(client)
        self._bot: Bot | None = None

    async def post(self, post: Post, *, may_be_there: bool) -> Posted:
        """Post a message, unless it is there already.

        Args:
            may_be_there: Whether somebody may have posted it and not written that down.

        Raises:
            SlackClientError, ClientError, TimeoutError: It is not there, as far as can be known.
        """
        for pause in (*PAUSES, None):
            try:
                found = await self._find(post) if may_be_there else None
                return Posted(found, False) if found else Posted(await self._send(post), True)
            except FAULTS as error:
                if pause is None or not _may_be_done(error):
                    raise
            may_be_there = True
            await asyncio.sleep(pause)
        raise AssertionError("the last try returns or raises")

    async def _send(self, post: Post) -> str:
        posted = await self._client.chat_postMessage(
            channel=post.channel_id,
            text=post.message.text,
            blocks=post.message.blocks,
            metadata={"event_type": EVENT, "event_payload": {"key": post.key}},
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(posted["ts"])

    async def _find(self, post: Post) -> str | None:
        """Find the message in its channel; None where it is not there, or cannot be looked for."""
        bot = await self._who()
        if not bot.may_look:
            return None
        try:
            answer = await self._client.conversations_history(
                channel=post.channel_id,
                oldest=post.oldest,
                limit=LOOKED_AT,
                include_all_metadata=True,
            )
        except SlackApiError as error:
            if _may_be_done(error) or code_of(error) == "ratelimited":
                raise
            log.info(
                "Whether a message is there already cannot be seen: %s",
                code_of(error),
                extra={"action": "look", "subject": post.key},
            )
            return None
        for message in answer["messages"]:
            # Another app may write metadata of the same name.
            if message.get("user") == bot.user_id and _key_of(message) == post.key:
                return str(message["ts"])
        return None

    async def _who(self) -> Bot:
        if self._bot is None:
            answer = await self._client.auth_test()
            granted = str(answer.headers.get("x-oauth-scopes") or "").split(",")
            self._bot = Bot(str(answer["user_id"]), may_look=not LOOKING.isdisjoint(granted))
        return self._bot


def _may_be_done(error: Exception) -> bool:
    return is_unsure(error) or code_of(error) in _HALFWAY


def _key_of(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT:
        return None
    key = (metadata.get("event_payload") or {}).get("key")
    return key if isinstance(key, str) else None
