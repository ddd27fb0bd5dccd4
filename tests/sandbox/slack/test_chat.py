"""Messages are posted, updated and deleted as in Slack."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import App, FakeSlack, Workspace
from tests.sandbox.slack.blocks import actions, button, plain, section
from tests.sandbox.slack.test_web_api import call, error_of


async def test_a_posted_message_comes_back_with_its_ids(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    blocks = [section("*hi*"), actions(button("go"))]

    answer = await client.chat_postMessage(channel="#newsletter", text="hi", blocks=blocks)

    assert answer["channel"] == "C0NEWSLETTER"
    assert answer["message"]["bot_id"] == "B0SANDBOX"
    drawn = answer["message"]["blocks"]
    assert drawn[0]["text"] == {"type": "mrkdwn", "text": "*hi*", "verbatim": False}
    assert drawn[1]["elements"][0]["text"]["emoji"] is True
    assert len({block["block_id"] for block in drawn}) == 2
    assert slack.messages()[0].ts == answer["ts"]


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        pytest.param("C0NOWHERE", "channel_not_found", id="unknown"),
        pytest.param("C0RANDOM", "not_in_channel", id="bot-not-a-member"),
        pytest.param("C0SECRET", "channel_not_found", id="private"),
        pytest.param("C0OLD", "is_archived", id="archived"),
        pytest.param("U0NOBODY", "channel_not_found", id="nobody"),
        pytest.param("D0NOBODY", "channel_not_found", id="unknown-dm"),
    ],
)
async def test_the_bot_cannot_post_to(client: AsyncWebClient, channel: str, error: str) -> None:
    answer = await error_of(client.chat_postMessage(channel=channel, text="hello"))

    assert answer["error"] == error


async def test_posting_to_a_person_reaches_their_direct_message(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    answer = await client.chat_postMessage(channel="U0OWNER", text="hello")

    assert answer["channel"] == "D0OWNER"
    assert [m.text for m in slack.dm("owner")] == ["hello"]
    by_user = await error_of(client.chat_update(channel="U0OWNER", ts=answer["ts"], text="x"))
    assert by_user["error"] == "channel_not_found"
    assert (await client.chat_update(channel="D0OWNER", ts=answer["ts"], text="x"))["text"] == "x"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param({}, "no_text", id="nothing"),
        pytest.param({"text": " "}, "no_text", id="blank"),
        pytest.param({"text": "a", "blocks": [{"type": "header"}]}, "invalid_blocks", id="blocks"),
        pytest.param({"text": "a", "blocks": "words"}, "invalid_blocks_format", id="not-json"),
        pytest.param({"text": "a", "markdown_text": "b"}, "markdown_text_conflict", id="markdown"),
        pytest.param({"text": "a", "metadata": {"a": 1}}, "invalid_metadata_format", id="metadata"),
        pytest.param({"text": "a", "thread_ts": "1.000000"}, "thread_not_found", id="thread"),
        pytest.param({"text": "a", "attachments": [{}] * 101}, "too_many_attachments", id="101"),
        pytest.param({"text": "a", "username": "owner"}, "missing_scope", id="another-name"),
    ],
)
async def test_a_message_is_refused(
    slack: FakeSlack, arguments: dict[str, Any], error: str
) -> None:
    message = {"channel": "C0GENERAL", **arguments}

    answer = await call(slack, "chat.postMessage", slack.bot_token, json=message)

    assert answer["error"] == error


async def test_invalid_blocks_say_where(client: AsyncWebClient) -> None:
    answer = await error_of(
        client.chat_postMessage(channel="C0GENERAL", text="a", blocks=[section("")])
    )

    problem = "must be more than 0 characters [json-pointer:/blocks/0/text/text]"
    assert answer["errors"] == [problem]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {problem}"]


async def test_a_very_long_post_is_cut_and_a_long_update_refused(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="C0GENERAL", text="x" * 40_001)
    refused = await error_of(
        client.chat_update(channel="C0GENERAL", ts=posted["ts"], text="x" * 4_001)
    )

    assert posted["warning"] == "message_truncated"
    assert len(slack.messages("general")[0].text) == 40_000
    assert refused["error"] == "msg_too_long"


async def test_text_is_escaped_and_marks_are_kept(slack: FakeSlack, client: AsyncWebClient) -> None:
    text = "Tom & <Jerry> &amp; <@U0OWNER> <https://example.com|site> <!date^1^{date}|then>"

    await client.chat_postMessage(channel="C0GENERAL", text=text)

    assert slack.messages("general")[0].text == (
        "Tom &amp; &lt;Jerry&gt; &amp; <@U0OWNER> <https://example.com|site> <!date^1^{date}|then>"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"text": "<!channel>"}, id="text"),
        pytest.param({"text": "a", "blocks": [section("a <!here> b")]}, id="block"),
        pytest.param({"text": "@channel", "link_names": True}, id="link-names"),
        pytest.param(
            {
                "text": "a",
                "blocks": [
                    {
                        "type": "rich_text",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [{"type": "broadcast", "range": "everyone"}],
                            }
                        ],
                    }
                ],
            },
            id="rich-text",
        ),
    ],
)
async def test_calling_everybody_is_noticed(
    slack: FakeSlack, client: AsyncWebClient, arguments: dict[str, Any]
) -> None:
    await client.chat_postMessage(channel="C0GENERAL", **arguments)

    assert len(slack.broadcasts) == 1


@pytest.mark.parametrize("text", ["&lt;!channel&gt;", "@channel", "mail@channel.example.com"])
async def test_naming_the_channel_calls_nobody(
    slack: FakeSlack, client: AsyncWebClient, text: str
) -> None:
    await client.chat_postMessage(
        channel="C0GENERAL", text=text, blocks=[{"type": "section", "text": plain("<!channel>")}]
    )

    assert slack.broadcasts == []


async def test_an_update_with_text_alone_removes_the_blocks(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="C0GENERAL", text="a", blocks=[section("a")])
    message = slack.messages("general")[0]

    await client.chat_update(channel="C0GENERAL", ts=posted["ts"], text="b", blocks=[section("b")])
    assert not message.edited
    await client.chat_update(channel="C0GENERAL", ts=posted["ts"], text="c")

    assert (message.text, message.blocks, message.edited) == ("c", [], True)
    assert [version.text for version in message.history] == ["a", "b", "c"]
    assert slack.update_times(message) == sorted(slack.update_times(message))


async def test_only_own_messages_that_are_there_can_change(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    said = await slack.person("owner").say("mine", channel="general")
    posted = await client.chat_postMessage(channel="C0GENERAL", text="a")
    message = slack.messages("general")[1]
    slack.delete_message(message)

    theirs = await error_of(client.chat_update(channel="C0GENERAL", ts=said.ts, text="b"))
    gone = await error_of(client.chat_update(channel="C0GENERAL", ts=posted["ts"], text="b"))
    also = await error_of(client.chat_delete(channel="C0GENERAL", ts=said.ts))

    assert theirs["error"] == "cant_update_message"
    assert gone["error"] == "message_not_found"
    assert also["error"] == "cant_delete_message"


async def test_a_message_in_an_archived_channel_does_not_change(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="C0GENERAL", text="a")
    slack.archive("general")

    answer = await error_of(client.chat_update(channel="C0GENERAL", ts=posted["ts"], text="b"))

    assert answer["error"] == "is_inactive"


async def test_replies_go_to_the_parent_only(slack: FakeSlack, client: AsyncWebClient) -> None:
    parent = await client.chat_postMessage(channel="C0GENERAL", text="parent")
    reply = await client.chat_postMessage(channel="C0GENERAL", text="reply", thread_ts=parent["ts"])
    deeper = await error_of(
        client.chat_postMessage(channel="C0GENERAL", text="deeper", thread_ts=reply["ts"])
    )

    assert deeper["error"] == "cannot_reply_to_message"
    assert [m.text for m in slack.messages("general")] == ["parent"]
    assert [m.text for m in slack.thread(slack.messages("general")[0])] == ["reply"]


async def test_an_ephemeral_message_is_seen_by_one_person_and_not_by_chat_update(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    answer = await client.chat_postEphemeral(channel="C0GENERAL", user="U0OWNER", text="psst")
    outsider = await error_of(
        client.chat_postEphemeral(channel="C0GENERAL", user="U0NOBODY", text="psst")
    )
    update = await error_of(
        client.chat_update(channel="C0GENERAL", ts=answer["message_ts"], text="b")
    )

    assert [m.text for m in slack.ephemerals("owner")] == ["psst"]
    assert slack.ephemerals("colleague") == slack.messages("general") == []
    assert outsider["error"] == "user_not_in_channel"
    assert update["error"] == "message_not_found"


async def test_with_the_public_scope_no_invitation_is_needed() -> None:
    app = App(scopes=frozenset({"chat:write", "chat:write.public"}))
    async with FakeSlack(Workspace(app=app)) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.url)

        answer = await client.chat_postMessage(channel="C0RANDOM", text="hello")

    assert answer["ok"]


async def test_an_invited_bot_may_post(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.invite_bot("random")
    assert (await client.chat_postMessage(channel="C0RANDOM", text="hello"))["ok"]
    slack.kick_bot("random")
    refused = await error_of(client.chat_postMessage(channel="C0RANDOM", text="hello"))
    assert refused["error"] == "not_in_channel"
