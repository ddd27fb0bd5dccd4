"""The client: what the product asks of ConvertKit, with V3 and V4 behind one class."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import httpx

from convertkit.calls import Call, Dialect, Listing
from convertkit.credential import pasted, sendable
from convertkit.errors import (
    WHERE_THE_SECRET_IS,
    CredentialRefused,
    NotAllowed,
    PublicKeyGiven,
)
from convertkit.exchange import Exchange, Sleep
from convertkit.pacing import Pace, RetryPolicy
from convertkit.records import Account, ApiVersion, Form, Page, Source, Subscriber, Tag
from convertkit.redaction import hide_queries_in_http_logs
from convertkit.v3 import V3
from convertkit.v4 import KEY_PREFIX, V4

T = TypeVar("T")

_DASHBOARD: Final = "https://app.kit.com/subscribers"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Tell where the two APIs are; other addresses than ConvertKit's are for the sandbox."""

    v3: str = "https://api.convertkit.com/v3"
    v4: str = "https://api.kit.com/v4"


class ConvertKit:
    """Ask one ConvertKit account for its lists, and unsubscribe people.

    Each call waits for its turn of `pace`, and is repeated as `retries` says. Every method raises
    ConvertKitError and nothing else.
    """

    def __init__(
        self,
        *,
        secret: str,
        version: ApiVersion,
        http: httpx.AsyncClient,
        pace: Pace,
        endpoints: Endpoints,
        retries: RetryPolicy,
        sleep: Sleep = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """Bind the client to an account; `http` may be shared between accounts.

        Raises: CredentialRefused when the secret cannot even be sent.
        """
        hide_queries_in_http_logs()
        self._dialect = _dialect(version, sendable(secret), endpoints)
        self._exchange = Exchange(http, pace, retries, sleep, draw)

    async def account(self) -> Account:
        """Return whose account it is."""
        return await self._exchange.perform(self._dialect.account())

    async def tags(self) -> tuple[Tag, ...]:
        """Return all tags."""
        return await self._all(self._dialect.tags)

    async def forms(self) -> tuple[Form, ...]:
        """Return all forms and landing pages that are not archived."""
        return await self._all(self._dialect.forms)

    async def subscribers(self, source: Source, after: str | None = None) -> Page:
        """Return a page of the source's active subscribers, from the start or `after` a page.

        A subscriber may come twice; one who joins meanwhile may be missing. Raises: Gone when the
        tag or form does not exist; Unavailable when the list goes in a circle or its end is not
        known, so that nobody is left out silently.
        """
        return await self._exchange.perform(self._dialect.subscribers(source, after))

    async def subscriber(self, subscriber_id: int) -> Subscriber:
        """Return one subscriber as they are now, in any state. Raises: Gone.

        Unlike lists, which lag up to 5 minutes, this is up to date (Kit "Eventual consistency").
        """
        return await self._exchange.perform(self._dialect.subscriber(subscriber_id))

    async def unsubscribe(self, subscriber: Subscriber) -> None:
        """Unsubscribe a person from all mail of the account; it cannot be undone by a call.

        Doing it again is harmless. V3 goes by address alone: read the subscriber just before.
        Raises: Gone; Rejected when V3 says that it cancelled somebody else, NotCancelled when
        nobody (yet). After a lost answer V3 may say Gone of somebody whom it did cancel.
        """
        await self._exchange.perform(self._dialect.unsubscribe(subscriber))

    async def _all(self, ask: Callable[[str | None], Call[Listing[T]]]) -> tuple[T, ...]:
        listing = await self._exchange.perform(ask(None))
        found = list(listing.items)
        while listing.next is not None:
            listing = await self._exchange.perform(ask(listing.next))
            found.extend(listing.items)
        return tuple(found)


async def identify(
    secret: str,
    *,
    http: httpx.AsyncClient,
    pace: Pace,
    endpoints: Endpoints,
    retries: RetryPolicy,
    sleep: Sleep = asyncio.sleep,
    draw: Callable[[], float] = random.random,
) -> tuple[ApiVersion, Account]:
    """Find out which API a pasted secret opens, and whose account. Spaces around it are dropped.

    Raises: CredentialRefused when it opens neither; PublicKeyGiven when it is the API Key; other
    ConvertKitErrors when ConvertKit does not let us know.
    """
    hide_queries_in_http_logs()
    given = pasted(secret)
    exchange = Exchange(http, pace, retries, sleep, draw)
    v3, v4 = V3(endpoints.v3, given), V4(endpoints.v4, given)
    if given.startswith(KEY_PREFIX):
        return ApiVersion.V4, await exchange.perform(v4.account())
    try:
        # Asked with api_secret, so that a public API Key cannot pass for a connection.
        return ApiVersion.V3, await exchange.perform(v3.account())
    except CredentialRefused:
        await _refuse_public_key(exchange, v3)
    except NotAllowed:
        # What V3 says to a public key as api_secret is seen nowhere; this is documented of others.
        await _refuse_public_key(exchange, v3)
        raise
    return ApiVersion.V4, await exchange.perform(v4.account())


async def _refuse_public_key(exchange: Exchange, v3: V3) -> None:
    try:
        await exchange.perform(v3.tags_with_key_only())
    except (CredentialRefused, NotAllowed):
        return
    raise PublicKeyGiven(
        "This is the account's public API Key, not its API Secret, so it cannot read or "
        f"unsubscribe anybody. {WHERE_THE_SECRET_IS}"
    )


def subscriber_url(subscriber_id: int) -> str:
    """Return the page of a subscriber in ConvertKit's dashboard, where people can be deleted."""
    return f"{_DASHBOARD}/{subscriber_id}"


def _dialect(version: ApiVersion, secret: str, endpoints: Endpoints) -> Dialect:
    match version:
        case ApiVersion.V3:
            return V3(endpoints.v3, secret)
        case ApiVersion.V4:
            return V4(endpoints.v4, secret)
