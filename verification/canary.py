"""Notices a resolver that denies what certainly exists; its NXDOMAIN is no evidence."""

from collections.abc import Awaitable, Callable

from verification.lists import is_top_level
from verification.memory import Memory

#: Seconds for which an answer holds: a resolver that falls ill is noticed soon.
_LASTS = 10.0
_MOST_REMEMBERED = 2_000


class Canary:
    """Asks about the top-level domain wherever a name below it is denied."""

    def __init__(
        self, denies: Callable[[str], Awaitable[bool]], clock: Callable[[], float]
    ) -> None:
        """Start without knowledge; ``denies`` asks the resolver whether it says NXDOMAIN."""
        self._denies = denies
        self._clock = clock
        self._denied: Memory[str, bool] = Memory(_MOST_REMEMBERED)

    async def contradicts(self, name: str) -> bool:
        """Tell whether the NXDOMAIN of a name proves nothing.

        Nothing exists below a name that does not (RFC 8020), so who says so of a top-level domain
        that exists says it of every name. Any other answer, and none, leaves the NXDOMAIN as it
        is: a resolver that denied everything would deny this name too.
        """
        top = name.rstrip(".").rpartition(".")[2]
        if not is_top_level(top):
            return False
        denied = self._denied.recall(top, self._clock())
        if denied is None:
            denied = await self._denies(top)
            self._denied.keep(top, denied, self._clock() + _LASTS)
        return denied
