"""The make-believe Slack's clock: real time, which a test may push forward."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """Return the present, in UTC."""
    return datetime.now(UTC)


class Clock:
    """Tell the time in UTC; `forward` makes 30 minutes pass in no time."""

    def __init__(self, source: Callable[[], datetime] = utc_now) -> None:
        self._source = source
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the make-believe present, in UTC."""
        return self._source() + self._ahead

    def forward(self, by: timedelta) -> None:
        """Let this much time pass at once."""
        self._ahead += by
