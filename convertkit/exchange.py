"""One call's way to ConvertKit and back: paced, tried again, logged. The package's only I/O."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

import httpx

from convertkit.calls import Answer, Call
from convertkit.errors import ConvertKitError, RateLimited, TryLater, Unavailable
from convertkit.pacing import Pace, RetryPolicy

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

_log = logging.getLogger(__name__)

_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "ListKeeper",
}
_REQUEST_ID: Final = re.compile("[0-9a-fA-F-]{1,64}")


@dataclass(frozen=True, slots=True)
class Exchange:
    """Perform calls for one account until they are answered or the policy gives up."""

    http: httpx.AsyncClient
    pace: Pace
    retries: RetryPolicy
    #: Wait this many seconds.
    sleep: Sleep
    #: Draw a number from 0 to 1.
    draw: Callable[[], float]

    async def perform(self, call: Call[T]) -> T:
        """Return the call's record.

        Every call of this package may be repeated: reading changes nothing, and unsubscribing a
        second time changes nothing more. Raises: ConvertKitError.
        """
        attempt, waited = 1, timedelta()
        while True:
            await self.pace.turn()
            try:
                return await self._attempt(call, attempt)
            except TryLater as error:
                wait = self.retries.wait(
                    failed=attempt, waited=waited, asked=error.retry_after, draw=self.draw()
                )
                if isinstance(error, RateLimited):
                    # Others who call meanwhile would only make it last longer.
                    await self.pace.held(error.retry_after or wait or self.retries.first_wait)
                if wait is None:
                    raise
            await self.sleep(wait.total_seconds())
            attempt, waited = attempt + 1, waited + wait

    async def _attempt(self, call: Call[T], attempt: int) -> T:
        answer = None
        try:
            answer = await self._fetch(call)
            return call.decode(answer)
        except ConvertKitError as error:
            _log_failure(call, attempt, answer, error)
            raise

    async def _fetch(self, call: Call[object]) -> Answer:
        seconds = self.retries.timeout.total_seconds()
        try:
            # httpx limits each read; this also ends an answer that drips.
            async with asyncio.timeout(seconds):
                response = await self.http.send(
                    build_request(call, seconds), auth=None, follow_redirects=False
                )
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise Unavailable(
                "ConvertKit cannot be reached, or does not answer in time "
                f"({type(error).__name__}). Try again in a few minutes."
            ) from _without_request(error, call)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, response.content)


def build_request(call: Call[object], timeout: float) -> httpx.Request:
    """Return the request for httpx, with the secret part of the query out of its URL.

    Whatever shows the request's URL (httpx's log line, its errors, hooks) thus shows no secret; the
    extension "target" is what goes over the wire. The client's own headers and cookies are left
    out, so that nothing of one account travels with another's call.
    """
    url = httpx.URL(call.url, params=dict(call.query)) if call.query else httpx.URL(call.url)
    return httpx.Request(
        call.method,
        url,
        headers={**_HEADERS, **call.secret_headers},
        json=call.secret_json,
        extensions={
            "timeout": httpx.Timeout(timeout).as_dict(),
            "target": url.copy_merge_params(dict(call.secret_query)).raw_path,
        },
    )


def _without_request(error: Exception, call: Call[object]) -> Exception:
    # The request holds the credential, and errors are kept, reported and passed on.
    if isinstance(error, httpx.HTTPError):
        error.request = httpx.Request(call.method, call.url)
    return error


def _log_failure(
    call: Call[object], attempt: int, answer: Answer | None, error: ConvertKitError
) -> None:
    status = answer.status if answer else None
    claimed = answer.headers.get("x-request-id", "") if answer else ""
    request_id = claimed if _REQUEST_ID.fullmatch(claimed) else None
    fault = type(error).__name__
    _log.warning(
        "ConvertKit: attempt %d to %s failed: %s, status %s, X-Request-Id %s",
        attempt,
        call.name,
        fault,
        status,
        request_id,
        extra={
            "action": "convertkit_attempt_failed",
            "call": call.name,
            "attempt": attempt,
            "fault": fault,
            "status": status,
            "request_id": request_id,
        },
    )
