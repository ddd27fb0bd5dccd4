"""The story: the whole conversation from the first /verify to the proof, as a transcript."""

import contextlib
import sys
from collections.abc import Sequence
from typing import TextIO

from sandbox.audit import Check, active_ids, audit, proof_checks, rows_of
from sandbox.database import own_database, place_of
from sandbox.narrator import Narrator, StoryWrong
from sandbox.slack import Message
from sandbox.stage import SPEED, Stage, StageSettings, staged

OWNER, COLLEAGUE = "owner", "colleague"
#: Credits that are granted beside the welcome credits.
GRANT = 5_000

INTRODUCTION = f"""\
This is the whole conversation, played by a program. Slack, ConvertKit and the mail servers are
make-believe ones on this machine; the bot is the real one, as a process of its own. ConvertKit's
pace is {SPEED} times faster than in life on both sides, the proof is read again after 5 and 10
seconds instead of 10 minutes and an hour, and greylisted addresses are asked again after 6 seconds
instead of 6, 15 and 35 minutes."""


async def play(
    out: TextIO = sys.stdout, *, database_url: str = "", roles: Sequence[str] = ("all",)
) -> list[Check]:
    """Play the story; give the sums at its end.

    Args:
        out: Where the transcript goes.
        database_url: A PostgreSQL in which a database of the story's own is made; none is SQLite.
        roles: What each process of the bot does; several need PostgreSQL.

    Raises:
        StoryWrong: Something in it is not as it has to be.
        NoDatabase: In the given PostgreSQL no database can be made.
    """
    async with contextlib.AsyncExitStack() as stack:
        own_url = ""
        if database_url:
            own_url = await stack.enter_async_context(own_database(database_url))
        settings = StageSettings(roles=tuple(roles), database_url=own_url)
        stage = await stack.enter_async_context(staged(settings))
        narrator = Narrator(stage.slack, "newsletter", out)
        narrator.say(INTRODUCTION)
        where = f"{place_of(own_url)}, in a database of its own" if own_url else "SQLite"
        narrator.say(f"\nThe bot keeps its tables in {where}. Its processes: {', '.join(roles)}.")
        await stage.start()
        return await _Story(stage, narrator).tell()


class _Story:
    def __init__(self, stage: Stage, narrator: Narrator) -> None:
        self.stage = stage
        self.narrator = narrator
        #: Changed in ConvertKit by the story itself, not through the bot.
        self.by_hand: set[int] = set()

    async def tell(self) -> list[Check]:
        await self._connect()
        quote = await self._ask_for_quote()
        active = active_ids(self.stage)
        results = rows_of(await self._verify(quote))
        summary = self.stage.slack.as_text(quote)
        request = await self._clean_up(quote)
        self._life_goes_on(results)
        proof = rows_of(await self._approve(request))
        await self._look_around()
        checks = [
            *audit(
                self.stage,
                active_before=active,
                touched_by_hand=self.by_hand,
                results=results,
                summary=summary,
                proof=proof,
            ),
            *proof_checks(proof, self.stage.slack.as_text(request)),
            *[
                Check(f"exit code of {bot.name} after Ctrl-C", await bot.stop(), 0)
                for bot in self.stage.bots
            ],
        ]
        self.narrator.chapter("It adds up")
        for check in checks:
            self.narrator.say(str(check))
        if not all(check.holds for check in checks):
            raise StoryWrong("The sums at the end do not come out.")
        return checks

    async def _connect(self) -> None:
        narrator, keys = self.narrator, self.stage.world.account.keys
        narrator.chapter("1. Connect ConvertKit")
        await narrator.type(OWNER, "/verify")
        view = await narrator.dialog(OWNER, "connect")
        await narrator.fill(OWNER, view, "secret", keys.v3_key, shown="the public API Key")
        await narrator.submit(OWNER, view)
        pasted = f"  {keys.v3_secret}\n"
        await narrator.fill(OWNER, view, "secret", pasted, shown="the API Secret, with spaces")
        saved = await narrator.submit(OWNER, view)
        assert saved is not None
        await narrator.press(OWNER, saved, "Verify a list")

    async def _ask_for_quote(self) -> Message:
        narrator = self.narrator
        narrator.chapter("2. Choose what to verify, and get a quote")
        view = await narrator.dialog(OWNER, "verify")
        await narrator.choose(OWNER, view, "audience", "tags")
        view = await narrator.dialog(OWNER, "verify", holds="Tags")
        await narrator.choose(OWNER, view, "choices", "Customers", "Workshop in March")
        await narrator.submit(OWNER, view)
        tagged = await narrator.message("[Cancel]")
        await narrator.press(OWNER, tagged, "Cancel")
        await narrator.message("ancelled")

        await narrator.type(OWNER, "/verify")
        view = await narrator.dialog(OWNER, "verify")
        await narrator.submit(OWNER, view)
        quote = await narrator.message("[Check again]")
        team = self.stage.slack.workspace.team_id
        narrator.say(f"\nThe person who hosts the bot: python -m bot credits grant {team} {GRANT}")
        narrator.say("    " + await self.stage.bot.ask("credits", "grant", team, str(GRANT)))
        await narrator.press(OWNER, quote, "Check again")
        await narrator.watch(quote, "[Start]", within=20)
        return quote

    async def _verify(self, quote: Message) -> bytes:
        narrator = self.narrator
        narrator.chapter("3. Verify")
        await narrator.press(OWNER, quote, "Start")
        await narrator.watch(quote, "[Clean up]", within=120)
        content = await narrator.thread(quote)
        narrator.say("\nWhy is each of these what it is? The evidence of one verdict of each:")
        addresses = {each.id: each.address for each in self.stage.world.people.active}
        examples = {row["category"]: int(row["subscriber_id"]) for row in rows_of(content)}
        for subscriber in examples.values():
            await narrator.type(OWNER, "/verify", f"why {addresses[subscriber]}")
        return content

    async def _clean_up(self, summary: Message) -> Message:
        narrator = self.narrator
        narrator.chapter("4. Choose what is done with each category, and ask for approval")
        await narrator.press(OWNER, summary, "Clean up")
        view = await narrator.dialog(OWNER, "cleanup")
        await narrator.choose(OWNER, view, "plan_enabled", "enabled", nth=4)
        await narrator.choose(OWNER, view, "plan_action", "unsubscribe", nth=4)
        await narrator.press(OWNER, view, "Use recommended settings")
        view = await narrator.dialog(OWNER, "cleanup", remembers='"generation": 1')
        await narrator.submit(OWNER, view)
        return await narrator.message("[Approve]")

    def _life_goes_on(self, results: list[dict[str, str]]) -> None:
        """Change some of the listed people in ConvertKit while the request waits."""
        kit = self.stage.world.kit
        ids = [int(row["subscriber_id"]) for row in results if row["category"] == "Invalid"]
        gone, left, moved, *stubborn = ids[:5]
        kit.vanish(gone)
        kit.unsubscribe_by_hand(left)
        kit.change_address(moved, "found-again@paper-lantern.com")
        kit.ignore_unsubscribes(*stubborn)
        self.by_hand = {gone, left, moved}
        self.narrator.say(
            "\nMeanwhile, in ConvertKit, somebody deletes one of these people by hand, one "
            "unsubscribes, one changes the address; and ConvertKit will lose two of the calls."
        )

    async def _approve(self, request: Message) -> bytes:
        narrator = self.narrator
        narrator.chapter("5. Approve, unsubscribe, prove")
        await narrator.press(COLLEAGUE, request, "Approve")
        await narrator.watch(request, "Cleanup finished", within=120)
        return await narrator.thread(request)

    async def _look_around(self) -> None:
        narrator = self.narrator
        narrator.chapter("6. Credits, status, schedule, help")
        await narrator.type(OWNER, "/verify", "credits")
        await narrator.type(OWNER, "/verify", "schedule")
        view = await narrator.dialog(OWNER, "schedule")
        await narrator.choose(OWNER, view, "day", "1")
        await narrator.choose(OWNER, view, "timezone", "Europe/Paris")
        await narrator.submit(OWNER, view)
        await narrator.type(OWNER, "/verify", "status")
        await narrator.type(OWNER, "/verify", "delete")
        await narrator.type(OWNER, "/cleanup", "help")
