"""How fast an organisation is asked: decided from the times passed in, without a clock."""

from dataclasses import dataclass, field

#: A clean minute lets the rate rise by this factor.
RISE = 1.2
#: Seconds without a complaint that count as clean.
CLEAN = 60.0
#: Recipients a second below which a rate is not halved any further.
SLOWEST = 0.05


@dataclass(slots=True)
class Pace:
    """A rate in recipients a second that rises while all goes well and halves on complaints."""

    rate: float
    top_rate: float
    #: When the next recipient may be asked about, in seconds of a monotonic clock.
    next_free: float = 0.0
    #: Since when nothing went wrong; None before the first question.
    clean_since: float | None = field(default=None)

    def pause(self, now: float) -> float:
        """Give the seconds to wait before the next question."""
        return max(0.0, self.next_free - now)

    def spend(self, recipients: int, now: float) -> None:
        """Note that so many recipients are asked about now."""
        self._rise(now)
        self.next_free = max(now, self.next_free) + recipients / self.rate

    def slow_down(self, now: float) -> None:
        """Halve the rate, because the organisation asked for it."""
        if self.rate != float("inf"):
            self.rate = max(self.rate / 2, SLOWEST)
        self.clean_since = now

    def _rise(self, now: float) -> None:
        if self.clean_since is None:
            self.clean_since = now
        while now - self.clean_since >= CLEAN and self.rate < self.top_rate:
            self.rate = min(self.rate * RISE, self.top_rate)
            self.clean_since += CLEAN
