"""Dialogs: drawing an open one anew, unless something newer was drawn meanwhile."""

from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from commands.views.blocks import View

#: Slack's answers when the dialog was closed, or drawn anew by somebody else meanwhile.
_OVERTAKEN = {"not_found", "hash_conflict"}


async def redraw(
    client: AsyncWebClient, shown: dict[str, Any], drawn: View
) -> dict[str, Any] | None:
    """Draw a dialog anew if it is still as it was shown.

    Two quick choices are handled side by side, and without this the older one could be drawn last.

    Returns:
        The dialog as it is shown now; None where it was closed or drawn anew meanwhile.
    """
    try:
        answer = await client.views_update(view_id=shown["id"], hash=shown["hash"], view=drawn)
    except SlackApiError as error:
        if error.response.get("error") in _OVERTAKEN:
            return None
        raise
    view: dict[str, Any] = answer["view"]
    return view
