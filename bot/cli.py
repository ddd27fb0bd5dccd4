"""The command line: run the bot, look after credits and the audit, forget a person, the doctor."""

import asyncio
import contextlib
import gc
import logging
from typing import Annotated

import typer
from pydantic import ValidationError

from bot import doctor, logs, trail
from bot.app import KNOWN_VERDICTS, clock, open_database, open_vault, running_bot
from bot.connection import TokenRefused, listening, may_speak, require_tokens
from bot.lock import AlreadyRunning
from bot.metrics import CannotListen, Metrics
from bot.roles import NeedsPostgres, Role
from bot.settings import Settings
from bot.stopping import on_signal
from commands.views.text import counted
from storage.address_keys import AddressKeys
from storage.credits import Credits
from storage.errors import StorageError
from storage.forgetting import Forgetting, Forgotten
from verification import ConfigurationError, Verifier

log = logging.getLogger(__name__)

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)
credits = typer.Typer(no_args_is_help=True, help="Look at and grant credits.")
cli.add_typer(credits, name="credits")

#: What `forget` cannot reach.
LEFT_BEHIND = (
    "Not removed, because this bot cannot: files that it posted in Slack (those in a thread show "
    "the address masked; those sent with Full CSV to me show it), the subscriber in ConvertKit, "
    "and backups of the database. While ConvertKit has the subscriber, the next run reads it again."
)

Workspace = Annotated[str, typer.Argument(help="The Slack team id, such as T0123ABCD.")]


def load() -> Settings:
    """Read the settings, or say what is wrong with them; their values may be secrets."""
    try:
        return Settings()
    except ValidationError as error:
        for each in error.errors(include_input=False, include_url=False):
            typer.echo(f"{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}.", err=True)
        typer.echo("Nothing was started. Mend this in .env or in the environment.", err=True)
        raise typer.Exit(1) from error


@cli.command()
def run(
    role: Annotated[
        Role,
        typer.Option(help="What this process does; slack and worker share it on PostgreSQL."),
    ] = Role.ALL,
) -> None:
    """Run the bot until it is stopped with Ctrl-C or SIGTERM."""
    settings = load()
    logs.set_up(settings.log_level)
    try:
        asyncio.run(serve(settings, role))
    except (
        AlreadyRunning,
        CannotListen,
        NeedsPostgres,
        StorageError,
        TokenRefused,
        ConfigurationError,
    ) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


async def serve(settings: Settings, role: Role, verifier: Verifier | None = None) -> None:
    """Run the bot until it is told to stop, with another verifier than its own if one is given."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    on_signal(lambda: loop.call_soon_threadsafe(stopped.set))
    try:
        await _serve(settings, role, verifier, stopped)
    except Exception as error:
        # An end that was asked for is no failure.
        if not stopped.is_set():
            raise
        log.warning(
            "The bot was stopped, and closing did not go well: %s",
            type(error).__name__,
            extra={"action": "stop"},
        )


async def _serve(
    settings: Settings, role: Role, verifier: Verifier | None, stopped: asyncio.Event
) -> None:
    app_token = settings.slack_app_token.get_secret_value()
    bot_token = settings.slack_bot_token.get_secret_value()
    require_tokens(bot_token, app_token, listens=role.listens)
    metrics = Metrics()
    async with running_bot(settings, role, metrics, verifier) as app:
        # What is loaded now stays loaded. Walking through it takes the collector 0.1 s, again and
        # again, in which no command is acknowledged.
        gc.collect()
        gc.freeze()
        await may_speak(app.client)
        slack = listening(app, app_token, metrics.set_connected)
        async with slack if role.listens else contextlib.nullcontext():
            await stopped.wait()


@cli.command("doctor")
def run_doctor() -> None:
    """Say in plain sentences what works and what does not; exit 1 if the bot cannot run."""
    logs.set_up("ERROR")
    if not asyncio.run(doctor.examine(load(), typer.echo)):
        raise typer.Exit(1)


@cli.command()
def forget(
    address: Annotated[str, typer.Argument(help="The address, in any letter case.")],
) -> None:
    """Remove one person everywhere, in every workspace; counts, credits and decisions stay."""
    logs.set_up("ERROR")
    address = address.strip()
    if not all(address.rpartition("@")):
        raise typer.BadParameter("this is no address. Nothing was removed.")
    try:
        removed = asyncio.run(_forget(load(), address))
    except StorageError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(forgotten_words(removed))
    typer.echo(LEFT_BEHIND)


async def _forget(settings: Settings, address: str) -> Forgotten:
    keys = AddressKeys(open_vault(settings).derive(KNOWN_VERDICTS))
    async with open_database(settings) as database:
        return await Forgetting(database, keys).forget(address)


def forgotten_words(removed: Forgotten) -> str:
    """Say what was removed, without the address."""
    if not (removed.results or removed.listed or removed.verdicts):
        return "This address is not kept here. Nothing was removed."
    return (
        f"Removed {counted(removed.results, 'result')} in {counted(removed.runs, 'run')}, "
        f"{counted(removed.listed, 'place')} on the lists of "
        f"{counted(removed.cleanups, 'cleanup')}, and {counted(removed.verdicts, 'verdict')} "
        "kept for later runs. Counts, credits and who decided what stay."
    )


@cli.command()
def audit(workspace: Workspace) -> None:
    """Show who decided what in a workspace, newest last."""
    try:
        asyncio.run(trail.print_audit(load(), workspace, typer.echo))
    except StorageError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@credits.command()
def grant(
    workspace: Workspace,
    amount: Annotated[int, typer.Argument(min=1, max=1_000_000_000, help="How many credits.")],
    note: Annotated[str | None, typer.Option(help="What the grant is for.")] = None,
) -> None:
    """Give a workspace credits."""
    try:
        balance = asyncio.run(_grant(workspace, amount, note))
    except StorageError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Granted {amount:,} credits to {workspace}. The balance is {balance:,} now.")


async def _grant(workspace: str, amount: int, note: str | None) -> int:
    async with open_database(load()) as database:
        return await Credits(database).grant(
            workspace, amount, made_by="operator", note=note, now=clock()
        )


@credits.command()
def balance(workspace: Workspace) -> None:
    """Show a workspace's balance."""
    typer.echo(f"{asyncio.run(_balance(workspace)):,} credits")


async def _balance(workspace: str) -> int:
    async with open_database(load()) as database:
        return await Credits(database).balance(workspace)
