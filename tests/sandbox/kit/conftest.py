"""Gives each test a make-believe ConvertKit of its own, with a clock that the test moves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sandbox.kit import Account, Delays, FakeKit, KitSettings, RateLimit
from sandbox.people import People, make_people


@dataclass
class Clock:
    """Stand still until told to move."""

    moment: datetime = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def move(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Caller:
    """Call ConvertKit as a program with good credentials would."""

    kit: FakeKit
    account: Account
    http: httpx.AsyncClient
    clock: Clock

    async def v4(self, method: str, path: str, **query: Any) -> httpx.Response:
        headers = {"X-Kit-Api-Key": self.account.keys.v4[0]}
        return await self.http.request(
            method, f"{self.kit.v4_url}/{path}", params=query, headers=headers
        )

    async def v3(self, method: str, path: str, **query: Any) -> httpx.Response:
        query["api_secret"] = self.account.keys.v3_secret
        return await self.http.request(method, f"{self.kit.v3_url}/{path}", params=query)

    async def v3_unsubscribe(self, address: object) -> httpx.Response:
        body = {"api_secret": self.account.keys.v3_secret, "email": address}
        return await self.http.put(f"{self.kit.v3_url}/unsubscribe", json=body)

    async def all_v4(self, path: str, per_page: int = 100, **query: Any) -> list[dict[str, Any]]:
        """Follow the cursors of a list to its end."""
        rows: list[dict[str, Any]] = []
        while True:
            page = (await self.v4("GET", path, per_page=per_page, **query)).json()
            (name,) = set(page) - {"pagination"}
            rows += page[name]
            if not page["pagination"]["has_next_page"]:
                return rows
            query["after"] = page["pagination"]["end_cursor"]


@pytest.fixture(scope="session")
def people() -> People:
    return make_people(260)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=5) as client:
        yield client


@pytest.fixture
def settings() -> KitSettings:
    """Be what a module or test overrides; here nothing lags and the limit is out of reach."""
    return KitSettings(limit=RateLimit(calls=10_000), delays=Delays(effect=0, lists=0))


@pytest.fixture
async def caller(
    settings: KitSettings, people: People, clock: Clock, http: httpx.AsyncClient
) -> AsyncIterator[Caller]:
    async with FakeKit(settings, now=clock) as kit:
        yield Caller(kit, kit.add_account("Paper Lantern", people), http, clock)
