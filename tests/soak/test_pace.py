"""Three processes that are killed in turn keep together within what ConvertKit allows.

What counts is the make-believe ConvertKit's own log. The short version lets everything happen ten
times as fast as in life.
"""

import asyncio
import itertools
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean
from tempfile import TemporaryDirectory

import pytest

from sandbox.kit import FakeKit, KitSettings, RateLimit, Request
from sandbox.process import ROOT
from storage.database import Database
from storage.migrations import migrate
from tests import postgres
from tests.jobs.worlds import invent_people
from tests.storage.stores import Store, url

SECONDS = float(os.environ.get("SOAK_PACE_SECONDS", "300"))
PROCESSES = 3
#: What ConvertKit allows in a window, 60 seconds long in life.
CAP, WINDOW = 120, 60.0


@dataclass(frozen=True, slots=True)
class Course:
    """How long it goes on and how fast the clock is."""

    seconds: float
    #: Calls that are aimed at in each window.
    aim: int = 110
    #: So many times faster than in life.
    speed: float = 1.0
    #: The share of the aim that is used at least.
    least_used: float = 0.95

    @property
    def window(self) -> float:
        return WINDOW / self.speed


#: A window is only 6 seconds, and the machine busy with other tests: a call may be late by a good
#: part of it on its way. So less is aimed at, and less of that has to be used.
SHORT = Course(seconds=12.0, aim=90, speed=10.0, least_used=0.8)
LONG = Course(seconds=SECONDS)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of an empty database, on either kind of database."""
    if request.param == "sqlite":
        yield url(tmp_path / "listkeeper.sqlite")
        return
    # Not in pytest's own folder: the server's user may not enter that.
    with TemporaryDirectory() as folder, postgres.running(Path(folder)) as server:
        if server is None:
            if os.environ.get("CI"):
                pytest.fail("CI has to have PostgreSQL")
            pytest.skip("there is no PostgreSQL: set TEST_DATABASE_URL or install postgresql")
        name = f"pace_{os.getpid()}"
        server.create(name)
        yield server.url(name)
        server.drop(name)


async def test_processes_that_are_killed_keep_the_pace_together(
    database: str, tmp_path: Path
) -> None:
    await play(SHORT, database, tmp_path)


@pytest.mark.soak
async def test_processes_that_are_killed_keep_the_pace_together_for_long(
    database: str, tmp_path: Path
) -> None:
    await play(LONG, database, tmp_path)


async def play(course: Course, database: str, folder: Path) -> None:
    """Let the processes call, and look at the log of who was called."""
    async with called_account(course, database) as kit:
        per_minute = course.aim * 60 / course.window
        command = (database, kit.v4_url, str(per_minute), str(5 / course.speed))
        callers = [Caller(command, folder / f"journal-{n}") for n in range(PROCESSES)]
        try:
            await asyncio.gather(*(each.start() for each in callers))
            began = len(kit.requests)
            await kill_in_turn(callers, course)
            requests = kit.requests[began:]
        finally:
            for each in callers:
                await each.kill()
        check(course, kit, requests, callers)


@asynccontextmanager
async def called_account(course: Course, address: str) -> AsyncIterator[FakeKit]:
    """Connect one account of a ConvertKit that counts as the real one does."""
    limit = RateLimit(CAP, course.window)
    database = Database(address)
    async with FakeKit(KitSettings(limit=limit)) as kit:
        account = kit.add_account("Paper Boats", invent_people(3))
        await migrate(database)
        await Store(database).connect(secret=account.keys.v4[0])
        await database.close()
        yield kit


class Caller:
    """A process that calls."""

    def __init__(self, command: tuple[str, ...], journal: Path) -> None:
        self._command, self._journal = command, journal
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process, and wait until it has made a call."""
        before = len(self.calls())
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.soak.pace_process",
            *self._command,
            str(self._journal),
            cwd=ROOT,
        )
        async with asyncio.timeout(60):
            while len(self.calls()) == before:  # noqa: ASYNC110 - another process writes the file
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """Kill the process where it stands."""
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def calls(self) -> list[tuple[str, float]]:
        """Give who called and how many seconds each call took, waiting included."""
        lines = self._journal.read_text().splitlines() if self._journal.exists() else []
        return [(kind, float(seconds)) for kind, seconds in map(str.split, lines)]


async def kill_in_turn(callers: list[Caller], course: Course) -> None:
    """Kill one process every 10 to 20 seconds and start it again, until time is up."""
    random, ends = Random(1), time.monotonic() + course.seconds
    for caller in itertools.cycle(callers):
        # A process takes as long to start as in life, whatever the clock.
        pause = random.uniform(10, 20) / min(course.speed, 5)
        await asyncio.sleep(max(0.0, min(pause, ends - time.monotonic())))
        if time.monotonic() >= ends:
            return
        await caller.kill()
        await caller.start()


def check(course: Course, kit: FakeKit, requests: list[Request], callers: list[Caller]) -> None:
    seconds = (requests[-1].at - requests[0].at).total_seconds()
    most, used = kit.max_calls_in_window(course.window), len(requests) / seconds
    used /= course.aim / course.window
    calls = [call for caller in callers for call in caller.calls()]
    waits = {
        kind: mean(took for known, took in calls if known == kind) for kind in ("job", "dialog")
    }
    print(
        f"{len(requests)} calls in {seconds:.0f} s; at most {most} in {course.window:.0f} s; "
        f"{used:.1%} of the aim used; a job's call took {waits['job']:.3f} s on average, a "
        f"dialog's {waits['dialog']:.3f} s"
    )
    assert {request.status for request in kit.requests} <= {200, None}
    assert most <= CAP
    assert used >= course.least_used
    assert waits["dialog"] < waits["job"]
