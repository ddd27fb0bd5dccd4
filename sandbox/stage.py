"""The stage: make-believe Slack, ConvertKit and mail, with the bot running between them."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import yaml

from sandbox.kit import RateLimit
from sandbox.process import ROOT, BotProcess
from sandbox.slack import App, FakeSlack, Workspace
from sandbox.world import World, WorldSettings

#: How many times faster than in life the waits and paces are.
SPEED = 60

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
    """Everything that is up, and the bot's process."""

    slack: FakeSlack
    world: World
    bot: BotProcess
    folder: Path


@dataclass(frozen=True, slots=True)
class StageSettings:
    """How large the world is, and what the bot is told beside where it is."""

    world: WorldSettings = field(
        default_factory=lambda: WorldSettings(limit=RateLimit(120, 60.0 / SPEED))
    )
    environment: Mapping[str, str] = field(default_factory=lambda: HURRIED)
    page_port: int = 0


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
        environment = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.url,
            "DATA_DIR": str(folder / "data"),
            "SMTP_HELO": "probe.paper-lantern.com",
            "SMTP_MAIL_FROM": "check@paper-lantern.com",
            **world.environment(),
            **settings.environment,
        }
        bot = BotProcess(environment, folder / "bot.log")
        yield Stage(slack=slack, world=world, bot=bot, folder=folder)
        if bot.is_running:
            await bot.kill()
