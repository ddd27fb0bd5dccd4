"""The engine, with workflows of the tests' own: what is cancelled makes no noise."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from dbos._dbos import _get_dbos_instance

from jobs.engine import Engine
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
