"""Faults on demand: which Web API call fails next and how; how fast a channel takes posts."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.slack.errors import Refusal


@dataclass(frozen=True, slots=True)
class Fault:
    """Describe how one call fails.

    `is_lost` means that Slack does what was asked but the answer never arrives (the connection
    is dropped); `delay` is in seconds before the answer, alone it only makes the call slow.
    """

    status: int = 200
    error: str | None = None
    retry_after: int | None = None
    body: str | None = None
    is_lost: bool = False
    delay: float = 0.0


class Faults:
    """Keep the faults that wait for their call, one queue per method."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = {}

    def add(self, method: str, fault: Fault, *, times: int) -> None:
        """Let the next `times` calls of this method fail."""
        self._waiting.setdefault(method, deque()).extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        """Return the fault of this call, or None when it may go on."""
        queue = self._waiting.get(method)
        return queue.popleft() if queue else None

    def clear(self) -> None:
        """Forget every fault that has not happened yet."""
        self._waiting.clear()


@dataclass(frozen=True, slots=True)
class PostRate:
    """Say how fast a channel may be posted to: `per_second` in the long run, `burst` at once."""

    per_second: float = 1.0
    burst: int = 5


class Buckets:
    """Count the posts of each channel against a rate (a token bucket per channel)."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, datetime]] = {}

    def spend(self, channel: str, *, rate: PostRate, now: datetime) -> None:
        """Take one post.

        Raises:
            Refusal: `ratelimited` with HTTP 429 and Retry-After when there is none left.
        """
        left, at = self._buckets.get(channel, (float(rate.burst), now))
        refilled = (now - at) / timedelta(seconds=1) * rate.per_second
        left = min(float(rate.burst), left + refilled)
        if left < 1:
            self._buckets[channel] = (left, now)
            raise Refusal("ratelimited", status=429, retry_after=1)
        self._buckets[channel] = (left - 1, now)
