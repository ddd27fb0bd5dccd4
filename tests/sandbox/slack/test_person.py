"""A person can do what a real person can do in Slack, and nothing else."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import FakeSlack, NeverHappened, NotDrawn
from tests.sandbox.slack.blocks import (
    actions,
    button,
    confirm,
    field,
    plain,
    section,
    text_input,
)
from tests.sandbox.slack.listener import Listener, opened, posted

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("who", "command", "channel", "words"),
    [
        pytest.param("owner", "/clean", "newsletter", "not a valid command", id="unknown-command"),
        pytest.param("newcomer", "/verify", "leadership", "not in #leadership", id="not-a-member"),
        pytest.param("owner", "/verify", "old-campaigns", "archived", id="archived"),
    ],
)
async def test_nothing_can_be_typed(
    slack: FakeSlack, who: str, command: str, channel: str, words: str
) -> None:
    with pytest.raises(NotDrawn, match=words):
        await slack.person(who).slash(command, channel=channel)


async def test_a_command_may_be_typed_where_the_bot_is_not(
    slack: FakeSlack, listener: Listener
) -> None:
    await slack.person("owner").slash("/verify", channel="leadership")

    assert slack.deliveries[0].payload["channel_name"] == "privategroup"


async def test_a_click_carries_message_channel_and_value(
    slack: FakeSlack, client: AsyncWebClient, listener: Listener
) -> None:
    message = await posted(slack, client, actions(button("go", "Approve", value="run-1")))

    press = await slack.person("colleague").click(message, label="Approve")

    assert press.confirm is None
    body = listener.bodies[0]
    assert body["user"]["id"] == "U0COLLEAGUE"
    assert body["actions"][0]["value"] == "run-1"
    assert body["container"]["message_ts"] == body["message"]["ts"] == message.ts
    assert body["channel"] == {"id": "C0NEWSLETTER", "name": "newsletter"}


async def test_a_confirmation_is_read_and_may_be_denied(
    slack: FakeSlack, client: AsyncWebClient, listener: Listener
) -> None:
    message = await posted(slack, client, actions(button("go", confirm=confirm("All 3?"))))
    owner = slack.person("owner")

    denied = await owner.click(message, action_id="go", accept=False)
    assert denied.delivery is None
    assert listener.bodies == []
    accepted = await owner.click(message, action_id="go")

    assert accepted.confirm is not None
    assert accepted.confirm.text == denied.confirm.text == "All 3?"  # type: ignore[union-attr]
    assert len(listener.bodies) == 1


async def test_only_what_is_drawn_now_can_be_pressed(
    slack: FakeSlack, client: AsyncWebClient, listener: Listener
) -> None:
    message = await posted(slack, client, actions(button("go", "Approve")))
    owner = slack.person("owner")

    with pytest.raises(NotDrawn, match=r"label='Reject'.*go \(Approve\)"):
        await owner.click(message, label="Reject")
    await client.chat_update(channel=message.channel, ts=message.ts, text="Approved")
    with pytest.raises(NotDrawn, match="What is drawn: nothing"):
        await owner.click(message, label="Approve")
    slack.delete_message(message)
    with pytest.raises(NotDrawn, match="deleted"):
        await owner.click(message, label="Approve")


async def test_somebody_elses_ephemeral_message_cannot_be_pressed(
    slack: FakeSlack, client: AsyncWebClient, listener: Listener
) -> None:
    await client.chat_postEphemeral(
        channel="C0NEWSLETTER", user="U0OWNER", text="a", blocks=[actions(button("go"))]
    )
    message = slack.ephemerals("owner")[0]

    with pytest.raises(NotDrawn, match="cannot see"):
        await slack.person("colleague").click(message, action_id="go")
    await slack.person("owner").click(message, action_id="go")

    assert listener.bodies[0]["container"]["is_ephemeral"] is True
    assert "message" not in listener.bodies[0]


async def test_two_buttons_of_one_name_need_their_block(
    slack: FakeSlack, client: AsyncWebClient, listener: Listener
) -> None:
    message = await posted(
        slack, client, actions(button("go"), block_id="1"), actions(button("go"), block_id="2")
    )
    owner = slack.person("owner")

    with pytest.raises(NotDrawn, match="More than one"):
        await owner.click(message, action_id="go")
    await owner.click(message, action_id="go", block_id="2")

    assert listener.bodies[0]["actions"][0]["block_id"] == "2"


INPUT_PROBLEMS = [
    pytest.param(text_input(), None, "Please complete this required field.", id="required"),
    pytest.param(text_input(min_length=3), "ab", "at least 3 characters", id="too-short"),
    pytest.param({"type": "email_text_input"}, "owner", "valid email", id="email"),
    pytest.param(
        {"type": "number_input", "is_decimal_allowed": False}, "1.5", "whole number", id="whole"
    ),
    pytest.param(
        {"type": "number_input", "is_decimal_allowed": True, "max_value": "9"},
        "10",
        "at most 9",
        id="too-much",
    ),
]


@pytest.mark.parametrize(("element", "typed", "words"), INPUT_PROBLEMS)
async def test_slack_checks_fields_before_it_asks_the_app(
    slack: FakeSlack, listener: Listener, element: Json, typed: str | None, words: str
) -> None:
    view = await opened(slack, listener, field("b", element | {"action_id": "text"}))
    owner = slack.person("owner")
    if typed is not None:
        await owner.fill(view, "text", typed)

    submission = await owner.submit(view)

    assert words in submission.errors["b"]
    assert listener.bodies == []


async def test_a_dispatching_field_tells_the_app_on_enter(
    slack: FakeSlack, listener: Listener
) -> None:
    view = await opened(slack, listener, field("b", text_input(), dispatch_action=True))
    owner = slack.person("owner")

    await owner.fill(view, "text", "ty")
    await owner.fill(view, "text", "typed", enter=True)

    assert [body["actions"][0]["value"] for body in listener.bodies] == ["typed"]


async def test_a_dialog_without_submit_cannot_be_submitted(
    slack: FakeSlack, listener: Listener
) -> None:
    listener.view = {"type": "modal", "title": plain("Loading"), "blocks": [section()]}
    owner = slack.person("owner")
    await owner.slash("/verify")
    view = await slack.until(lambda: slack.open_view("owner"))

    with pytest.raises(NotDrawn, match="no submit button"):
        await owner.submit(view)
    with pytest.raises(NotDrawn, match="cannot see this dialog"):
        await slack.person("colleague").close(view)


async def test_waiting_in_vain_says_what_there_was_instead(slack: FakeSlack) -> None:
    await slack.person("owner").say("hello there")

    with pytest.raises(NeverHappened, match="hello there"):
        await slack.until(lambda: slack.messages()[0].edited, within=0.05)


async def test_a_command_may_be_typed_in_the_direct_message(
    slack: FakeSlack, listener: Listener
) -> None:
    await slack.person("owner").slash("/verify", channel="D0OWNER")

    assert slack.deliveries[0].payload["channel_name"] == "directmessage"
    with pytest.raises(NotDrawn, match="cannot see this direct message"):
        await slack.person("colleague").slash("/verify", channel="D0OWNER")
