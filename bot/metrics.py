"""Metrics for the operator's Prometheus, and a sign of life; both only where a port is set.

What this process did is counted here; how the jobs stand is read from the database when it is
asked for, so that every process tells the same. No label names a workspace, a list or a person.
"""

import contextlib
from collections import Counter as Tally
from collections.abc import AsyncIterator, Iterable
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge
from prometheus_client import generate_latest as write_all
from slack_sdk.http_retry.async_handler import AsyncRetryHandler

from jobs.ports import Clock
from storage.states import OPEN_CLEANUPS, OPEN_RUNS, UnsubscribeState
from storage.watching import Census, Watching
from verification import Category, Verdict, Verifier


class CannotListen(Exception):
    """The port for the metrics cannot be had; the message says what to do."""


class Metrics:
    """Hold every figure of this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._verified = Counter(
            "listkeeper_subscribers_verified",
            "Addresses that this process reached a verdict on, by category.",
            ["category"],
            registry=self._registry,
        )
        self._answers = Counter(
            "listkeeper_convertkit_answers",
            "ConvertKit's answers to this process, by class of status.",
            ["status"],
            registry=self._registry,
        )
        self._throttled = Counter(
            "listkeeper_convertkit_throttled",
            "ConvertKit's answers to this process that were 429, too many calls.",
            registry=self._registry,
        )
        self._slack_failures = Counter(
            "listkeeper_slack_failures",
            "Calls of this process to Slack that failed: refused, 429, 5xx or no_answer.",
            ["kind"],
            registry=self._registry,
        )
        self._connected = Gauge(
            "listkeeper_slack_connected",
            "1 while the Socket Mode connection of this process is up; not there for a worker.",
            ["mode"],
            registry=self._registry,
        )
        self._runs = self._gauge("listkeeper_open_runs", "Runs that are not at their end.", "state")
        self._cleanups = self._gauge(
            "listkeeper_open_cleanups", "Cleanups that are not at their end.", "state"
        )
        self._unsubscribes = self._gauge(
            "listkeeper_unsubscribes", "Subscribers on the lists of the open cleanups.", "state"
        )
        self._stuck = self._gauge(
            "listkeeper_stuck_jobs", "Jobs that should move and do not.", "kind"
        )
        self._idle = Gauge(
            "listkeeper_oldest_progress_seconds",
            "How long ago the job moved that has not moved for longest.",
            registry=self._registry,
        )

    def count_answer(self, status: int) -> None:
        """Count an answer of ConvertKit's."""
        self._answers.labels(status=f"{status // 100}xx").inc()
        if status == 429:
            self._throttled.inc()

    def count_slack_failure(self, kind: str) -> None:
        """Count a call to Slack that failed."""
        self._slack_failures.labels(kind=kind).inc()

    def count_verdict(self, category: Category) -> None:
        """Count a verdict."""
        self._verified.labels(category=category.value).inc()

    def set_connected(self, connected: bool) -> None:
        """Note whether the Socket Mode connection is up."""
        self._connected.labels(mode="socket").set(connected)

    def write(self, census: Census, idle_seconds: float) -> bytes:
        """Write all figures in Prometheus' text format."""
        for gauge, states, counts in (
            (self._runs, OPEN_RUNS, census.runs),
            (self._cleanups, OPEN_CLEANUPS, census.cleanups),
            (self._unsubscribes, UnsubscribeState, census.unsubscribes),
        ):
            found = Tally({state.value: count for state, count in counts.items()})
            for state in states:
                gauge.labels(state=state.value).set(found[state.value])
        self._stuck.labels(kind="run").set(census.stuck_runs)
        self._stuck.labels(kind="cleanup").set(census.stuck_cleanups)
        self._idle.set(idle_seconds)
        return write_all(self._registry)

    def _gauge(self, name: str, words: str, label: str) -> Gauge:
        return Gauge(name, words, [label], registry=self._registry)


class CountingVerifier:
    """Hand on what a verifier finds, and count it."""

    def __init__(self, verifier: Verifier, metrics: Metrics) -> None:
        self._verifier = verifier
        self._metrics = metrics

    async def verify(self, addresses: Iterable[str]) -> AsyncIterator[Verdict]:
        """Verify addresses as the verifier does."""
        async for verdict in self._verifier.verify(addresses):
            self._metrics.count_verdict(verdict.category)
            yield verdict


class CountingFailures(AsyncRetryHandler):
    """See every answer of Slack's, as a retry handler does, and never ask for a retry."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__()
        self._metrics = metrics

    async def can_retry_async(
        self, *, response: Any = None, error: Exception | None = None, **_: Any
    ) -> bool:
        """Count a failure."""
        if kind := _failure(response, error):
            self._metrics.count_slack_failure(kind)
        return False


def _failure(response: Any, error: Exception | None) -> str | None:
    if error is not None or response is None:
        return "no_answer"
    if response.status_code == 429:
        return "429"
    if response.status_code >= 500:
        return "5xx"
    return "refused" if (response.body or {}).get("ok") is False else None


@contextlib.asynccontextmanager
async def served(
    metrics: Metrics, watching: Watching, *, host: str, port: int, clock: Clock
) -> AsyncIterator[None]:
    """Answer at /metrics and /healthz for as long as the block runs; nothing where port is 0.

    Raises:
        CannotListen: Another program has the port, or the host is not this machine's.
    """
    if not port:
        yield
        return

    async def show(_request: web.Request) -> web.Response:
        census = await watching.census()
        moved = census.oldest_progress
        idle = max(0.0, (clock() - moved).total_seconds()) if moved else 0.0
        text = metrics.write(census, idle)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def live(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    app = web.Application()
    app.add_routes([web.get("/metrics", show), web.get("/healthz", live)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise CannotListen(
                f"The metrics cannot be served at {host}:{port} ({error.strerror}). Nothing was "
                "started. Choose another METRICS_PORT or METRICS_HOST."
            ) from error
        yield
    finally:
        await runner.cleanup()
