"""Accounts: ConvertKit clients for stored Connections, at the account's allowed pace."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from convertkit import Account, ApiVersion, ConvertKit, Endpoints, HttpClient, RetryPolicy, identify
from storage.connections import Connections


@dataclass(frozen=True, slots=True)
class SharedPace:
    """The pace of one Connection, shared through the database by everybody who calls."""

    connections: Connections
    connection_id: int
    #: Seconds between two calls.
    spacing: float
    sleep: Callable[[float], Awaitable[None]]

    async def turn(self) -> None:
        """Wait for the next free call slot of the account."""
        await self.sleep(await self.connections.reserve_call(self.connection_id, self.spacing))


class NoPace:
    """The pace of a secret that has no Connection yet: a handful of calls, not waited for."""

    async def turn(self) -> None:
        """Go ahead."""


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
            pace=SharedPace(self._connections, connection_id, self._spacing, self._sleep),
            endpoints=self._endpoints,
            retries=retries,
            sleep=self._sleep,
        )

    async def identify(self, secret: str, retries: RetryPolicy) -> tuple[ApiVersion, Account]:
        """Try a pasted secret and find out whose it is.

        Raises:
            ConvertKitError: It opens nothing, or ConvertKit does not answer.
        """
        return await identify(
            secret,
            http=self._http,
            pace=NoPace(),
            endpoints=self._endpoints,
            retries=retries,
            sleep=self._sleep,
        )
