"""A response_url answers five times in half an hour, even to ephemeral messages."""

from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import FakeSlack
from tests.sandbox.slack.blocks import (
    actions,
    button,
    field,
    section,
)
from tests.sandbox.slack.listener import Listener, opened, posted

Json = dict[str, Any]


async def test_a_conversation_select_may_bring_a_response_url(
    slack: FakeSlack, listener: Listener
) -> None:
    menu = {"type": "conversations_select", "action_id": "menu", "response_url_enabled": True}
    view = await opened(slack, listener, field("b", menu))
    owner = slack.person("owner")
    await owner.choose(view, "menu", "general")
    await owner.submit(view)

    url = listener.bodies[0]["response_urls"][0]
    assert url["channel_id"] == "C0GENERAL"
    status, _ = await respond(url["response_url"], text="hello", response_type="in_channel")
    assert status == 200
    assert slack.messages("general")[0].text == "hello"


async def respond(url: str, **body: Any) -> tuple[int, Json]:
    """Post to a response_url."""
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        return response.status, await response.json()


async def test_a_response_url_replaces_and_deletes_even_an_ephemeral_message(
    slack: FakeSlack, client: AsyncWebClient, listener: Listener
) -> None:
    await client.chat_postEphemeral(
        channel="C0NEWSLETTER", user="U0OWNER", text="a", blocks=[actions(button("go"))]
    )
    message = slack.ephemerals("owner")[0]
    await slack.person("owner").click(message, action_id="go")
    url = listener.bodies[0]["response_url"]

    await respond(url, text="b", replace_original="true")
    assert (message.text, message.blocks) == ("b", [])
    await respond(url, delete_original=True)

    assert slack.ephemerals("owner") == []


async def test_a_response_url_serves_five_times_in_half_an_hour(
    slack: FakeSlack, client: AsyncWebClient, listener: Listener
) -> None:
    message = await posted(slack, client, actions(button("go")))
    for _ in range(2):
        await slack.person("owner").click(message, action_id="go")
    first, second = (body["response_url"] for body in listener.bodies)

    answers = [await respond(first, text="hello") for _ in range(6)]
    bad = await respond(second, text="a", blocks=[section("")])
    slack.clock.forward(timedelta(minutes=31))
    late = await respond(second, text="hello")

    assert [status for status, _ in answers] == [200] * 5 + [404]
    assert answers[-1][1]["error"] == "used_url"
    assert bad[1]["error"] == "invalid_blocks"
    assert late == (404, {"ok": False, "error": "expired_url"})
    assert [m.visible_to for m in slack.ephemerals("owner")] == ["U0OWNER"] * 5
