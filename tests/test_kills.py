"""The process is killed in the middle and started again, and the conversation ends as if not."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sandbox.kit import Fault, Route
from sandbox.slack import Message
from sandbox.stage import Stage, staged
from tests.walk import (
    CHANNEL,
    OWNER,
    approve,
    approved,
    ask_for_approval,
    ask_for_quote,
    check_the_end,
    connect,
    done,
    restart,
    settings,
    start,
    verify,
)

SETTINGS = settings(people=160)

#: Arms the kill: called just before the phase that it strikes in.
Arm = Callable[[Stage], None]


def while_the_list_is_read(stage: Stage) -> None:
    stage.world.kit.before(Route.SUBSCRIBERS, stage.bot.strike, skip=1)


def just_before_an_unsubscribe(stage: Stage) -> None:
    stage.world.kit.before(Route.UNSUBSCRIBE, stage.bot.strike, skip=3)


def between_an_unsubscribe_and_its_answer(stage: Stage) -> None:
    # The call is carried out and its answer lost; the look that follows it finds nobody at home.
    stage.world.kit.trouble(Fault.RESET, times=1, route=Route.UNSUBSCRIBE, acts=True, skip=2)
    stage.world.kit.before(Route.UNSUBSCRIBE, stage.bot.strike, skip=3)


def while_it_is_read_back(stage: Stage) -> None:
    def arm_again() -> None:
        stage.world.kit.before(Route.SUBSCRIBER, stage.bot.strike, skip=2)

    # The last look of the cleanup comes just before its last call; what follows is the proof.
    calls = len(approved(stage)) - 1
    stage.world.kit.before(Route.UNSUBSCRIBE, arm_again, skip=calls)


@pytest.mark.parametrize(
    ("before_start", "before_approve"),
    [
        pytest.param(while_the_list_is_read, None, id="while-the-list-is-read"),
        pytest.param(None, just_before_an_unsubscribe, id="just-before-an-unsubscribe"),
        pytest.param(
            None, between_an_unsubscribe_and_its_answer, id="between-an-unsubscribe-and-its-answer"
        ),
        pytest.param(None, while_it_is_read_back, id="while-it-is-read-back"),
    ],
)
async def test_a_kill_in_the_middle_of_a_call_changes_nothing_of_the_end(
    before_start: Arm | None, before_approve: Arm | None
) -> None:
    async with staged(SETTINGS) as stage:
        await start(stage)
        await connect(stage)
        if before_start:
            before_start(stage)
        quote = await surviving(stage, lambda: ask_for_quote(stage), strikes=bool(before_start))
        await verify(stage, quote)
        request = await ask_for_approval(stage, quote)
        if before_approve:
            before_approve(stage)
        await surviving(stage, lambda: approve(stage, request), strikes=bool(before_approve))
        await check_the_end(stage, quote, request)
        check_nothing_is_twice(stage)


async def test_a_kill_while_addresses_are_checked_changes_nothing_of_the_end() -> None:
    async with staged(SETTINGS) as stage:
        await start(stage)
        await connect(stage)
        quote = await ask_for_quote(stage)
        await stage.slack.person(OWNER).click(quote, label="Start")
        await stage.slack.until(lambda: len(stage.world.mail.journal.commands) > 60, 20)
        await restart(stage)
        await done(stage, quote, "[Clean up]")
        request = await ask_for_approval(stage, quote)
        await approve(stage, request)
        await check_the_end(stage, quote, request)
        check_nothing_is_twice(stage)


async def test_a_kill_while_everything_waits_changes_nothing_of_the_end() -> None:
    async with staged(SETTINGS) as stage:
        await start(stage)
        await connect(stage)
        quote = await ask_for_quote(stage)
        await restart(stage)
        await verify(stage, quote)
        await restart(stage)
        request = await ask_for_approval(stage, quote)
        await restart(stage)
        await approve(stage, request)
        await check_the_end(stage, quote, request)
        check_nothing_is_twice(stage)


async def surviving(
    stage: Stage, act: Callable[[], Awaitable[Message]], *, strikes: bool
) -> Message:
    """Act, and start the bot again as soon as it was struck."""
    if not strikes:
        return await act()

    async def revive() -> None:
        await stage.bot.ended()
        await restart(stage)

    reviving = asyncio.create_task(revive())
    try:
        message = await act()
        assert reviving.done(), "the bot was never struck, so this shows nothing"
        return message
    finally:
        reviving.cancel()


def check_nothing_is_twice(stage: Stage) -> None:
    assert len(stage.slack.messages(CHANNEL)) == 2, "one message for the run, one for the cleanup"
    # The one call in flight at a kill may be made again; ConvertKit takes it as done.
    assert len(stage.world.kit.unsubscribes) <= len(approved(stage)) + 1
