"""Accounts: ConvertKit clients for stored Connections, at the account's allowed pace."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from convertkit import (
    FOR_DIALOG,
    Account,
    ApiVersion,
    ConvertKit,
    Endpoints,
    HttpClient,
    RateLimited,
    RetryPolicy,
    identify,
)
from storage.connections import Connections

TOO_BUSY = (
    "ConvertKit takes no more calls for this account just now (120 a minute, for all who use it). "
    "Wait a minute, then try again."
)
#: The slots by which dialogs, who go first, may come ahead.
MOST_AHEAD = FOR_DIALOG.ahead


@dataclass(frozen=True, slots=True)
class SharedPace:
    """The pace of one Connection, shared through the database by everybody who calls."""

    connections: Connections
    connection_id: int
    #: Seconds between two calls, at an even pace.
    spacing: float
    retries: RetryPolicy
    sleep: Callable[[float], Awaitable[None]]

    async def turn(self) -> None:
        """Wait until a call slot of the account is free, and take it.

        Raises:
            RateLimited: That would take longer than the caller has patience for.
        """
        patience = self.retries.patience
        left = math.inf if patience is None else patience.total_seconds()
        while wait := await self.connections.take_call(
            self.connection_id, spacing=self.spacing, ahead=self.retries.ahead * self.spacing
        ):
            if wait > left:
                raise RateLimited(TOO_BUSY)
            await self.sleep(wait)
            left -= wait

    async def held(self, wait: timedelta) -> None:
        """Let nobody call the account for so long, in any process."""
        await self.connections.hold_calls(
            self.connection_id, seconds=wait.total_seconds(), ahead=MOST_AHEAD * self.spacing
        )


class NoPace:
    """The pace of a secret that has no Connection yet: a handful of calls, not waited for."""

    async def turn(self) -> None:
        """Go ahead."""

    async def held(self, wait: timedelta) -> None:
        """Leave it to the backoff of this one caller."""


class Accounts:
    """Open clients; the secret leaves storage here and goes nowhere else."""

    def __init__(
        self,
        *,
        connections: Connections,
        http: HttpClient,
        endpoints: Endpoints,
        calls_per_minute: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._connections = connections
        self._http = http
        self._endpoints = endpoints
        self._spacing = 60.0 / calls_per_minute
        self._sleep = sleep

    async def open(self, connection_id: int, retries: RetryPolicy) -> ConvertKit:
        """Open a stored account.

        Raises:
            SecretUnreadable: The stored secret does not open.
        """
        connection = await self._connections.find(connection_id)
        assert connection is not None, f"connection {connection_id} does not exist"
        return ConvertKit(
            secret=await self._connections.secret(connection_id),
            version=connection.api_version,
            http=self._http,
            pace=self._pace(connection_id, retries),
            endpoints=self._endpoints,
            retries=retries,
            sleep=self._sleep,
        )

    async def identify(
        self, secret: str, retries: RetryPolicy, *, meant_for: int | None = None
    ) -> tuple[ApiVersion, Account]:
        """Try a pasted secret and find out whose it is.

        One that is `meant_for` a Connection takes the account's call slots, as every other call.

        Raises:
            ConvertKitError: It opens nothing, or ConvertKit does not answer.
        """
        return await identify(
            secret,
            http=self._http,
            pace=NoPace() if meant_for is None else self._pace(meant_for, retries),
            endpoints=self._endpoints,
            retries=retries,
            sleep=self._sleep,
        )

    def _pace(self, connection_id: int, retries: RetryPolicy) -> SharedPace:
        return SharedPace(self._connections, connection_id, self._spacing, retries, self._sleep)
