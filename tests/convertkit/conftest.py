"""What the tests of the client share: invented secrets, a pace that counts, sleeps that do not."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from convertkit import ApiVersion, ConvertKit, Endpoints, RetryPolicy

SECRETS = {
    ApiVersion.V3: "inventedSecret-of_the-third_version-0123456",
    ApiVersion.V4: "kit_0a1b2c3d4e5f60718293a4b5c6d7e8f9",
}
V3 = "https://api.convertkit.com/v3"
V4 = "https://api.kit.com/v4"
THREE_TRIES = RetryPolicy(attempts=3, waits=timedelta(minutes=5), timeout=timedelta(seconds=5))


@dataclass
class Turns:
    """A pace that lets everyone through, counts, and remembers for how long it was held."""

    taken: int = 0
    holds: list[float] = field(default_factory=list)
    #: Raised instead of a turn.
    fault: Exception | None = None

    async def turn(self) -> None:
        if self.fault:
            raise self.fault
        self.taken += 1

    async def held(self, wait: timedelta) -> None:
        self.holds.append(wait.total_seconds())


@dataclass
class Naps:
    """A sleep that takes no time and remembers the seconds."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def connect(
    http: httpx.AsyncClient, turns: Turns, naps: Naps
) -> Callable[[ApiVersion], ConvertKit]:
    """Return a maker of clients that try three times and always draw the least jitter."""

    def make(version: ApiVersion) -> ConvertKit:
        return ConvertKit(
            secret=SECRETS[version],
            version=version,
            http=http,
            pace=turns,
            endpoints=Endpoints(),
            retries=THREE_TRIES,
            sleep=naps,
            draw=lambda: 0.0,
        )

    return make
