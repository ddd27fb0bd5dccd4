"""A tiny Bolt app for the page's tests: a dialog, an approval, a thread with a file, a home tab."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.slack.blocks import (
    actions,
    button,
    confirm,
    field,
    modal,
    mrkdwn,
    option,
    plain,
    section,
    text_input,
)

Json = dict[str, Any]

TAGS = [option(str(number), f"Tag {number:03}") for number in range(1, 251)]
CSV = "email,category,reason\n" + "".join(
    f'reader{number}@example.com,Invalid,"no such mailbox, says the server"\n'
    for number in range(1, 41)
)


def ask_view() -> Json:
    """Return a dialog with one of every kind of field."""
    audiences = [
        option("all", "Subscribers"),
        option("tags", "Tagged groups"),
        option("forms", "Forms"),
    ]
    return modal(
        section("Choose what to verify. *One credit* for each subscriber; Unknown is free."),
        field(
            "name",
            text_input("name", placeholder=plain("Main list")),
            "Name",
            hint=plain("Shown in the channel"),
        ),
        field(
            "audience",
            {
                "type": "static_select",
                "action_id": "audience",
                "options": audiences,
                "initial_option": audiences[0],
            },
            "Audience",
        ),
        field(
            "tags",
            {
                "type": "multi_external_select",
                "action_id": "tags",
                "min_query_length": 0,
                "placeholder": plain("Search tags"),
            },
            "Tags",
            optional=True,
        ),
        field("channel", {"type": "conversations_select", "action_id": "channel"}, "Post to"),
        field(
            "extras",
            {
                "type": "checkboxes",
                "action_id": "extras",
                "options": [option("csv", "Attach a CSV"), option("dm", "Tell me in person")],
                "initial_options": [option("csv", "Attach a CSV")],
            },
            "Extras",
            optional=True,
        ),
        field(
            "how",
            {
                "type": "radio_buttons",
                "action_id": "how",
                "options": [option("now", "Now"), option("later", "Later")],
                "initial_option": option("now", "Now"),
            },
            "When",
        ),
        field("at", {"type": "timepicker", "action_id": "at", "initial_time": "09:00"}, "Time"),
        actions(button("more", "More settings")),
        title="Verify",
        submit=plain("Get a quote"),
        callback_id="ask",
    )


def approval_blocks(name: str) -> list[Json]:
    """Return the approval request."""
    return [
        {"type": "header", "text": plain("Clean-up waits for approval")},
        section(f"<@U0OWNER> asks to unsubscribe people of *{name}*. This *cannot be undone*."),
        {
            "type": "section",
            "fields": [
                mrkdwn("*Invalid*\n31 people"),
                mrkdwn("*Disposable*\n12 people"),
                mrkdwn("*Share of the list*\n2.1 %"),
                mrkdwn("*Expires*\n<!date^1767225600^{date_short_pretty} at {time}|soon>"),
            ],
        },
        actions(
            button(
                "approve",
                "Approve",
                style="primary",
                value="1",
                confirm=confirm("43 people will be unsubscribed."),
            ),
            button("reject", "Reject", style="danger", value="1"),
        ),
        {"type": "context", "elements": [mrkdwn("Run 7 · `j***@d***.com` and 42 others")]},
    ]


def add_listeners(app: AsyncApp) -> None:
    """Give the app everything that the page's tests use."""
    app.command("/verify")(_verify)
    app.view("ask")(_asked)
    app.view("more")(_more_saved)
    app.action("more")(_more)
    app.options("tags")(_tags)
    app.action("approve")(_approve)
    app.event("app_home_opened")(_home)


async def _verify(ack: Any, body: Json, client: AsyncWebClient) -> None:
    if body["text"] == "help":
        await ack("Try `/verify`, or ask in <#C0GENERAL>.")
        return
    await ack()
    await client.views_open(trigger_id=body["trigger_id"], view=ask_view())


async def _tags(ack: Any, payload: Json) -> None:
    found = [tag for tag in TAGS if payload["value"].lower() in tag["text"]["text"].lower()]
    await ack(options=found[:100])


async def _more(ack: Any, body: Json, client: AsyncWebClient) -> None:
    await ack()
    view = modal(
        field("n", text_input("note"), "Note", optional=True), title="More", callback_id="more"
    )
    await client.views_push(trigger_id=body["trigger_id"], view=view)


async def _more_saved(ack: Any) -> None:
    await ack()


async def _asked(ack: Any, view: Json, client: AsyncWebClient) -> None:
    values = view["state"]["values"]
    name, channel = values["name"]["name"]["value"], values["channel"]["channel"]
    if name == "taken":
        await ack(response_action="errors", errors={"name": "This name is taken."})
        return
    await ack()
    to = channel["selected_conversation"]
    posted = await client.chat_postMessage(
        channel=to, text="Approve?", blocks=approval_blocks(name)
    )
    await client.files_upload_v2(
        channel=to,
        thread_ts=posted["ts"],
        content=CSV,
        filename="to-unsubscribe.csv",
        title="The exact list",
        initial_comment="All 40 of them, `masked` in the channel.",
    )


async def _approve(ack: Any, body: Json, client: AsyncWebClient) -> None:
    await ack()
    who = body["user"]["id"]
    blocks = [section(f":white_check_mark: *Approved* by <@{who}>."), *approval_blocks("x")[2:3]]
    await client.chat_update(
        channel=body["channel"]["id"], ts=body["message"]["ts"], text="Approved", blocks=blocks
    )


async def _home(event: Json, client: AsyncWebClient) -> None:
    view = {
        "type": "home",
        "blocks": [
            {"type": "header", "text": plain("Your list")},
            section(
                "*Connected* to a ConvertKit account, key ends in `1a2b`.",
                accessory=button("more", "Replace"),
            ),
            {"type": "divider"},
            section("Nothing is running."),
        ],
    }
    await client.views_publish(user_id=event["user"], view=view)
