"""Bounded memory of things learnt, each forgotten at its own time."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memory(Generic[K, V]):
    """Remember values until they expire or make room; times are seconds of a monotonic clock."""

    def __init__(self, limit: int) -> None:
        """Hold at most ``limit`` values; the least recently kept go first."""
        self._limit = limit
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def recall(self, key: K, now: float) -> V | None:
        """Give the value, or None once it has expired."""
        kept = self._kept.get(key)
        if kept is None or kept[0] <= now:
            return None
        return kept[1]

    def keep(self, key: K, value: V, until: float) -> None:
        """Remember a value until a moment."""
        self._kept[key] = (until, value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)
