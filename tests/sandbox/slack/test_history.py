"""A conversation's history is read as in Slack: by whom, what of it, and page by page."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import App, FakeSlack, Workspace
from tests.sandbox.slack.test_web_api import error_of

CHANNEL = "C0NEWSLETTER"
METADATA = {"event_type": "order", "event_payload": {"number": "7"}}
SCOPES = frozenset({"chat:write", "channels:history"})


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack(Workspace(app=App(scopes=SCOPES))) as running:
        yield running


async def post(client: AsyncWebClient, text: str, **more: Any) -> str:
    answer = await client.chat_postMessage(channel=CHANNEL, text=text, **more)
    return str(answer["ts"])


async def texts(client: AsyncWebClient, **arguments: Any) -> list[str]:
    answer = await client.conversations_history(channel=CHANNEL, **arguments)
    return [each["text"] for each in answer["messages"]]


async def test_the_newest_message_comes_first_and_threads_are_not_in_it(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    parent = await post(client, "one")
    await post(client, "a reply", thread_ts=parent)
    await post(client, "a reply for all", thread_ts=parent, reply_broadcast=True)
    await client.chat_postEphemeral(channel=CHANNEL, user="U0OWNER", text="only for you")
    await post(client, "two")
    assert await texts(client) == ["two", "a reply for all", "one"]
    slack.delete_message(slack.messages()[0])
    assert "one" not in await texts(client)


async def test_metadata_comes_only_when_it_is_asked_for(client: AsyncWebClient) -> None:
    await post(client, "one", metadata=METADATA)
    [plain] = (await client.conversations_history(channel=CHANNEL))["messages"]
    assert "metadata" not in plain
    answer = await client.conversations_history(channel=CHANNEL, include_all_metadata=True)
    [full] = answer["messages"]
    assert full["metadata"] == METADATA
    assert (full["user"], full["app_id"]) == ("U0LISTKEEPER", "A0SANDBOX")


async def test_an_update_keeps_the_metadata(client: AsyncWebClient) -> None:
    ts = await post(client, "one", metadata=METADATA)
    await client.chat_update(channel=CHANNEL, ts=ts, text="two")
    answer = await client.conversations_history(channel=CHANNEL, include_all_metadata=True)
    assert answer["messages"][0]["metadata"] == METADATA


async def test_the_time_is_bounded_on_both_sides(client: AsyncWebClient) -> None:
    times = [await post(client, text) for text in ("one", "two", "three")]
    assert await texts(client, oldest=times[0], latest=times[2]) == ["two"]
    both = {"oldest": times[0], "latest": times[2], "inclusive": True}
    assert await texts(client, **both) == ["three", "two", "one"]


async def test_a_long_history_comes_page_by_page(client: AsyncWebClient) -> None:
    for text in ("one", "two", "three"):
        await post(client, text)
    first = await client.conversations_history(channel=CHANNEL, limit=2)
    assert [each["text"] for each in first["messages"]] == ["three", "two"]
    assert first["has_more"] is True
    cursor = first["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel=CHANNEL, limit=2, cursor=cursor)
    assert [each["text"] for each in rest["messages"]] == ["one"]
    assert rest["has_more"] is False


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param({"channel": "C0NOWHERE"}, "channel_not_found", id="unknown"),
        pytest.param({"channel": "C0SECRET"}, "channel_not_found", id="private"),
        pytest.param({"channel": "C0RANDOM"}, "not_in_channel", id="bot-not-a-member"),
        pytest.param({"oldest": "yesterday"}, "invalid_ts_oldest", id="oldest"),
        pytest.param({"latest": "now"}, "invalid_ts_latest", id="latest"),
        pytest.param({"cursor": "no cursor"}, "invalid_cursor", id="cursor"),
    ],
)
async def test_it_refuses(client: AsyncWebClient, arguments: dict[str, Any], error: str) -> None:
    answer = await error_of(client.conversations_history(**{"channel": CHANNEL, **arguments}))
    assert answer["error"] == error


async def test_a_direct_message_has_a_scope_of_its_own(client: AsyncWebClient) -> None:
    direct = await client.chat_postMessage(channel="U0OWNER", text="hello")
    answer = await error_of(client.conversations_history(channel=direct["channel"]))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "im:history")


async def test_an_archived_channel_can_still_be_read(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    await post(client, "one")
    slack.archive("newsletter")
    assert await texts(client) == ["one"]
