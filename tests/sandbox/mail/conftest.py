"""Gives each test a mail world of its own and a client that speaks SMTP line by line."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import dns.asyncresolver
import pytest

from sandbox.mail import MailWorld, Timing

PROBE = "probe@listkeeper.com"


@dataclass
class Spoken:
    """Hold one reply: its code and its lines without the code."""

    code: int
    lines: list[str]

    @property
    def text(self) -> str:
        return " ".join(self.lines)


class Dialogue:
    """Speak SMTP over a plain socket; `say` sends its lines in one write."""

    def __init__(self, address: str, port: int) -> None:
        self._address, self._port = address, port
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._address, self._port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.transport.abort()

    async def hear(self) -> Spoken | None:
        """Return the next reply, or None when the server has hung up."""
        lines: list[str] = []
        while True:
            try:
                line = await asyncio.wait_for(self._reader.readline(), 5)
            except ConnectionError:
                return None
            if not line:
                return None
            text = line.decode()
            assert text.endswith("\r\n")
            lines.append(text[4:].rstrip())
            if text[3] == " ":
                return Spoken(int(text[:3]), lines)

    def send(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())

    async def say(self, line: str) -> Spoken:
        """Send one line and return its reply."""
        self.send(line)
        reply = await self.hear()
        assert reply is not None
        return reply

    async def codes(self, *lines: str) -> list[int | None]:
        """Send lines one by one and return the code of each reply, None for silence."""
        found: list[int | None] = []
        for line in lines:
            self.send(line)
            reply = await self.hear()
            found.append(reply.code if reply else None)
        return found

    async def start_tls(self, context: object) -> None:
        await self._writer.start_tls(context)  # type: ignore[arg-type]

    async def begin(self) -> None:
        """Hear the greeting, say EHLO and MAIL."""
        greeting = await self.hear()
        assert greeting is not None
        assert greeting.code == 220
        assert await self.codes("EHLO probe.listkeeper.com", f"MAIL FROM:<{PROBE}>") == [250, 250]


@dataclass
class Prober:
    """Find the servers of a domain and talk to them."""

    world: MailWorld

    @property
    def resolver(self) -> dns.asyncresolver.Resolver:
        host, port = self.world.resolver
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.lifetime = [host], port, 1
        return resolver

    async def exchangers(self, domain: str) -> list[str]:
        """Return the names of a domain's mail servers, best first."""
        found = await self.resolver.resolve(domain, "MX")
        return [r.exchange.to_text() for r in sorted(found, key=lambda r: r.preference)]

    async def address(self, name: str) -> str:
        return str((await self.resolver.resolve(name, "A"))[0].to_text())

    async def dial(self, domain: str, rank: int = 0) -> Dialogue:
        name = (await self.exchangers(domain))[rank]
        return Dialogue(await self.address(name), self.world.smtp_port)

    async def ask(self, address: str, rank: int = 0) -> Spoken | None:
        """Ask one server about one address, from greeting to RCPT."""
        async with await self.dial(address.rpartition("@")[2], rank) as dialogue:
            await dialogue.begin()
            dialogue.send(f"RCPT TO:<{address}>")
            return await dialogue.hear()


@pytest.fixture
def timing() -> Timing:
    return Timing(greylist=300, slow_banner=0.3, slow_reply=0.15, error_sleep=0.05)


@dataclass
class Clock:
    """Stand still until told to move."""

    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def world(timing: Timing, clock: Clock) -> AsyncIterator[MailWorld]:
    async with MailWorld(timing, clock=clock) as world:
        yield world


@pytest.fixture
def prober(world: MailWorld) -> Prober:
    return Prober(world)
