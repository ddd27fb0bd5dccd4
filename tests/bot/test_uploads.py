"""Files reach Slack as a stream and once, whichever of the three steps fails."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import uploads
from bot.notifier import SlackNotifier
from bot.uploads import Uploads, csv_file
from commands.views.csv_files import Row
from jobs.errors import SlackUnavailable
from sandbox.slack import FakeSlack
from storage.records import Run
from storage.states import CleanupState
from tests.storage.stores import ANN, Store
from verification import Reason

COLUMNS = ("number", "square")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PAUSES", (0.01, 0.01))


async def numbers(count: int) -> AsyncIterator[int]:
    for number in range(count):
        yield number


def row(number: int) -> Row:
    return (str(number), str(number * number))


async def test_every_row_is_written_in_its_place(tmp_path: Path) -> None:
    async with csv_file(tmp_path, COLUMNS, numbers(1_203), row) as file:
        lines = file.read().decode("utf-8-sig").splitlines()
    assert lines[0] == "number,square"
    assert lines[1:] == [f"{n},{n * n}" for n in range(1_203)]


async def test_nobody_else_sees_the_file_and_nothing_is_left_of_it(tmp_path: Path) -> None:
    async with csv_file(tmp_path, COLUMNS, numbers(3), row) as file:
        assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == stat.S_IRUSR | stat.S_IWUSR
        assert not os.listdir(tmp_path)
    assert file.closed


@pytest.mark.parametrize("end", [RuntimeError, asyncio.CancelledError])
async def test_nothing_is_left_of_a_file_that_was_not_finished(
    tmp_path: Path, end: type[BaseException]
) -> None:
    async def breaking() -> AsyncIterator[int]:
        yield 1
        raise end

    with pytest.raises(end):
        async with csv_file(tmp_path, COLUMNS, breaking(), row):
            pytest.fail("it was never finished")
    assert not os.listdir(tmp_path)


async def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    async def full() -> AsyncIterator[int]:
        yield 1
        raise OSError(28, "No space left on device")

    with pytest.raises(SlackUnavailable, match="disk may be full"):
        async with csv_file(tmp_path, COLUMNS, full(), row):
            pytest.fail("there was no room")


def written(folder: Path, content: bytes) -> IO[bytes]:
    """Make a file to upload."""
    path = folder / "file.csv"
    path.write_bytes(content)
    return path.open("rb")


async def test_a_file_arrives_as_it_is(
    slack: FakeSlack, client: AsyncWebClient, tmp_path: Path
) -> None:
    content = os.urandom(3_000_000)
    ups = Uploads(client)
    with written(tmp_path, content) as file:
        file.read(10)
        file_id = await ups.upload(file, "results.csv")
    await ups.share(file_id, title="Results", channel_id="C0LISTS", comment="Here it is")
    (message,) = slack.messages("lists")
    (shared,) = slack.files_of(message)
    assert message.text == "Here it is"
    assert (shared.name, shared.title, shared.content) == ("results.csv", "Results", content)


async def finished(store: Store, notifier: SlackNotifier) -> Run:
    """Bring a Run with a message to its end."""
    run = await store.finished_run((Reason.ACCEPTED, Reason.NO_SUCH_MAILBOX))
    await notifier.open_run(run.id)
    return run


FAULTS = [
    pytest.param("files.getUploadURLExternal", {"status": 503}, id="no-address"),
    pytest.param("upload", {"status": 500}, id="not-taken"),
    pytest.param("upload", {"is_lost": True}, id="cut-off"),
    pytest.param("files.completeUploadExternal", {"error": "internal_error"}, id="not-shared"),
]


@pytest.mark.parametrize(("method", "fault"), FAULTS)
async def test_results_are_delivered_once_although_a_step_fails(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier], method: str, fault: Any
) -> None:
    run = await finished(store, notifiers[0])
    slack.fail_next(method, **fault)
    with pytest.raises(SlackUnavailable):
        await notifiers[0].deliver_results(run.id)
    await notifiers[1].deliver_results(run.id)
    (reply,) = slack.thread(slack.messages("lists")[0])
    (shared,) = slack.files_of(reply)
    assert shared.content is not None
    assert shared.content.decode("utf-8-sig").count("\r\n") == 3
    assert "reader1@" not in shared.content.decode()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"is_lost": True}, id="done-and-the-answer-lost"),
        pytest.param({"status": 503}, id="unsure"),
    ],
)
async def test_a_file_is_shared_once_although_slack_does_not_say_so(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier], fault: Any
) -> None:
    run = await finished(store, notifiers[0])
    slack.fail_next("files.completeUploadExternal", **fault)
    await notifiers[0].deliver_results(run.id)
    assert len(slack.thread(slack.messages("lists")[0])) == 1


async def test_a_file_that_was_never_there_is_not_taken_for_shared(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="file_not_found"):
        await Uploads(client).share("F0NOTHING", title="Results", channel_id="C0LISTS")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_results_are_delivered_once_however_many_processes_deliver_them(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier]
) -> None:
    run = await finished(store, notifiers[0])
    slack.fail_next("upload", delay=0.5)
    await asyncio.gather(*(each.deliver_results(run.id) for each in notifiers))
    assert len(slack.thread(slack.messages("lists")[0])) == 1
    assert await store.runs.is_delivered(run.id)


async def test_who_asked_is_told_that_the_channel_is_shut(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier]
) -> None:
    run = await finished(store, notifiers[0])
    slack.archive("lists")
    await notifiers[0].deliver_results(run.id)
    (direct,) = slack.dm("ann")
    assert "archived" in direct.text


@pytest.mark.parametrize(("method", "fault"), FAULTS[:3])
async def test_nobody_is_told_of_a_private_file_that_does_not_come(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier], method: str, fault: Any
) -> None:
    run = await finished(store, notifiers[0])
    slack.fail_next(method, **fault)
    with pytest.raises(SlackUnavailable):
        await notifiers[0].send_results(ANN, run.id)
    assert not slack.dm("ann")


async def test_the_full_files_come_in_private(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier]
) -> None:
    cleanup = await store.cleanup_in(CleanupState.FINISHED)
    await notifiers[0].send_results(ANN, cleanup.run_id)
    await notifiers[0].send_proof(ANN, cleanup.id)
    contents = [f.content or b"" for m in slack.dm("ann") for f in slack.files_of(m)]
    assert [b"reader1@" in each for each in contents] == [True, True]
