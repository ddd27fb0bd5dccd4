"""The stage: make-believe Slack, ConvertKit and mail, with the bot's processes between them."""

import asyncio
import base64
import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import yaml

from sandbox.kit import RateLimit
from sandbox.process import ROOT, BotProcess
from sandbox.slack import App, FakeSlack, NeverHappened, Workspace
from sandbox.world import World, WorldSettings

#: How many times faster than in life the waits and paces are.
SPEED = 60

#: Characters of each log that are shown where something goes wrong.
LOG_SHOWN = 4_000

#: The waits and paces of a stage where nobody has an hour to spare.
HURRIED: Mapping[str, str] = MappingProxyType(
    {
        "CONVERTKIT_CALLS_PER_MINUTE": str(110 * SPEED),
        "PROOF_DELAYS_SECONDS": f"{600 / SPEED / 2},{3600 / SPEED / 6}",
        "RETRY_DELAYS_SECONDS": f"{360 / SPEED}",
        "OUTAGE_DELAYS_SECONDS": "1,2,4",
        "SMTP_RATE": "inf",
    }
)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that is up, and the bot's processes, none of them started yet."""

    slack: FakeSlack
    world: World
    bots: tuple[BotProcess, ...]
    folder: Path
    #: Where the bot's tables are, as SQLAlchemy writes it.
    database_url: str
    #: When the database went down and was up again, where a test does that.
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def bot(self) -> BotProcess:
        """Give the first process, which is the only one unless the settings ask for more."""
        return self.bots[0]

    def named(self, name: str) -> BotProcess:
        """Give the process of a name, such as the one that a call carries."""
        return next(bot for bot in self.bots if bot.name == name)

    async def start(self) -> None:
        """Start every process, and wait until those that listen are connected to Slack.

        Raises:
            NeverHappened: They were not, such as because one has ended with an error.
        """
        await asyncio.gather(*(bot.start() for bot in self.bots))
        await self.connected()
        ended = [bot.name for bot in self.bots if not bot.is_running]
        if ended:
            raise NeverHappened(f"These have ended at their start: {', '.join(ended)}.")

    async def start_again(self, bot: BotProcess) -> None:
        """Start a process that was killed or stopped, and wait until it is connected."""
        await bot.ended()
        await self.slack.until(lambda: len(self.slack.sockets.connections) <= self._listening, 30)
        await bot.start()
        await self.connected()

    async def connected(self) -> None:
        """Wait until every running process that listens is connected to Slack."""
        await self.slack.until(lambda: len(self.slack.sockets.connections) >= self._listening, 60)

    @property
    def _listening(self) -> int:
        return sum(bot.listens and bot.is_running for bot in self.bots)


@dataclass(frozen=True, slots=True)
class StageSettings:
    """How large the world is, and what the bot is told beside where it is."""

    world: WorldSettings = field(
        default_factory=lambda: WorldSettings(limit=RateLimit(120, 60.0 / SPEED))
    )
    environment: Mapping[str, str] = field(default_factory=lambda: HURRIED)
    page_port: int = 0
    #: What each process does (run --role); more than one need a database to share.
    roles: tuple[str, ...] = ("all",)
    #: A PostgreSQL database; empty for SQLite in the stage's folder.
    database_url: str = ""


@contextlib.asynccontextmanager
async def staged(
    settings: StageSettings | None = None, *, folder: Path | None = None
) -> AsyncIterator[Stage]:
    """Set everything up with the bot not started yet; take it all down at the end."""
    settings = settings or StageSettings()
    app = App.from_manifest(yaml.safe_load((ROOT / "manifest.yml").read_text()))
    async with contextlib.AsyncExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="listkeeper-")))
        slack = await stack.enter_async_context(
            FakeSlack(Workspace(app=app), port=settings.page_port)
        )
        world = await stack.enter_async_context(World(settings.world))
        bots = _processes(settings, slack, world, folder)
        sqlite = f"sqlite+aiosqlite:///{folder / 'data' / 'listkeeper.sqlite'}"
        try:
            yield Stage(slack, world, bots, folder, settings.database_url or sqlite)
        except BaseException:
            for bot in bots:
                print(f"\nThe end of the log of {bot.name}:\n{bot.logged()[-LOG_SHOWN:]}")
            raise
        finally:
            await asyncio.gather(*(bot.kill() for bot in bots if bot.is_running))


def _processes(
    settings: StageSettings, slack: FakeSlack, world: World, folder: Path
) -> tuple[BotProcess, ...]:
    """Make the processes; each has a log, a data folder and a name of its own."""
    shared = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "DATABASE_URL": settings.database_url,
        "SMTP_HELO": "probe.paper-lantern.com",
        "SMTP_MAIL_FROM": "check@paper-lantern.com",
    }
    if len(settings.roles) == 1:
        names = ["bot"]
    else:
        names = [f"{role}-{number}" for number, role in enumerate(settings.roles, start=1)]
        # Each has a data folder, as on a machine of its own, and so no key file in common.
        shared["ENCRYPTION_KEY"] = base64.b64encode(secrets.token_bytes(32)).decode()
    return tuple(
        BotProcess(
            {
                **shared,
                "SLACK_API_URL": slack.url_of(name),
                "DATA_DIR": str(folder / "data" if name == "bot" else folder / f"data-{name}"),
                **world.environment(by=name),
                **settings.environment,
            },
            folder / f"{name}.log",
            name=name,
            role=role,
        )
        for name, role in zip(names, settings.roles, strict=True)
    )
