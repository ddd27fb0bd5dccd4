"""What arrives from Slack: who acts, in which workspace, on what. Nothing in it is trusted."""

from typing import Any

from commands.errors import CommandError, NotHere
from commands.services import Services
from storage.records import Cleanup, Connection, Run

#: A payload of Slack's, as it came.
Body = dict[str, Any]


class NotAMember(CommandError):
    """A person of another organisation, who sees the bot in a channel of Slack Connect."""

    def __init__(self) -> None:
        super().__init__("Only members of this workspace can do this. Nothing was changed.")


def workspace_of(body: Body) -> str:
    """Name the Slack team whose command or button was used.

    Raises:
        NotAMember: Whoever used it belongs to another team.
    """
    team, user, view = body.get("team"), body.get("user"), body.get("view") or {}
    named = str(team["id"] if isinstance(team, dict) else body.get("team_id"))
    home = (user.get("team_id") if isinstance(user, dict) else None) or body.get("user_team")
    # In a channel of Slack Connect, `team` is the app's for a click and the person's for a dialog,
    # which then names the app's (Bolt's extract_team_id reads them in this order).
    workspace = str(view.get("app_installed_team_id") or named)
    if {named, home or named} != {workspace}:
        raise NotAMember
    return workspace


def user_of(body: Body) -> str:
    """Name the person who typed or clicked.

    Raises:
        NotAMember: They belong to another team.
    """
    workspace_of(body)
    user = body.get("user")
    return str(user["id"] if isinstance(user, dict) else body.get("user_id"))


def channel_of(body: Body) -> str | None:
    """Name the channel that it happened in, where there is one."""
    channel = body.get("channel")
    found = channel["id"] if isinstance(channel, dict) else body.get("channel_id")
    return str(found) if found else None


async def connection_named(services: Services, body: Body, connection_id: int | None) -> Connection:
    """Look a Connection up that belongs to the acting workspace.

    Raises:
        NotHere: It belongs to nobody, or to another workspace.
    """
    found = await services.connections.find(connection_id) if connection_id else None
    if found is None or found.workspace_id != workspace_of(body):
        raise NotHere
    return found


async def clicked_run(services: Services, body: Body) -> Run:
    """Look up the Run that a button names.

    Raises:
        NotHere: It belongs to nobody, or to another workspace.
    """
    return await run_named(services, body, clicked_id(body))


async def run_named(services: Services, body: Body, run_id: int | None) -> Run:
    """Look a Run up that belongs to the acting workspace.

    Raises:
        NotHere: It belongs to nobody, or to another workspace.
    """
    found = await services.runs.find(run_id) if run_id else None
    if found is None or found.workspace_id != workspace_of(body):
        raise NotHere
    return found


async def clicked_cleanup(services: Services, body: Body) -> Cleanup:
    """Look up the Cleanup that a button names.

    Raises:
        NotHere: It belongs to nobody, or to another workspace.
    """
    value = clicked_id(body)
    found = await services.cleanups.find(value) if value else None
    if found is None or found.workspace_id != workspace_of(body):
        raise NotHere
    return found


def clicked_id(body: Body) -> int | None:
    """Give the id on the pressed button."""
    value = str(body["actions"][0].get("value", ""))
    return int(value) if value.isascii() and value.isdigit() else None
