"""Answers have the fields of Slack's own examples, and known errors are errors Slack documents."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import App, FakeSlack, Workspace
from tests.sandbox.slack.blocks import field, modal, section, text_input
from tests.sandbox.slack.conftest import Connect

Reference = Callable[[str], Any]


def missing_fields(example: Any, answer: Any, at: str = "") -> list[str]:
    """Return the fields of the example that the answer has not, or has with another type."""
    if not isinstance(example, dict):
        return []
    found = []
    for name, value in example.items():
        if name not in answer:
            found.append(f"{at}/{name}")
        elif answer[name] is None:
            continue
        elif isinstance(value, dict):
            found += missing_fields(value, answer[name], f"{at}/{name}")
        elif value is not None and not isinstance(answer[name], type(value)):
            found.append(f"{at}/{name} is a {type(answer[name]).__name__}")
    return found


def example_of(reference: Reference, method: str, name: str = "success") -> Any:
    """Return Slack's example answer."""
    return reference(f"api/{method}.json")["examples"][name]["example"]


async def test_auth_test(reference: Reference, client: AsyncWebClient) -> None:
    answer = await client.auth_test()

    assert (
        missing_fields(example_of(reference, "auth.test", "success_with_bot_token"), answer.data)
        == []
    )


async def test_messages(reference: Reference, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C0GENERAL", text="hello")
    updated = await client.chat_update(channel="C0GENERAL", ts=posted["ts"], text="there")
    ephemeral = await client.chat_postEphemeral(channel="C0GENERAL", user="U0OWNER", text="psst")

    # The example shows a legacy bot message with a name of its own and an attachment.
    legacy = {"/message/username", "/message/attachments", "/message/subtype"}
    example = example_of(reference, "chat.postMessage")
    assert set(missing_fields(example, posted.data)) == legacy
    assert missing_fields(example_of(reference, "chat.update"), updated.data) == []
    assert missing_fields(example_of(reference, "chat.postEphemeral"), ephemeral.data) == []


async def test_views(
    reference: Reference, bolt: AsyncApp, connect: Connect, slack: FakeSlack
) -> None:
    answers: dict[str, Any] = {}

    @bolt.command("/verify")
    async def verify(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        view = modal(field("b", text_input()))
        opened = await client.views_open(trigger_id=body["trigger_id"], view=view)
        updated = await client.views_update(view_id=opened["view"]["id"], view=view)
        home = await client.views_publish(
            user_id="U0OWNER", view={"type": "home", "blocks": [section()]}
        )
        answers.update({"views.open": opened, "views.update": updated, "views.publish": home})

    await connect(bolt)
    await slack.person("owner").slash("/verify")
    await slack.until(lambda: answers)

    for method, answer in answers.items():
        assert missing_fields(example_of(reference, method), answer.data) == [], method


async def test_people_and_files(reference: Reference) -> None:
    app = App(scopes=frozenset({"users:read", "im:write", "files:write"}))
    async with FakeSlack(Workspace(app=app)) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.url)
        user = await client.users_info(user="U0OWNER")
        opened = await client.conversations_open(users="U0OWNER")
        ticket = await client.files_getUploadURLExternal(filename="a.csv", length=1)

    cosmetic = {"/user/color", "/user/has_2fa"}
    absent = missing_fields(example_of(reference, "users.info"), user.data)
    assert {name for name in absent if "/profile/" not in name} == cosmetic
    assert missing_fields(example_of(reference, "conversations.open"), opened.data) == []
    assert missing_fields(example_of(reference, "files.getUploadURLExternal"), ticket.data) == []


@pytest.mark.parametrize(
    ("method", "errors"),
    [
        pytest.param(
            "chat.postMessage",
            {"channel_not_found", "not_in_channel", "is_archived", "no_text", "invalid_blocks"},
            id="post",
        ),
        pytest.param(
            "chat.update",
            {"message_not_found", "cant_update_message", "msg_too_long", "is_inactive"},
            id="update",
        ),
        pytest.param("chat.postEphemeral", {"user_not_in_channel", "msg_too_long"}, id="ephemeral"),
        pytest.param(
            "views.open",
            {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "view_too_large"},
            id="open",
        ),
        pytest.param("views.push", {"push_limit_reached", "not_found"}, id="push"),
        pytest.param(
            "views.update", {"hash_conflict", "not_found", "duplicate_external_id"}, id="view"
        ),
        pytest.param(
            "files.completeUploadExternal", {"file_not_found", "not_in_channel"}, id="file"
        ),
    ],
)
def test_the_errors_are_documented(reference: Reference, method: str, errors: set[str]) -> None:
    assert errors <= reference(f"api/{method}.json")["errors"].keys()


@pytest.mark.parametrize(
    "method",
    [
        "auth.test",
        "apps.connections.open",
        "chat.postMessage",
        "chat.postEphemeral",
        "chat.update",
        "conversations.open",
        "files.completeUploadExternal",
        "files.getUploadURLExternal",
        "users.info",
        "views.open",
        "views.publish",
        "views.push",
        "views.update",
    ],
)
async def test_required_arguments_are_those_of_slack(
    reference: Reference, slack: FakeSlack, method: str
) -> None:
    documented = reference(f"api/{method}.json")["args"]
    served = slack.methods[method]

    assert set(served.required) == set(documented["required"]) - {"token"}
    assert set(served.optional) <= documented["properties"].keys() | {"client_msg_id"}
