"""The commands ``check`` and ``explain``: verification without Slack, ConvertKit or a database."""

import asyncio
import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Coroutine, Iterator
from enum import IntEnum
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from verification.engine import Engine, build_engine
from verification.errors import ConfigurationError
from verification.explaining import Circumstances
from verification.judge import AcceptsAll, Stage
from verification.options import ProbeOptions
from verification.reporting import CsvWriter, Format, JsonWriter, Tally, VerdictWriter
from verification.source import count_lines, open_source, read_addresses
from verification.verdicts import Reason, Verdict

#: The bar moves once for so many verdicts.
_BAR_STEP = 100

T = TypeVar("T")

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)


class ExitCode(IntEnum):
    """How ``check`` ended."""

    #: Every address has its verdict.
    DONE = 0
    #: The options or the input cannot be used, or the output cannot be written.
    UNUSABLE = 2
    #: Finished, but mail servers were not asked.
    NOT_PROBED = 3
    #: Finished, but asking was stopped because mail providers block us.
    STOPPED = 4
    #: Interrupted, as by Ctrl-C: what shells say for SIGINT.
    INTERRUPTED = 130
    #: Nobody reads the output any more: what shells say for SIGPIPE.
    UNREAD = 141


#: For ``--help``; the README says the same.
_CHECK_CODES = (
    "Exit codes: 0 every address has its verdict; 2 the options or the input cannot be used, or "
    "the output cannot be written; 3 finished, but mail servers were not asked; 4 finished, but "
    "asking was stopped because mail providers block us; 130 interrupted; 141 nobody reads the "
    "output any more."
)
_EXPLAIN_CODES = (
    "Exit codes: 0 explained; 2 the options cannot be used; 130 interrupted; 141 nobody reads the "
    "output any more."
)


@app.command(epilog=_EXPLAIN_CODES)
def explain(
    reply: Annotated[str, typer.Argument(help='One reply, or "-" for one reply a line.')],
    stage: Annotated[Stage, typer.Option(help="Where the reply was given.")] = Stage.RCPT,
    provider: Annotated[str | None, typer.Option(help="Whose reply it is.")] = None,
    made_up: Annotated[
        AcceptsAll, typer.Option(help="Whether the domain accepts any address.")
    ] = AcceptsAll.UNDETERMINED,
) -> None:
    """Say what a mail server's reply means, and which row of the table says so."""
    circumstances = Circumstances(stage, provider, made_up)
    with _ending_as_documented("explain"):
        if reply == "-":
            for explanation in circumstances.explain_lines(sys.stdin.buffer):
                typer.echo(json.dumps(explanation.as_record(), ensure_ascii=False))
        else:
            _explain_one(circumstances, reply)


def _explain_one(circumstances: Circumstances, reply: str) -> None:
    explanation, judgement, reason = circumstances.explain(reply.encode("utf-8", "surrogateescape"))
    typer.echo(f"outcome   {explanation.outcome}")
    typer.echo(f"category  {explanation.category}: {reason.sentence}")
    typer.echo(f"rule      {explanation.rule}")
    typer.echo(f"source    {judgement.rule.source}")


@app.command(epilog=_CHECK_CODES)
def check(
    file: Annotated[str, typer.Argument(help='A file of addresses, or "-" for standard input.')],
    column: Annotated[str | None, typer.Option(help="Read this column of a CSV file.")] = None,
    output: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.JSON,
    helo: Annotated[str, typer.Option(help="This machine's host name, as it says EHLO.")] = "",
    mail_from: Annotated[str, typer.Option(help="A mailbox of yours, for MAIL FROM.")] = "",
    resolver: Annotated[str | None, typer.Option(help="HOST:PORT of the resolver.")] = None,
    smtp_port: Annotated[int, typer.Option(help="The port of mail servers.")] = 25,
    connections_per_host: Annotated[
        int | None, typer.Option(min=1, help="Connections at a time to one mail organisation.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Recipients a second for one organisation; inf: no limit.")
    ] = None,
    allow_private_networks: Annotated[
        bool, typer.Option(help="Connect to private addresses too: for a sandbox only.")
    ] = False,
    probe: Annotated[bool, typer.Option(help="Ask mail servers.")] = True,
    probe_reluctant_providers: Annotated[
        bool, typer.Option(help="Ask providers too that forbid it.")
    ] = False,
) -> None:
    """Verify addresses, one a line, and write their verdicts to standard output."""
    with _ending_as_documented("check"):
        engine = build_engine(
            ProbeOptions(
                helo_name=helo,
                mail_from=mail_from,
                smtp_port=smtp_port,
                resolver=None if resolver is None else parse_host_and_port(resolver),
                allow_private_networks=allow_private_networks,
                probe=probe,
                probe_reluctant_providers=probe_reluctant_providers,
                connections_per_host=connections_per_host,
                rate=rate,
            )
        )
        total = count_lines(file)
        addresses = read_addresses(open_source(file), column)
        tally = asyncio.run(_until_interrupted(_check(engine, addresses, _writer(output), total)))
        sys.stdout.flush()
    for line in tally.lines():
        typer.echo(line, err=True)
    raise typer.Exit(exit_code(tally, probing=engine.not_probing is None))


@contextlib.contextmanager
def _ending_as_documented(task: str) -> Iterator[None]:
    """Turn what can go wrong outside of the engine into a sentence and an exit code."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from interrupt
    except BrokenPipeError as problem:
        _abandon_output()
        raise typer.Exit(ExitCode.UNREAD) from problem
    except (ConfigurationError, OSError, UnicodeError) as problem:
        _abandon_output()
        typer.echo(f"Cannot {task}: {problem}", err=True)
        raise typer.Exit(ExitCode.UNUSABLE) from problem


def _abandon_output() -> None:
    """Write what can be written, and leave nothing that the end of the process stumbles over."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        return
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _until_interrupted(work: Coroutine[Any, Any, T]) -> T:
    """Do the work, and give it up at the first interrupt; a second one ends it at once.

    `asyncio.run` does so too, but its way of listening wakes no loop that is just about to wait.

    Raises:
        KeyboardInterrupt: The work was given up.
    """
    loop, doing = asyncio.get_running_loop(), asyncio.create_task(work)

    def give_up() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        doing.cancel()

    loop.add_signal_handler(signal.SIGINT, give_up)
    try:
        return await doing
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        loop.remove_signal_handler(signal.SIGINT)


async def _check(
    engine: Engine, addresses: Iterator[str], writer: VerdictWriter, total: int | None
) -> Tally:
    """Write verdicts as they are reached, under a progress bar on standard error."""
    tally = Tally()
    columns = (TextColumn("Checking"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("Checking", total=total)
        async with contextlib.aclosing(_verdicts(engine, addresses)) as verdicts:
            async for verdict in verdicts:
                writer.write(verdict)
                tally.count(verdict)
                if tally.total % _BAR_STEP == 0:
                    progress.update(bar, completed=tally.total)
        progress.update(bar, completed=tally.total)
    return tally


async def _verdicts(engine: Engine, addresses: Iterator[str]) -> AsyncGenerator[Verdict, None]:
    """Verify; what reading the addresses raises arrives alone, not as the fault of a group."""
    try:
        async for verdict in engine.verify(addresses):
            yield verdict
    except ExceptionGroup as group:
        problem: Exception = group
        while isinstance(problem, ExceptionGroup) and len(problem.exceptions) == 1:
            problem = problem.exceptions[0]
        raise problem from None


def parse_host_and_port(text: str) -> tuple[str, int]:
    """Read "HOST:PORT", with an IPv6 address in brackets; the port may be left out.

    Raises:
        ConfigurationError: The port is not a number.
    """
    host, separator, port = text.rpartition(":")
    if not separator or text.endswith("]"):
        host, port = text, "53"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ConfigurationError(f"{text!r} is not HOST:PORT.")
    return host.strip("[]"), int(port)


def _writer(output: Format) -> VerdictWriter:
    """Write to standard output, with bytes that are no UTF-8 as escapes."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    return JsonWriter(sys.stdout) if output is Format.JSON else CsvWriter(sys.stdout)


def exit_code(tally: Tally, *, probing: bool) -> ExitCode:
    """Say how a check ended; ``probing`` tells whether mail servers could be asked at all."""
    if tally.reasons[Reason.PROBING_STOPPED]:
        return ExitCode.STOPPED
    if not probing and tally.reasons[Reason.NOT_PROBED]:
        return ExitCode.NOT_PROBED
    return ExitCode.DONE
