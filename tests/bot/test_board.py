"""Several processes show the same Run: one message, at its pace, and right in the end."""

import asyncio
import gc
import time

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.board import Board, Drawing, Subject
from bot.notifier import SlackNotifier
from commands.views.blocks import Message
from jobs.errors import CannotPost
from sandbox.slack import FakeSlack
from storage.states import CleanupState, RunState, StopReason
from storage.turns import Turns
from tests.bot.conftest import PACE
from tests.storage.stores import BEN, NOW, Store

#: Where one process at a time is not kept by a lock on its folder.
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


async def test_progress_keeps_its_pace_however_many_processes_report_it(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier]
) -> None:
    run = await store.run_in(RunState.VERIFYING)
    await notifiers[0].open_run(run.id)

    async def report(notifier: SlackNotifier) -> None:
        for _ in range(40):
            await notifier.show_run(run.id, now=False)
            await asyncio.sleep(0.05)

    began = time.monotonic()
    await asyncio.gather(*(report(each) for each in notifiers for _ in range(4)))
    took = time.monotonic() - began
    (message,) = slack.messages("lists")
    # Not the gaps between them: on a busy machine some are longer on their way than others.
    assert 2 <= len(message.history) - 1 <= took / PACE + 1


async def test_an_older_drawing_that_arrives_last_is_put_right(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier]
) -> None:
    run = await store.run_in(RunState.VERIFYING)
    slow, quick, *_ = notifiers
    await slow.open_run(run.id)
    (message,) = slack.messages("lists")
    slack.fail_next("chat.update", delay=1.0)
    older = asyncio.create_task(slow.show_run(run.id, now=True))
    await asyncio.sleep(0.3)
    await store.runs.stop(run.id, StopReason.BY_PERSON, by=BEN)
    await quick.show_run(run.id, now=True)
    assert "# Stopped" in slack.as_text(message)
    await older
    assert [version.text.split(":")[0].split(" ")[0] for version in message.history[1:]] == [
        "Stopped",
        "Verifying",
        "Stopped",
    ]
    assert "# Stopped" in slack.as_text(message)


async def test_an_older_drawing_of_a_cleanup_that_arrives_last_is_put_right(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier]
) -> None:
    cleanup = await store.cleanup_in(CleanupState.AWAITING_APPROVAL)
    slow, quick, *_ = notifiers
    await slow.open_cleanup(cleanup.id)
    (message,) = slack.messages("lists")
    slack.fail_next("chat.update", delay=1.0)
    older = asyncio.create_task(slow.show_cleanup(cleanup.id, now=True))
    await asyncio.sleep(0.3)
    await store.decisions.reject(cleanup.id, BEN, NOW)
    await quick.show_cleanup(cleanup.id, now=True)
    await older
    assert "rejected" in message.text
    assert len(message.history) == 4


async def test_what_has_not_changed_meanwhile_is_put_up_once(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier]
) -> None:
    run = await store.run_in(RunState.QUOTED)
    await notifiers[0].open_run(run.id)
    await notifiers[1].show_run(run.id, now=True)
    (message,) = slack.messages("lists")
    assert len(message.history) == 2


@ON_POSTGRESQL
async def test_a_message_is_posted_once_however_many_processes_miss_it(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier]
) -> None:
    run = await store.run_in(RunState.FETCHING)
    slack.fail_next("chat.postMessage", delay=0.5)
    await asyncio.gather(*(each.show_run(run.id, now=True) for each in notifiers))
    assert len(slack.messages("lists")) == 1


@ON_POSTGRESQL
async def test_a_message_deleted_by_hand_is_posted_anew_by_one_process(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier]
) -> None:
    run = await store.run_in(RunState.QUOTED)
    await notifiers[0].open_run(run.id)
    slack.delete_message(slack.messages("lists")[0])
    await asyncio.gather(*(each.show_run(run.id, now=True) for each in notifiers))
    (message,) = slack.messages("lists")
    assert (await store.runs.get(run.id)).message_ts == message.ts


@ON_POSTGRESQL
async def test_what_could_not_be_posted_by_one_process_is_posted_by_the_next(
    store: Store, slack: FakeSlack, notifiers: list[SlackNotifier]
) -> None:
    run = await store.run_in(RunState.FETCHING)
    slack.fail_next("chat.postMessage", error="fatal_error")
    await asyncio.gather(*(each.show_run(run.id, now=True) for each in notifiers))
    assert len(slack.messages("lists")) == 1


@ON_POSTGRESQL
async def test_a_process_that_stands_still_does_not_hold_up_the_others_for_ever(
    store: Store, slack: FakeSlack, client: AsyncWebClient
) -> None:
    async def draw() -> Drawing:
        return Drawing("C0LISTS", None, BEN, NOW, Message("Hello", ()), ())

    async def yes(_every: object) -> bool:
        return True

    async def remember(_ts: str) -> None:
        raise AssertionError("nothing is posted")

    subject = Subject("run:1", draw, yes, remember)
    board = Board(client=client, turns=Turns(store.database, patience=0.3), progress_seconds=PACE)
    async with Turns(store.database).alone("run:1"):
        await board.show(subject, now=True)
        with pytest.raises(CannotPost, match="Another process"):
            await board.open(subject)
    assert not slack.messages("lists")


async def test_what_was_shown_long_ago_takes_no_memory(
    store: Store, slack: FakeSlack, client: AsyncWebClient
) -> None:
    board = Board(client=client, turns=Turns(store.database), progress_seconds=0.0)
    ts = str((await client.chat_postMessage(channel="C0LISTS", text="Hello"))["ts"])

    async def draw() -> Drawing:
        return Drawing("C0LISTS", ts, BEN, NOW, Message("Hello", ()), ())

    async def yes(_every: object) -> bool:
        return True

    async def remember(_ts: str) -> None:
        raise AssertionError("it is posted already")

    for number in range(100):
        await board.show(Subject(f"run:{number}", draw, yes, remember), now=True)
    gc.collect()
    assert len(board._locks) == 0
    assert len(board._updated_at) == 1
