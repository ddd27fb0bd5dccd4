"""The process is killed in the middle and started again, and the conversation ends as if not."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sandbox.audit import active_ids, audit, rows_of
from sandbox.kit import Fault, RateLimit, Route
from sandbox.slack import Message
from sandbox.stage import HURRIED, Stage, StageSettings, staged
from sandbox.world import WorldSettings

OWNER, COLLEAGUE = "owner", "colleague"
CHANNEL = "newsletter"

SETTINGS = StageSettings(
    world=WorldSettings(people=160, limit=RateLimit(120, 1.0)),
    environment={
        **HURRIED,
        "WELCOME_CREDITS": "1000",
        "PROOF_DELAYS_SECONDS": "2,4",
        "RETRY_DELAYS_SECONDS": "3",
    },
)

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


def approved(stage: Stage) -> set[int]:
    """Name the people whom the recommended plan unsubscribes, from the world's own truth."""
    return {
        each.id
        for each in stage.world.people.active
        if each.category.label in {"Invalid", "Disposable"}
    }


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


async def start(stage: Stage) -> None:
    await stage.bot.start()
    await stage.slack.connected()


async def restart(stage: Stage) -> None:
    if stage.bot.is_running:
        stage.bot.strike()
    await stage.bot.ended()
    await stage.slack.until(lambda: not stage.slack.sockets.connections, 10)
    await start(stage)


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


async def connect(stage: Stage) -> None:
    slack, owner = stage.slack, stage.slack.person(OWNER)
    await owner.slash("/verify", channel=CHANNEL)
    view = await slack.until(lambda: slack.open_view(OWNER), 10)
    await owner.fill(view, "secret", stage.world.account.keys.v3_secret)
    await owner.submit(view)
    saved = await slack.until(lambda: slack.open_view(OWNER), 10)
    await owner.close(saved)


async def ask_for_quote(stage: Stage) -> Message:
    slack, owner = stage.slack, stage.slack.person(OWNER)
    await owner.slash("/verify", channel=CHANNEL)
    view = await slack.until(lambda: slack.open_view(OWNER), 10)
    await owner.submit(view)
    return await posted(stage, "[Start]")


async def verify(stage: Stage, quote: Message) -> Message:
    await stage.slack.person(OWNER).click(quote, label="Start")
    return await done(stage, quote, "[Clean up]")


async def ask_for_approval(stage: Stage, quote: Message) -> Message:
    slack, owner = stage.slack, stage.slack.person(OWNER)
    await owner.click(quote, label="Clean up")
    view = await slack.until(lambda: slack.open_view(OWNER), 10)
    await owner.submit(view)
    return await posted(stage, "[Approve]")


async def approve(stage: Stage, request: Message) -> Message:
    await stage.slack.person(COLLEAGUE).click(request, label="Approve")
    return await done(stage, request, "Cleanup finished")


async def posted(stage: Stage, holds: str) -> Message:
    def found() -> Message | None:
        drawn = stage.slack.messages(CHANNEL)
        return next((each for each in drawn if holds in stage.slack.as_text(each)), None)

    message: Message = await stage.slack.until(found, 30)
    return message


async def done(stage: Stage, message: Message, holds: str) -> Message:
    await stage.slack.until(lambda: holds in stage.slack.as_text(message), 60)
    return message


async def check_the_end(stage: Stage, quote: Message, request: Message) -> None:
    checks = audit(
        stage,
        active_before={each.id for each in stage.world.people.active},
        touched_by_hand=set(),
        results=rows_of(await file_under(stage, quote)),
        summary=stage.slack.as_text(quote),
        proof=rows_of(await file_under(stage, request)),
    )
    # The one call in flight at a kill may be made again; ConvertKit takes it as done.
    wrong = [str(each) for each in checks if not each.holds and "made twice" not in each.claim]
    assert wrong == []
    assert len(stage.slack.messages(CHANNEL)) == 2, "one message for the run, one for the cleanup"
    assert approved(stage) & active_ids(stage) == set()
    assert len(stage.world.kit.unsubscribes) <= len(approved(stage)) + 1


async def file_under(stage: Stage, message: Message) -> bytes:
    def found() -> bytes | None:
        replies = stage.slack.thread(message)
        return next((f.content for each in replies for f in stage.slack.files_of(each)), None)

    content: bytes = await stage.slack.until(found, 20)
    return content
