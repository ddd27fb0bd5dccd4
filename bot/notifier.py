"""The notifier: says in Slack what jobs and commands have to say, one message for each thing."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import IO

from slack_sdk.web.async_client import AsyncWebClient

from bot.board import Board, Drawing, Subject
from bot.careful import FAULTS
from bot.channels import is_shut
from bot.uploads import Uploads, csv_file
from commands.views import csv_files
from commands.views.announcements import private_file, proof_delivered, results_delivered
from commands.views.answers import sentence_message
from commands.views.blocks import Message
from commands.views.cleanup import cleanup_message
from commands.views.run import run_message
from commands.views.stuck import stuck_cleanup_message, stuck_run_message
from jobs.errors import SlackUnavailable
from jobs.ports import Clock
from storage.cleanups import Cleanups
from storage.errors import TurnMissed
from storage.reports import Reports
from storage.run_subscribers import RunSubscribers
from storage.runs import Runs
from storage.turns import Turns
from storage.unsubscribes import Unsubscribes

NO_FILE = "Slack does not take the file just now. Nothing was sent. Try again in a minute."


class SlackNotifier:
    """Speak through Slack's Web API."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        board: Board,
        uploads: Uploads,
        turns: Turns,
        runs: Runs,
        subscribers: RunSubscribers,
        cleanups: Cleanups,
        unsubscribes: Unsubscribes,
        reports: Reports,
        clock: Clock,
        calls_per_minute: float,
        folder: Path,
    ) -> None:
        self._client = client
        self._board = board
        self._uploads = uploads
        self._turns = turns
        self._runs = runs
        self._subscribers = subscribers
        self._cleanups = cleanups
        self._unsubscribes = unsubscribes
        self._reports = reports
        self._clock = clock
        self._calls_per_minute = round(calls_per_minute)
        self._folder = folder

    async def open_run(self, run_id: int) -> None:
        """Post a new Run's message."""
        await self._board.open(self._run(run_id))

    async def open_cleanup(self, cleanup_id: int) -> None:
        """Post a new Cleanup's message."""
        await self._board.open(self._cleanup(cleanup_id))

    async def show_run(self, run_id: int, *, now: bool) -> None:
        """Update the Run's message."""
        await self._board.show(self._run(run_id), now=now)

    async def show_cleanup(self, cleanup_id: int, *, now: bool) -> None:
        """Update the Cleanup's message."""
        await self._board.show(self._cleanup(cleanup_id), now=now)

    async def tell_run(self, run_id: int, sentence: str) -> None:
        """Tell who asked for a Run what its message cannot show."""
        await self._board.tell(self._run(run_id), sentence_message(sentence))

    async def tell_cleanup(self, cleanup_id: int, sentence: str) -> None:
        """Tell who asked for a Cleanup what its message cannot show."""
        await self._board.tell(self._cleanup(cleanup_id), sentence_message(sentence))

    async def deliver_results(self, run_id: int) -> None:
        """Put a finished Run's results into its thread, and tell who asked for it."""
        async with self._delivering(self._run(run_id)) as subject:
            if await self._runs.is_delivered(run_id):
                return
            words = results_delivered(await self._reports.run(run_id))
            async with self._results_csv(run_id, masked=True) as file:
                await self._deliver(subject, file, f"results-{run_id}.csv", words)
            await self._runs.mark_delivered(run_id)

    async def deliver_proof(self, cleanup_id: int) -> None:
        """Put a finished Cleanup's proof into its thread, and tell who asked for it."""
        async with self._delivering(self._cleanup(cleanup_id)) as subject:
            if await self._cleanups.is_delivered(cleanup_id):
                return
            words = proof_delivered(await self._reports.cleanup(cleanup_id))
            async with self._proof_csv(cleanup_id, masked=True) as file:
                await self._deliver(subject, file, f"cleanup-{cleanup_id}.csv", words)
            await self._cleanups.mark_delivered(cleanup_id)

    async def tell_stuck_run(self, run_id: int) -> bool:
        """Tell who asked for a Run, in private, that it does not move."""
        report = await self._reports.run(run_id)
        key, message = f"run:{run_id}", stuck_run_message(report)
        return await self._board.tell_person(report.run.requested_by, message, key)

    async def tell_stuck_cleanup(self, cleanup_id: int) -> bool:
        """Tell who asked for a Cleanup, in private, that it does not move."""
        report = await self._reports.cleanup(cleanup_id)
        key, message = f"cleanup:{cleanup_id}", stuck_cleanup_message(report)
        return await self._board.tell_person(report.cleanup.requested_by, message, key)

    async def send_results(self, user_id: str, run_id: int) -> None:
        """Send a Run's results with full addresses to one person, in private."""
        async with self._results_csv(run_id, masked=False) as file:
            await self._send_privately(user_id, file, f"results-{run_id}-full.csv")

    async def send_proof(self, user_id: str, cleanup_id: int) -> None:
        """Send a Cleanup's proof with full addresses to one person, in private."""
        async with self._proof_csv(cleanup_id, masked=False) as file:
            await self._send_privately(user_id, file, f"cleanup-{cleanup_id}-full.csv")

    def _run(self, run_id: int) -> Subject:
        async def draw() -> Drawing:
            report = await self._reports.run(run_id)
            run = report.run
            return Drawing(
                channel_id=run.channel_id,
                message_ts=run.message_ts,
                requested_by=run.requested_by,
                made_at=run.created_at,
                message=run_message(report, now=self._clock()),
                stand=(
                    run.state,
                    run.attempt,
                    run.stop_reason,
                    run.note,
                    run.decided_by,
                    # Nothing moves while the greylisted ones wait, so no progress follows.
                    report.verified == run.subscribers,
                ),
            )

        return Subject(
            key=f"run:{run_id}",
            draw=draw,
            may_show=lambda every: self._runs.may_show(run_id, self._clock(), every),
            remember=lambda ts: self._runs.set_message(run_id, ts),
        )

    def _cleanup(self, cleanup_id: int) -> Subject:
        async def draw() -> Drawing:
            report = await self._reports.cleanup(cleanup_id)
            cleanup = report.cleanup
            return Drawing(
                channel_id=cleanup.channel_id,
                message_ts=cleanup.message_ts,
                requested_by=cleanup.requested_by,
                made_at=cleanup.created_at,
                message=cleanup_message(
                    report, now=self._clock(), calls_per_minute=self._calls_per_minute
                ),
                stand=(
                    cleanup.state,
                    cleanup.attempt,
                    cleanup.stop_reason,
                    cleanup.note,
                    cleanup.stopped_by,
                    cleanup.decided_by,
                    cleanup.proofs,
                ),
            )

        return Subject(
            key=f"cleanup:{cleanup_id}",
            draw=draw,
            may_show=lambda every: self._cleanups.may_show(cleanup_id, self._clock(), every),
            remember=lambda ts: self._cleanups.set_message(cleanup_id, ts),
        )

    @asynccontextmanager
    async def _delivering(self, subject: Subject) -> AsyncIterator[Subject]:
        """Let one process at a time deliver: one that hangs in it may have been taken over."""
        try:
            async with self._turns.alone(f"delivery of {subject.key}"):
                yield subject
        except TurnMissed as error:
            raise SlackUnavailable(str(error)) from error

    async def _deliver(
        self, subject: Subject, file: IO[bytes], filename: str, words: Message
    ) -> None:
        drawing = await subject.draw()
        try:
            await self._uploads.share(
                await self._uploads.upload(file, filename),
                title=filename,
                channel_id=drawing.channel_id,
                thread_ts=drawing.message_ts,
                comment=words.text,
            )
        except FAULTS as error:
            if not is_shut(error):
                raise SlackUnavailable(NO_FILE) from error
            await self._board.cannot_show(subject.key, drawing, error)

    async def _send_privately(self, user_id: str, file: IO[bytes], filename: str) -> None:
        words = private_file()
        try:
            # Before anything is said: nobody is told of a file that does not come.
            file_id = await self._uploads.upload(file, filename)
            # The answer names the direct message's own channel, which sharing needs.
            posted = await self._client.chat_postMessage(
                channel=user_id, text=words.text, blocks=words.blocks
            )
            await self._uploads.share(file_id, title=filename, channel_id=posted["channel"])
        except FAULTS as error:
            raise SlackUnavailable(NO_FILE) from error

    def _results_csv(self, run_id: int, *, masked: bool) -> AbstractAsyncContextManager[IO[bytes]]:
        return csv_file(
            self._folder,
            csv_files.RESULT_COLUMNS,
            self._subscribers.stream(run_id),
            lambda each: csv_files.result_row(each, masked=masked),
        )

    def _proof_csv(
        self, cleanup_id: int, *, masked: bool
    ) -> AbstractAsyncContextManager[IO[bytes]]:
        return csv_file(
            self._folder,
            csv_files.CLEANUP_COLUMNS,
            self._unsubscribes.stream(cleanup_id),
            lambda each: csv_files.cleanup_row(each, masked=masked),
        )
