"""/verify status: what is running, what waits for somebody, and what is scheduled."""

from slack_bolt.context.respond.async_respond import AsyncRespond

from commands.incoming import Body, workspace_of
from commands.replies import reply
from commands.services import Services
from commands.views.status import status_message
from storage.states import OPEN_CLEANUPS, OPEN_RUNS


async def answer(services: Services, respond: AsyncRespond, body: Body) -> None:
    """Show the person how everything stands."""
    workspace = workspace_of(body)
    open_runs = await services.runs.in_states(OPEN_RUNS, workspace)
    open_cleanups = await services.cleanups.in_states(OPEN_CLEANUPS, workspace_id=workspace)
    message = status_message(
        tuple([await services.reports.run(each.id) for each in open_runs]),
        tuple([await services.reports.cleanup(each.id) for each in open_cleanups]),
        await services.schedules.all(workspace),
        now=services.clock(),
    )
    await reply(respond, message)
