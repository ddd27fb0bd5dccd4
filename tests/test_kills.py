"""Processes are killed at chosen points and started again, and the conversation ends as if not."""

import asyncio

import pytest

from sandbox.kit import Fault, Route
from sandbox.process import BotProcess
from sandbox.slack import NotAcknowledged
from sandbox.stage import Stage, staged
from tests.strokes import kill, on_call
from tests.walk import (
    CHANNEL,
    OWNER,
    approved,
    ask_for_approval,
    ask_for_quote,
    check_the_end,
    connect,
    done,
    open_dialog,
    posted,
    press_approve,
    press_start,
    request_quote,
    settings,
    slash,
    submit,
    verify,
)

SETTINGS = settings(people=160)
#: Calls to ConvertKit a minute that leave time to stop a process in the middle of a cleanup.
SLOW = "300"


async def test_kills_all_along_the_way_change_nothing_of_the_end() -> None:
    async with staged(SETTINGS) as stage:
        await stage.start()
        await connect(stage)

        struck = on_call(stage, Route.SUBSCRIBERS, BotProcess.strike, skip=1)
        await request_quote(stage)
        await start_again(stage, struck)
        quote = await posted(stage, "[Start]")

        await press_start(stage, quote)
        await stage.slack.until(lambda: len(stage.world.mail.journal.commands) > 60)
        await kill(stage, stage.bot)
        await done(stage, quote, "[Clean up]")

        request = await ask_for_approval(stage, quote)
        await kill(stage, stage.bot)
        struck = on_call(stage, Route.UNSUBSCRIBE, BotProcess.strike, skip=3)
        await press_approve(stage, request)
        await start_again(stage, struck)
        await done(stage, request, "Cleanup finished")
        await check_the_end(stage, quote, request)


async def test_kills_around_a_call_whose_answer_is_lost_change_nothing_of_the_end() -> None:
    async with staged(SETTINGS) as stage:
        await stage.start()
        await connect(stage)
        quote = await ask_for_quote(stage)
        await verify(stage, quote)
        request = await ask_for_approval(stage, quote)

        # The call is carried out and its answer lost; the look that follows finds nobody at home.
        stage.world.kit.trouble(Fault.RESET, times=1, route=Route.UNSUBSCRIBE, acts=True, skip=2)
        struck = on_call(stage, Route.UNSUBSCRIBE, BotProcess.strike, skip=3)
        await press_approve(stage, request)
        await start_again(stage, struck)
        await start_again(stage, while_it_is_read_back(stage))
        await done(stage, request, "Cleanup finished")
        await check_the_end(stage, quote, request)


async def test_a_busy_bot_that_is_stopped_ends_at_once_and_goes_on_later() -> None:
    async with staged(settings(people=160, CONVERTKIT_CALLS_PER_MINUTE=SLOW)) as stage:
        await stage.start()
        await connect(stage)
        quote = await ask_for_quote(stage)
        await press_start(stage, quote)
        await stage.slack.until(lambda: len(stage.world.mail.journal.commands) > 60)
        assert await stage.bot.terminate() == 0
        await stage.start_again(stage.bot)
        await done(stage, quote, "[Clean up]")

        request = await ask_for_approval(stage, quote)
        busy = on_call(stage, Route.UNSUBSCRIBE, lambda bot: None, skip=3)
        await press_approve(stage, request)
        assert await (await busy).terminate() == 0
        assert len(stage.world.kit.unsubscribes) < len(approved(stage))
        await stage.start_again(stage.bot)
        await done(stage, request, "Cleanup finished")
        calls, posts = await check_the_end(stage, quote, request)
        assert calls.in_flight == ()
        assert posts.in_flight == ()
        assert "Traceback" not in stage.bot.logged()


async def test_a_run_that_was_made_but_not_begun_when_the_bot_was_killed_is_begun_later() -> None:
    async with staged(SETTINGS) as stage:
        await stage.start()
        await connect(stage)
        view = await open_dialog(stage, lambda: slash(stage), "verify")
        # The Run is written down, and its message does not get through; the job comes after that.
        stage.slack.fail_next("chat.postMessage", status=503, delay=10.0)
        submission = asyncio.create_task(stage.slack.person(OWNER).submit(view))
        await asyncio.sleep(1.0)
        await kill(stage, stage.bot)
        with pytest.raises(NotAcknowledged):
            await submission
        await stage.connected()

        # The dialog is still open, and whoever presses its button again means the same Run.
        await submit(stage, view)
        quote = await posted(stage, "[Start]")
        await verify(stage, quote)
        drawn = map(stage.slack.as_text, stage.slack.messages(CHANNEL))
        assert len([text for text in drawn if "[Clean up]" in text or "[Start]" in text]) == 1


def while_it_is_read_back(stage: Stage) -> asyncio.Future[BotProcess]:
    """Kill the process that reads the first few back, after the last call of the cleanup."""
    struck: asyncio.Future[BotProcess] = asyncio.get_running_loop().create_future()

    def arm() -> None:
        on_call(stage, Route.SUBSCRIBER, BotProcess.strike, skip=2, struck=struck)

    # The last look of the cleanup comes just before its last call; what follows is the proof.
    left = len(approved(stage)) - len({c.subscriber for c in stage.world.kit.unsubscribes})
    stage.world.kit.before(Route.UNSUBSCRIBE, arm, skip=left - 1)
    return struck


async def start_again(stage: Stage, struck: asyncio.Future[BotProcess]) -> None:
    """Wait until a process was struck, and start it again."""
    async with asyncio.timeout(60):
        await stage.start_again(await struck)
