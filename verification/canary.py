"""Notices a resolver that denies what certainly exists; its denials are no evidence."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from verification.lists import is_top_level
from verification.memory import Memory

#: Seconds for which an answer holds: a resolver that falls ill is noticed soon.
_LASTS = 10.0
_MOST_REMEMBERED = 2_000


T = TypeVar("T")


class Canary(Generic[T]):
    """Asks for the name servers of the top-level domain wherever a name below it is denied."""

    def __init__(
        self, name_servers: Callable[[str], Awaitable[T]], clock: Callable[[], float]
    ) -> None:
        """Start without knowledge; ``name_servers`` says how a question for them ended."""
        self._name_servers = name_servers
        self._clock = clock
        self._ended: Memory[str, T] = Memory(_MOST_REMEMBERED)

    async def contradicts(self, name: str, denial: T) -> bool:
        """Tell whether a denial of a name, or of its records, proves nothing.

        Nothing exists below a name that does not (RFC 8020), and every top-level domain has name
        servers: who denies these denies everything. Any other answer, and none, leaves the denial
        as it is: a resolver that denied everything would deny this too.
        """
        top = name.rstrip(".").rpartition(".")[2]
        if not is_top_level(top):
            return False
        ended = self._ended.recall(top, self._clock())
        if ended is None:
            ended = await self._name_servers(top)
            self._ended.keep(top, ended, self._clock() + _LASTS)
        return ended == denial
