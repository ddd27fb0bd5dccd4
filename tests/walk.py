"""The walk: the whole conversation in a few steps, for tests that disturb it on the way.

Its persons insist: what goes unanswered they try again, as long as it has not had its effect.
"""

from collections.abc import Awaitable, Callable, Sequence, Set
from contextlib import suppress
from typing import Any, TypeVar

from sandbox.audit import active_ids, audit, number_in, rows_of
from sandbox.kit import Delays, RateLimit
from sandbox.slack import Message, NeverHappened, NotAcknowledged, NotDrawn, View
from sandbox.stage import HURRIED, Stage, StageSettings
from sandbox.twice import Twice, posted_twice, unsubscribed_twice
from sandbox.world import WorldSettings

T = TypeVar("T")

OWNER, COLLEAGUE = "owner", "colleague"
CHANNEL = "newsletter"

#: Seconds until a person tries again what seems to have had no effect.
IMPATIENCE = 10.0


def settings(
    people: int,
    *,
    roles: Sequence[str] = ("all",),
    database_url: str = "",
    delays: Delays | None = None,
    **environment: str,
) -> StageSettings:
    """Set a small world with short waits; further keywords are the bot's environment."""
    return StageSettings(
        world=WorldSettings(
            people=people, limit=RateLimit(120, 1.0), delays=delays or Delays(effect=0.0)
        ),
        environment={
            **HURRIED,
            "WELCOME_CREDITS": str(10 * people),
            "PROOF_DELAYS_SECONDS": "2,4",
            "RETRY_DELAYS_SECONDS": "3",
            **environment,
        },
        roles=tuple(roles),
        database_url=database_url,
    )


def approved(stage: Stage) -> set[int]:
    """Name the people whom the recommended plan unsubscribes, from the world's own truth."""
    return {
        each.id
        for each in stage.world.people.active
        if each.category.label in {"Invalid", "Disposable"}
    }


async def converse(stage: Stage, *, within: float = 120) -> tuple[Message, Message]:
    """Have the whole conversation but for connecting; give the Run's message and the Cleanup's."""
    quote = await ask_for_quote(stage, within=within)
    await verify(stage, quote, within=within)
    request = await ask_for_approval(stage, quote, within=within)
    await approve(stage, request, within=within)
    return quote, request


async def connect(stage: Stage) -> None:
    """Connect the world's account."""
    view = await open_dialog(stage, lambda: slash(stage), "connect")
    owner = stage.slack.person(OWNER)
    await owner.fill(view, "secret", stage.world.account.keys.v3_secret)
    saved = await insist(stage, lambda: owner.submit(view), lambda: dialog(stage, "connected"))
    await owner.close(saved)


async def ask_for_quote(stage: Stage, *, within: float = 60) -> Message:
    """Ask what everybody would cost, and wait for the price."""
    await request_quote(stage)
    return await posted(stage, "[Start]", within=within)


async def request_quote(stage: Stage) -> None:
    """Ask what everybody would cost."""
    view = await open_dialog(stage, lambda: slash(stage), "verify")
    await submit(stage, view)


async def press_start(stage: Stage, quote: Message) -> None:
    """Press Start under the price."""
    await press(stage, OWNER, quote, "Start")


async def verify(stage: Stage, quote: Message, *, within: float = 120) -> Message:
    """Press Start, and wait until everybody has a verdict."""
    await press_start(stage, quote)
    return await done(stage, quote, "[Clean up]", within=within)


async def ask_for_approval(stage: Stage, quote: Message, *, within: float = 60) -> Message:
    """Ask for the approval of the recommended plan, and wait for the request."""
    owner = stage.slack.person(OWNER)
    view = await open_dialog(stage, lambda: owner.click(quote, label="Clean up"), "cleanup")
    await submit(stage, view)
    return await posted(stage, "[Approve]", within=within)


async def press_approve(stage: Stage, request: Message) -> None:
    """Press Approve, as somebody else than who asked."""
    await press(stage, COLLEAGUE, request, "Approve")


async def approve(stage: Stage, request: Message, *, within: float = 120) -> Message:
    """Press Approve, and wait for the proof."""
    await press_approve(stage, request)
    return await done(stage, request, "Cleanup finished", within=within)


async def slash(stage: Stage) -> None:
    await stage.slack.person(OWNER).slash("/verify", channel=CHANNEL)


async def open_dialog(stage: Stage, deed: Callable[[], Awaitable[Any]], callback_id: str) -> View:
    return await insist(stage, deed, lambda: dialog(stage, callback_id))


def dialog(stage: Stage, callback_id: str) -> View | None:
    view = stage.slack.open_view(OWNER)
    return view if view is not None and view.callback_id == callback_id else None


async def submit(stage: Stage, view: View) -> None:
    await insist(
        stage, lambda: stage.slack.person(OWNER).submit(view), lambda: not view.is_open or None
    )


async def press(stage: Stage, who: str, message: Message, label: str) -> None:
    await insist(
        stage,
        lambda: stage.slack.person(who).click(message, label=label),
        lambda: f"[{label}]" not in stage.slack.as_text(message) or None,
    )


async def insist(
    stage: Stage,
    deed: Callable[[], Awaitable[Any]],
    came_of_it: Callable[[], T | None],
    *,
    tries: int = 10,
) -> T:
    """Do something again and again until it has had its effect, and give what came of it."""
    for _ in range(tries):
        # What had its effect after all is not drawn any more.
        with suppress(NotAcknowledged, NotDrawn):
            await deed()
        with suppress(NeverHappened):
            return await stage.slack.until(came_of_it, IMPATIENCE)
        await stage.connected()
    raise NeverHappened(f"This had no effect in {tries} tries.")


async def posted(stage: Stage, holds: str, *, within: float = 60) -> Message:
    def found() -> Message | None:
        drawn = stage.slack.messages(CHANNEL)
        return next((each for each in drawn if holds in stage.slack.as_text(each)), None)

    return await stage.slack.until(found, within)


async def done(stage: Stage, message: Message, holds: str, *, within: float = 120) -> Message:
    await stage.slack.until(lambda: holds in stage.slack.as_text(message), within)
    return message


async def check_the_end(
    stage: Stage,
    quote: Message,
    request: Message,
    *,
    touched_by_hand: Set[int] = frozenset(),
    slack_stumbled: bool = False,
) -> tuple[Twice, Twice]:
    """Check that everything adds up; give the calls and the posts that were made twice.

    `touched_by_hand` are those of the approved whom somebody changed in ConvertKit after the list
    was read; `slack_stumbled` says that Slack refused calls, as the test wanted.
    """
    active = {each.id for each in stage.world.people.active}
    results = rows_of(await file_under(stage, quote))
    proof = rows_of(await file_under(stage, request))
    checks = audit(
        stage,
        active_before=active,
        touched_by_hand=set(touched_by_hand),
        results=results,
        summary=stage.slack.as_text(quote),
        proof=proof,
    )
    # What was in flight at a kill is judged below.
    left_out = ("made twice", "Slack refused") if slack_stumbled else ("made twice",)
    failed = [str(each) for each in checks if not each.holds]
    assert [claim for claim in failed if not any(each in claim for each in left_out)] == []
    assert (approved(stage) & active_ids(stage)) - touched_by_hand == set()
    others = {
        row["subscriber_id"]: row["state"]
        for row in proof
        if not row["state"].startswith("Confirmed")
        if int(row["subscriber_id"]) not in touched_by_hand
    }
    assert others == {}
    await check_the_credits(stage, results)
    assert [bot.name for bot in stage.bots if not bot.is_running] == []
    calls, posts = unsubscribed_twice(stage), posted_twice(stage, CHANNEL)
    assert calls.unexplained == ()
    assert posts.unexplained == ()
    return calls, posts


async def check_the_credits(stage: Stage, results: Sequence[dict[str, str]]) -> None:
    """Check that the balance went down by one for each verdict that costs one."""
    welcome = 10 * len(stage.world.people.persons)
    charged = sum(row["category"] != "Unknown" for row in results)
    answers = len(stage.slack.ephemerals(OWNER))

    def answer() -> str | None:
        new = map(stage.slack.as_text, stage.slack.ephemerals(OWNER)[answers:])
        return next((text for text in new if "Balance" in text), None)

    owner = stage.slack.person(OWNER)
    # Not where a test may have shut the channel.
    said = await insist(stage, lambda: owner.slash("/verify", "credits", channel="general"), answer)
    assert number_in(said, r"Balance\D*([\d,]+)") == welcome - charged


async def file_under(stage: Stage, message: Message) -> bytes:
    def found() -> bytes | None:
        replies = stage.slack.thread(message)
        return next((f.content for each in replies for f in stage.slack.files_of(each)), None)

    return await stage.slack.until(found)
