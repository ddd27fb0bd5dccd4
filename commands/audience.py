"""The audience: redraws the Verify and Schedule dialogs as a person chooses, and searches names."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from zoneinfo import available_timezones

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from commands import schedule, verify
from commands.dialogs import Redraws
from commands.incoming import Body, connection_named
from commands.replies import PATIENCE
from commands.services import Services
from commands.views import metadata
from commands.views.audience_inputs import Choice, choice_options
from commands.views.blocks import View
from commands.views.connect_dialog import connect_dialog
from commands.views.forms import read_audience
from commands.views.ids import Dialog, Field
from commands.views.notices import error_dialog
from commands.views.schedule_dialog import timezone_options
from convertkit import ConvertKitError, CredentialRefused
from storage.errors import SecretUnreadable
from storage.states import AudienceKind

#: Draws a dialog for what is filled in and for the tags or forms that are known.
Draw = Callable[[Services, Body, tuple[Choice, ...] | None], Awaitable[View]]

_DRAW: dict[str, Draw] = {Dialog.VERIFY: verify.draw, Dialog.SCHEDULE: schedule.draw}


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the choices that change what a dialog offers."""
    zones = available_timezones()
    redraws = Redraws()

    async def chosen(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await _redraw(services, redraws, body, client)

    async def search_choices(ack: AsyncAck, body: Body) -> None:
        given = metadata.unpack(body["view"]["private_metadata"])
        connection = await connection_named(services, body, given.connection_id)
        kind = given.kind or AudienceKind.SUBSCRIBERS
        try:
            async with asyncio.timeout(PATIENCE):
                choices = await services.lists.read(connection.id, kind)
        except (ConvertKitError, SecretUnreadable, TimeoutError):
            # An empty list shows "no results"; there is no room for a sentence here.
            choices = ()
        await ack(options=choice_options(choices, body.get("value", "")))

    async def search_zones(ack: AsyncAck, body: Body) -> None:
        await ack(options=timezone_options(zones, body.get("value", "")))

    for field in (Field.CONNECTION, Field.AUDIENCE, Field.CADENCE):
        app.action(field)(chosen)
    app.options(Field.CHOICES_SEARCH)(search_choices)
    app.options(Field.TIMEZONE)(search_zones)


async def _redraw(services: Services, redraws: Redraws, body: Body, client: AsyncWebClient) -> None:
    view: dict[str, Any] = body["view"]
    chosen_at = redraws.begin(body)
    form = read_audience(view["state"]["values"])
    given = metadata.unpack(view["private_metadata"])
    connection = await connection_named(services, body, form.connection_id or given.connection_id)
    draw = _DRAW[view["callback_id"]]
    choices = services.lists.kept(connection.id, form.kind)
    drawn = await draw(services, body, choices)
    if not await redraws.draw(client, view, drawn, chosen_at) or choices is not None:
        return
    try:
        choices = await services.lists.read(connection.id, form.kind)
        drawn = await draw(services, body, choices)
    except CredentialRefused:
        await services.connections.mark_refused(connection.id)
        drawn = connect_dialog(connection, given.channel_id)
    except (ConvertKitError, SecretUnreadable) as error:
        drawn = error_dialog(str(error))
    await redraws.draw(client, view, drawn, chosen_at)
