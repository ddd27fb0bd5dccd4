"""/verify schedule: recurring Runs with a digest; the dialog that sets and removes them."""

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from commands import connect
from commands.forms import NONE_CHOSEN, audience_of, choices_block
from commands.incoming import (
    Body,
    channel_of,
    clicked_id,
    connection_named,
    user_of,
    workspace_of,
)
from commands.replies import reply
from commands.services import Services
from commands.views import metadata
from commands.views.answers import sentence_message
from commands.views.audience_inputs import Choice
from commands.views.blocks import View
from commands.views.forms import ScheduleForm, block_id_of, read_schedule
from commands.views.ids import Button, Dialog, Field
from commands.views.schedule_dialog import ScheduleDialog, schedule_dialog, scheduled_dialog
from storage.schedules import NewSchedule
from storage.states import AudienceKind

REMOVED = "The schedule is removed. Runs that it started are kept."
GONE = "This schedule was removed before. Nothing was changed."


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the Schedule dialog."""

    async def submit(ack: AsyncAck, body: Body) -> None:
        await _save(services, ack, body)

    async def remove(
        ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        removed = await services.schedules.remove(
            clicked_id(body) or 0, workspace_of(body), user_of(body), services.clock()
        )
        await services.calendar.refresh()
        if "view" in body:
            view = await draw(services, body, _kept(services, body))
            await client.views_update(view_id=body["view"]["id"], view=view)
        else:
            await reply(respond, sentence_message(REMOVED if removed else GONE))

    app.view(Dialog.SCHEDULE)(submit)
    app.action(Button.SCHEDULE_REMOVE)(remove)


async def open_dialog(services: Services, client: AsyncWebClient, body: Body) -> None:
    """Open the Schedule dialog, or the Connect dialog where no account is connected."""
    connections = tuple(await services.connections.of_workspace(workspace_of(body)))
    if not connections:
        await connect.open_dialog(client, body)
        return
    dialog = ScheduleDialog(
        connections=connections,
        chosen=connections[-1],
        kind=AudienceKind.SUBSCRIBERS,
        choices=(),
        channel_id=channel_of(body),
        timezone=None,
        existing=await services.schedules.all(workspace_of(body)),
    )
    await client.views_open(trigger_id=body["trigger_id"], view=schedule_dialog(dialog))


async def draw(services: Services, body: Body, choices: tuple[Choice, ...] | None) -> View:
    """Draw the dialog again for what is filled in."""
    form = read_schedule(body["view"]["state"]["values"])
    given = metadata.unpack(body["view"]["private_metadata"])
    wanted = form.audience.connection_id or given.connection_id
    return schedule_dialog(
        ScheduleDialog(
            connections=tuple(await services.connections.of_workspace(workspace_of(body))),
            chosen=await connection_named(services, body, wanted),
            kind=form.audience.kind,
            choices=choices,
            channel_id=form.audience.channel_id or given.channel_id,
            timezone=form.timezone,
            existing=await services.schedules.all(workspace_of(body)),
            cadence=form.cadence,
        )
    )


def _kept(services: Services, body: Body) -> tuple[Choice, ...] | None:
    given = metadata.unpack(body["view"]["private_metadata"])
    if given.connection_id is None or given.kind is None:
        return ()
    return services.lists.kept(given.connection_id, given.kind)


async def _save(services: Services, ack: AsyncAck, body: Body) -> None:
    view = body["view"]
    values = view["state"]["values"]
    form = read_schedule(values)
    given = metadata.unpack(view["private_metadata"])
    wanted = form.audience.connection_id or given.connection_id
    connection = await connection_named(services, body, wanted)
    audience = audience_of(form.audience)
    errors = _missing(form)
    if errors or audience is None:
        shown = {block_id_of(values, field): text for field, text in errors.items()}
        if audience is None:
            shown[choices_block(values)] = NONE_CHOSEN
        await ack(response_action="errors", errors=shown)
        return
    assert form.day is not None
    assert form.hour is not None
    assert form.minute is not None
    schedule, _ = await services.schedules.create(
        NewSchedule(
            workspace_id=workspace_of(body),
            connection_id=connection.id,
            audience=audience,
            cadence=form.cadence,
            day=form.day,
            hour=form.hour,
            minute=form.minute,
            timezone=form.timezone or "UTC",
            channel_id=form.audience.channel_id or given.channel_id or user_of(body),
            created_by=user_of(body),
            request_key=f"dialog:{workspace_of(body)}:{view['id']}",
        ),
        services.clock(),
    )
    await services.calendar.refresh()
    await ack(
        response_action="update",
        view=scheduled_dialog(schedule),
    )


def _missing(form: ScheduleForm) -> dict[Field, str]:
    """Name what has to be filled in still."""
    missing: dict[Field, str] = {}
    if form.day is None:
        missing[Field.DAY] = "Choose a day."
    if form.hour is None:
        missing[Field.TIME] = "Choose a time."
    if form.timezone is None:
        missing[Field.TIMEZONE] = "Choose the time zone that the time is in."
    return missing
