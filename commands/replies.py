"""Replies: an answer that only the person who acted sees, and acknowledgements in time."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from commands.views.blocks import Message

#: Seconds that work may take before Slack's 3 seconds are nearly over.
PATIENCE = 2.0


async def reply(respond: AsyncRespond, message: Message) -> None:
    """Answer the person who typed or clicked, and leave the message they clicked alone."""
    await respond(
        text=message.text,
        blocks=message.blocks,
        response_type="ephemeral",
        replace_original=False,
    )


async def in_time(ack: AsyncAck, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, and close the dialog meanwhile where that takes longer than Slack waits."""
    task = asyncio.create_task(work)
    await asyncio.wait({task}, timeout=PATIENCE)
    if not task.done():
        await ack()
    await task
