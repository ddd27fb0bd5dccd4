"""One bot in its make-believe world, and the steps that a person takes in Slack."""

import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from sandbox.kit import Account, Delays, RateLimit
from sandbox.mail import Timing
from sandbox.people import FORMS, TAGS, People, Person
from sandbox.process import BotProcess, running
from sandbox.slack import FakeSlack, Message, View
from sandbox.slack.deeds import Submission
from sandbox.world import World, WorldSettings
from verification import Category

#: People in the world; each test's account has a few of them.
PEOPLE = 200
#: A list with every Category that takes about a second to verify.
SMALL: Mapping[Category, int] = MappingProxyType(
    {
        Category.SAFE: 3,
        Category.INVALID: 3,
        Category.DISPOSABLE: 1,
        Category.CATCH_ALL: 1,
        Category.UNKNOWN: 1,
        Category.RISKY: 1,
    }
)
#: Closed domains that answer at once; the others make a test wait for a deadline.
_QUICKLY_UNKNOWN = ("@yahoo.com", "@outlook.com")
_TIMING = Timing(greylist=0.2, slow_banner=0.1, slow_reply=0.05, error_sleep=0.02)

#: What the bot waits for, in test time.
PACES: Mapping[str, str] = MappingProxyType(
    {
        "CONVERTKIT_CALLS_PER_MINUTE": "6000",
        "PROOF_DELAYS_SECONDS": "0.5,1",
        "RETRY_DELAYS_SECONDS": "0.4",
        "OUTAGE_DELAYS_SECONDS": "0.5,1",
        "SMTP_RATE": "inf",
        "SMTP_HELO": "probe.listkeeper.com",
        "SMTP_MAIL_FROM": "probe@listkeeper.com",
        "PROGRESS_SECONDS": "0.2",
        "WELCOME_CREDITS": "100000",
    }
)


def pick(people: People, wanted: Mapping[Category, int], *, greylisted: int = 0) -> People:
    """Choose so many active people of each Category, all of them quick to verify."""
    chosen: list[Person] = []
    for category, count in wanted.items():
        of_it = [p for p in people.active if p.category is category and _is_quick(p)]
        assert len(of_it) >= count, f"the world has only {len(of_it)} {category.label}"
        chosen += of_it[:count]
    late = [p for p in people.active if p.truth.at_first is not p.category]
    chosen += late[:greylisted]
    return People(tuple(sorted(chosen, key=lambda p: p.id)), TAGS, FORMS)


def _is_quick(person: Person) -> bool:
    if person.category is Category.UNKNOWN:
        return person.address.endswith(_QUICKLY_UNKNOWN)
    return person.truth.at_first is person.category


def hurried_updates(message: Message, begins: str, pace: float) -> list[str]:
    """List the updates that only move a count on, and came sooner after another than the pace."""
    return [
        f"{later.text} after {(later.at - earlier.at).total_seconds():.2f} s"
        for earlier, later in pairwise(message.history)
        if earlier.text.startswith(begins)
        and later.text.startswith(begins)
        and _count(earlier.text) < _count(later.text) < _whole(later.text)
        and (later.at - earlier.at).total_seconds() < pace
    ]


def _count(text: str) -> int:
    found = re.search(r"([\d,]+) of [\d,]+ done", text)
    return int(found[1].replace(",", "")) if found else 0


def _whole(text: str) -> int:
    found = re.search(r"[\d,]+ of ([\d,]+) done", text)
    return int(found[1].replace(",", "")) if found else 0


def figures(text: str) -> dict[str, int]:
    """Read the numbers under their headings, as `Invalid   Risky` above `3   1 (2 %)`."""
    found: dict[str, int] = {}
    lines = text.splitlines()
    for heads, values in pairwise(lines):
        names, cells = re.split(r"\s{2,}", heads.strip()), re.split(r"\s{2,}", values.strip())
        numbers = [re.match(r"[\d,]+", cell) for cell in cells]
        if len(names) == len(cells):
            for name, number in zip(names, numbers, strict=True):
                if number:
                    found.setdefault(name, int(number[0].replace(",", "")))
    return found


@dataclass(slots=True)
class Mark:
    """How much had happened when a test began."""

    posts: int
    calls: int
    deliveries: int
    log: int


@dataclass(slots=True)
class Scene:
    """A bot, its Slack and its world; `account` is the one connected last."""

    slack: FakeSlack
    world: World
    bot: BotProcess
    data: Path
    mark: Mark = field(default_factory=lambda: Mark(0, 0, 0, 0))
    #: Refusals of Slack's and errors of the bot's that a test provokes.
    forgiven: set[str] = field(default_factory=set)
    #: Addresses that a person typed in a test, so that the answer may name them.
    typed: set[str] = field(default_factory=set)
    accounts: list[Account] = field(default_factory=list)

    @property
    def account(self) -> Account:
        """Give the account that was connected last."""
        return self.accounts[-1]

    def begin(self) -> None:
        """Remember what was there before a test."""
        store = self.slack.store
        self.forgiven.clear()
        self.typed.clear()
        self.mark = Mark(
            len(store.posts), len(store.calls), len(store.deliveries), len(self.bot.logged())
        )

    # -- looking

    def said(self, channel: str = "newsletter") -> list[Message]:
        """Give the bot's messages in a channel since the test began."""
        new = self.slack.store.posts[self.mark.posts :]
        return [m for m in self.slack.messages(channel) if m in new]

    def told(self, user: str) -> list[str]:
        """Give the answers that only this person saw since the test began, as text."""
        new = self.slack.store.posts[self.mark.posts :]
        return [self.slack.as_text(m) for m in self.slack.ephemerals(user) if m in new]

    def direct(self, user: str) -> list[Message]:
        """Give the direct messages to a person since the test began."""
        new = self.slack.store.posts[self.mark.posts :]
        return [m for m in self.slack.dm(user) if m in new]

    def unsubscribed(self, account: Account | None = None) -> list[int]:
        """Give the ids that ConvertKit was asked to unsubscribe, repeated calls included."""
        return [call.subscriber for call in (account or self.account).unsubscribes]

    def ids(self, *categories: Category, account: Account | None = None) -> set[int]:
        """Give the active subscribers of an account whose truth is one of these Categories."""
        truth = {p.id: p.category for p in self.world.people.active}
        chosen = (account or self.account).subscribers
        return {s.id for s in chosen if truth.get(s.id) in categories}

    async def shows(self, message: Message, words: str, *, within: float = 20.0) -> str:
        """Wait until a message shows these words, and give all it shows."""

        def look() -> str | None:
            text = self.slack.as_text(message)
            return text if words in text else None

        return await self.slack.until(look, within)

    async def hears(self, user: str, words: str, *, within: float = 20.0) -> str:
        """Wait for an answer that only this person sees, and give it."""
        return await self.slack.until(
            lambda: next((text for text in self.told(user) if words in text), None), within
        )

    async def dialog(self, user: str, callback_id: str, *, within: float = 30.0) -> View:
        """Wait until a dialog is in front of a person."""

        def look() -> View | None:
            view = self.slack.open_view(user)
            return view if view is not None and view.callback_id == callback_id else None

        return await self.slack.until(look, within)

    async def dialog_shows(self, user: str, words: str, *, within: float = 30.0) -> View:
        """Wait until the dialog in front of a person shows these words."""

        def look() -> View | None:
            view = self.slack.open_view(user)
            return view if view is not None and words in self.slack.as_text(view) else None

        return await self.slack.until(look, within)

    # -- doing

    def new_account(
        self,
        wanted: Mapping[Category, int] = SMALL,
        *,
        name: str | None = None,
        greylisted: int = 0,
        people: People | None = None,
    ) -> Account:
        """Open an account at ConvertKit with a few of the world's people."""
        chosen = people or pick(self.world.people, wanted, greylisted=greylisted)
        number = len(self.world.kit.accounts)
        return self.world.kit.add_account(
            name or f"Letter box {number}", chosen, email=f"letters{number}@example.com"
        )

    async def try_secret(
        self, secret: str, *, user: str = "owner", name: str | None = None
    ) -> Submission:
        """Type /verify connect, paste a secret and press Save Connection."""
        person = self.slack.person(user)
        # Nobody can type a command behind an open dialog.
        if before := self.slack.open_view(user):
            await person.close(before)
        await person.slash("/verify", "connect")
        view = await self.dialog(user, "connect")
        await person.fill(view, "secret", secret)
        if name is not None:
            await person.fill(view, "connection_name", name)
        return await person.submit(view)

    async def connect(
        self, account: Account | None = None, *, secret: str | None = None
    ) -> Account:
        """Connect an account as the owner does."""
        chosen = account or self.new_account()
        self.accounts.append(chosen)
        submission = await self.try_secret(secret or chosen.keys.v4[0])
        assert submission.errors == {}
        # A secret that takes long to try has a dialog of its own in between.
        await self.slack.person("owner").close(await self.dialog("owner", "connected"))
        return chosen

    async def fill_verify(
        self,
        *,
        user: str = "owner",
        channel: str = "newsletter",
        kind: str | None = None,
        choices: Sequence[str] = (),
        fresh: bool = True,
    ) -> View:
        """Open the Verify dialog for the newest connection and fill it in.

        Without `fresh` the verdicts of other tests are taken over: the world has one of each.
        """
        person = self.slack.person(user)
        await person.slash("/verify")
        view = await self.dialog(user, "verify")
        await person.choose(view, "channel", channel)
        if fresh:
            await person.choose(view, "fresh", "fresh")
        if kind is not None:
            await person.choose(view, "audience", kind)
            await self.slack.until(lambda: "choices" in json.dumps(view.blocks))
        if choices:
            await person.choose(view, "choices", *choices)
        return view

    async def submit_verify(
        self,
        *,
        user: str = "owner",
        channel: str = "newsletter",
        kind: str | None = None,
        choices: Sequence[str] = (),
        fresh: bool = True,
    ) -> Message:
        """Ask for a quote and give the Run's message, whatever it shows yet."""
        before = len(self.said(channel))
        view = await self.fill_verify(
            user=user, channel=channel, kind=kind, choices=choices, fresh=fresh
        )
        submission = await self.slack.person(user).submit(view)
        assert submission.errors == {}
        return await self.slack.until(lambda: next(iter(self.said(channel)[before:]), None))

    async def quote(
        self,
        *,
        channel: str = "newsletter",
        kind: str | None = None,
        choices: Sequence[str] = (),
        fresh: bool = True,
    ) -> Message:
        """Ask for a quote and give its message once Start is on it."""
        message = await self.submit_verify(channel=channel, kind=kind, choices=choices, fresh=fresh)
        await self.shows(message, "[Start]")
        return message

    async def finished_run(
        self, account: Account | None = None, *, channel: str = "newsletter"
    ) -> Message:
        """Connect an account, verify it, and give the summary's message."""
        await self.connect(account)
        message = await self.quote(channel=channel)
        await self.slack.person("owner").click(message, action_id="run_start")
        await self.shows(message, "# Summary")
        await self.delivered(message)
        return message

    async def delivered(self, message: Message) -> Message:
        """Wait for the file in a message's thread and give its message."""
        return await self.slack.until(
            lambda: next((m for m in self.slack.thread(message) if self.slack.files_of(m)), None)
        )

    async def cleanup_dialog(self, run: Message, *, user: str = "owner") -> View:
        """Press Clean up under a summary."""
        await self.slack.person(user).click(run, action_id="run_clean_up")
        return await self.dialog(user, "cleanup")

    async def request(self, run: Message, *, user: str = "owner") -> Message:
        """Ask for approval of the recommended plan and give the request's message."""
        view = await self.cleanup_dialog(run, user=user)
        channel = run.channel
        before = len(self.said(channel))
        submission = await self.slack.person(user).submit(view)
        assert submission.errors == {}
        assert submission.view is None
        message = await self.slack.until(lambda: next(iter(self.said(channel)[before:]), None))
        await self.shows(message, "[Approve]")
        return message

    async def approved(self, account: Account | None = None) -> Message:
        """Bring a Cleanup to where a colleague has approved it."""
        message = await self.request(await self.finished_run(account))
        await self.slack.person("colleague").click(message, action_id="cleanup_approve")
        return message

    # -- manners

    def check_manners(self) -> None:
        """Check what holds in every conversation, whatever it was about."""
        self._check_slack()
        self._check_log()
        self._check_nothing_leaks()
        assert not self.world.mail.journal.alarms, self.world.mail.journal.alarms

    def _check_slack(self) -> None:
        refused = [
            f"{call.method}: {call.error}"
            for call in self.slack.store.calls[self.mark.calls :]
            if call.error is not None and call.error not in self.forgiven
        ]
        assert not refused, refused
        assert not self.slack.broadcasts, self.slack.broadcasts
        late = [
            (delivery.kind, delivery.latency)
            for delivery in self.slack.deliveries[self.mark.deliveries :]
            if delivery.latency is None or delivery.latency >= 3.0
        ]
        assert not late, late

    def _check_log(self) -> None:
        lines = self.bot.logged()[self.mark.log :].splitlines()
        bad = [line for line in lines if " ERROR " in line or line.startswith("Traceback")]
        assert not bad, "\n".join(lines)

    def _check_nothing_leaks(self) -> None:
        private = {s.facts.address for a in self.world.kit.accounts for s in a.subscribers}
        private = (private - self.typed) | set(self._secrets())
        for text in self._public_texts():
            leaked = [each for each in private if each in text]
            where = next((line for line in text.splitlines() if leaked and leaked[0] in line), "")
            assert not leaked, where

    def _secrets(self) -> Iterable[str]:
        for account in self.world.kit.accounts:
            yield from (account.keys.v3_secret, account.keys.v3_key, *account.keys.v4)
        yield from (self.slack.bot_token, self.slack.app_token)

    def _public_texts(self) -> Iterable[str]:
        """Give all that more than one person can read, the log, and what Slack was sent."""
        yield self.bot.logged()[self.mark.log :]
        for call in self.slack.store.calls[self.mark.calls :]:
            arguments = {k: v for k, v in call.arguments.items() if k != "token"}
            yield json.dumps(arguments, ensure_ascii=False)
        for message in self.slack.store.posts[self.mark.posts :]:
            if self.slack.store.channels[message.channel].is_im:
                continue
            yield json.dumps([message.text, message.blocks], ensure_ascii=False)
            for file in self.slack.files_of(message):
                yield (file.content or b"").decode("utf-8-sig")


@asynccontextmanager
async def open_scene(
    directory: Path, *, people: int = PEOPLE, **environment: str
) -> AsyncIterator[Scene]:
    """Start a Slack, a world and a bot; further keywords are the bot's environment."""
    settings = WorldSettings(
        people=people, limit=RateLimit(1000, 1.0), delays=Delays(effect=0.0), timing=_TIMING
    )
    async with FakeSlack() as slack, World(settings) as world:
        data = directory / "data"
        bot = BotProcess(
            {
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.url,
                "DATA_DIR": str(data),
                **PACES,
                **world.environment(),
                **environment,
            },
            directory / "bot.log",
        )
        async with running(bot):
            await slack.connected()
            yield Scene(slack, world, bot, data)
