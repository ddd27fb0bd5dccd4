"""The lists: tags and forms of an account, kept for a minute so that typing does not wait."""

import time
from dataclasses import dataclass

from commands.views.audience_inputs import Choice
from convertkit import FOR_DIALOG
from jobs.accounts import Accounts
from storage.states import AudienceKind

#: Seconds for which a list is used again: long enough to fill in a dialog.
FRESH = 60.0


@dataclass(frozen=True, slots=True)
class _Kept:
    choices: tuple[Choice, ...]
    read_at: float


class Lists:
    """Read what a Verify or Schedule dialog offers; nothing here has to survive a restart."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._kept: dict[tuple[int, AudienceKind], _Kept] = {}

    def kept(self, connection_id: int, kind: AudienceKind) -> tuple[Choice, ...] | None:
        """Give what was read a moment ago; None where it has to be read."""
        if kind is AudienceKind.SUBSCRIBERS:
            return ()
        kept = self._kept.get((connection_id, kind))
        return kept.choices if kept and time.monotonic() - kept.read_at < FRESH else None

    async def read(self, connection_id: int, kind: AudienceKind) -> tuple[Choice, ...]:
        """Read the tags or forms from ConvertKit, unless they were read a moment ago.

        Raises:
            ConvertKitError: ConvertKit refuses or does not answer.
            SecretUnreadable: The stored secret does not open.
        """
        kept = self.kept(connection_id, kind)
        if kept is not None:
            return kept
        client = await self._accounts.open(connection_id, FOR_DIALOG)
        found = await (client.tags() if kind is AudienceKind.TAGS else client.forms())
        choices = tuple(Choice(each.id, each.name) for each in found)
        self._kept[connection_id, kind] = _Kept(choices, time.monotonic())
        return choices

    def forget(self, connection_id: int) -> None:
        """Read an account's lists anew next time, such as after its secret was replaced."""
        for key in [key for key in self._kept if key[0] == connection_id]:
            del self._kept[key]
