"""Dialogs: drawing an open one anew, where the newest choice has the last word."""

import asyncio
from collections import OrderedDict
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from commands.incoming import Body
from commands.slack_errors import code_of
from commands.views.blocks import View

#: Slack's answer when the dialog was closed meanwhile.
_CLOSED = {"not_found"}
#: Dialogs that are remembered: far more than people have open.
_REMEMBERED = 1_000


class Redraws:
    """Draw dialogs anew.

    Quick choices in one dialog are handled side by side. The payload of a later one holds all that
    was chosen before, so an earlier one that is ready only now is passed over.
    """

    def __init__(self) -> None:
        self._newest: OrderedDict[str, float] = OrderedDict()
        self._lock = asyncio.Lock()

    def begin(self, body: Body) -> float:
        """Note a choice as it comes in; give its time."""
        view_id, chosen_at = body["view"]["id"], float(body["actions"][0]["action_ts"])
        self._newest[view_id] = max(chosen_at, self._newest.get(view_id, 0.0))
        self._newest.move_to_end(view_id)
        if len(self._newest) > _REMEMBERED:
            self._newest.popitem(last=False)
        return chosen_at

    async def draw(
        self, client: AsyncWebClient, view: dict[str, Any], drawn: View, chosen_at: float
    ) -> bool:
        """Draw a dialog for a choice; tell whether it is drawn and still the newest."""
        async with self._lock:
            if self._newest.get(view["id"], chosen_at) > chosen_at:
                return False
            try:
                await client.views_update(view_id=view["id"], view=drawn)
            except SlackApiError as error:
                if code_of(error) in _CLOSED:
                    return False
                raise
        return True
