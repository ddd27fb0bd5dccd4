"""A Bolt app that takes everything, and short ways to show it a message or a dialog."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import FakeSlack, Message, View
from tests.sandbox.slack.blocks import modal

Json = dict[str, Any]


class Listener:
    """A Bolt app that acknowledges everything and keeps what came."""

    def __init__(self, bolt: AsyncApp) -> None:
        self.bodies: list[Json] = []
        self.options: list[Json] = []
        self.typed: list[str] = []
        bolt.command("/verify")(self._open)
        bolt.action({"type": "block_actions", "action_id": "go"})(self._take)
        for action_id in ("menu", "tags", "when", "boxes", "text", "more"):
            bolt.action(action_id)(self._take)
        bolt.options("tags")(self._suggest)
        bolt.view("ask")(self._take)
        self.view: Json = modal()

    async def _open(self, ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=self.view)

    async def _take(self, ack: Any, body: Json) -> None:
        self.bodies.append(body)
        await ack()

    async def _suggest(self, ack: Any, payload: Json) -> None:
        self.typed.append(payload["value"])
        await ack(options=[o for o in self.options if payload["value"] in o["text"]["text"]])


async def posted(slack: FakeSlack, client: AsyncWebClient, *blocks: Json) -> Message:
    """Post blocks and return the message."""
    await client.chat_postMessage(channel="C0NEWSLETTER", text="words", blocks=list(blocks))
    return slack.messages()[-1]


async def opened(slack: FakeSlack, listener: Listener, *blocks: Json, **fields: Any) -> View:
    """Open a dialog and return it."""
    listener.view = modal(*blocks, callback_id="ask", **fields)
    await slack.person("owner").slash("/verify")
    return await slack.until(lambda: slack.open_view("owner"))
