"""files.*: upload in three steps (ask for an address, send the bytes, share).

https://docs.slack.dev/messaging/working-with-files
"""

import asyncio
from collections.abc import Callable, Mapping

from aiohttp import web

from sandbox.slack.arguments import json_argument, text_argument
from sandbox.slack.errors import Refusal
from sandbox.slack.faults import Fault, Faults
from sandbox.slack.methods.chat import Chat
from sandbox.slack.records import File, Json
from sandbox.slack.store import Store
from sandbox.slack.web_api import Method
from sandbox.slack.workspace import Channel

SNIPPET_MAX_BYTES = 1_000_000
CHANNELS_MAX = 100


class Files:
    """Answer the files methods and take the bytes; `base` returns the server's address.

    The bytes can be made to fail like a method, by the name "upload".
    """

    def __init__(self, store: Store, chat: Chat, base: Callable[[], str], faults: Faults) -> None:
        self._store = store
        self._chat = chat
        self._base = base
        self._faults = faults

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by name."""
        scopes = ("files:write",)
        sharing = ("channel_id", "channels", "thread_ts", "initial_comment", "blocks")
        return {
            "files.getUploadURLExternal": Method(
                self._upload_url, ("filename", "length"), ("snippet_type", "alt_txt"), scopes
            ),
            "files.completeUploadExternal": Method(self._complete, ("files",), sharing, scopes),
        }

    def _upload_url(self, arguments: Json) -> Json:
        name, length = text_argument(arguments, "filename"), text_argument(arguments, "length")
        if not length.isdigit():
            raise Refusal(
                "invalid_arguments", messages=("must be an integer [json-pointer:/length]",)
            )
        if int(length) < 1:
            raise Refusal("missing_argument")
        if arguments.get("snippet_type") and int(length) > SNIPPET_MAX_BYTES:
            raise Refusal("snippet_too_large")
        file_id = self._store.new_id("F")
        self._store.files[file_id] = File(file_id, name, int(length), name)
        return {"upload_url": f"{self._base()}upload/v1/{file_id}", "file_id": file_id}

    async def receive(self, request: web.Request) -> web.Response:
        """Take the bytes of a file, raw or as a form field."""
        fault = self._faults.take("upload") or Fault()
        await asyncio.sleep(fault.delay)
        if fault.is_lost and request.transport is not None:
            request.transport.abort()
        if fault.status != 200:
            return web.Response(status=fault.status, text="try again later")
        file = self._store.files.get(request.match_info["file_id"])
        if file is None or file.is_complete:
            return web.Response(status=404, text="not found")
        content = await _content(request)
        if len(content) != file.length:
            return web.Response(status=400, text="the length is not the one that was announced")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.Response:
        """Give the bytes of a shared file."""
        file = self._store.files.get(request.match_info["file_id"])
        if file is None or not file.is_complete or file.content is None:
            return web.Response(status=404, text="not found")
        safe_name = "".join(c if c.isalnum() or c in "._-" else "_" for c in file.name)
        headers = {
            "Content-Disposition": f'attachment; filename="{safe_name}"',
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(
            body=file.content, content_type="application/octet-stream", headers=headers
        )

    def _complete(self, arguments: Json) -> Json:
        files = self._uploaded(arguments)
        channels = self._channels(arguments)
        thread_ts = text_argument(arguments, "thread_ts") or None
        if thread_ts and (len(channels) != 1 or self._is_reply(channels[0], thread_ts)):
            raise Refusal(
                "invalid_arguments", messages=("not a parent's ts [json-pointer:/thread_ts]",)
            )
        for file, title in files:
            file.is_complete, file.title = True, title or file.name
            file.created_at = self._store.clock.now()
        for channel in channels:
            self._store.post(
                channel.id,
                user=self._store.app.bot_user,
                text=text_argument(arguments, "initial_comment"),
                thread_ts=thread_ts,
                files=tuple(file.id for file, _ in files),
            )
        return {"files": [{"id": file.id, "title": file.title} for file, _ in files]}

    def _is_reply(self, channel: Channel, ts: str) -> bool:
        found = self._store.find_message(channel.id, ts)
        return found is not None and found.thread_ts is not None

    def _uploaded(self, arguments: Json) -> list[tuple[File, str]]:
        entries = json_argument(arguments, "files", error="invalid_arguments")
        if not isinstance(entries, list) or not entries:
            raise Refusal("invalid_arguments", messages=("must be an array [json-pointer:/files]",))
        found: list[tuple[File, str]] = []
        for number, entry in enumerate(entries):
            if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
                pointer = f"missing required field: id [json-pointer:/files/{number}]"
                raise Refusal("invalid_arguments", messages=(pointer,))
            file = self._store.files.get(entry["id"])
            if file is None or file.content is None or file.is_complete:
                raise Refusal("file_not_found")
            found.append((file, str(entry.get("title") or "")))
        return found

    def _channels(self, arguments: Json) -> list[Channel]:
        listed, channel_id = (text_argument(arguments, name) for name in ("channels", "channel_id"))
        if channel_id in self._store.users:
            # Only `channels` takes people.
            raise Refusal("channel_not_found")
        keys = [key.strip() for key in (*listed.split(","), channel_id) if key.strip()]
        if len(keys) > CHANNELS_MAX:
            raise Refusal("channels_limit_exceeded")
        if any(key.lstrip("#") == c.name for key in keys for c in self._store.channels.values()):
            # Files are shared by channel id only, never by name.
            raise Refusal("channel_not_found")
        return [self._chat.postable(key) for key in keys]


async def _content(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    form = await request.post()
    for field in form.values():
        if isinstance(field, web.FileField):
            return field.file.read()
    return b""
