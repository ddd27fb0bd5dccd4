"""/verify why: what the newest verdict on an address rests on, for the person who asks."""

from slack_bolt.context.respond.async_respond import AsyncRespond

from commands.incoming import Body, workspace_of
from commands.replies import reply
from commands.services import Services
from commands.views.answers import sentence_message
from commands.views.evidence import evidence_message
from commands.views.text import counted

USAGE = "Type the address as it is in ConvertKit: /verify why name@example.com. Nothing was done."
NEVER = (
    "This address was not verified here, or its verdict was deleted: addresses and verdicts are "
    "kept for {days}. Nothing was done. Use /verify to verify again."
)


async def answer(services: Services, respond: AsyncRespond, body: Body, address: str) -> None:
    """Show the evidence to the person who typed the address, and to nobody else."""
    if not address:
        await reply(respond, sentence_message(USAGE))
        return
    known = await services.evidence.newest(workspace_of(body), address)
    if known is None:
        days = counted(services.retention_days, "day")
        await reply(respond, sentence_message(NEVER.format(days=days)))
        return
    await reply(respond, evidence_message(known))
