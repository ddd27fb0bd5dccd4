"""Replies: an answer that only the person who acted sees."""

from slack_bolt.context.respond.async_respond import AsyncRespond

from commands.views.blocks import Message


async def reply(respond: AsyncRespond, message: Message) -> None:
    """Answer the person who typed or clicked, and leave the message they clicked alone."""
    await respond(
        text=message.text,
        blocks=message.blocks,
        response_type="ephemeral",
        replace_original=False,
    )
