"""The buttons of a Cleanup's message: Approve and Reject, Stop, Resume and Drop, the full CSV.

A button carries an id and no authority: what it does is decided by one conditional UPDATE.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from commands.incoming import Body, clicked_cleanup, user_of
from commands.quote import not_yours
from commands.replies import reply
from commands.services import Services
from commands.views.answers import cleanup_decided, purged_cleanup_message, sentence_message
from commands.views.ids import Button
from storage.errors import AlreadyDecided
from storage.records import Cleanup
from storage.states import StopReason

log = logging.getLogger(__name__)

#: What a button does to a Cleanup for a person.
Deed = Callable[[Cleanup, str], Awaitable[None]]


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons."""

    async def approve(cleanup: Cleanup, user: str) -> None:
        await services.decisions.approve(cleanup.id, user, services.clock())

    async def reject(cleanup: Cleanup, user: str) -> None:
        await services.decisions.reject(cleanup.id, user, services.clock())

    async def stop(cleanup: Cleanup, user: str) -> None:
        if not await services.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=user):
            raise AlreadyDecided

    async def resume(cleanup: Cleanup, user: str) -> None:
        resumed = await services.decisions.resume(cleanup.id, user, services.clock())
        if cleanup.is_stuck:
            # What it has under way may have the same name, and nothing is started beside that.
            await services.workflows.restart_cleanup(resumed)

    async def drop(cleanup: Cleanup, user: str) -> None:
        await services.decisions.drop(cleanup.id, user, services.clock())

    deeds: dict[Button, Deed] = {
        Button.CLEANUP_APPROVE: approve,
        Button.CLEANUP_REJECT: reject,
        Button.CLEANUP_STOP: stop,
        Button.CLEANUP_RESUME: resume,
        Button.CLEANUP_DROP: drop,
    }
    for button, deed in deeds.items():
        app.action(button)(_listener(services, deed))

    async def send_csv(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        cleanup, user = await clicked_cleanup(services, body), user_of(body)
        if user not in (cleanup.requested_by, cleanup.decided_by):
            await reply(respond, sentence_message(not_yours(cleanup.requested_by)))
            return
        if cleanup.purged_at is not None:
            await reply(respond, purged_cleanup_message(services.retention_days))
            return
        await services.notifier.send_proof(user, cleanup.id)

    app.action(Button.CLEANUP_CSV)(send_csv)


def _listener(services: Services, deed: Deed) -> Callable[..., Awaitable[None]]:
    async def clicked(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        cleanup = await clicked_cleanup(services, body)
        # A request that ran out while the bot was down is closed before anybody decides on it.
        await services.decisions.expire(cleanup.id, services.clock())
        try:
            await deed(cleanup, user_of(body))
        except AlreadyDecided:
            await reply(respond, cleanup_decided(await services.cleanups.get(cleanup.id)))
        else:
            # Who decided what about an irreversible step, for whoever has to look it up later.
            log.info(
                "%s decided on a cleanup.",
                user_of(body),
                extra={"action": body["actions"][0]["action_id"], "subject": cleanup.id},
            )
        # First the work, then the words: those can take long, or fail.
        current = await services.cleanups.get(cleanup.id)
        await services.workflows.start_cleanup(current)
        await asyncio.gather(
            services.notifier.show_cleanup(cleanup.id, now=True),
            # Beside it: what hangs may have been about to show the same message.
            services.workflows.give_up_cleanup(current, at_once=cleanup.is_stuck),
        )

    return clicked
