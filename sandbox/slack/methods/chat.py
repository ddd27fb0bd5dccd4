"""chat.*: post, update and delete messages.

https://docs.slack.dev/reference/methods/chat.postMessage and its neighbours.
"""

import re
from collections.abc import Callable, Mapping

from sandbox.slack.arguments import flag_argument, json_argument, text_argument
from sandbox.slack.blockkit import message_problems
from sandbox.slack.blockkit.limits import MARKDOWN_TEXT_MAX_LENGTH, MESSAGE_ATTACHMENTS_MAX_ITEMS
from sandbox.slack.drawing import drawn_blocks
from sandbox.slack.errors import Refusal
from sandbox.slack.mrkdwn import calls_everybody
from sandbox.slack.records import Broadcast, Json, Message
from sandbox.slack.store import Store
from sandbox.slack.web_api import Method, missing_scope
from sandbox.slack.workspace import Channel

#: A posted text is cut here; https://docs.slack.dev/changelog/2018-truncating-really-long-messages
POST_TEXT_MAX_LENGTH = 40_000
#: chat.update refuses a longer text (error msg_too_long).
UPDATE_TEXT_MAX_LENGTH = 4_000
_CUSTOMIZE = ("username", "icon_emoji", "icon_url")
_CONTENT = ("text", "blocks", "attachments", "markdown_text", "metadata", "parse", "link_names")
_TS = re.compile(r"\d+\.\d{6}")


class Chat:
    """Answer the chat methods; `before_post` may refuse a post by its channel (rate limit)."""

    def __init__(self, store: Store, before_post: Callable[[str], None]) -> None:
        self._store = store
        self._before_post = before_post

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by name."""
        scopes = ("chat:write",)
        posting = (*_CONTENT, *_CUSTOMIZE, "as_user", "thread_ts")
        unfurl = ("unfurl_links", "unfurl_media", "mrkdwn", "reply_broadcast", "client_msg_id")
        updating = (*_CONTENT, "as_user", "reply_broadcast", "file_ids")
        return {
            "chat.postMessage": Method(self._post, ("channel",), posting + unfurl, scopes),
            "chat.postEphemeral": Method(self._ephemeral, ("channel", "user"), posting, scopes),
            "chat.update": Method(self._update, ("channel", "ts"), updating, scopes),
            "chat.delete": Method(self._delete, ("channel", "ts"), ("as_user",), scopes),
        }

    def _post(self, arguments: Json) -> Json:
        self._check_customize(arguments)
        channel = self.postable(text_argument(arguments, "channel"))
        text, blocks, attachments = read_content(arguments)
        thread_ts = self._thread(channel, text_argument(arguments, "thread_ts"))
        metadata = _metadata(arguments)
        self._before_post(channel.id)
        message = self._store.post(
            channel.id,
            user=self._store.app.bot_user,
            text=text[:POST_TEXT_MAX_LENGTH],
            blocks=blocks,
            attachments=attachments,
            thread_ts=thread_ts,
            reply_broadcast=flag_argument(arguments, "reply_broadcast"),
            metadata=metadata,
        )
        self._notice_names(arguments, message)
        answer: Json = {
            "channel": channel.id,
            "ts": message.ts,
            "message": message_json(message, self._store),
        }
        if len(text) > POST_TEXT_MAX_LENGTH:
            answer["warning"] = "message_truncated"
            answer["response_metadata"] = {"warnings": ["message_truncated"]}
        return answer

    def _ephemeral(self, arguments: Json) -> Json:
        self._check_customize(arguments)
        channel = self.postable(text_argument(arguments, "channel"))
        user = text_argument(arguments, "user")
        if user not in channel.members:
            raise Refusal("user_not_in_channel")
        text, blocks, attachments = read_content(arguments)
        if len(text) > POST_TEXT_MAX_LENGTH:
            raise Refusal("msg_too_long")
        message = self._store.post(
            channel.id,
            user=self._store.app.bot_user,
            text=text,
            blocks=blocks,
            attachments=attachments,
            thread_ts=self._thread(channel, text_argument(arguments, "thread_ts")),
            visible_to=user,
        )
        return {"message_ts": message.ts}

    def _update(self, arguments: Json) -> Json:
        message = self._own_message(arguments, refusal="cant_update_message")
        if self._store.channel(message.channel).is_archived:
            raise Refusal("is_inactive")
        files = arguments.get("file_ids")
        text, blocks, attachments = read_content(arguments, may_be_empty=files is not None)
        if len(text) > UPDATE_TEXT_MAX_LENGTH:
            raise Refusal("msg_too_long")
        if "metadata" in arguments:
            message.metadata = _metadata(arguments)
        # A text without blocks removes the blocks, and marks the message as edited.
        message.attachments = attachments
        self._store.edit(message, text=text, blocks=blocks, edited=not blocks)
        self._notice_names(arguments, message)
        return {
            "channel": message.channel,
            "ts": message.ts,
            "text": message.text,
            "message": message_json(message, self._store),
        }

    def _delete(self, arguments: Json) -> Json:
        message = self._own_message(arguments, refusal="cant_delete_message")
        self._store.remove(message)
        return {"channel": message.channel, "ts": message.ts}

    def postable(self, key: str) -> Channel:
        """Return the conversation the app may post to; a person's id means the app's DM.

        Raises:
            Refusal: channel_not_found, is_archived or not_in_channel.
        """
        store = self._store
        if key in store.users:
            return self._checked(store.dm(key))
        found = [c for c in store.channels.values() if key in (c.id, c.name, f"#{c.name}")]
        channel = next((c for c in found if c.id == key or not c.is_im), None)
        if channel is None:
            raise Refusal("channel_not_found")
        return self._checked(channel)

    def _checked(self, channel: Channel) -> Channel:
        app = self._store.app
        is_member = app.bot_user in channel.members
        if channel.is_private and not is_member:
            raise Refusal("channel_not_found")
        if channel.is_im and not app.messages_tab:
            raise Refusal("messages_tab_disabled")
        if channel.is_archived:
            raise Refusal("is_archived")
        if not is_member and "chat:write.public" not in app.scopes:
            raise Refusal("not_in_channel")
        return channel

    def _thread(self, channel: Channel, thread_ts: str) -> str | None:
        if not thread_ts:
            return None
        parents = [m for m in self._store.posts if (m.channel, m.ts) == (channel.id, thread_ts)]
        if not parents or not _TS.fullmatch(thread_ts):
            raise Refusal("thread_not_found")
        if parents[0].visible_to is not None or parents[0].thread_ts is not None:
            # Slack asks for the parent's ts, never a reply's.
            raise Refusal("cannot_reply_to_message")
        return thread_ts

    def _own_message(self, arguments: Json, *, refusal: str) -> Message:
        store = self._store
        channel = store.channels.get(text_argument(arguments, "channel"))
        if channel is None or (channel.is_private and store.app.bot_user not in channel.members):
            raise Refusal("channel_not_found")
        message = store.find_message(channel.id, text_argument(arguments, "ts"))
        if message is None or message.visible_to is not None:
            raise Refusal("message_not_found")
        if message.user != store.app.bot_user:
            raise Refusal(refusal)
        return message

    def _check_customize(self, arguments: Json) -> None:
        scopes = self._store.app.scopes
        if "chat:write.customize" not in scopes and any(arguments.get(n) for n in _CUSTOMIZE):
            raise missing_scope(("chat:write.customize",), scopes)

    def _notice_names(self, arguments: Json, message: Message) -> None:
        parse = arguments.get("parse") == "full" or flag_argument(arguments, "link_names")
        if parse and calls_everybody(message.text, parse_names=True):
            now = self._store.clock.now()
            self._store.broadcasts.append(Broadcast(now, message.channel, message.text))


def read_content(
    arguments: Json, *, may_be_empty: bool = False
) -> tuple[str, list[Json], list[Json]]:
    """Return text, drawn blocks and attachments of a message.

    Raises:
        Refusal: no_text, invalid_blocks, invalid_blocks_format, markdown_text_conflict, ...
    """
    text = text_argument(arguments, "text")
    blocks = json_argument(arguments, "blocks", error="invalid_blocks_format")
    attachments = json_argument(arguments, "attachments", error="invalid_attachments") or []
    markdown = text_argument(arguments, "markdown_text")
    if markdown and (text or blocks):
        raise Refusal("markdown_text_conflict")
    if len(markdown) > MARKDOWN_TEXT_MAX_LENGTH:
        raise Refusal("msg_too_long")
    if blocks is not None and not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    if problems := message_problems(blocks or []):
        raise Refusal("invalid_blocks", messages=problems)
    _check_attachments(attachments)
    text = text or markdown
    if not (text.strip() or blocks or attachments or may_be_empty):
        raise Refusal("no_text")
    return text, drawn_blocks(blocks or []), list(attachments)


def _check_attachments(attachments: object) -> None:
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        raise Refusal("invalid_attachments")
    if len(attachments) > MESSAGE_ATTACHMENTS_MAX_ITEMS:
        raise Refusal("too_many_attachments")
    for number, attachment in enumerate(attachments):
        pointer = f"/attachments/{number}/blocks"
        if problems := message_problems(attachment.get("blocks") or [], pointer=pointer):
            raise Refusal("invalid_attachments", messages=problems)


def _metadata(arguments: Json) -> Json:
    metadata = json_argument(arguments, "metadata", error="invalid_metadata_format") or {}
    if not isinstance(metadata, dict):
        raise Refusal("invalid_metadata_format")
    if metadata and not {"event_type", "event_payload"} <= metadata.keys():
        raise Refusal("invalid_metadata_format")
    return metadata


def message_json(message: Message, store: Store) -> Json:
    """Return a message as the Web API and interaction payloads show it."""
    body: Json = {"type": "message", "ts": message.ts, "text": message.text, "user": message.user}
    if message.user == store.app.bot_user:
        app = store.app
        body |= {"bot_id": app.bot_id, "app_id": app.app_id, "team": store.workspace.team_id}
        body["bot_profile"] = {"id": app.bot_id, "app_id": app.app_id, "name": app.name}
    if message.blocks:
        body["blocks"] = message.blocks
    if message.attachments:
        body["attachments"] = message.attachments
    if message.thread_ts:
        body["thread_ts"] = message.thread_ts
    if message.edited:
        body["edited"] = {"user": message.user, "ts": message.ts}
    if message.files:
        body["files"] = [{"id": file_id} for file_id in message.files]
    if message.metadata:
        body["metadata"] = message.metadata
    return body
