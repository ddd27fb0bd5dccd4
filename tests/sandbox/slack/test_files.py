"""Files are uploaded in three steps and can be read back."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import FakeSlack
from tests.sandbox.slack.test_web_api import error_of

CSV = "email,category\nreader@example.com,Safe\n"


async def test_the_sdk_uploads_into_a_thread(slack: FakeSlack, client: AsyncWebClient) -> None:
    parent = await client.chat_postMessage(channel="C0GENERAL", text="parent")

    await client.files_upload_v2(
        channel="C0GENERAL",
        thread_ts=parent["ts"],
        content=CSV,
        filename="results.csv",
        title="Results",
        initial_comment="All of them",
    )

    reply = slack.thread(slack.messages("general")[0])[0]
    file = slack.files_of(reply)[0]
    assert reply.text == "All of them"
    assert (file.name, file.title) == ("results.csv", "Results")
    assert file.content == CSV.encode()
    assert slack.as_text(reply) == "All of them\n(file: results.csv, 39 bytes)"


async def test_a_shared_file_can_be_downloaded(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.files_upload_v2(channel="C0GENERAL", content=CSV, filename="a b.csv")
    file = slack.files_of(slack.messages("general")[0])[0]

    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{slack.page_url}files/{file.id}") as response,
    ):
        assert await response.text() == CSV
        assert response.headers["Content-Disposition"] == 'attachment; filename="a_b.csv"'


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        pytest.param("C0RANDOM", "not_in_channel", id="not-a-member"),
        pytest.param("newsletter", "channel_not_found", id="by-name"),
        pytest.param("C0OLD", "is_archived", id="archived"),
    ],
)
async def test_a_file_is_not_shared_in(client: AsyncWebClient, channel: str, error: str) -> None:
    answer = await error_of(
        client.files_upload_v2(channel=channel, content=CSV, filename="results.csv")
    )

    assert answer["error"] == error


async def send(url: str, content: bytes) -> int:
    """Send bytes to an upload address and return the status."""
    async with aiohttp.ClientSession() as session, session.post(url, data=content) as response:
        return response.status


async def test_a_file_without_its_bytes_is_not_found(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    ticket = await client.files_getUploadURLExternal(filename="a.csv", length=3)
    files: list[Any] = [{"id": ticket["file_id"]}]

    unsent = await error_of(client.files_completeUploadExternal(files=files))
    wrong_length = await send(ticket["upload_url"], b"abcd")
    right_length = await send(ticket["upload_url"], b"abc")
    shared = await client.files_completeUploadExternal(files=files, channel_id="C0GENERAL")
    again = await error_of(client.files_completeUploadExternal(files=files))

    assert unsent["error"] == again["error"] == "file_not_found"
    assert (wrong_length, right_length) == (400, 200)
    assert shared["files"] == [{"id": ticket["file_id"], "title": "a.csv"}]


async def test_an_empty_file_is_refused(client: AsyncWebClient) -> None:
    answer = await error_of(client.files_getUploadURLExternal(filename="a.csv", length=0))

    assert answer["error"] == "missing_argument"


@pytest.mark.parametrize(
    "sharing",
    [
        pytest.param({"channel_id": "U0OWNER"}, id="a-person"),
        pytest.param({"channels": "C0GENERAL,C0NEWSLETTER", "thread_ts": "1"}, id="two-threads"),
    ],
)
async def test_a_file_is_not_shared_with(client: AsyncWebClient, sharing: dict[str, Any]) -> None:
    ticket = await client.files_getUploadURLExternal(filename="a.csv", length=3)
    await send(ticket["upload_url"], b"abc")
    files: list[Any] = [{"id": ticket["file_id"]}]

    answer = await error_of(client.files_completeUploadExternal(files=files, **sharing))

    assert answer["error"] in ("channel_not_found", "invalid_arguments")


async def test_a_file_is_not_shared_under_a_reply(client: AsyncWebClient) -> None:
    parent = await client.chat_postMessage(channel="C0GENERAL", text="parent")
    reply = await client.chat_postMessage(channel="C0GENERAL", text="reply", thread_ts=parent["ts"])
    answer = await error_of(
        client.files_upload_v2(
            channel="C0GENERAL", thread_ts=reply["ts"], content=CSV, filename="results.csv"
        )
    )

    assert answer["error"] == "invalid_arguments"


async def test_bytes_that_slack_stumbles_over_can_be_sent_again(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    ticket = await client.files_getUploadURLExternal(filename="a.csv", length=3)
    slack.fail_next("upload", status=503)

    assert await send(ticket["upload_url"], b"abc") == 503
    assert await send(ticket["upload_url"], b"abc") == 200
