"""What can go wrong in a command, and the one place that turns any error into an answer.

CommandError
├── NotAMember   a person of another organisation (in commands.incoming)
└── NotHere      a button or dialog names something that this workspace does not have
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from commands.replies import reply
from commands.slack_errors import code_of
from commands.views.answers import sentence_message
from commands.views.blocks import View
from commands.views.notices import error_dialog
from convertkit import ConvertKitError
from jobs.errors import JobError
from jobs.guard import make_reference
from storage.errors import DatabaseFault, StorageError

log = logging.getLogger(__name__)

#: Seconds for which Slack waits for an acknowledgement, less what the way takes.
ACK_WITHIN = 2.8
#: Where the time of arrival is kept in Bolt's context.
ARRIVED = "arrived"
#: Seconds until Bolt, which looks every 0.01 s, has surely seen an acknowledgement.
ACK_SEEN = 0.05

UNFORESEEN = (
    "Something went wrong that should not. Nothing that was done is lost; look at "
    "/verify status and try again. If it happens again, give the reference to the person "
    "who hosts this bot."
)
TOO_LATE = "Slack did not let me answer in time. Nothing was changed. Please try again."


class CommandError(Exception):
    """Anything that a command refuses; the message is a sentence for the person who reads it."""


class NotHere(CommandError):
    """Something that this workspace does not have, or has no longer."""

    def __init__(self) -> None:
        super().__init__("This is no longer here. Nothing was changed. Start again with /verify.")


def register(app: AsyncApp) -> None:
    """Answer every error that a listener raises."""
    app.use(note_time)
    app.error(answer_error)


async def note_time(context: AsyncBoltContext, next_: Callable[[], Awaitable[None]]) -> None:
    """Note when something arrived, to know whether Slack still listens to an acknowledgement."""
    context[ARRIVED] = time.monotonic()
    await next_()


async def answer_error(
    error: Exception,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> BoltResponse | None:
    """Say what happened, whether anything changed, and what to do."""
    text, reference = describe(error)
    view = body.get("view")
    since = time.monotonic() - context.get(ARRIVED, time.monotonic())
    submitted = body.get("type") == "view_submission" and context.ack.response is None
    if view and submitted and since < ACK_WITHIN:
        update = {"response_action": "update", "view": error_dialog(text, reference)}
        return BoltResponse(status=200, body=update)
    message = sentence_message(text, reference)
    try:
        if not view:
            await reply(respond, message)
        elif not await _redrawn(client, view["id"], error_dialog(text, reference)):
            await client.chat_postMessage(
                channel=str(context.user_id), text=message.text, blocks=message.blocks
            )
    except (SlackApiError, ValueError) as failure:
        # There is no response_url left, or nobody to write to: the log has the reference.
        log.warning(
            "An error could not be shown to the person: %s",
            type(failure).__name__,
            extra={"action": "answer_error", "reference": reference},
        )
    if context.ack.response is None:
        return BoltResponse(status=200)
    # Bolt takes no further answer here, and forgets one that it has not looked for yet.
    await asyncio.sleep(ACK_SEEN)
    return None


async def _redrawn(client: AsyncWebClient, view_id: str, view: View) -> bool:
    """Draw a dialog anew; tell whether it was still open."""
    try:
        await client.views_update(view_id=view_id, view=view)
    except SlackApiError:
        return False
    return True


def describe(error: Exception) -> tuple[str, str | None]:
    """Find the sentence for an error; an unforeseen one is logged under a reference."""
    if isinstance(error, DatabaseFault):
        log.error("The database cannot be used: %s", error.happened, extra={"action": "database"})
    if isinstance(error, ConvertKitError | StorageError | JobError | CommandError):
        return str(error), None
    if code_of(error) == "expired_trigger_id":
        return TOO_LATE, None
    reference = make_reference()
    # The traceback, but not the payload: that can hold a secret that somebody pasted.
    log.error(
        "A listener failed in a way that nobody foresaw (reference %s): %s",
        reference,
        type(error).__name__,
        exc_info=error,
        extra={"action": "listener_failed"},
    )
    return UNFORESEEN, reference
