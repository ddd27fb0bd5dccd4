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

from sandbox.kit import FakeKit, KitSettings, RateLimit
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

    @property
    def window(self) -> float:
        return WINDOW / self.speed


#: The aim leaves room for a machine that is busy with other tests: a window is only 6 seconds.
SHORT = Course(seconds=15.0, aim=100, speed=10.0)
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
        journal = folder / "journal"
        arguments = (database, kit.v4_url, str(course.aim * 60 / course.window))
        command = (*arguments, str(5 / course.speed), str(journal))
        processes = [await start(*command) for _ in range(PROCESSES)]
        try:
            await kill_in_turn(processes, course, command)
        finally:
            for process in processes:
                if process.returncode is None:
                    process.kill()
                await process.wait()
        check(course, kit, journal)


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


async def kill_in_turn(
    processes: list[asyncio.subprocess.Process], course: Course, command: tuple[str, ...]
) -> None:
    """Kill one process every 10 to 20 seconds and start it again, until time is up."""
    random, ends = Random(1), time.monotonic() + course.seconds
    for turn in itertools.cycle(range(PROCESSES)):
        # A process takes as long to start as in life, whatever the clock.
        pause = random.uniform(10, 20) / min(course.speed, 5)
        await asyncio.sleep(min(pause, ends - time.monotonic()))
        if time.monotonic() >= ends:
            return
        processes[turn].kill()
        await processes[turn].wait()
        processes[turn] = await start(*command)


async def start(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.soak.pace_process", *arguments, cwd=ROOT
    )


def check(course: Course, kit: FakeKit, journal: Path) -> None:
    took: dict[str, list[float]] = {"job": [], "dialog": []}
    for kind, seconds in (line.split() for line in journal.read_text().splitlines()):
        took[kind].append(float(seconds))
    began, ended = kit.requests[0].at, kit.requests[-1].at
    aimed_at = (ended - began).total_seconds() * course.aim / course.window
    most, used = kit.max_calls_in_window(course.window), len(kit.requests) / aimed_at
    waits = {kind: mean(seconds) for kind, seconds in took.items()}
    print(
        f"{len(kit.requests)} calls in {(ended - began).total_seconds():.0f} s; at most {most} in "
        f"{course.window:.0f} s; {used:.1%} of the aim used; a job's call took {waits['job']:.3f} s"
        f" on average, a dialog's {waits['dialog']:.3f} s ({len(took['dialog'])} of them)"
    )
    assert {request.status for request in kit.requests} <= {200, None}
    assert most <= CAP
    assert used >= 0.95
    assert waits["dialog"] < waits["job"] / 2
