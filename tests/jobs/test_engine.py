"""The engine, with workflows of the tests' own: what is cancelled makes no noise."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS
from dbos._dbos import _get_dbos_instance
from sqlalchemy import text

import jobs.engine
from jobs.engine import Body, Engine
from jobs.queues import Queue
from tests.jobs.test_workflows import until
from tests.strokes import own_postgres


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    made = Engine(f"sqlite:///{tmp_path / 'engine.sqlite'}", executor_id="test")
    yield made
    await made.close()


async def test_a_workflow_that_is_cancelled_is_no_error_and_one_that_fails_is(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    # DBOS's logger hands nothing on to others.
    logging.getLogger("dbos").addHandler(caplog.handler)
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def nothing() -> None:
        return

    async def fail() -> None:
        raise ValueError("this one failed")

    async def wait() -> None:
        begun.set()
        await cancelled.wait()
        await engine.step(nothing)

    waiting, failing = engine.workflow("wait", wait), engine.workflow("fail", fail)
    await engine.launch()
    await engine.start_once("waits", waiting, queue=Queue.GENERAL)
    await begun.wait()
    await engine.cancel("waits")
    cancelled.set()
    await engine.start_once("fails", failing, queue=Queue.GENERAL)

    async def has_failed() -> bool:
        return "this one failed" in caplog.text

    await until(has_failed)
    assert caplog.text.count("Traceback") == 1


class Versions:
    """Let processes of several versions follow each other on one database."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began: list[str] = []
        self._url, self._monkeypatch = url, monkeypatch

    @asynccontextmanager
    async def running(self, version: str) -> AsyncIterator[tuple[Engine, Body]]:
        """Run the engine of a version; its workflow begins, and never ends."""

        async def work() -> None:
            self.began.append(version)
            await made.sleep(3600)

        self._monkeypatch.setattr(jobs.engine, "APPLICATION_VERSION", version)
        made = Engine(self._url, executor_id="bot")
        workflow = made.workflow("work", work)
        await made.launch()
        try:
            yield made, workflow
        finally:
            await made.close()

    async def have_begun(self, *versions: str) -> None:
        """Wait until the workflows of these versions have begun, one after the other."""

        async def is_so() -> bool:
            return self.began == list(versions)

        await until(is_so)


@pytest.fixture
def on_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Versions:
    return Versions(f"sqlite:///{tmp_path / 'engine.sqlite'}", monkeypatch)


@pytest.fixture
def on_postgres(server: tuple[object, str], monkeypatch: pytest.MonkeyPatch) -> Versions:
    return Versions(server[1], monkeypatch)


@pytest.mark.parametrize("versions", ["on_sqlite", "on_postgres"])
async def test_what_an_older_version_left_undone_is_started_anew(
    versions: str, request: pytest.FixtureRequest
) -> None:
    processes: Versions = request.getfixturevalue(versions)
    async with processes.running("9") as (old, work):
        await old.start("job:1", work, queue=Queue.ACCOUNTS, partition="7")
        await processes.have_begun("9")
    async with processes.running("10") as (new, work):
        # As a look for what is left undone does, again and again.
        for _ in range(3):
            await new.start("job:1", work, queue=Queue.ACCOUNTS, partition="7")
        await processes.have_begun("9", "10")
        await new.start("job:1", work, queue=Queue.ACCOUNTS, partition="7")
        known = await DBOS.list_workflows_async(workflow_id_prefix="job:1/")
        assert {each.workflow_id: each.status for each in known} == {
            "job:1/0": "CANCELLED",
            "job:1/1": "PENDING",
        }


async def test_what_an_older_version_left_undone_holds_up_no_other_job_of_the_account(
    on_sqlite: Versions,
) -> None:
    async with on_sqlite.running("9") as (old, work):
        await old.start("job:1", work, queue=Queue.ACCOUNTS, partition="7")
        await on_sqlite.have_begun("9")
    async with on_sqlite.running("10") as (new, work):
        await new.start("job:2", work, queue=Queue.ACCOUNTS, partition="7")
        await on_sqlite.have_begun("9", "10")


async def test_what_another_version_is_working_on_is_left_to_it_until_it_is_gone(
    on_postgres: Versions,
) -> None:
    async with on_postgres.running("9") as (old, work):
        await old.start("job:1", work, queue=Queue.ACCOUNTS, partition="7")
        await on_postgres.have_begun("9")
    async with on_postgres.running("10") as (new, work):
        with _get_dbos_instance()._sys_db.engine.begin() as connection:
            connection.execute(
                text("UPDATE dbos.workflow_status SET status = 'PENDING', executor_id = 'other'")
            )
        await new.start("job:1", work, queue=Queue.ACCOUNTS, partition="7")
        assert await new.owners() == {"other"}
        await asyncio.sleep(1)
        assert on_postgres.began == ["9"]
        assert await new.hand_back("other") == 1
        await new.start("job:1", work, queue=Queue.ACCOUNTS, partition="7")
        await on_postgres.have_begun("9", "10")


async def test_what_waits_for_a_newer_version_is_left_to_it(on_postgres: Versions) -> None:
    async with on_postgres.running("10") as (new, work):
        await new.start("job:1", work, queue=Queue.ACCOUNTS, partition="7")
        await on_postgres.have_begun("10")
    async with on_postgres.running("9") as (old, work):
        await old.start("job:1", work, queue=Queue.ACCOUNTS, partition="7")
        known = await DBOS.list_workflows_async(workflow_id_prefix="job:1/")
        assert [each.status for each in known] == ["ENQUEUED"]


@pytest.fixture
def server() -> Iterator[tuple[object, str]]:
    with own_postgres() as found:
        yield found


async def test_the_engines_connections_notice_that_nobody_is_there(
    server: tuple[object, str],
) -> None:
    made = Engine(server[1], executor_id="test")
    await made.launch()
    try:
        with _get_dbos_instance()._sys_db.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            assert driver.info.get_parameters()["tcp_user_timeout"] == "30000"
    finally:
        await made.close()
