"""Uploads: a file written row by row, and its way into Slack; never in memory as a whole."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TypeVar

from aiohttp import ClientError, ClientSession, ClientTimeout
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.careful import careful, is_unsure
from commands.slack_errors import code_of
from commands.views.csv_files import Row, csv_bytes, csv_start
from jobs.errors import SlackUnavailable

T = TypeVar("T")
#: Lines of a CSV that are written at once.
CSV_LINES = 500
#: An upload may take a minute, and longer where its file is large, in bytes a second.
LEAST_TIME = 60.0
LEAST_SPEED = 100_000.0
#: Seconds before each further try to share a file when the answer got lost.
PAUSES = (1.0, 4.0, 10.0)

NO_ROOM = (
    "The file could not be written on the bot's machine: its disk may be full. Nothing was sent. "
    "The person who hosts this bot has to look."
)


@contextlib.asynccontextmanager
async def csv_file(
    folder: Path, columns: Row, items: AsyncIterator[T], draw: Callable[[T], Row]
) -> AsyncIterator[IO[bytes]]:
    """Write a CSV and give it, to be read from its start.

    The file has no name in the folder, and nobody but its owner may read it: it is gone when the
    block ends, and when the process is killed.

    Raises:
        SlackUnavailable: There is no room for it; it did not get as far as Slack.
    """
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(TemporaryFile(dir=folder))
            await _fill(file, columns, items, draw)
        except OSError as error:
            raise SlackUnavailable(NO_ROOM) from error
        yield file


async def _fill(
    file: IO[bytes], columns: Row, items: AsyncIterator[T], draw: Callable[[T], Row]
) -> None:
    """Write line by line, in a thread: the loop has other things to do."""
    await asyncio.to_thread(file.write, csv_start(columns))
    batch: list[T] = []
    async for item in items:
        batch.append(item)
        if len(batch) == CSV_LINES:
            await asyncio.to_thread(_write, file, batch, draw)
            batch = []
    await asyncio.to_thread(_write, file, batch, draw)
    await asyncio.to_thread(file.seek, 0)


def _write(file: IO[bytes], items: Sequence[T], draw: Callable[[T], Row]) -> None:
    file.write(csv_bytes(draw(item) for item in items))


class Uploads:
    """Put files into Slack: ask for an address, send the content there, and share it.

    https://docs.slack.dev/messaging/working-with-files. The SDK's `files_upload_v2` does the same
    with the whole file in memory.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        # Sharing twice is seen by everybody.
        self._careful_client = careful(client)

    async def upload(self, file: IO[bytes], filename: str) -> str:
        """Send a file's content and give the file's id; nobody sees it before it is shared.

        Raises:
            SlackClientError, ClientError, TimeoutError: It did not arrive.
        """
        length = file.seek(0, 2)
        file.seek(0)
        ticket = await self._client.files_getUploadURLExternal(filename=filename, length=length)
        timeout = ClientTimeout(total=LEAST_TIME + length / LEAST_SPEED)
        async with (
            ClientSession(timeout=timeout, trust_env=self._client.trust_env_in_session) as session,
            session.post(
                ticket["upload_url"],
                data=file,
                headers={"Content-Type": "application/octet-stream"},
                allow_redirects=False,
                proxy=self._client.proxy,
                ssl=self._client.ssl or True,
            ) as answer,
        ):
            if answer.status != 200:
                raise SlackRequestError(f"Slack did not take the content ({answer.status}).")
        return str(ticket["file_id"])

    async def share(
        self,
        file_id: str,
        *,
        title: str,
        channel_id: str,
        thread_ts: str | None = None,
        comment: str | None = None,
    ) -> None:
        """Show an uploaded file in a channel, once.

        Where the answer gets lost the file may be there or not. Its ticket is good for one time,
        so sharing is tried again, and a ticket that is used up tells that it got through.

        Raises:
            SlackClientError, ClientError, TimeoutError: It is not shared, as far as can be known.
        """
        may_be_there = False
        for pause in (*PAUSES, None):
            try:
                await self._careful_client.files_completeUploadExternal(
                    files=[{"id": file_id, "title": title}],
                    channel_id=channel_id,
                    thread_ts=thread_ts,
                    initial_comment=comment,
                )
                return
            except SlackApiError as error:
                if may_be_there and code_of(error) == "file_not_found":
                    return
                if pause is None or not is_unsure(error):
                    raise
            except (ClientError, TimeoutError):
                if pause is None:
                    raise
            may_be_there = True
            await asyncio.sleep(pause)
