"""The walk: the whole conversation in a few steps, for tests that disturb it on the way."""

from sandbox.audit import active_ids, audit, rows_of
from sandbox.kit import RateLimit
from sandbox.slack import Message
from sandbox.stage import HURRIED, Stage, StageSettings
from sandbox.world import WorldSettings

OWNER, COLLEAGUE = "owner", "colleague"
CHANNEL = "newsletter"


def settings(people: int) -> StageSettings:
    """Set a small world with short waits."""
    return StageSettings(
        world=WorldSettings(people=people, limit=RateLimit(120, 1.0)),
        environment={
            **HURRIED,
            "WELCOME_CREDITS": str(10 * people),
            "PROOF_DELAYS_SECONDS": "2,4",
            "RETRY_DELAYS_SECONDS": "3",
        },
    )


def approved(stage: Stage) -> set[int]:
    """Name the people whom the recommended plan unsubscribes, from the world's own truth."""
    return {
        each.id
        for each in stage.world.people.active
        if each.category.label in {"Invalid", "Disposable"}
    }


async def start(stage: Stage) -> None:
    await stage.bot.start()
    await stage.slack.connected()


async def restart(stage: Stage) -> None:
    if stage.bot.is_running:
        stage.bot.strike()
    await stage.bot.ended()
    await stage.slack.until(lambda: not stage.slack.sockets.connections, 10)
    await start(stage)


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


async def done(stage: Stage, message: Message, holds: str, *, within: float = 60) -> Message:
    await stage.slack.until(lambda: holds in stage.slack.as_text(message), within)
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
    assert approved(stage) & active_ids(stage) == set()


async def file_under(stage: Stage, message: Message) -> bytes:
    def found() -> bytes | None:
        replies = stage.slack.thread(message)
        return next((f.content for each in replies for f in stage.slack.files_of(each)), None)

    content: bytes = await stage.slack.until(found, 20)
    return content
