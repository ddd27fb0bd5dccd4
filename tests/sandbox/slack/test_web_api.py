"""The Web API's front door refuses what Slack refuses, in Slack's words."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import App, FakeSlack, PostRate, Workspace


async def call(
    slack: FakeSlack, method: str, token: str | None = None, **sent: Any
) -> dict[str, Any]:
    """Call the Web API without the SDK."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(slack.url + method, **sent) as response,
    ):
        answer: dict[str, Any] = await response.json()
        return answer


async def error_of(awaitable: Any) -> Any:
    """Return the answer that the SDK refused to return."""
    with pytest.raises(SlackApiError) as caught:
        await awaitable
    return caught.value.response


async def test_the_bot_learns_who_it_is(client: AsyncWebClient) -> None:
    answer = await client.auth_test()

    assert answer["team_id"] == "T0SANDBOX"
    assert answer["user_id"] == "U0LISTKEEPER"
    assert "chat:write" in answer.headers["X-OAuth-Scopes"]


async def test_a_call_carries_the_name_of_the_process_whose_address_it_went_to(
    slack: FakeSlack,
) -> None:
    client = AsyncWebClient(slack.bot_token, base_url=slack.url_of("worker-2"))

    await client.auth_test()

    assert [each.by for each in slack.calls("auth.test")] == ["worker-2"]


@pytest.mark.parametrize(
    ("token", "error"),
    [
        pytest.param(None, "not_authed", id="none"),
        pytest.param("xoxb-stranger", "invalid_auth", id="stranger"),
        pytest.param("xapp-sandbox", "not_allowed_token_type", id="app-token"),
    ],
)
async def test_a_wrong_token_is_refused(slack: FakeSlack, token: str | None, error: str) -> None:
    assert await call(slack, "auth.test", token) == {"ok": False, "error": error}


async def test_a_connection_needs_the_app_token(slack: FakeSlack) -> None:
    refused = await call(slack, "apps.connections.open", slack.bot_token)
    opened = await call(slack, "apps.connections.open", slack.app_token)

    assert refused["error"] == "not_allowed_token_type"
    assert opened["url"].startswith("ws://127.0.0.1:")


async def test_a_token_in_a_json_body_does_not_count(slack: FakeSlack) -> None:
    answer = await call(slack, "auth.test", json={"token": slack.bot_token})

    assert answer["error"] == "not_authed"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"params": {"channel": "C0GENERAL", "text": "hello"}}, id="query"),
        pytest.param({"data": {"channel": "C0GENERAL", "text": "hello"}}, id="form"),
        pytest.param({"json": {"channel": "C0GENERAL", "text": "hello"}}, id="json"),
        pytest.param({"params": {"channel": "C0GENERAL"}, "json": {"text": "hello"}}, id="both"),
    ],
)
async def test_arguments_come_any_way(slack: FakeSlack, sent: dict[str, Any]) -> None:
    answer = await call(slack, "chat.postMessage", slack.bot_token, **sent)

    assert answer["ok"]
    assert slack.messages("general")[0].text == "hello"


async def test_unknown_methods_and_arguments_are_refused(slack: FakeSlack) -> None:
    unknown = await call(slack, "chat.shout", slack.bot_token)
    wrong = await call(slack, "chat.postMessage", slack.bot_token, json={"txt": "hello"})

    assert unknown == {"ok": False, "error": "unknown_method", "req_method": "chat.shout"}
    assert wrong["error"] == "invalid_arguments"
    assert wrong["response_metadata"]["messages"] == [
        "[ERROR] missing required field: channel",
        "[ERROR] invalid additional property: txt",
    ]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param("{", "invalid_json", id="broken"),
        pytest.param("[]", "json_not_object", id="array"),
    ],
)
async def test_broken_json_is_refused(slack: FakeSlack, body: str, error: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            slack.url + "auth.test", data=body, headers={"Content-Type": "application/json"}
        ) as response,
    ):
        assert (await response.json())["error"] == error


async def test_a_missing_scope_is_named(client: AsyncWebClient) -> None:
    answer = await error_of(client.users_info(user="U0OWNER"))

    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "users:read"
    assert answer["provided"] == "chat:write,commands,files:write"


async def test_with_its_scope_users_info_tells_the_time_zone() -> None:
    app = App(scopes=frozenset({"users:read", "im:write"}))
    async with FakeSlack(Workspace(app=app)) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.url)

        user = await client.users_info(user="U0OWNER")
        unknown = await error_of(client.users_info(user="U0NOBODY"))
        opened = await client.conversations_open(users="U0OWNER", return_im=True)

    assert user["user"]["tz_offset"] == 0
    assert unknown["error"] == "user_not_found"
    assert opened["channel"] == {"id": "D0OWNER", "is_im": True, "user": "U0OWNER", "is_open": True}


async def test_faults_happen_once_and_only_to_their_method(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    slack.fail_next("chat.postMessage", status=429, retry_after=7)

    assert (await client.auth_test())["ok"]
    refused = await error_of(client.chat_postMessage(channel="C0GENERAL", text="hello"))
    again = await client.chat_postMessage(channel="C0GENERAL", text="hello")

    assert (refused.status_code, refused["error"]) == (429, "ratelimited")
    assert refused.headers["Retry-After"] == "7"
    assert again["ok"]


async def test_the_sdk_retries_through_429_and_503(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    client.retry_handlers.append(AsyncServerErrorRetryHandler(max_retry_count=2))
    slack.fail_next("chat.postMessage", status=429, retry_after=0)
    slack.fail_next("chat.postMessage", status=503, error="service_unavailable")

    await client.chat_postMessage(channel="C0GENERAL", text="hello")

    assert [c.status for c in slack.calls("chat.postMessage")] == [429, 503, 200]
    assert len(slack.messages("general")) == 1


async def test_an_answer_can_be_lost_after_the_deed(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    slack.fail_next("chat.postMessage", is_lost=True)
    client.retry_handlers.clear()

    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="C0GENERAL", text="hello")

    assert len(slack.messages("general")) == 1


async def test_a_server_error_may_be_a_page_of_html(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    slack.fail_next("chat.postMessage", status=502, body="<html>Bad Gateway</html>")

    with pytest.raises(SlackApiError, match="502"):
        await client.chat_postMessage(channel="C0GENERAL", text="hello")


async def test_a_channel_takes_a_burst_and_then_one_post_a_second(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    slack.post_rate = PostRate(per_second=1, burst=2)

    for channel in ("C0GENERAL", "C0GENERAL", "C0NEWSLETTER"):
        await client.chat_postMessage(channel=channel, text="hello")
    refused = await error_of(client.chat_postMessage(channel="C0GENERAL", text="hello"))

    assert refused["error"] == "ratelimited"
    assert refused.headers["Retry-After"] == "1"


async def test_an_uninstalled_app_is_let_in_no_more(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    await slack.uninstall()

    assert (await error_of(client.auth_test()))["error"] == "account_inactive"


async def test_the_journal_keeps_every_call_and_every_refusal(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    await client.auth_test()
    await error_of(client.chat_postMessage(channel="C0NOWHERE", text="hello"))

    assert [c.method for c in slack.calls()] == ["auth.test", "chat.postMessage"]
    assert [c.error for c in slack.refusals()] == ["channel_not_found"]
    assert slack.calls("chat.postMessage")[0].arguments["text"] == "hello"
