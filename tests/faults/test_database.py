"""The database is full, locked or gone: it is said, nothing is half done, and the work goes on."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from sandbox.kit import Route
from sandbox.slack import Message, NotAcknowledged
from sandbox.stage import Stage, staged
from tests.faults.disk import Disk, small_disk
from tests.strokes import crash, own_postgres
from tests.walk import (
    CHANNEL,
    OWNER,
    approved,
    ask_for_approval,
    ask_for_quote,
    check_the_end,
    connect,
    converse,
    done,
    open_dialog,
    press_approve,
    press_start,
    settings,
)

#: Holds the database of a stage for as long as a block runs.
Hold = Callable[[Stage], AbstractContextManager[None]]

#: A lock is waited for so long by the bot; the tests hold theirs for longer.
WAIT = "0.5"
NOTHING_HALF_DONE = "Nothing was left half done"
FULL = "The disk that the bot's database is on is full."
GOES_ON = "this goes on by itself as soon as it can"


async def test_a_full_disk_is_said_and_the_work_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        async with staged(settings(people=160), folder=disk.folder) as stage:
            await stage.start()
            await connect(stage)
            quote = await ask_for_quote(stage)

            disk.fill()
            await stage.slack.person(OWNER).click(quote, label="Start")
            assert "disk" in await hears(stage, NOTHING_HALF_DONE)
            assert "[Start]" in stage.slack.as_text(quote), "it was not started"
            disk.make_room()

            await fill_while_checking(stage, disk, quote)
            request = await ask_for_approval(stage, quote)
            fill_while_unsubscribing(stage, disk)
            await press_approve(stage, request)
            # Whether the ledger or the engine finds no room first depends on what their logs have
            # left; either waits, and nobody is called twice.
            await stage.slack.until(lambda: len(stage.world.kit.unsubscribes) > 3)
            await asyncio.sleep(3)
            disk.make_room()
            await done(stage, request, "Cleanup finished")
            await check_the_end(stage, quote, request)


async def fill_while_checking(stage: Stage, disk: Disk, quote: Message) -> None:
    # With the first question: the verdicts of so few people are written down in one go, soon after.
    stage.world.mail.journal.before("RCPT", lambda: fill_at_once(stage, disk))
    await press_start(stage, quote)
    assert GOES_ON in await is_told(stage, FULL, times=1)
    asked = len(stage.world.mail.journal.commands)
    await asyncio.sleep(5)
    assert len(stage.world.mail.journal.commands) == asked, "no mail server is asked again"
    disk.make_room()
    await done(stage, quote, "[Clean up]")


def fill_at_once(stage: Stage, disk: Disk) -> None:
    """Fill the disk, and leave the ledger's log no room from before that it could write to."""
    file = stage.folder / "data" / "listkeeper.sqlite"
    with closing(sqlite3.connect(file, timeout=10)) as ledger:
        busy, _, _ = ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not busy
    disk.fill()


def fill_while_unsubscribing(stage: Stage, disk: Disk) -> None:
    # Between the call and the line that says that it was made.
    stage.world.kit.before(Route.UNSUBSCRIBE, disk.fill, skip=3)


async def test_a_disk_that_is_full_for_the_job_engine_alone_loses_no_work(tmp_path: Path) -> None:
    address = f"sqlite+aiosqlite:///{tmp_path / 'listkeeper.sqlite'}"
    with small_disk(tmp_path / "disk") as disk:
        world = settings(people=160, database_url=address)
        async with staged(world, folder=disk.folder) as stage:
            await stage.start()
            await connect(stage)
            quote = await ask_for_quote(stage)
            await press_start(stage, quote)
            await stage.slack.until(lambda: len(stage.world.mail.journal.commands) > 60)
            await fill_for_a_while(disk)
            await done(stage, quote, "[Clean up]")
            request = await ask_for_approval(stage, quote)
            await press_approve(stage, request)
            await stage.slack.until(lambda: len(stage.world.kit.unsubscribes) > 3)
            await fill_for_a_while(disk)
            await done(stage, request, "Cleanup finished")
            await check_the_end(stage, quote, request)


async def fill_for_a_while(disk: Disk) -> None:
    disk.fill()
    await asyncio.sleep(5)
    disk.make_room()


@contextmanager
def held_sqlite(stage: Stage) -> Iterator[None]:
    """Hold the bot's file as another program does that writes to it for long."""
    file = stage.folder / "data" / "listkeeper.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def held_postgresql(stage: Stage) -> Iterator[None]:
    """Hold the bot's tables as somebody does who changes them by hand."""
    address = stage.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address) as connection:
        connection.execute("LOCK TABLE run, cleanup, unsubscribe IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


async def test_a_locked_file_is_said_and_the_work_goes_on_when_it_is_free() -> None:
    async with staged(settings(people=160, DATABASE_WAIT_SECONDS=WAIT)) as stage:
        await through_locks(stage, held_sqlite)


async def test_a_dialog_that_had_to_wait_too_long_for_a_lock_says_so_all_the_same() -> None:
    async with staged(settings(people=160, DATABASE_WAIT_SECONDS="4")) as stage:
        await stage.start()
        await connect(stage)
        owner = stage.slack.person(OWNER)
        view = await open_dialog(stage, lambda: owner.slash("/verify", channel=CHANNEL), "verify")
        with held_sqlite(stage):
            with pytest.raises(NotAcknowledged):
                await owner.submit(view)
            await stage.slack.until(lambda: NOTHING_HALF_DONE in shown_to_owner(stage), 10)
        await owner.close(view)
        assert stage.slack.messages(CHANNEL) == []
        await check_the_end(stage, *await converse(stage))


def shown_to_owner(stage: Stage) -> str:
    view = stage.slack.open_view(OWNER)
    return stage.slack.as_text(view) if view else ""


async def test_locked_tables_are_said_and_the_work_goes_on_when_they_are_free() -> None:
    with own_postgres() as (_, address):
        async with staged(
            settings(people=160, database_url=address, DATABASE_WAIT_SECONDS=WAIT)
        ) as stage:
            await through_locks(stage, held_postgresql)


async def through_locks(stage: Stage, held: Hold) -> None:
    """Have the conversation while somebody holds the database at the worst moments."""
    await stage.start()
    await connect(stage)
    quote = await ask_for_quote(stage)
    with held(stage):
        await stage.slack.person(OWNER).click(quote, label="Start")
        assert "holds the bot's database" in await hears(stage, NOTHING_HALF_DONE)
    assert "[Start]" in stage.slack.as_text(quote), "it was not started"
    await press_start(stage, quote)
    await done(stage, quote, "[Clean up]")
    request = await ask_for_approval(stage, quote)
    with ExitStack() as stack:
        # Between the call and the line that says that it was made.
        stage.world.kit.before(Route.UNSUBSCRIBE, lambda: stack.enter_context(held(stage)), skip=3)
        await press_approve(stage, request)
        await stage.slack.until(lambda: len(stage.world.kit.unsubscribes) == 4)
        await asyncio.sleep(5)
        assert len(stage.world.kit.unsubscribes) == 4, "nobody is called who is not written down"
    await done(stage, request, "Cleanup finished")
    await check_the_end(stage, quote, request)


async def test_a_server_that_is_gone_is_said_and_the_work_goes_on_when_it_is_back() -> None:
    with own_postgres() as (server, address):
        async with staged(settings(people=160, database_url=address)) as stage:
            await stage.start()
            await connect(stage)
            quote = await ask_for_quote(stage)
            going = asyncio.create_task(crash(stage, server, down_for=6.0))
            await asyncio.sleep(2)
            await stage.slack.person(OWNER).slash("/verify", "credits")
            assert "does not answer" in await hears(stage, NOTHING_HALF_DONE)
            await going
            await press_start(stage, quote)
            await done(stage, quote, "[Clean up]")
            request = await ask_for_approval(stage, quote)
            await press_approve(stage, request)
            await stage.slack.until(lambda: len(stage.world.kit.unsubscribes) > 3)
            await crash(stage, server, down_for=3.0)
            await done(stage, request, "Cleanup finished")
            await check_the_end(stage, quote, request)
            assert {each.subscriber for each in stage.world.kit.unsubscribes} == approved(stage)


async def hears(stage: Stage, words: str) -> str:
    """Wait for an answer that only the owner sees."""
    return await stage.slack.until(
        lambda: next(
            (t for t in map(stage.slack.as_text, stage.slack.ephemerals(OWNER)) if words in t), None
        ),
        20,
    )


async def is_told(stage: Stage, words: str, *, times: int) -> str:
    """Wait until the owner has had so many direct messages with these words; give the last."""

    def look() -> str | None:
        told = [t for t in map(stage.slack.as_text, stage.slack.dm(OWNER)) if words in t]
        return told[-1] if len(told) == times else None

    return await stage.slack.until(look)
