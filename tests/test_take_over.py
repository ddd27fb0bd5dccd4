"""Several processes on one PostgreSQL: one is killed, frozen or stopped, and another goes on."""

import asyncio
from collections.abc import Iterator

import pytest

from sandbox.kit import Route
from sandbox.process import BotProcess
from sandbox.stage import Stage, StageSettings, staged
from tests import postgres
from tests.strokes import crash, kill, on_call, own_postgres
from tests.walk import (
    CHANNEL,
    ask_for_approval,
    ask_for_quote,
    check_the_end,
    connect,
    done,
    posted,
    press_approve,
    press_start,
    request_quote,
    settings,
    verify,
)

#: Seconds after which others take over the work of a dead process.
GRACE = 4.0
#: Calls to ConvertKit a minute that leave time to strike in the middle of a cleanup.
SLOW = "600"


@pytest.fixture
def shared() -> Iterator[tuple[postgres.Server, str]]:
    """Start a PostgreSQL of the test's own, and give it and an empty database's address."""
    with own_postgres() as found:
        yield found


def three(url: str, *, grace: float = GRACE) -> StageSettings:
    """Set one process that listens and two that work."""
    return settings(
        120,
        roles=("slack", "worker", "worker"),
        database_url=url,
        TAKEOVER_SECONDS=str(grace),
        CONVERTKIT_CALLS_PER_MINUTE=SLOW,
    )


async def test_others_go_on_where_a_process_is_killed_and_where_postgresql_crashes(
    shared: tuple[postgres.Server, str],
) -> None:
    server, url = shared
    async with staged(three(url)) as stage:
        await stage.start()
        await connect(stage)

        struck = on_call(stage, Route.SUBSCRIBERS, BotProcess.strike)
        await request_quote(stage)
        reader = await within_a_minute(struck)
        quote = await posted(stage, "[Start]")

        await kill(stage, stage.named("slack-1"))
        await press_start(stage, quote)
        await stage.slack.until(lambda: len(stage.world.mail.journal.commands) > 20)
        await crash(stage, server)
        await done(stage, quote, "[Clean up]")
        await stage.start_again(reader)

        request = await ask_for_approval(stage, quote)
        struck = on_call(stage, Route.UNSUBSCRIBE, BotProcess.strike, skip=3)
        await press_approve(stage, request)
        victim = await within_a_minute(struck)
        await done(stage, request, "Cleanup finished")
        assert {call.by for call in stage.world.kit.unsubscribes} > {victim.name}
        await stage.start_again(victim)
        await check_the_end(stage, quote, request)


@pytest.mark.parametrize(
    ("route", "in_flight"),
    [
        pytest.param(Route.UNSUBSCRIBE, 1, id="while-it-makes-a-call"),
        pytest.param(Route.SUBSCRIBER, 0, id="while-it-looks-before-a-call"),
    ],
)
async def test_a_worker_that_was_frozen_touches_nobody_after_the_take_over(
    shared: tuple[postgres.Server, str], route: Route, in_flight: int
) -> None:
    async with staged(three(shared[1])) as stage:
        await stage.start()
        await connect(stage)
        quote = await ask_for_quote(stage)
        await verify(stage, quote)
        request = await ask_for_approval(stage, quote)

        made: list[int] = []

        def freeze(bot: BotProcess) -> None:
            bot.freeze()
            # The call that it is struck at is not served yet.
            made.append(calls_of(stage, bot) + in_flight)

        struck = on_call(stage, route, freeze, skip=3)
        await press_approve(stage, request)
        zombie = await within_a_minute(struck)
        await stage.slack.until(lambda: len(stage.world.kit.unsubscribes) > made[0] + 2, 60)
        zombie.thaw()
        await done(stage, request, "Cleanup finished")
        assert calls_of(stage, zombie) == made[0]
        calls, _ = await check_the_end(stage, quote, request)
        assert calls.in_flight == ()


async def test_what_a_stopped_worker_was_at_goes_on_elsewhere_at_once(
    shared: tuple[postgres.Server, str],
) -> None:
    # A grace that is longer than the test: what goes on was handed back.
    async with staged(three(shared[1], grace=300)) as stage:
        await stage.start()
        await connect(stage)
        quote = await ask_for_quote(stage)
        await verify(stage, quote)
        request = await ask_for_approval(stage, quote)

        busy = on_call(stage, Route.UNSUBSCRIBE, lambda bot: None, skip=3)
        await press_approve(stage, request)
        stopped = await within_a_minute(busy)
        assert await stopped.terminate() == 0
        await done(stage, request, "Cleanup finished", within=60)
        await stage.start_again(stopped)
        calls, posts = await check_the_end(stage, quote, request)
        assert calls.in_flight == ()
        assert posts.in_flight == ()


async def test_a_process_that_starts_while_another_one_posts_does_not_post_as_well(
    shared: tuple[postgres.Server, str],
) -> None:
    chosen = settings(60, roles=("all", "all"), database_url=shared[1])
    async with staged(chosen) as stage:
        first, second = stage.bots
        await first.start()
        await stage.connected()
        await connect(stage)
        stage.slack.fail_next("chat.postMessage", delay=8.0)
        asking = asyncio.create_task(request_quote(stage))
        await asyncio.sleep(0.5)
        await second.start()
        await asking
        await posted(stage, "[Start]")
        await stage.connected()
        assert len(stage.slack.messages(CHANNEL)) == 1


def calls_of(stage: Stage, bot: BotProcess) -> int:
    """Count the unsubscribes that a process has made."""
    return sum(call.by == bot.name for call in stage.world.kit.unsubscribes)


async def within_a_minute(struck: asyncio.Future[BotProcess]) -> BotProcess:
    async with asyncio.timeout(60):
        return await struck
