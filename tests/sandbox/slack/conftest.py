"""A running make-believe Slack, a client of the real SDK for it, a way to connect Bolt apps."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import FakeSlack
from tests.sandbox.slack.listener import Listener
from tests.sandbox.slack.small_app import add_listeners

REFERENCE = Path(__file__).parents[3].parent / "shared" / "reference" / "slack"

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Connect = Callable[[AsyncApp], Awaitable[None]]


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Start a make-believe Slack."""
    async with FakeSlack() as running:
        yield running


@pytest.fixture
def client(slack: FakeSlack) -> AsyncWebClient:
    """Return the real SDK's client, pointed at the make-believe Slack."""
    return AsyncWebClient(slack.bot_token, base_url=slack.url)


@pytest.fixture
def bolt(client: AsyncWebClient) -> AsyncApp:
    """Return a real Bolt app without listeners."""
    return AsyncApp(client=client)


@pytest.fixture
async def connect(slack: FakeSlack) -> AsyncIterator[Connect]:
    """Return a function that connects a Bolt app over Socket Mode."""
    handlers: list[Any] = []  # the SDK leaves its methods untyped

    async def start(app: AsyncApp) -> None:
        handlers.append(AsyncSocketModeHandler(app, slack.app_token))
        await handlers[-1].connect_async()
        await slack.connected(len(handlers))

    yield start
    for handler in handlers:
        await handler.close_async()


@pytest.fixture
async def listener(bolt: AsyncApp, connect: Connect) -> Listener:
    """Return a connected app that takes everything."""
    listening = Listener(bolt)
    await connect(bolt)
    return listening


@pytest.fixture(scope="session")
def reference() -> Callable[[str], Any]:
    """Return a reader of the reference files; it skips where they are not beside the repository."""

    def read(name: str) -> Any:
        path = REFERENCE / name
        if not path.exists():
            pytest.skip(f"the reference file {name} is not beside this repository")
        return json.loads(path.read_text(encoding="utf-8"))

    return read


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return where the browser is; skip where there is none."""
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed at /usr/bin/chromium")
    return CHROMIUM


@pytest.fixture
async def page(
    slack: FakeSlack, bolt: AsyncApp, connect: Connect, chromium: Path
) -> AsyncIterator[Page]:
    """Open the page beside a connected small app; fail on any error in the page's console."""
    add_listeners(bolt)
    await connect(bolt)
    troubles: list[str] = []
    strangers: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        page.on("pageerror", lambda problem: troubles.append(str(problem)))
        page.on("request", lambda request: strangers.append(request.url))
        await page.goto(slack.page_url)
        await expect(page.get_by_role("textbox", name="Message #newsletter")).to_be_focused()
        yield page
        await browser.close()
    assert troubles == []
    assert [url for url in strangers if not url.startswith((slack.page_url, "data:"))] == []
