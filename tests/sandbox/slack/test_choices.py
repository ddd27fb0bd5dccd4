"""A person chooses what is offered, in dialogs and in messages."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import BadAnswer, FakeSlack, NotDrawn
from tests.sandbox.slack.blocks import (
    actions,
    field,
    modal,
    option,
)
from tests.sandbox.slack.listener import Listener, opened, posted

Json = dict[str, Any]

CHOICES = [
    pytest.param(
        {"type": "static_select", "options": [option("a", "Apple"), option("b")]},
        ("Apple",),
        "selected_option",
        option("a", "Apple"),
        id="static",
    ),
    pytest.param(
        {"type": "multi_static_select", "options": [option("a"), option("b")]},
        ("a", "b"),
        "selected_options",
        [option("a"), option("b")],
        id="multi-static",
    ),
    pytest.param(
        {"type": "checkboxes", "options": [option("a"), option("b")]},
        ("b",),
        "selected_options",
        [option("b")],
        id="checkboxes",
    ),
    pytest.param(
        {"type": "radio_buttons", "options": [option("a"), option("b")]},
        ("b",),
        "selected_option",
        option("b"),
        id="radio",
    ),
    pytest.param(
        {"type": "conversations_select"},
        ("#general",),
        "selected_conversation",
        "C0GENERAL",
        id="conversation",
    ),
    pytest.param(
        {"type": "multi_users_select"},
        ("owner", "colleague"),
        "selected_users",
        ["U0OWNER", "U0COLLEAGUE"],
        id="users",
    ),
    pytest.param({"type": "timepicker"}, ("09:30",), "selected_time", "09:30", id="time"),
    pytest.param({"type": "datepicker"}, ("2030-01-31",), "selected_date", "2030-01-31", id="date"),
]


def _without_emoji(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_emoji(one) for one in value]
    if isinstance(value, dict):
        return {k: _without_emoji(v) for k, v in value.items() if k != "emoji"}
    return value


@pytest.mark.parametrize(("element", "wanted", "key", "chosen"), CHOICES)
async def test_choices_in_a_dialog_are_submitted(
    slack: FakeSlack,
    listener: Listener,
    element: Json,
    wanted: tuple[str, ...],
    key: str,
    chosen: Any,
) -> None:
    view = await opened(slack, listener, field("b", element | {"action_id": "menu"}))
    owner = slack.person("owner")

    press = await owner.choose(view, "menu", *wanted)
    submission = await owner.submit(view)

    assert press.delivery is None, "an input block waits for the submission"
    assert submission.is_closed
    state = listener.bodies[0]["view"]["state"]["values"]["b"]["menu"]
    assert _without_emoji(state[key]) == chosen


@pytest.mark.parametrize(("element", "wanted", "key", "chosen"), CHOICES)
async def test_choices_in_a_message_are_sent_at_once(
    slack: FakeSlack,
    client: AsyncWebClient,
    listener: Listener,
    element: Json,
    wanted: tuple[str, ...],
    key: str,
    chosen: Any,
) -> None:
    message = await posted(slack, client, actions(element | {"action_id": "menu"}))

    await slack.person("owner").choose(message, "menu", *wanted)

    assert _without_emoji(listener.bodies[0]["actions"][0][key]) == chosen


async def test_only_offered_options_can_be_chosen(slack: FakeSlack, listener: Listener) -> None:
    menu = {
        "type": "multi_static_select",
        "action_id": "menu",
        "options": [option("keep", "Keep"), option("unsubscribe", "Unsubscribe")],
        "max_selected_items": 1,
    }
    view = await opened(slack, listener, field("b", menu))
    owner = slack.person("owner")

    with pytest.raises(NotDrawn, match=r"does not offer 'Delete'\. It offers: Keep, Unsubscribe"):
        await owner.choose(view, "menu", "Delete")
    with pytest.raises(NotDrawn, match="at most 1"):
        await owner.choose(view, "menu", "keep", "unsubscribe")


async def test_an_external_select_is_searched_by_typing(
    slack: FakeSlack, listener: Listener
) -> None:
    listener.options = [option("1", "Readers"), option("2", "Customers")]
    menu = {"type": "multi_external_select", "action_id": "tags"}
    view = await opened(slack, listener, field("b", menu))
    owner = slack.person("owner")

    too_short = await owner.suggest(view, "tags", "Re")
    found = await owner.suggest(view, "tags", "Read")
    await owner.choose(view, "tags", "Readers", "Customers")
    submission = await owner.submit(view)

    assert too_short == ()
    assert [o["value"] for o in found] == ["1"]
    assert listener.typed == ["Read", "Customers"]
    assert submission.is_closed
    values = listener.bodies[0]["view"]["state"]["values"]["b"]["tags"]["selected_options"]
    assert [o["value"] for o in values] == ["1", "2"]


async def test_too_many_suggestions_are_none(slack: FakeSlack, listener: Listener) -> None:
    listener.options = [option(str(n), f"Tag {n}") for n in range(101)]
    menu = {"type": "external_select", "action_id": "tags", "min_query_length": 0}
    view = await opened(slack, listener, field("b", menu))

    with pytest.raises(BadAnswer, match="no more than 100"):
        await slack.person("owner").suggest(view, "tags", "Tag")


async def test_a_menu_starts_with_the_current_conversation_where_its_filter_allows_it(
    slack: FakeSlack, listener: Listener
) -> None:
    menu = {"type": "conversations_select", "default_to_current_conversation": True}
    public = {"filter": {"include": ["public"]}}
    listener.view = modal(
        field("any", menu | {"action_id": "menu"}),
        field("public", menu | {"action_id": "menu"} | public, optional=True),
        callback_id="ask",
    )
    owner = slack.person("owner")
    await owner.slash("/verify", channel="leadership")
    view = await slack.until(lambda: slack.open_view("owner"))

    with pytest.raises(NotDrawn, match="does not offer 'leadership'"):
        await owner.choose(view, "menu", "leadership", block_id="public")
    await owner.submit(view)

    values = listener.bodies[0]["view"]["state"]["values"]
    assert values["any"]["menu"]["selected_conversation"] == "C0SECRET"
    assert values["public"]["menu"]["selected_conversation"] is None
