"""Connect ConvertKit: the dialog that takes a secret, tries it, and keeps it encrypted."""

import asyncio
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from commands.incoming import (
    Body,
    channel_of,
    clicked_id,
    connection_named,
    user_of,
    workspace_of,
)
from commands.replies import PATIENCE
from commands.services import Services
from commands.slack_errors import code_of
from commands.views import metadata
from commands.views.answers import sentence_message
from commands.views.connect_dialog import connect_dialog, connected_dialog, connected_message
from commands.views.forms import ConnectForm, block_id_of, read_connect
from commands.views.ids import Button, Dialog, Field
from commands.views.notices import error_dialog, loading_dialog
from convertkit import FOR_DIALOG, ConvertKitError
from storage.records import Connection

#: Seconds until Slack has surely drawn what an acknowledgement shows.
ACK_DRAWN = 0.5
#: Slack's word for a dialog that was closed meanwhile.
CLOSED = "not_found"


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a secret that works."""

    connection: Connection
    #: The connection that should have got the secret, where it belongs to another account.
    instead_of: Connection | None


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the Connect dialog and the buttons that open it."""

    async def open_for_new(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        channel = metadata.unpack(body["view"]["private_metadata"]).channel_id
        await client.views_update(view_id=body["view"]["id"], view=connect_dialog(None, channel))

    async def open_for_old(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        connection = await connection_named(services, body, clicked_id(body))
        await client.views_open(
            trigger_id=body["trigger_id"], view=connect_dialog(connection, channel_of(body))
        )

    async def save(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        view = body["view"]
        given = metadata.unpack(view["private_metadata"])
        trying = asyncio.create_task(
            _try_and_keep(
                services, body, read_connect(view["state"]["values"]), given.connection_id
            )
        )
        await asyncio.wait({trying}, timeout=PATIENCE)
        if trying.done():
            await _answer(ack, trying, view, given.channel_id)
            return
        await ack(response_action="update", view=loading_dialog("Connect ConvertKit"))
        # Slack takes the acknowledgement and the answer on two ways, and must not mix them up.
        await asyncio.sleep(ACK_DRAWN)
        await _tell(client, body, trying, given.channel_id)

    app.action(Button.CONNECTION_ADD)(open_for_new)
    app.action(Button.CONNECTION_REPLACE)(open_for_old)
    app.view(Dialog.CONNECT)(save)


async def open_dialog(client: AsyncWebClient, body: Body) -> None:
    """Open the dialog for an account that is not connected yet."""
    await client.views_open(
        trigger_id=body["trigger_id"], view=connect_dialog(None, channel_of(body))
    )


async def _answer(
    ack: AsyncAck,
    trying: asyncio.Task[Saved],
    view: dict[str, Any],
    channel_id: str | None,
) -> None:
    try:
        saved = trying.result()
    except ConvertKitError as error:
        where = block_id_of(view["state"]["values"], Field.SECRET)
        await ack(response_action="errors", errors={where: str(error)})
    else:
        shown = connected_dialog(saved.connection, channel_id, saved.instead_of)
        await ack(response_action="update", view=shown)


async def _tell(
    client: AsyncWebClient, body: Body, trying: asyncio.Task[Saved], channel_id: str | None
) -> None:
    """Show what became of a slow secret, in a direct message where the dialog is closed."""
    try:
        saved = await trying
    except ConvertKitError as error:
        shown, message = error_dialog(str(error)), sentence_message(str(error))
    else:
        shown = connected_dialog(saved.connection, channel_id, saved.instead_of)
        message = connected_message(saved.connection, saved.instead_of)
    try:
        await client.views_update(view_id=body["view"]["id"], view=shown)
    except SlackApiError as error:
        if code_of(error) != CLOSED:
            raise
        await client.chat_postMessage(
            channel=user_of(body), text=message.text, blocks=message.blocks
        )


async def _try_and_keep(
    services: Services, body: Body, form: ConnectForm, replaces: int | None
) -> Saved:
    """Try a secret and keep it; `replaces` is the Connection that it is meant for.

    Raises:
        ConvertKitError: It was not kept; the sentence says why.
        CommandError: Whoever acts may not, or the Connection is no longer there.
    """
    workspace, user = workspace_of(body), user_of(body)
    old = await connection_named(services, body, replaces) if replaces else None
    version, account = await services.accounts.identify(form.secret, FOR_DIALOG, meant_for=replaces)
    connection = await services.connections.save(
        workspace_id=workspace,
        name=form.name,
        secret=form.secret,
        version=version,
        account=account,
        connected_by=user,
        now=services.clock(),
    )
    services.lists.forget(connection.id)
    return Saved(connection, old if old and old.id != connection.id else None)
