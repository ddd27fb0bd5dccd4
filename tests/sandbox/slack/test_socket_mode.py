"""Envelopes reach a real Bolt app over Socket Mode, whatever happens to the connection."""

import asyncio
import logging
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import BadAnswer, FakeSlack, NotAcknowledged
from tests.sandbox.slack.blocks import actions, button
from tests.sandbox.slack.conftest import Connect


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the SDK's complaints about broken connections out of the output."""
    caplog.set_level(logging.CRITICAL, logger="slack_bolt")


async def help_app(bolt: AsyncApp, connect: Connect, *, slowly: float = 0) -> None:
    """Connect an app that answers /verify after a while."""

    @bolt.command("/verify")
    async def verify(ack: Any, body: dict[str, Any]) -> None:
        await asyncio.sleep(slowly)
        await ack(f"{body['text']} to you")

    await connect(bolt)


async def test_the_first_word_is_hello_and_a_ticket_works_once(slack: FakeSlack) -> None:
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(f"{slack.url}apps.connections.open") as response:
            url = (await response.json())["url"]
        async with session.ws_connect(url) as socket:
            hello = await socket.receive_json()
        async with session.get(url) as again:
            assert again.status == 403

    assert hello["type"] == "hello"
    assert hello["num_connections"] == 1
    assert hello["connection_info"] == {"app_id": "A0SANDBOX"}


async def test_a_command_is_answered_and_its_latency_kept(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect
) -> None:
    await help_app(bolt, connect)

    reply = await slack.person("owner").slash("/verify", "hello")

    assert reply.message is not None
    assert reply.message.text == "hello to you"
    assert reply.message.visible_to == "U0OWNER"
    assert reply.delivery.latency is not None
    assert reply.delivery.latency < 1
    assert slack.deliveries == [reply.delivery]
    assert reply.delivery.payload["is_enterprise_install"] == "false"


async def test_a_reply_may_be_for_everybody(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect
) -> None:
    @bolt.command("/verify")
    async def verify(ack: Any) -> None:
        await ack(text="hello all", response_type="in_channel")

    await connect(bolt)
    await slack.person("owner").slash("/verify")

    assert [m.text for m in slack.messages()] == ["hello all"]


async def test_a_reply_that_slack_cannot_show_is_told(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect
) -> None:
    @bolt.command("/verify")
    async def verify(ack: Any) -> None:
        await ack(text="hello", blocks=[{"type": "header"}])

    await connect(bolt)

    with pytest.raises(BadAnswer, match=r"invalid_command_response.*missing required field: text"):
        await slack.person("owner").slash("/verify")


async def test_silence_is_an_operation_timeout(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect
) -> None:
    slack.sockets.ack_within = 0.1
    await help_app(bolt, connect, slowly=0.2)

    with pytest.raises(NotAcknowledged, match='/verify failed with the error "operation_timeout"'):
        await slack.person("owner").slash("/verify")

    late = await slack.until(lambda: slack.deliveries[0].latency)
    assert late > 0.1
    assert not slack.deliveries[0].is_acked


async def test_nobody_there_is_a_failed_dispatch(slack: FakeSlack) -> None:
    with pytest.raises(NotAcknowledged) as caught:
        await slack.person("owner").slash("/verify")

    assert caught.value.reason == "dispatch_failed"


async def test_a_button_without_a_listener_does_not_respond(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect, client: AsyncWebClient
) -> None:
    slack.sockets.ack_within = 0.1
    await connect(bolt)
    await client.chat_postMessage(
        channel="C0NEWSLETTER", text="Press", blocks=[actions(button("go"))]
    )

    with pytest.raises(NotAcknowledged, match="not responding"):
        await slack.person("owner").click(slack.messages()[0], action_id="go")


async def test_connections_are_replaced_on_request_and_nothing_is_lost(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect
) -> None:
    await help_app(bolt, connect)
    old = slack.sockets.connections[0].number

    await slack.sockets.refresh()

    assert [c.number for c in slack.sockets.connections] == [old + 1]
    assert (await slack.person("owner").slash("/verify", "hello")).message is not None


async def test_a_dropped_connection_comes_back(slack: FakeSlack) -> None:
    web = AsyncWebClient(slack.bot_token, base_url=slack.url)
    client: Any = SocketModeClient(app_token=slack.app_token, web_client=web, ping_interval=0.1)
    await client.connect()
    await slack.connected()
    first = slack.sockets.connections[0].number

    slack.sockets.abort()

    await slack.until(
        lambda: [c.number for c in slack.sockets.connections if c.number > first], within=10
    )
    await client.close()


async def test_a_connection_that_answers_no_ping_is_dropped(slack: FakeSlack) -> None:
    slack.sockets.heartbeat = 0.2
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(f"{slack.url}apps.connections.open") as response:
            url = (await response.json())["url"]
        socket = await session.ws_connect(url, autoping=False)
        await slack.connected()

        await slack.until(lambda: not slack.sockets.connections)
        await socket.close()


async def test_payloads_go_to_any_one_of_several_connections(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect
) -> None:
    await help_app(bolt, connect)
    await connect(bolt)

    for _ in range(12):
        await slack.person("owner").slash("/verify")

    assert {delivery.connection for delivery in slack.deliveries} == {1, 2}


async def test_a_payload_is_delivered_twice_on_demand(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect, client: AsyncWebClient
) -> None:
    pressed: list[str] = []

    @bolt.action("go")
    async def go(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        pressed.append(body["trigger_id"])

    await connect(bolt)
    await client.chat_postMessage(
        channel="C0NEWSLETTER", text="Press", blocks=[actions(button("go"))]
    )
    slack.deliver_next_twice()

    await slack.person("owner").click(slack.messages()[0], action_id="go")
    await slack.person("owner").click(slack.messages()[0], action_id="go")

    await slack.until(lambda: len(pressed) == 3)
    assert pressed[0] == pressed[1] != pressed[2]


async def test_an_unacknowledged_event_comes_again_with_the_same_id(
    client: AsyncWebClient,
) -> None:
    async with FakeSlack(event_retry_delays=(0.0, 0.0)) as slack:
        slack.sockets.ack_within = 0.1
        web = AsyncWebClient(slack.bot_token, base_url=slack.url)
        socket: Any = SocketModeClient(app_token=slack.app_token, web_client=web)
        await socket.connect()
        await slack.connected()

        await slack.person("owner").open_home()

        await slack.until(lambda: len(slack.deliveries) == 3)
        await socket.close()
    assert len({delivery.payload["event_id"] for delivery in slack.deliveries}) == 1
    assert [delivery.attempt for delivery in slack.deliveries] == [0, 1, 2]


async def test_only_subscribed_events_are_sent(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect
) -> None:
    await connect(bolt)

    assert await slack.send_event({"type": "reaction_added"}) is None
    assert slack.deliveries == []


async def test_ten_connections_are_the_most(slack: FakeSlack) -> None:
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        sockets = []
        for _ in range(11):
            async with session.post(f"{slack.url}apps.connections.open") as response:
                url = (await response.json())["url"]
            sockets.append(await session.ws_connect(url))
        words = [await socket.receive_json() for socket in sockets]
        for socket in sockets:
            await socket.close()

    assert [word["type"] for word in words] == ["hello"] * 10 + ["disconnect"]
    assert words[-1]["reason"] == "too_many_websockets"
