"""Ties people, the make-believe ConvertKit and the mail world together, so that they agree."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from sandbox.kit import Account, Delays, FakeKit, KitSettings, RateLimit
from sandbox.mail import MailWorld, Timing
from sandbox.people import People, make_people


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """Set the size of a world and how fast its clocks run, in seconds."""

    people: int = 2_000
    seed: int = 1
    account: str = "Paper Lantern"
    many_tags: int = 0
    limit: RateLimit = field(default_factory=RateLimit)
    delays: Delays = field(default_factory=Delays)
    kit_latency: float = 0.0
    timing: Timing = field(default_factory=Timing)


class World:
    """Run a ConvertKit with one account and the mail world that its subscribers live in."""

    def __init__(
        self, settings: WorldSettings | None = None, *, people: People | None = None
    ) -> None:
        """Make the world, with its own people unless others are given."""
        self.settings = settings or WorldSettings()
        chosen = self.settings
        self.people: People = people or make_people(
            chosen.people, chosen.seed, many_tags=chosen.many_tags
        )
        self.kit = FakeKit(KitSettings(chosen.limit, chosen.delays, chosen.kit_latency))
        self.account: Account = self.kit.add_account(chosen.account, self.people)
        self.mail = MailWorld(chosen.timing)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self.kit)
        await self._open.enter_async_context(self.mail)
        self.mail.populate(self.people.domains, self.people.mailboxes())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._open.aclose()

    def environment(self, *, by: str = "") -> dict[str, str]:
        """Return the environment variables that point the bot, or its process `by`, here."""
        host, port = self.mail.resolver
        return {
            "CONVERTKIT_V3_URL": self.kit.url("v3", by=by),
            "CONVERTKIT_V4_URL": self.kit.url("v4", by=by),
            "DNS_RESOLVER": f"{host}:{port}",
            "SMTP_PORT": str(self.mail.smtp_port),
            "ALLOW_PRIVATE_NETWORKS": "1",
        }
