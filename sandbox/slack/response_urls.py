"""What the app posts to a response_url: answers to a command or click, five times in 30 minutes.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from aiohttp import web

from sandbox.slack.arguments import flag_argument, read_arguments, text_argument
from sandbox.slack.errors import Refusal
from sandbox.slack.methods.chat import read_content
from sandbox.slack.records import Call, Json, Message
from sandbox.slack.store import Store
from sandbox.slack.tickets import ResponseUrl, ResponseUrls

#: What the body of a post may hold.
KNOWN = frozenset(
    {
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "unfurl_links",
        "unfurl_media",
        "metadata",
        "mrkdwn",
    }
)


class Responder:
    """Answer posts to response_urls, and show the replies that come inside a command's ack."""

    def __init__(self, store: Store, urls: ResponseUrls) -> None:
        self._store = store
        self._urls = urls

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one post."""
        now = self._store.clock.now()
        body: Json = {}
        answer: Json = {"ok": True}
        status = 200
        try:
            body = await read_arguments(request)
            url = self._urls.check(request.match_info["key"], now=now)
            url.uses += 1
            self.respond(url, body)
        except Refusal as refusal:
            answer, status = refusal.body(), refusal.status
        self._store.calls.append(Call(now, "response_url", body, status, answer))
        self._store.bell.ring()
        return web.json_response(answer, status=status)

    def respond(self, url: ResponseUrl, body: Json) -> Message | None:
        """Post, replace or delete as the body says; ephemeral unless `in_channel`.

        Raises:
            Refusal: invalid_payload, no_text, invalid_blocks, message_not_found, ...
        """
        if unknown := sorted(body.keys() - KNOWN):
            raise Refusal("invalid_payload", messages=tuple(unknown))
        if body.get("response_type", "ephemeral") not in ("ephemeral", "in_channel"):
            raise Refusal("invalid_payload", messages=("unknown response_type",))
        if flag_argument(body, "delete_original"):
            self._store.remove(self._original(url))
            return None
        text, blocks, _ = read_content(body)
        if flag_argument(body, "replace_original"):
            original = self._original(url)
            self._store.edit(original, text=text, blocks=blocks, edited=False)
            return original
        is_public = body.get("response_type") == "in_channel"
        return self._store.post(
            url.channel,
            user=self._store.app.bot_user,
            text=text,
            blocks=blocks,
            thread_ts=text_argument(body, "thread_ts") or url.thread_ts,
            visible_to=None if is_public else url.user,
        )

    def _original(self, url: ResponseUrl) -> Message:
        original = None
        if url.message_ts is not None:
            original = self._store.find_message(url.channel, url.message_ts)
        if original is None:
            raise Refusal("message_not_found", status=404)
        return original
