"""The figures for Prometheus: what is counted, and that they name nobody."""

import socket
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from aiohttp import ClientConnectorError, ClientSession
from prometheus_client.parser import text_string_to_metric_families
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.metrics import CannotListen, CountingFailures, CountingVerifier, Metrics, served
from convertkit import open_http
from sandbox.slack import FakeSlack
from storage.database import Database
from storage.migrations import migrate
from storage.states import RunState
from storage.watching import Watching
from tests.jobs.worlds import Clock
from tests.storage.stores import NOW, Store, judged, url
from verification import Reason, Verdict

Figures = dict[tuple[str, ...], float]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    database = Database(url(tmp_path / "listkeeper.sqlite"))
    await migrate(database)
    yield Store(database)
    await database.close()


async def ask(metrics: Metrics, store: Store) -> Figures:
    """Read the figures as Prometheus does: by name and labels."""
    port, clock = free_port(), Clock()
    clock.now = NOW.replace(hour=NOW.hour + 1)
    watching = Watching(store.database)
    async with (
        served(metrics, watching, host="127.0.0.1", port=port, clock=clock),
        ClientSession() as http,
    ):
        async with http.get(f"http://127.0.0.1:{port}/healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok\n")
        async with http.get(f"http://127.0.0.1:{port}/metrics") as answer:
            assert answer.status == 200
            text = await answer.text()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_the_jobs_are_read_from_the_database(store: Store) -> None:
    await store.run_in(RunState.VERIFYING)
    figures = await ask(Metrics(), store)
    assert figures["listkeeper_open_runs", "verifying"] == 1
    assert figures["listkeeper_open_runs", "quoted"] == 0
    assert figures["listkeeper_open_cleanups", "unsubscribing"] == 0
    assert figures["listkeeper_stuck_jobs", "run"] == 0
    assert figures[("listkeeper_oldest_progress_seconds",)] == 3600


async def test_a_stuck_job_is_counted_until_it_moves(store: Store) -> None:
    metrics, run = Metrics(), await store.run_in(RunState.VERIFYING)
    now = NOW.replace(minute=30)
    await store.watching.newly_stuck(now, now - NOW)
    assert (await ask(metrics, store))["listkeeper_stuck_jobs", "run"] == 1
    await store.settle_chunk(run.id, 1, 0, now=now.replace(minute=31))
    assert (await ask(metrics, store))["listkeeper_stuck_jobs", "run"] == 0


async def test_verdicts_are_counted(store: Store) -> None:
    class Judge:
        async def verify(self, addresses: Iterable[str]) -> AsyncIterator[Verdict]:
            for each in addresses:
                yield judged(each, Reason.NO_SUCH_MAILBOX)

    metrics = Metrics()
    verifier = CountingVerifier(Judge(), metrics)
    assert len([each async for each in verifier.verify(["a@example.com", "b@example.com"])]) == 2
    figures = await ask(metrics, store)
    assert figures["listkeeper_subscribers_verified_total", "invalid"] == 2


async def test_answers_of_convertkit_are_counted(store: Store) -> None:
    metrics = Metrics()
    for status in (200, 204, 429, 503):
        metrics.count_answer(status)
    figures = await ask(metrics, store)
    counts = {each: figures["listkeeper_convertkit_answers_total", each] for each in ("2xx", "4xx")}
    assert counts == {"2xx": 2, "4xx": 1}
    assert figures[("listkeeper_convertkit_throttled_total",)] == 1


async def test_the_http_client_tells_the_status_of_every_answer() -> None:
    heard: list[int] = []
    async with FakeSlack() as slack, open_http(heard.append) as http:
        await http.get(slack.url)
    assert len(heard) == 1


async def test_calls_that_slack_refuses_are_counted(store: Store) -> None:
    metrics = Metrics()
    async with FakeSlack() as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.url)
        client.retry_handlers.insert(0, CountingFailures(metrics))
        await client.auth_test()
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel="C0NOWHERE", text="Hello")
    with pytest.raises(ClientConnectorError):
        await client.auth_test()
    figures = await ask(metrics, store)
    assert figures["listkeeper_slack_failures_total", "refused"] == 1
    assert figures["listkeeper_slack_failures_total", "no_answer"] >= 1


async def test_the_connection_is_there_only_for_a_process_that_listens(store: Store) -> None:
    metrics = Metrics()
    assert ("listkeeper_slack_connected", "socket") not in await ask(metrics, store)
    metrics.set_connected(True)
    assert (await ask(metrics, store))["listkeeper_slack_connected", "socket"] == 1


async def test_a_port_that_is_taken_is_said_in_a_sentence(store: Store) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        serving = served(Metrics(), store.watching, host="127.0.0.1", port=port, clock=Clock())
        with pytest.raises(CannotListen, match=f"at 127.0.0.1:{port}.*METRICS_PORT"):
            async with serving:
                pass


async def test_nothing_is_served_without_a_port(store: Store) -> None:
    async with served(Metrics(), store.watching, host="", port=0, clock=Clock()):
        pass
