"""When a call is made: the account's pace, and how failed attempts are repeated. No I/O."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol


class Pace(Protocol):
    """Share an account's calls (120 in any 60 s, Kit API "Rate limits") among all who make them."""

    async def turn(self) -> None:
        """Wait for this account's next call slot; awaited before every HTTP attempt.

        Raises:
            RateLimited: It would take longer than the caller has patience for.
        """

    async def held(self, wait: timedelta) -> None:
        """Hear that ConvertKit counts too many calls: nobody is to call for so long."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Say how often a call is tried, how long it is waited for, and who goes first.

    A call takes at most `attempts` x `timeout` + `waits`, besides the turns of the pace, each of
    which is given up after `patience`.
    """

    #: Attempts in all, the first one included.
    attempts: int
    #: Waits between attempts, added up, are at most this.
    waits: timedelta
    #: One attempt is given up after this.
    timeout: timedelta
    #: Wait after the first failed attempt; doubled after each further one.
    first_wait: timedelta = timedelta(seconds=2)
    #: No single wait is longer, whatever Retry-After says.
    longest_wait: timedelta = timedelta(seconds=60)
    #: Call slots by which it may come ahead of the account's even pace: who has more goes first,
    #: and a gap of that many slots is made up for. A minute sees so many calls beyond the pace.
    ahead: int = 4
    #: A turn that is further away is not waited for; None waits for any.
    patience: timedelta | None = None

    def wait(
        self, *, failed: int, waited: timedelta, asked: timedelta | None, draw: float
    ) -> timedelta | None:
        """Return how long to wait after the `failed`-th attempt, or None to give up.

        `waited` is the sum of the waits so far, `asked` the server's Retry-After, `draw` a random
        number from 0 to 1: half of the backoff is jitter, so that processes come back apart.
        """
        if failed >= self.attempts:
            return None
        # The exponent is bounded because timedelta overflows long before `attempts` runs out.
        backoff = min(self.longest_wait, self.first_wait * 2 ** min(failed - 1, 16))
        wait = backoff * (0.5 + draw / 2)
        if asked is not None:
            wait = max(wait, min(asked, self.longest_wait))
        return wait if waited + wait <= self.waits else None


#: For a person who waits at a dialog: goes first, and answers or gives up within half a minute.
FOR_DIALOG: Final = RetryPolicy(
    attempts=3,
    waits=timedelta(seconds=6),
    timeout=timedelta(seconds=8),
    first_wait=timedelta(seconds=1),
    longest_wait=timedelta(seconds=4),
    ahead=7,
    patience=timedelta(seconds=5),
)

#: For a call that may only be made soon after a look, and again only after a new one.
ONCE: Final = RetryPolicy(
    attempts=1,
    waits=timedelta(0),
    timeout=timedelta(seconds=30),
    patience=timedelta(seconds=10),
)

#: For a background job: sits out a storm of 429s and a restart of ConvertKit's servers.
FOR_JOB: Final = RetryPolicy(attempts=10, waits=timedelta(minutes=8), timeout=timedelta(seconds=30))
