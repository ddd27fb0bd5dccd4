"""The buttons of a Run's message: Start and Cancel, Stop, Resume and Drop, and the full CSV."""

import asyncio
from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from commands.incoming import Body, clicked_run, user_of
from commands.replies import reply
from commands.services import Services
from commands.views.answers import purged_run_message, run_decided, sentence_message
from commands.views.ids import Button
from commands.views.text import person
from storage.errors import AlreadyDecided, NotEnoughCredits
from storage.records import Run
from storage.states import StopReason

#: What a button does to a Run for a person.
Deed = Callable[[Run, str], Awaitable[None]]


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons."""

    async def start(run: Run, user: str) -> None:
        try:
            await services.runs.start(run.id, user, services.clock())
        except NotEnoughCredits:
            # The message is drawn anew with the balance of now, which has no Start.
            await _show(services, run.id)
            raise

    async def cancel(run: Run, user: str) -> None:
        await services.runs.cancel(run.id, user, services.clock())

    async def requote(run: Run, user: str) -> None:
        """Nothing changes: the message is drawn anew with the balance of now."""

    async def stop(run: Run, user: str) -> None:
        if not await services.runs.stop(run.id, StopReason.BY_PERSON, by=user):
            raise AlreadyDecided

    async def resume(run: Run, user: str) -> None:
        resumed = await services.runs.resume(run.id, user, services.clock())
        if run.is_stuck:
            # What it has under way may have the same name, and nothing is started beside that.
            await services.workflows.restart_run(resumed)

    async def drop(run: Run, user: str) -> None:
        await services.runs.drop(run.id, user, services.clock())

    deeds: dict[Button, Deed] = {
        Button.RUN_START: start,
        Button.RUN_CANCEL: cancel,
        Button.RUN_REQUOTE: requote,
        Button.RUN_STOP: stop,
        Button.RUN_RESUME: resume,
        Button.RUN_DROP: drop,
    }
    for button, deed in deeds.items():
        app.action(button)(_listener(services, deed))

    async def send_csv(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        run, user = await clicked_run(services, body), user_of(body)
        if user not in (run.requested_by, run.started_by):
            await reply(respond, sentence_message(not_yours(run.requested_by)))
            return
        if run.purged_at is not None:
            await reply(respond, purged_run_message(services.retention_days, run.connection_id))
            return
        await services.notifier.send_results(user, run.id)

    app.action(Button.RUN_CSV)(send_csv)


def not_yours(owner: str) -> str:
    """Say who may have the full addresses."""
    return (
        f"The full addresses go only to {person(owner)}, who asked for this, and to whoever "
        "started or approved it. Nothing was sent."
    )


def _listener(services: Services, deed: Deed) -> Callable[..., Awaitable[None]]:
    async def clicked(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        run = await clicked_run(services, body)
        try:
            await deed(run, user_of(body))
        except AlreadyDecided:
            await reply(respond, run_decided(await services.runs.get(run.id)))
        # First the work, then the words: those can take long, or fail.
        current = await services.runs.get(run.id)
        await services.workflows.start_run(current)
        await asyncio.gather(
            _show(services, run.id),
            # Beside it: what hangs may have been about to show the same message.
            services.workflows.give_up_run(current, at_once=run.is_stuck),
        )

    return clicked


async def _show(services: Services, run_id: int) -> None:
    await services.notifier.show_run(run_id, now=True)
