"""The sandbox's command line: try the bot in the browser, or have the whole story played."""

import asyncio

import typer

from sandbox import demo as demonstration
from sandbox.database import NoDatabase
from sandbox.narrator import StoryWrong
from sandbox.slack import SandboxSlackError
from sandbox.story import play

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)


@cli.command()
def demo(
    people: int = typer.Option(2_000, min=1, max=100_000, help="Subscribers of the account."),
    port: int = typer.Option(8765, min=0, max=65_535, help="Where the page is; 0 for any."),
) -> None:
    """Start the bot in a make-believe Slack and print the address of its page."""
    try:
        asyncio.run(demonstration.run(people=people, port=port))
    except OSError as error:
        typer.echo(f"Port {port} cannot be used ({error.strerror}): try demo --port 0.", err=True)
        raise typer.Exit(1) from error


@cli.command()
def story(
    database: str = typer.Option(
        "",
        envvar="DATABASE_URL",
        show_envvar=True,
        help="A PostgreSQL in which the story makes a database of its own; none is SQLite.",
    ),
    roles: str = typer.Option(
        "all", help="The bot's processes, such as slack,worker,worker; several need PostgreSQL."
    ),
) -> None:
    """Play the whole conversation and print it; exit 1 if anything in it is wrong."""
    try:
        asyncio.run(play(database_url=database, roles=roles.split(",")))
    except NoDatabase as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except (StoryWrong, SandboxSlackError, AssertionError, TimeoutError) as error:
        typer.echo(f"\nThe story is wrong: {type(error).__name__}: {error}", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    cli()
