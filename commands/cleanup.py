"""/cleanup: the dialog in which a person confirms what is done with each Category."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from commands.dialogs import Redraws
from commands.incoming import Body, clicked_run, run_named, user_of, workspace_of
from commands.replies import in_time, reply
from commands.services import Services
from commands.views import metadata
from commands.views.answers import choose_run_message, purged_run_message, unknown_word
from commands.views.blocks import Message, View
from commands.views.cleanup_dialog import CleanupDialog, cleanup_dialog
from commands.views.forms import read_plan
from commands.views.help import help_message
from commands.views.ids import Button, Dialog, Field
from commands.views.notices import error_dialog
from jobs.errors import CannotPost
from storage.cleanups import NewCleanup
from storage.errors import CleanupUnderWay
from storage.plans import RECOMMENDED_PLAN, Plan
from storage.records import Run
from storage.states import OPEN_RUNS

COMMAND = "/cleanup"

NOBODY = (
    "With this plan nobody would be unsubscribed. Enable a category with Unsubscribe that has "
    "subscribers, or press Cancel. Nothing was changed."
)


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the command and to the Cleanup dialog."""
    redraws = Redraws()

    async def command(
        ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        workspace = workspace_of(body)
        await services.workspaces.welcome(workspace, services.clock())
        word = body.get("text", "").strip().lower()
        if word == "help":
            await reply(respond, help_message(COMMAND))
        elif word:
            await reply(respond, unknown_word(word, COMMAND))
        elif run := await services.runs.last_finished(workspace):
            await _open(services, client, respond, body, run)
        else:
            running = await services.runs.in_states(OPEN_RUNS, workspace)
            reports = [await services.reports.run(each.id) for each in running]
            await reply(respond, choose_run_message(reports))

    async def open_from_button(
        ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        await _open(services, client, respond, body, await clicked_run(services, body))

    async def choose(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        chosen_at = redraws.begin(body)
        plan = read_plan(body["view"]["state"]["values"])
        drawn = await _drawn_again(services, body, plan, reset=False)
        await redraws.draw(client, body["view"], drawn, chosen_at)

    async def recommend(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        chosen_at = redraws.begin(body)
        drawn = await _drawn_again(services, body, RECOMMENDED_PLAN, reset=True)
        await redraws.draw(client, body["view"], drawn, chosen_at)

    async def submit(ack: AsyncAck, body: Body) -> None:
        await _ask_for_approval(services, ack, body)

    app.command(COMMAND)(command)
    app.action(Button.RUN_CLEAN_UP)(open_from_button)
    app.action(Button.PLAN_RECOMMENDED)(recommend)
    app.action(Field.PLAN_ENABLED)(choose)
    app.action(Field.PLAN_ACTION)(choose)
    app.view(Dialog.CLEANUP)(submit)


async def _open(
    services: Services, client: AsyncWebClient, respond: AsyncRespond, body: Body, run: Run
) -> None:
    if run.purged_at is not None:
        await reply(respond, _purged(services, run))
        return
    view = await _draw(services, run, RECOMMENDED_PLAN, generation=0)
    await client.views_open(trigger_id=body["trigger_id"], view=view)


def _purged(services: Services, run: Run) -> Message:
    return purged_run_message(services.retention_days, run.connection_id)


async def _drawn_again(services: Services, body: Body, plan: Plan, *, reset: bool) -> View:
    given = metadata.unpack(body["view"]["private_metadata"])
    run = await run_named(services, body, given.run_id)
    return await _draw(services, run, plan, generation=given.generation + reset)


async def _draw(services: Services, run: Run, plan: Plan, *, generation: int) -> View:
    report = await services.reports.run(run.id)
    return cleanup_dialog(
        CleanupDialog(
            run=report.run,
            counts=report.listable,
            plan=plan,
            connection=report.connection,
            generation=generation,
        )
    )


async def _ask_for_approval(services: Services, ack: AsyncAck, body: Body) -> None:
    view: dict[str, Any] = body["view"]
    given = metadata.unpack(view["private_metadata"])
    run = await run_named(services, body, given.run_id)
    if run.purged_at is not None:
        # The dialog was open while its list was deleted.
        await ack(response_action="push", view=error_dialog(_purged(services, run).text))
        return
    plan = read_plan(view["state"]["values"])
    report = await services.reports.run(run.id)
    chooses = any(report.listable.get(category) for category in plan.unsubscribed)
    if not chooses:
        await ack(response_action="push", view=error_dialog(NOBODY))
        return
    now = services.clock()
    new = NewCleanup(
        workspace_id=run.workspace_id,
        run_id=run.id,
        plan=plan,
        requested_by=user_of(body),
        channel_id=run.channel_id,
        request_key=_key(view),
        expires_at=now + services.approval_expires,
    )
    try:
        cleanup, is_new = await services.cleanups.create(new, now)
    except CleanupUnderWay as error:
        await ack(response_action="push", view=error_dialog(str(error)))
        # Somebody may have deleted its message, and then it is posted anew.
        other = await services.cleanups.get(error.cleanup_id)
        await services.workflows.start_cleanup(other)
        await services.notifier.show_cleanup(other.id, now=True)
        return
    if not is_new:
        # The same dialog once more: the first one to come sees to everything.
        await ack()
        return
    try:
        await in_time(ack, services.notifier.open_cleanup(cleanup.id))
    except CannotPost as error:
        await services.cleanups.discard(cleanup.id)
        if ack.response:
            raise
        await ack(response_action="push", view=error_dialog(str(error)))
        return
    if not ack.response:
        await ack()
    await services.workflows.start_cleanup(await services.cleanups.get(cleanup.id))


def _key(view: dict[str, Any]) -> str:
    return f"dialog:{view['id']}"
