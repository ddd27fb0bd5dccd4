"""What the app answers to a submitted dialog is checked and done."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import BadAnswer, FakeSlack, View
from tests.sandbox.slack.blocks import (
    field,
    modal,
    section,
    text_input,
)
from tests.sandbox.slack.conftest import Connect

HOME = {"type": "home", "blocks": [section("*Home*")]}

ANSWERS = [
    pytest.param({"response_action": "errors", "errors": {"b": "No."}}, None, id="errors"),
    pytest.param(
        {"response_action": "errors", "errors": {"other": "No."}}, "no input block", id="stranger"
    ),
    pytest.param({"response_action": "errors", "errors": {}}, "at least one", id="no-errors"),
    pytest.param({"response_action": "errors", "errors": {"b": ""}}, "sentence", id="empty-error"),
    pytest.param({"response_action": "vanish"}, "unknown response_action", id="unknown"),
    pytest.param({"response_action": "update"}, "needs exactly", id="update-without-view"),
    pytest.param(
        {"response_action": "update", "view": modal(title="x" * 25)}, "less than 25", id="bad-view"
    ),
    pytest.param({"response_action": "update", "view": HOME}, "must be a modal", id="home"),
    pytest.param({"text": "thanks"}, "unknown response_action", id="a-message"),
]


@pytest.mark.parametrize(("answer", "problem"), ANSWERS)
async def test_an_answer_to_a_submission_is_checked(
    slack: FakeSlack,
    bolt: AsyncApp,
    connect: Connect,
    client: AsyncWebClient,
    answer: dict[str, Any],
    problem: str | None,
) -> None:
    @bolt.command("/verify")
    async def verify(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        view = modal(field("b", text_input(), optional=True), callback_id="ask")
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @bolt.view("ask")
    async def submitted(ack: Any) -> None:
        await ack(answer)

    await connect(bolt)
    owner = slack.person("owner")
    await owner.slash("/verify")
    view = await slack.until(lambda: slack.open_view("owner"))
    if problem is None:
        submission = await owner.submit(view)
        assert submission.errors == {"b": "No."}
        assert not submission.is_closed
    else:
        with pytest.raises(BadAnswer, match=problem):
            await owner.submit(view)
    assert slack.open_view("owner") is view


async def test_answers_push_update_and_clear(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect, client: AsyncWebClient
) -> None:
    @bolt.command("/verify")
    async def verify(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(
            trigger_id=body["trigger_id"], view=modal(title="One", callback_id="one")
        )

    @bolt.view("one")
    async def one(ack: Any) -> None:
        await ack(response_action="push", view=modal(title="Two", callback_id="two"))

    @bolt.view("two")
    async def two(ack: Any) -> None:
        await ack(response_action="update", view=modal(title="Three", callback_id="three"))

    @bolt.view("three")
    async def three(ack: Any) -> None:
        await ack(response_action="clear")

    await connect(bolt)
    owner = slack.person("owner")
    await owner.slash("/verify")
    view = await slack.until(lambda: slack.open_view("owner"))
    titles = []
    front: View | None = view
    while front is not None:
        titles.append(front.title)
        front = (await owner.submit(front)).view

    assert titles == ["One", "Two", "Three"]
