"""One verification of a list, from /verify to the file in the thread, measured from outside."""

import asyncio
import contextlib
import json
import os
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.scale.customer import PATIENCE, Customer
from benchmarks.scale.processes import cpu_seconds, peak_megabytes
from sandbox.slack import FakeSlack

ROOT = Path(__file__).parents[2]
#: Subscribers of the account that the dialogs beside the large one are about.
SMALL = 50


@dataclass(slots=True)
class Phase:
    """What a stretch of the work took, in seconds."""

    wall: float
    #: On a processor, by all of the bot's processes.
    bot: float
    #: On a processor, by the PostgreSQL server.
    server: float


@dataclass(slots=True)
class Measurement:
    """Everything that is known about one verification."""

    database: str
    size: int
    workers: int
    verifier_seconds: float
    phases: dict[str, Phase] = field(default_factory=dict)
    #: Seconds until each acknowledgement, by what was done.
    latencies: dict[str, list[float]] = field(default_factory=dict)
    #: Of each of the bot's processes, in megabytes.
    peaks: list[float] = field(default_factory=list)
    #: How long a loop was busy without a break, in seconds on a processor, by phase.
    pauses: dict[str, list[float]] = field(default_factory=dict)
    database_bytes: int = 0
    engine_bytes: int = 0
    file_bytes: int = 0
    updates: int = 0
    errors: list[str] = field(default_factory=list)

    def whole(self) -> float:
        """Give the seconds from the dialog to the file in the thread, without the person's."""
        return sum(self.phases[each].wall for each in ("fetch", "quote", "verify", "deliver"))

    def as_json(self) -> str:
        """Write everything down."""
        return json.dumps(asdict(self))


@dataclass(slots=True)
class Watch:
    """Take the time of phases."""

    bots: Sequence[int]
    server: int | None
    began: float = 0.0
    used: tuple[float, float] = (0.0, 0.0)
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)

    def start(self) -> None:
        """Begin a phase."""
        self.began, self.used = time.time(), self._used()

    def stop(self, name: str) -> Phase:
        """End the phase, and begin the next one."""
        began, used = self.began, self.used
        self.start()
        self.spans[name] = (began, self.began)
        return Phase(self.began - began, self.used[0] - used[0], self.used[1] - used[1])

    def _used(self) -> tuple[float, float]:
        bots = sum(cpu_seconds(each) for each in self.bots)
        return bots, cpu_seconds(self.server, children=True) if self.server else 0.0


@contextlib.asynccontextmanager
async def kit() -> AsyncIterator[str]:
    """Run the make-believe ConvertKit, and give its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.scale.kit", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


@contextlib.asynccontextmanager
async def bots(
    roles: Sequence[str], environment: Mapping[str, str], folder: Path
) -> AsyncIterator[list[int]]:
    """Run the bot's processes, and give their ids."""
    given = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    running = []
    for number, role in enumerate(roles):
        data = folder / f"data{number}"
        data.mkdir()
        with (folder / f"bot{number}.log").open("ab") as log:
            running.append(
                await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "benchmarks.scale.bot",
                    role,
                    cwd=folder,
                    env={
                        **given,
                        **environment,
                        "PYTHONPATH": str(ROOT),
                        "DATA_DIR": str(data),
                        "PAUSES_FILE": str(folder / f"pauses{number}"),
                    },
                    stdout=log,
                    stderr=log,
                )
            )
    try:
        yield [each.pid for each in running]
    finally:
        for each in running:
            with contextlib.suppress(ProcessLookupError):
                each.terminate()
        for each in running:
            await each.wait()


async def measure(
    size: int,
    *,
    folder: Path,
    database: str,
    database_url: str = "",
    server: int | None = None,
    workers: int = 0,
    verifier_seconds: float = 0.0,
    disturbed_every: float | None = None,
    cleanup: bool = False,
) -> Measurement:
    """Verify a list of this size with a fresh bot.

    Args:
        size: Subscribers on the list.
        folder: An empty folder for everything.
        database: What to call the database.
        database_url: The address of an empty one; SQLite in the folder without.
        server: The process id of its server.
        workers: Processes that work beside one that listens; 0 for one that does both.
        verifier_seconds: What each chunk takes the verifier.
        disturbed_every: Seconds between two things that somebody types meanwhile.
        cleanup: Whether to prepare and reject a Cleanup, and to fetch the full CSV.
    """
    done = Measurement(database, size, workers, verifier_seconds)
    roles = ["slack", *["worker"] * workers] if workers else ["all"]
    async with contextlib.AsyncExitStack() as stack:
        slack = await stack.enter_async_context(FakeSlack())
        address = await stack.enter_async_context(kit())
        environment = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.url,
            "CONVERTKIT_V4_URL": f"{address}/v4",
            "CONVERTKIT_CALLS_PER_MINUTE": "6000000",
            "WELCOME_CREDITS": str(10 * size + 1_000_000),
            "DATABASE_URL": database_url,
            "ENCRYPTION_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "VERIFIER_SECONDS": str(verifier_seconds),
            "LOG_LEVEL": "WARNING",
        }
        pids = await stack.enter_async_context(bots(roles, environment, folder))
        await slack.connected(within=60.0)
        watch = Watch(pids, server)
        await _verify(done, slack, watch, address, disturbed_every)
        if cleanup:
            await _clean_up(done, slack, watch)
        done.peaks = [peak_megabytes(each) for each in pids]
        seen = _seen(address)
        done.errors += [str(each) for each in seen["strange"]]
        done.errors += [f"{call.method}: {call.error}" for call in slack.refusals()]
    _look_into(done, folder, watch)
    return done


async def _verify(
    done: Measurement,
    slack: FakeSlack,
    watch: Watch,
    address: str,
    disturbed_every: float | None,
) -> None:
    customer, other = Customer(slack, "owner"), Customer(slack, "colleague")
    await customer.connect(done.size)
    watch.start()
    message, _ = await customer.ask_for_quote()
    disturbing = None
    if disturbed_every is not None:
        await other.connect(SMALL)
        done.latencies = {"help": [], "dialog": []}
        disturbing = asyncio.create_task(other.disturb(done.latencies, disturbed_every))
    await _until_fetched(address, done.size)
    done.phases["fetch"] = watch.stop("fetch")
    await customer.shows(message, "[Start]")
    done.phases["quote"] = watch.stop("quote")
    await customer.press(message, "run_start")
    await customer.shows(message, "# Summary")
    done.phases["verify"] = watch.stop("verify")
    done.file_bytes = await customer.file_under(message)
    done.phases["deliver"] = watch.stop("deliver")
    done.updates = len(message.history)
    if disturbing is not None:
        disturbing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await disturbing


async def _clean_up(done: Measurement, slack: FakeSlack, watch: Watch) -> None:
    customer = Customer(slack, "owner")
    run = next(m for m in slack.messages("newsletter") if "# Summary" in slack.as_text(m))
    watch.start()
    await customer.press(run, "run_csv")
    await customer.private_file()
    done.phases["full CSV"] = watch.stop("full CSV")
    request = await customer.ask_for_approval(run)
    await customer.shows(request, "[Approve]")
    done.phases["exact list"] = watch.stop("exact list")
    await customer.press(request, "cleanup_reject")
    await customer.shows(request, "rejected")
    done.phases["reject"] = watch.stop("reject")


async def _until_fetched(address: str, size: int) -> None:
    async with asyncio.timeout(PATIENCE):
        # The server is another process: nothing here rings when it has given the last page.
        while (await asyncio.to_thread(_seen, address))["pages"] < -(-size // 1_000):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def _seen(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}/seen") as answer:
        return dict(json.load(answer))


def _look_into(done: Measurement, folder: Path, watch: Watch) -> None:
    """Read what the bot has left: its files, its log, and how long its loops were busy."""
    for file in folder.glob("data*/*.sqlite*"):
        if file.name.startswith("engine"):
            done.engine_bytes += file.stat().st_size
        else:
            done.database_bytes += file.stat().st_size
    for log in folder.glob("bot*.log"):
        done.errors += [line for line in log.read_text().splitlines() if " ERROR " in line][:5]
    for file in folder.glob("pauses*"):
        for line in file.read_text().splitlines():
            when, _, busy = map(float, line.split())
            for name, (began, ended) in watch.spans.items():
                if began <= when <= ended:
                    done.pauses.setdefault(name, []).append(busy)
