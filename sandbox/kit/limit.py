"""Counts the calls of each key in a rolling window, as ConvertKit's rate limit does."""

from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Allow `calls` in any rolling `window` seconds; 120 in 60 s per key is ConvertKit's."""

    calls: int = 120
    window: float = 60.0
    #: Whether a 429 says in Retry-After how long to wait. ConvertKit's documentation has none.
    retry_after: bool = False


@dataclass(slots=True)
class Limiter:
    """Remember when each key was served."""

    limit: RateLimit
    _served: dict[Hashable, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def wait(self, key: Hashable, now: float) -> float:
        """Count a call and return 0, or return the seconds until one would be served."""
        served = self._served[key]
        while served and served[0] <= now - self.limit.window:
            served.popleft()
        if len(served) >= self.limit.calls:
            return served[0] + self.limit.window - now
        served.append(now)
        return 0.0
