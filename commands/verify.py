"""/verify: the word that was typed, the Verify dialog, and the quote it asks for."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from commands import connect, schedule, status, why
from commands.forms import NONE_CHOSEN, audience_of, choices_block
from commands.incoming import (
    Body,
    channel_of,
    clicked_id,
    connection_named,
    user_of,
    workspace_of,
)
from commands.replies import in_time, reply
from commands.services import Services
from commands.views import metadata
from commands.views.answers import credits_message, unknown_word
from commands.views.audience_inputs import Choice
from commands.views.blocks import View
from commands.views.forms import block_id_of, read_audience
from commands.views.help import help_message
from commands.views.ids import Button, Dialog, Field
from commands.views.verify_dialog import VerifyDialog, verify_dialog
from jobs.errors import CannotPost
from storage.records import Connection
from storage.runs import NewRun
from storage.states import AudienceKind

COMMAND = "/verify"
#: Lines of the credit ledger that `/verify credits` shows.
ENTRIES = 10


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the command and to the Verify dialog."""

    async def command(
        ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        await services.workspaces.welcome(workspace_of(body), services.clock())
        word, _, rest = body.get("text", "").strip().partition(" ")
        match word.lower():
            case "":
                await _open(services, client, body)
            case "connect":
                await connect.open_dialog(client, body)
            case "credits":
                await _credits(services, respond, body)
            case "schedule":
                await schedule.open_dialog(services, client, body)
            case "status":
                await status.answer(services, respond, body)
            case "why":
                await why.answer(services, respond, body, rest.strip())
            case "help":
                await reply(respond, help_message(COMMAND))
            case _:
                await reply(respond, unknown_word(word, COMMAND))

    async def open_from_button(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _open(services, client, body)

    async def submit(ack: AsyncAck, body: Body) -> None:
        await _ask_for_quote(services, ack, body)

    app.command(COMMAND)(command)
    app.action(Button.VERIFY_OPEN)(open_from_button)
    app.view(Dialog.VERIFY)(submit)


async def draw(services: Services, body: Body, choices: tuple[Choice, ...] | None) -> View:
    """Draw the dialog again for what is filled in."""
    form = read_audience(body["view"]["state"]["values"])
    given = metadata.unpack(body["view"]["private_metadata"])
    wanted = form.connection_id or given.connection_id
    return verify_dialog(
        VerifyDialog(
            connections=tuple(await services.connections.of_workspace(workspace_of(body))),
            chosen=await connection_named(services, body, wanted),
            kind=form.kind,
            choices=choices,
            channel_id=form.channel_id or given.channel_id,
            fresh=form.fresh,
        )
    )


async def _open(services: Services, client: AsyncWebClient, body: Body) -> None:
    connections = tuple(await services.connections.of_workspace(workspace_of(body)))
    if not connections:
        await connect.open_dialog(client, body)
        return
    view = verify_dialog(
        VerifyDialog(
            connections=connections,
            chosen=_chosen(connections, body),
            kind=AudienceKind.SUBSCRIBERS,
            choices=(),
            channel_id=_channel(body),
        )
    )
    if "view" in body:
        await client.views_update(view_id=body["view"]["id"], view=view)
    else:
        await client.views_open(trigger_id=body["trigger_id"], view=view)


def _chosen(connections: tuple[Connection, ...], body: Body) -> Connection:
    """Choose the Connection that a button names, or else the newest."""
    wanted = clicked_id(body) if "actions" in body else None
    return next((each for each in connections if each.id == wanted), connections[-1])


def _channel(body: Body) -> str | None:
    if "view" in body:
        return metadata.unpack(body["view"]["private_metadata"]).channel_id
    return channel_of(body)


async def _credits(services: Services, respond: AsyncRespond, body: Body) -> None:
    workspace = workspace_of(body)
    await reply(
        respond,
        credits_message(
            await services.credits.balance(workspace),
            await services.credits.entries(workspace, ENTRIES),
        ),
    )


async def _ask_for_quote(services: Services, ack: AsyncAck, body: Body) -> None:
    view: dict[str, Any] = body["view"]
    values = view["state"]["values"]
    form = read_audience(values)
    given = metadata.unpack(view["private_metadata"])
    connection = await connection_named(services, body, form.connection_id or given.connection_id)
    audience = audience_of(form)
    if audience is None:
        await ack(response_action="errors", errors={choices_block(values): NONE_CHOSEN})
        return
    new = NewRun(
        workspace_id=workspace_of(body),
        connection_id=connection.id,
        audience=audience,
        requested_by=user_of(body),
        channel_id=form.channel_id or given.channel_id or user_of(body),
        request_key=f"dialog:{view['id']}",
        fresh=form.fresh,
    )
    run, is_new = await services.runs.create(new, services.clock())
    if not is_new:
        # The same dialog once more: the first one to come sees to everything.
        await ack()
        return
    try:
        await in_time(ack, services.notifier.open_run(run.id))
    except CannotPost as error:
        await services.runs.discard(run.id)
        if ack.response:
            raise
        where = block_id_of(values, Field.CHANNEL)
        await ack(response_action="errors", errors={where: str(error)})
        return
    if not ack.response:
        await ack()
    await services.workflows.start_run(await services.runs.get(run.id))
