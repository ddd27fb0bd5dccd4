"""Records what the make-believe ConvertKit was asked: never a secret, never an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox.kit.call import Route


@dataclass(frozen=True, slots=True)
class Request:
    """Hold one request. `status` is None when it was never answered; `path` has no query."""

    at: datetime
    version: str
    method: str
    path: str
    route: Route
    account: str | None
    status: int | None
    #: The names of the parameters that came along, so that a test can see what was asked for.
    parameters: tuple[str, ...] = ()
    #: The process that asked, where the address that it was given says so.
    by: str = ""


def max_calls_in_window(requests: Sequence[Request], seconds: float) -> int:
    """Return the largest number of requests in any rolling `seconds`."""
    times = sorted(request.at.timestamp() for request in requests)
    most = first = 0
    for last, moment in enumerate(times):
        while times[first] <= moment - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
