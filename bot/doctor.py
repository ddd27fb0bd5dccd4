"""The doctor: says in plain sentences what works, what does not, and what that means."""

import stat
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError

from bot.app import open_database, open_slack, open_vault, probe_options
from bot.connection import TokenRefused, check_app_token, check_bot_token, require_tokens
from bot.settings import Settings
from storage.connections import Connections
from storage.errors import StorageError
from verification import PreflightFinding, Topic, preflight, resolves

#: What the manifest asks for.
SCOPES = frozenset({"commands", "chat:write", "files:write"})
CLOSED = (
    "Most cloud hosts block it. The bot runs all the same: bad syntax, missing domains and "
    "throw-away providers are still found, and every address that only its mail server could judge "
    "ends as Unknown, never as Invalid, and free of charge."
)


class Finding(StrEnum):
    """How a thing stands."""

    #: It works.
    WORKS = "ok  "
    #: The bot runs without it, and does less.
    LIMITS = "note"
    #: The bot cannot run.
    FAILS = "FAIL"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what the doctor says."""

    finding: Finding
    sentence: str


async def examine(settings: Settings, say: Callable[[str], None]) -> bool:
    """Look at everything, say each finding, and tell whether the bot can run."""
    can_run = True
    for look in (_slack, _storage, _dns, _mail):
        async for line in look(settings):
            say(f"{line.finding} {line.sentence}")
            can_run = can_run and line.finding is not Finding.FAILS
    say("The bot can run." if can_run else "The bot cannot run yet: mend what says FAIL.")
    return can_run


async def _slack(settings: Settings) -> AsyncIterator[Line]:
    client, app_token = open_slack(settings), settings.slack_app_token.get_secret_value()
    try:
        require_tokens(settings.slack_bot_token.get_secret_value(), app_token, listens=True)
        bot, team, scopes = await check_bot_token(client)
        yield Line(Finding.WORKS, f"The bot token works: @{bot} in the workspace {team}.")
        missing = sorted(SCOPES - scopes)
        if missing:
            yield Line(
                Finding.FAILS,
                f"The app lacks the scopes {', '.join(missing)}. Update it from manifest.yml and "
                "install it to the workspace again.",
            )
        else:
            yield Line(Finding.WORKS, "The app has the scopes it needs.")
        await check_app_token(client, app_token)
        yield Line(Finding.WORKS, "The app token works: Socket Mode can connect.")
    except TokenRefused as error:
        yield Line(Finding.FAILS, str(error))
    except (ClientError, TimeoutError, OSError, SlackApiError) as error:
        yield Line(
            Finding.FAILS,
            f"Slack does not answer ({type(error).__name__}). Is this machine online?",
        )


async def _storage(settings: Settings) -> AsyncIterator[Line]:
    try:
        vault = open_vault(settings)
        async with open_database(settings) as database:
            yield Line(Finding.WORKS, "The database opens and its tables are up to date.")
            unreadable = await Connections(database, vault).unreadable()
    except StorageError as error:
        yield Line(Finding.FAILS, str(error))
        return
    except OSError as error:
        yield Line(
            Finding.FAILS,
            f"The data folder {settings.data_dir} cannot be used: {error.strerror}.",
        )
        return
    if unreadable:
        yield Line(
            Finding.FAILS,
            f"The encryption key does not open {unreadable} of the stored secrets. Put the key "
            "back that they were stored with, or connect these accounts again.",
        )
    else:
        yield Line(Finding.WORKS, "The encryption key is there and opens every stored secret.")
    key = settings.data_dir / "key"
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield Line(Finding.LIMITS, f"Others on this machine can read {key}: chmod 600 it.")


async def _dns(settings: Settings) -> AsyncIterator[Line]:
    where = settings.dns_resolver or "the system's resolver"
    if await resolves(probe_options(settings, b""), "gmail.com"):
        yield Line(Finding.WORKS, f"DNS works, through {where}.")
    else:
        yield Line(
            Finding.LIMITS,
            f"DNS does not answer through {where}. Until it does, addresses end as Unknown.",
        )


async def _mail(settings: Settings) -> AsyncIterator[Line]:
    """Take the same look as the running bot, so that both say the same."""
    found = await preflight(probe_options(settings, b""), hosts=settings.smtp_check_hosts)
    for each in found.findings:
        sentence = f"{each.sentence} {CLOSED}" if _is_closed_port(each) else each.sentence
        yield Line(Finding.WORKS if each.passed else Finding.LIMITS, sentence)
    has_name = all(each.passed for each in found.findings if each.topic is Topic.IDENTITY)
    if not has_name:
        yield Line(
            Finding.LIMITS,
            f"Whether port {settings.smtp_port} is open was not looked at: no mail server is "
            "connected to without a name to say.",
        )
    if any(
        each.needed and not each.passed and not _is_closed_port(each) for each in found.findings
    ):
        remedy = "mend that first" if has_name else "set SMTP_HELO and SMTP_MAIL_FROM"
        yield Line(
            Finding.LIMITS,
            f"So no mail server is asked: {remedy}. Until then, every "
            "address that only its mail server could judge ends as Unknown, and free of charge.",
        )


def _is_closed_port(finding: PreflightFinding) -> bool:
    return finding.topic is Topic.SMTP_PORT and finding.needed and not finding.passed
