"""The Slack connection: Socket Mode, watched, and made anew when it goes quiet."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator

from aiohttp import ClientError
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.background import in_background
from commands.slack_errors import code_of

log = logging.getLogger(__name__)

#: Seconds between two looks at the connection.
LOOK_EVERY = 30.0
#: Looks in a row that find no connection before it is made anew.
PATIENCE = 2

BOT_TOKEN_PLACE = (
    "It begins with xoxb- and stands under OAuth & Permissions on the app's page at "
    "api.slack.com/apps."
)
APP_TOKEN_PLACE = (
    "It begins with xapp-, has the scope connections:write and stands under Basic Information on "
    "the app's page at api.slack.com/apps."
)


#: Slack's words for a token that will not do; anything else may pass.
REFUSALS = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
        "missing_scope",
        "no_permission",
    }
)


class TokenRefused(Exception):
    """Slack does not take one of the two tokens; the message says which, and where it is."""


@contextlib.asynccontextmanager
async def listening(
    app: AsyncApp, app_token: str, say_connected: Callable[[bool], None]
) -> AsyncIterator[None]:
    """Take commands and clicks for as long as the block runs.

    `say_connected` is told whether the connection is up.

    Raises:
        TokenRefused: Slack does not take a token, so that waiting would be in vain.
    """
    with _trying_on():
        await check_app_token(app.client, app_token)
    say_connected(False)
    async with in_background(_keep_listening(app, app_token, say_connected)):
        yield


async def may_speak(client: AsyncWebClient) -> None:
    """Make sure that the bot may speak, before anything is begun.

    Raises:
        TokenRefused: Slack does not take the bot's token.
    """
    with _trying_on():
        await check_bot_token(client)


@contextlib.contextmanager
def _trying_on() -> Iterator[None]:
    """Pass over a Slack that does not answer at the start: it will."""
    try:
        yield
    except (ClientError, TimeoutError, SlackApiError) as error:
        log.warning(
            "Slack does not answer yet (%s); trying on.",
            type(error).__name__,
            extra={"action": "connect"},
        )


def require_tokens(bot_token: str, app_token: str, *, listens: bool) -> None:
    """Make sure that the tokens are set which a process needs; one that listens needs both.

    Raises:
        TokenRefused: One of them is not.
    """
    if not bot_token:
        raise TokenRefused(f"SLACK_BOT_TOKEN is not set. {BOT_TOKEN_PLACE}")
    if listens and not app_token:
        raise TokenRefused(f"SLACK_APP_TOKEN is not set. {APP_TOKEN_PLACE}")


async def check_bot_token(client: AsyncWebClient) -> tuple[str, str, frozenset[str]]:
    """Ask Slack who the bot is: its name, its workspace, and the scopes that it has.

    Raises:
        TokenRefused: The token is mistyped or revoked.
        SlackApiError: Slack has a fault.
    """
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        if code_of(error) not in REFUSALS:
            raise
        raise TokenRefused(
            f"Slack refuses SLACK_BOT_TOKEN ({code_of(error)}). {BOT_TOKEN_PLACE}"
        ) from error
    scopes = str(answer.headers.get("x-oauth-scopes") or "")
    return str(answer["user"]), str(answer["team"]), frozenset(filter(None, scopes.split(",")))


async def check_app_token(client: AsyncWebClient, app_token: str) -> None:
    """Ask Slack for a Socket Mode address, and leave it unused.

    Raises:
        TokenRefused: The token is mistyped or revoked.
        SlackApiError: Slack has a fault.
    """
    try:
        await client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        if code_of(error) not in REFUSALS:
            raise
        raise TokenRefused(
            f"Slack refuses SLACK_APP_TOKEN ({code_of(error)}). {APP_TOKEN_PLACE}"
        ) from error


async def _keep_listening(
    app: AsyncApp, app_token: str, say_connected: Callable[[bool], None]
) -> None:
    while True:
        handler = AsyncSocketModeHandler(app, app_token, web_client=app.client)
        try:
            await handler.connect_async()
            log.info("Connected to Slack.", extra={"action": "connect"})
            say_connected(True)
            await _until_quiet(handler, say_connected)
            log.warning("Slack went quiet; connecting anew.", extra={"action": "reconnect"})
        finally:
            await handler.close_async()


async def _until_quiet(
    handler: AsyncSocketModeHandler, say_connected: Callable[[bool], None]
) -> None:
    """Return when the connection is gone and does not come back by itself."""
    missing = 0
    while missing < PATIENCE:
        await asyncio.sleep(LOOK_EVERY)
        connected = await handler.client.is_connected()
        say_connected(connected)
        missing = 0 if connected else missing + 1
