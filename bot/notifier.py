"""The notifier: says in Slack what jobs and commands have to say, one message for each thing."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import is_shut, why_not
from commands.slack_errors import code_of
from commands.views import csv_files
from commands.views.announcements import (
    cannot_show,
    private_file,
    proof_delivered,
    results_delivered,
)
from commands.views.blocks import Message
from commands.views.cleanup import cleanup_message
from commands.views.run import run_message
from commands.views.text import channel
from jobs.errors import CannotPost, SlackUnavailable
from jobs.ports import Clock
from storage.cleanups import Cleanups
from storage.reports import Reports
from storage.run_subscribers import RunSubscribers
from storage.runs import Runs
from storage.unsubscribes import Unsubscribes

log = logging.getLogger(__name__)

T = TypeVar("T")
#: Lines of a CSV that are written at once.
CSV_LINES = 500
#: Slack's words for a message that is not there to be updated any more.
_LOST_MESSAGE = {"message_not_found", "cant_update_message", "edit_window_closed"}
_FAULTS = (SlackClientError, ClientError, asyncio.TimeoutError)


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that has a message, as it is to be drawn now."""

    key: str
    channel_id: str
    message_ts: str | None
    requested_by: str
    message: Message
    remember: Callable[[str], Awaitable[None]]


class SlackNotifier:
    """Speak through Slack's Web API."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        runs: Runs,
        subscribers: RunSubscribers,
        cleanups: Cleanups,
        unsubscribes: Unsubscribes,
        reports: Reports,
        clock: Clock,
        calls_per_minute: float,
        progress_seconds: float,
    ) -> None:
        self._client = client
        self._runs = runs
        self._subscribers = subscribers
        self._cleanups = cleanups
        self._unsubscribes = unsubscribes
        self._reports = reports
        self._clock = clock
        self._calls_per_minute = round(calls_per_minute)
        self._progress_seconds = progress_seconds
        # Only manners, no state: which messages were updated when, by this process.
        self._updated_at: dict[str, float] = {}
        self._told: set[str] = set()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def open_run(self, run_id: int) -> None:
        """Post a new Run's message."""
        await self._open(await self._run(run_id))

    async def open_cleanup(self, cleanup_id: int) -> None:
        """Post a new Cleanup's message."""
        await self._open(await self._cleanup(cleanup_id))

    async def show_run(self, run_id: int, *, now: bool) -> None:
        """Update the Run's message."""
        await self._show(f"run:{run_id}", lambda: self._run(run_id), now=now)

    async def show_cleanup(self, cleanup_id: int, *, now: bool) -> None:
        """Update the Cleanup's message."""
        await self._show(f"cleanup:{cleanup_id}", lambda: self._cleanup(cleanup_id), now=now)

    async def deliver_results(self, run_id: int) -> None:
        """Put a finished Run's results into its thread, and tell who asked for it."""
        report = await self._reports.run(run_id)
        shown = await self._run(run_id)
        file = await self._results_csv(run_id, masked=True)
        await self._deliver(shown, file, f"results-{run_id}.csv", results_delivered(report))

    async def deliver_proof(self, cleanup_id: int) -> None:
        """Put a finished Cleanup's proof into its thread, and tell who asked for it."""
        report = await self._reports.cleanup(cleanup_id)
        shown = await self._cleanup(cleanup_id)
        file = await self._proof_csv(cleanup_id, masked=True)
        await self._deliver(shown, file, f"cleanup-{cleanup_id}.csv", proof_delivered(report))

    async def send_results(self, user_id: str, run_id: int) -> None:
        """Send a Run's results with full addresses to one person, in private."""
        file = await self._results_csv(run_id, masked=False)
        await self._send_privately(user_id, file, f"results-{run_id}-full.csv")

    async def send_proof(self, user_id: str, cleanup_id: int) -> None:
        """Send a Cleanup's proof with full addresses to one person, in private."""
        file = await self._proof_csv(cleanup_id, masked=False)
        await self._send_privately(user_id, file, f"cleanup-{cleanup_id}-full.csv")

    async def _run(self, run_id: int) -> Shown:
        report = await self._reports.run(run_id)
        return Shown(
            key=f"run:{run_id}",
            channel_id=report.run.channel_id,
            message_ts=report.run.message_ts,
            requested_by=report.run.requested_by,
            message=run_message(report, now=self._clock()),
            remember=lambda ts: self._runs.set_message(run_id, ts),
        )

    async def _cleanup(self, cleanup_id: int) -> Shown:
        report = await self._reports.cleanup(cleanup_id)
        return Shown(
            key=f"cleanup:{cleanup_id}",
            channel_id=report.cleanup.channel_id,
            message_ts=report.cleanup.message_ts,
            requested_by=report.cleanup.requested_by,
            message=cleanup_message(
                report, now=self._clock(), calls_per_minute=self._calls_per_minute
            ),
            remember=lambda ts: self._cleanups.set_message(cleanup_id, ts),
        )

    async def _open(self, shown: Shown) -> None:
        async with self._locks[shown.key]:
            try:
                await self._post(shown)
            except _FAULTS as error:
                raise CannotPost(why_not(error, "that channel")) from error

    async def _show(self, key: str, draw: Callable[[], Awaitable[Shown]], *, now: bool) -> None:
        if not now and time.monotonic() - self._updated_at.get(key, 0.0) < self._progress_seconds:
            return
        async with self._locks[key]:
            # Drawn inside the lock: whoever is last shows the newest state.
            shown = await draw()
            self._updated_at[key] = time.monotonic()
            try:
                await self._post_or_update(shown)
            except _FAULTS as error:
                await self._cannot_show(shown, error)

    async def _post_or_update(self, shown: Shown) -> None:
        if shown.message_ts is None:
            await self._post(shown)
            return
        try:
            await self._client.chat_update(
                channel=shown.channel_id,
                ts=shown.message_ts,
                text=shown.message.text,
                blocks=shown.message.blocks,
            )
        except SlackApiError as error:
            if code_of(error) not in _LOST_MESSAGE:
                raise
            # Somebody deleted the message; what it shows is still going on.
            await self._post(shown)

    async def _post(self, shown: Shown) -> None:
        posted = await self._client.chat_postMessage(
            channel=shown.channel_id,
            text=shown.message.text,
            blocks=shown.message.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        await shown.remember(posted["ts"])

    async def _cannot_show(self, shown: Shown, error: Exception) -> None:
        log.warning(
            "A message could not be shown: %s",
            _name(error),
            extra={"action": "show", "subject": shown.key},
        )
        if not is_shut(error) or shown.key in self._told:
            return
        self._told.add(shown.key)
        message = cannot_show(why_not(error, channel(shown.channel_id)))
        try:
            await self._client.chat_postMessage(
                channel=shown.requested_by, text=message.text, blocks=message.blocks
            )
        except _FAULTS as second:
            log.warning(
                "Nor could the person who asked be told: %s",
                _name(second),
                extra={"action": "tell", "subject": shown.key},
            )

    async def _deliver(self, shown: Shown, file: bytes, filename: str, words: Message) -> None:
        try:
            await self._client.files_upload_v2(
                channel=shown.channel_id,
                thread_ts=shown.message_ts,
                content=file,
                filename=filename,
                title=filename,
                initial_comment=words.text,
            )
        except SlackApiError as error:
            if not is_shut(error):
                raise SlackUnavailable("Slack does not take the file just now.") from error
            await self._cannot_show(shown, error)
        except _FAULTS as error:
            raise SlackUnavailable("Slack does not answer just now.") from error

    async def _send_privately(self, user_id: str, file: bytes, filename: str) -> None:
        words = private_file()
        # The answer names the direct message's own channel, which an upload needs.
        posted = await self._client.chat_postMessage(
            channel=user_id, text=words.text, blocks=words.blocks
        )
        await self._client.files_upload_v2(
            channel=posted["channel"], content=file, filename=filename, title=filename
        )

    async def _results_csv(self, run_id: int, *, masked: bool) -> bytes:
        return await _csv(
            csv_files.RESULT_COLUMNS,
            self._subscribers.stream(run_id),
            lambda each: csv_files.result_row(each, masked=masked),
        )

    async def _proof_csv(self, cleanup_id: int, *, masked: bool) -> bytes:
        return await _csv(
            csv_files.CLEANUP_COLUMNS,
            self._unsubscribes.stream(cleanup_id),
            lambda each: csv_files.cleanup_row(each, masked=masked),
        )


async def _csv(
    columns: csv_files.Row, items: AsyncIterator[T], draw: Callable[[T], csv_files.Row]
) -> bytes:
    file, rows = bytearray(csv_files.csv_start(columns)), list[csv_files.Row]()
    async for item in items:
        rows.append(draw(item))
        if len(rows) == CSV_LINES:
            file += csv_files.csv_bytes(rows)
            rows.clear()
    return bytes(file + csv_files.csv_bytes(rows))


def _name(error: Exception) -> str:
    """Name an error without what it quotes: that can hold addresses."""
    return code_of(error) or type(error).__name__
