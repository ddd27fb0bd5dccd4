"""The page is served safely, and its API does only what a person can do."""

import json
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp

from sandbox.slack import FakeSlack
from tests.sandbox.slack.conftest import Connect
from tests.sandbox.slack.small_app import add_listeners

Json = dict[str, Any]


async def get(slack: FakeSlack, path: str) -> tuple[int, str, Any]:
    """Return status, body and headers of a page's file."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(slack.page_url + path) as response,
    ):
        return response.status, await response.text(), response.headers


async def do(slack: FakeSlack, deed: str, **wish: Any) -> tuple[int, Json]:
    """Do something as the owner."""
    body = {"deed": deed, "user": "U0OWNER", **wish}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{slack.page_url}sandbox/do", json=body) as response,
    ):
        return response.status, await response.json()


@pytest.mark.parametrize("path", ["", "page/app.js", "page/style.css"])
async def test_the_page_loads_nothing_from_elsewhere(slack: FakeSlack, path: str) -> None:
    status, body, headers = await get(slack, path)

    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "innerHTML" not in body


@pytest.mark.parametrize("path", ["page/server.py", "page/..%2Fserver.py", "page/none.js"])
async def test_only_the_page_itself_is_served(slack: FakeSlack, path: str) -> None:
    assert (await get(slack, path))[0] == 404


async def test_each_person_sees_their_own_screen(slack: FakeSlack) -> None:
    await slack.person("owner").say("hello")
    owner = json.loads((await get(slack, "sandbox/state?user=U0OWNER"))[1])
    newcomer = json.loads((await get(slack, "sandbox/state?user=U0NEWCOMER"))[1])

    assert owner["messages"]["C0NEWSLETTER"][0]["text"] == "hello"
    assert "C0SECRET" in owner["messages"]
    assert "C0SECRET" not in newcomer["messages"]
    assert (await get(slack, "sandbox/state?user=U0NOBODY"))[0] == 404


async def test_changes_are_told_live(slack: FakeSlack) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{slack.page_url}sandbox/live") as response,
    ):
        first = await response.content.readuntil(b"\n\n")
        await slack.person("owner").say("hello")
        second = await response.content.readuntil(b"\n\n")

    assert first == b"data: 0\n\n"
    assert int(second.removeprefix(b"data: ")) > 0


async def test_deeds_go_through_the_driver(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect
) -> None:
    add_listeners(bolt)
    await connect(bolt)

    assert await do(slack, "slash", command="/verify", text="", channel="C0NEWSLETTER") == (200, {})
    view = await slack.until(lambda: slack.open_view("owner"))
    here = {"view": view.id}
    await do(slack, "fill", **here, action_id="name", block_id="name", text="taken")
    tags = await do(slack, "suggest", **here, action_id="tags", block_id="tags", typed="Tag 25")
    ids = [option["value"] for option in tags[1]["options"]]
    await do(slack, "choose", **here, action_id="tags", block_id="tags", values=ids)
    wish = {"action_id": "channel", "block_id": "channel", "values": ["C0NEWSLETTER"]}
    await do(slack, "choose", **here, **wish)

    assert ids == ["250"]
    assert await do(slack, "submit", **here) == (200, {"errors": {"name": "This name is taken."}})
    assert await do(slack, "close", **here) == (200, {})
    status, answer = await do(slack, "submit", **here)
    assert (status, answer["words"]) == (409, "The dialog 'Verify' is closed.")


async def test_what_goes_wrong_comes_in_words(slack: FakeSlack) -> None:
    unknown = await do(slack, "slash", command="/nope", text="", channel="C0NEWSLETTER")
    silent = await do(slack, "slash", command="/verify", text="", channel="C0NEWSLETTER")
    gone = await do(slack, "click", channel="C0NEWSLETTER", ts="1", action_id="a", block_id="b")
    nonsense = await do(slack, "dance")

    assert unknown == (409, {"words": "/nope is not a valid command."})
    assert silent == (502, {"words": '/verify failed with the error "dispatch_failed"'})
    assert gone == (409, {"words": "This message was deleted."})
    assert nonsense[0] == 400


async def test_a_form_of_another_site_cannot_act(slack: FakeSlack) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{slack.page_url}sandbox/do", data={"deed": "say"}) as response,
    ):
        assert response.status == 415
