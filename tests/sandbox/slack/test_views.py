"""Dialogs and home tabs open, stack, change and close as in Slack."""

from datetime import timedelta
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import FakeSlack, NotDrawn
from tests.sandbox.slack.blocks import (
    actions,
    button,
    field,
    modal,
    option,
    plain,
    section,
    text_input,
)
from tests.sandbox.slack.conftest import Connect
from tests.sandbox.slack.test_web_api import error_of

HOME = {"type": "home", "blocks": [section("*Home*")]}


@pytest.fixture
async def triggers(bolt: AsyncApp, connect: Connect) -> list[str]:
    """Return the trigger ids that /verify brought; the app does nothing else with it."""
    seen: list[str] = []

    @bolt.command("/verify")
    async def verify(ack: Any, body: dict[str, Any]) -> None:
        seen.append(body["trigger_id"])
        await ack()

    await connect(bolt)
    return seen


async def fresh(slack: FakeSlack, triggers: list[str]) -> str:
    """Return a trigger id of this moment."""
    await slack.person("owner").slash("/verify")
    return triggers[-1]


async def test_a_trigger_opens_one_dialog(
    slack: FakeSlack, client: AsyncWebClient, triggers: list[str]
) -> None:
    trigger = await fresh(slack, triggers)

    refused = await error_of(client.views_open(trigger_id=trigger, view=modal(title="x" * 25)))
    opened = await client.views_open(trigger_id=trigger, view=modal(title="First"))
    again = await error_of(client.views_open(trigger_id=trigger, view=modal()))

    assert refused["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    assert again["error"] == "exchanged_trigger_id"
    view = slack.open_view("owner")
    assert view is not None
    assert (view.title, view.id, view.hash) == (
        "First",
        opened["view"]["id"],
        opened["view"]["hash"],
    )
    assert opened["view"]["close"] is None
    assert opened["view"]["private_metadata"] == ""


async def test_a_trigger_lives_three_seconds(
    slack: FakeSlack, client: AsyncWebClient, triggers: list[str]
) -> None:
    trigger = await fresh(slack, triggers)
    slack.clock.forward(timedelta(seconds=3.1))

    late = await error_of(client.views_open(trigger_id=trigger, view=modal()))
    made_up = await error_of(client.views_open(trigger_id="1.2.abc", view=modal()))
    missing = await error_of(client.views_open(trigger_id="", view=modal()))

    assert late["error"] == "expired_trigger_id"
    assert made_up["error"] == "invalid_trigger_id"
    assert missing["response_metadata"]["messages"] == ["[ERROR] invalid `trigger_id`"]


async def test_three_dialogs_are_the_most(
    slack: FakeSlack, client: AsyncWebClient, triggers: list[str]
) -> None:
    early = await error_of(client.views_push(trigger_id=await fresh(slack, triggers), view=modal()))
    root = await client.views_open(trigger_id=await fresh(slack, triggers), view=modal(title="1"))
    for title in ("2", "3"):
        pushed = await client.views_push(
            trigger_id=await fresh(slack, triggers), view=modal(title=title)
        )
    fourth = await error_of(
        client.views_push(trigger_id=await fresh(slack, triggers), view=modal())
    )

    assert early["error"] == "not_found"
    assert fourth["error"] == "push_limit_reached"
    assert pushed["view"]["root_view_id"] == root["view"]["id"]
    assert pushed["view"]["previous_view_id"] != root["view"]["id"]
    front = slack.open_view("owner")
    assert front is not None
    assert front.title == "3"
    await slack.person("owner").close(front)
    behind = slack.open_view("owner")
    assert behind is not None
    assert behind.title == "2"


async def test_an_update_with_an_old_hash_conflicts(
    slack: FakeSlack, client: AsyncWebClient, triggers: list[str]
) -> None:
    opened = await client.views_open(trigger_id=await fresh(slack, triggers), view=modal())
    view_id, first = opened["view"]["id"], opened["view"]["hash"]

    updated = await client.views_update(view_id=view_id, hash=first, view=modal(title="New"))
    conflict = await error_of(client.views_update(view_id=view_id, hash=first, view=modal()))
    without = await client.views_update(view_id=view_id, view=modal(title="Newer"))

    assert updated["view"]["hash"] != first
    assert conflict["error"] == "hash_conflict"
    assert without["view"]["title"]["text"] == "Newer"


async def test_a_closed_dialog_is_not_found(
    slack: FakeSlack, client: AsyncWebClient, triggers: list[str]
) -> None:
    opened = await client.views_open(trigger_id=await fresh(slack, triggers), view=modal())
    front = slack.open_view("owner")
    assert front is not None

    await slack.person("owner").close(front)

    answer = await error_of(client.views_update(view_id=opened["view"]["id"], view=modal()))
    assert answer["error"] == "not_found"
    with pytest.raises(NotDrawn, match="closed"):
        await slack.person("owner").submit(front)


async def test_an_external_id_is_unique_and_finds_the_view(
    slack: FakeSlack, client: AsyncWebClient, triggers: list[str]
) -> None:
    view = modal(external_id="run-1")
    await client.views_open(trigger_id=await fresh(slack, triggers), view=view)

    twice = await error_of(client.views_push(trigger_id=await fresh(slack, triggers), view=view))
    updated = await client.views_update(external_id="run-1", view=modal(title="Found"))
    neither = await error_of(client.api_call("views.update", json={"view": view}))

    assert twice["error"] == "duplicate_external_id"
    assert updated["view"]["title"]["text"] == "Found"
    assert neither["error"] == "invalid_arguments"


async def test_what_was_typed_stays_where_the_block_id_stays(
    slack: FakeSlack, client: AsyncWebClient, triggers: list[str]
) -> None:
    fields = (field("kept", text_input()), field("old", text_input()))
    opened = await client.views_open(trigger_id=await fresh(slack, triggers), view=modal(*fields))
    view = slack.open_view("owner")
    assert view is not None
    owner = slack.person("owner")
    await owner.fill(view, "text", "typed", block_id="kept")
    await owner.fill(view, "text", "typed", block_id="old")

    changed = modal(field("kept", text_input()), field("new", text_input(initial_value="new")))
    answer = await client.views_update(view_id=opened["view"]["id"], view=changed)

    values = answer["view"]["state"]["values"]
    assert values["kept"]["text"]["value"] == "typed"
    assert values["new"]["text"]["value"] == "new"


async def test_a_chosen_option_that_is_offered_no_more_is_dropped(
    slack: FakeSlack, client: AsyncWebClient, triggers: list[str]
) -> None:
    def menu(*values: str) -> dict[str, Any]:
        options = [option(value) for value in values]
        element = {"type": "static_select", "action_id": "menu", "options": options}
        return modal(field("b", element))

    opened = await client.views_open(
        trigger_id=await fresh(slack, triggers), view=menu("keep", "unsubscribe")
    )
    view = slack.open_view("owner")
    assert view is not None
    await slack.person("owner").choose(view, "menu", "unsubscribe")

    answer = await client.views_update(view_id=opened["view"]["id"], view=menu("keep"))

    assert answer["view"]["state"]["values"]["b"]["menu"]["selected_option"] is None


async def test_a_home_tab_is_published_for_one_person(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    first = await client.views_publish(user_id="U0OWNER", view=HOME)
    conflict = await error_of(client.views_publish(user_id="U0OWNER", view=HOME, hash="1.a"))
    nobody = await error_of(client.views_publish(user_id="U0NOBODY", view=HOME))
    dialog = await error_of(client.views_publish(user_id="U0OWNER", view=modal()))

    home = slack.home("owner")
    assert home is not None
    assert home.id == first["view"]["id"]
    assert slack.home("colleague") is None
    assert conflict["error"] == "hash_conflict"
    assert nobody["response_metadata"]["messages"] == ["[ERROR] invalid `user_id`"]
    assert dialog["error"] == "invalid_arguments"


async def test_closing_tells_the_app_where_it_asked_for_it(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect, client: AsyncWebClient, triggers: list[str]
) -> None:
    closed: list[dict[str, Any]] = []

    @bolt.view_closed("ask")
    async def on_close(ack: Any, body: dict[str, Any]) -> None:
        closed.append(body)
        await ack()

    view = modal(callback_id="ask", notify_on_close=True)
    await client.views_open(trigger_id=await fresh(slack, triggers), view=view)
    await client.views_push(trigger_id=await fresh(slack, triggers), view=view)
    front = slack.open_view("owner")
    assert front is not None

    await slack.person("owner").close(front, whole=True)

    assert [body["is_cleared"] for body in closed] == [True, True]
    assert slack.open_view("owner") is None


async def test_buttons_in_a_dialog_carry_view_and_state(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect, client: AsyncWebClient, triggers: list[str]
) -> None:
    pressed: list[dict[str, Any]] = []

    @bolt.action("recommend")
    async def recommend(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        pressed.append(body)

    view = modal(field("b", text_input()), actions(button("recommend", "Use recommended settings")))
    await client.views_open(trigger_id=await fresh(slack, triggers), view=view)
    front = slack.open_view("owner")
    assert front is not None
    await slack.person("owner").fill(front, "text", "typed")

    await slack.person("owner").click(front, label="Use recommended settings")

    body = (await slack.until(lambda: pressed))[0]
    assert body["container"] == {"type": "view", "view_id": front.id}
    assert body["view"]["state"]["values"]["b"]["text"]["value"] == "typed"
    assert body["actions"][0]["text"] == plain("Use recommended settings") | {"emoji": True}
    assert "response_url" not in body
