"""A make-believe ConvertKit, real storage and the jobs between them, with a clock set by hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from convertkit import ApiVersion, Endpoints, HttpClient, Subscriber, SubscriberState
from jobs.accounts import Accounts
from jobs.cleanup import CleanupJob
from jobs.errors import SlackUnavailable
from jobs.verify import VerifyJob
from sandbox.kit import Account, FakeKit, Route
from sandbox.mail.addresses import Address
from sandbox.people import FORMS, TAGS, People, Person, State
from storage.records import Audience, Cleanup, Run
from storage.states import CleanupState, UnsubscribeState
from tests.storage.stores import ANN, EVERYBODY, NOW, PROOF_DELAYS, Store, judged
from verification import Category, Reason, Verdict

GREYLIST_WAITS = (timedelta(minutes=5), timedelta(minutes=20))
NEWSLETTER, CUSTOMERS, NOBODY_YET = TAGS[0], TAGS[1], TAGS[4]
HOME_PAGE = FORMS[0]


class Clock:
    """Tell the time that a test has set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, wait: timedelta) -> None:
        self.now += wait


async def no_time(_seconds: float) -> None:
    """Wait for nothing, but let others run."""
    await asyncio.sleep(0)


@dataclass
class ScriptedVerifier:
    """Judge as the script says, else Safe; each further look takes an address's next reason."""

    script: dict[str, list[Reason]] = field(default_factory=dict)
    looks: list[str] = field(default_factory=list)
    #: Closed while nobody may be judged.
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    #: Opened by the first look.
    began: asyncio.Event = field(default_factory=asyncio.Event)
    fault: Exception | None = None

    def __post_init__(self) -> None:
        self.gate.set()

    async def verify(self, addresses: Iterable[str]) -> AsyncIterator[Verdict]:
        for address in addresses:
            self.looks.append(address)
            self.began.set()
            await self.gate.wait()
            if self.fault:
                raise self.fault
            reasons = self.script.get(address, [])
            yield judged(address, reasons.pop(0) if reasons else Reason.ACCEPTED)


@dataclass
class RecordingNotifier:
    """Remember what was said; Slack may be away for some files."""

    said: list[tuple[str, int]] = field(default_factory=list)
    away: int = 0
    #: What happens in the moment in which something is shown.
    meanwhile: Callable[[int], Awaitable[object]] | None = None

    async def open_run(self, run_id: int) -> None:
        self.said.append(("open_run", run_id))

    async def open_cleanup(self, cleanup_id: int) -> None:
        self.said.append(("open_cleanup", cleanup_id))

    async def show_run(self, run_id: int, *, now: bool) -> None:
        await self._show("show_run" if now else "progress", run_id)

    async def show_cleanup(self, cleanup_id: int, *, now: bool) -> None:
        await self._show("show_cleanup" if now else "progress", cleanup_id)

    async def tell_run(self, run_id: int, sentence: str) -> None:
        self.said.append((f"tell_run: {sentence}", run_id))

    async def tell_cleanup(self, cleanup_id: int, sentence: str) -> None:
        self.said.append((f"tell_cleanup: {sentence}", cleanup_id))

    async def deliver_results(self, run_id: int) -> None:
        self._deliver("deliver_results", run_id)

    async def deliver_proof(self, cleanup_id: int) -> None:
        self._deliver("deliver_proof", cleanup_id)

    async def tell_stuck_run(self, run_id: int) -> bool:
        self.said.append(("tell_stuck_run", run_id))
        return True

    async def tell_stuck_cleanup(self, cleanup_id: int) -> bool:
        self.said.append(("tell_stuck_cleanup", cleanup_id))
        return True

    async def send_results(self, user_id: str, run_id: int) -> None:
        self.said.append((f"send_results to {user_id}", run_id))

    async def send_proof(self, user_id: str, cleanup_id: int) -> None:
        self.said.append((f"send_proof to {user_id}", cleanup_id))

    async def _show(self, what: str, subject: int) -> None:
        self.said.append((what, subject))
        if self.meanwhile:
            await self.meanwhile(subject)

    def _deliver(self, what: str, subject: int) -> None:
        if self.away:
            self.away -= 1
            raise SlackUnavailable("Slack does not answer just now.")
        self.said.append((what, subject))


class World:
    """Hold one ConvertKit account that is connected, and the jobs that work on it."""

    def __init__(
        self,
        *,
        store: Store,
        kit: FakeKit,
        account: Account,
        http: HttpClient,
        clock: Clock,
        version: ApiVersion,
    ) -> None:
        self.store, self.kit, self.account, self.clock = store, kit, account, clock
        self.version = version
        self.closing = False
        self._deeds: list[asyncio.Task[None]] = []
        self.verifier = ScriptedVerifier()
        self.notifier = RecordingNotifier()
        self.accounts = Accounts(
            connections=store.connections,
            http=http,
            endpoints=Endpoints(v3=kit.v3_url, v4=kit.v4_url),
            calls_per_minute=600_000,
            sleep=no_time,
        )
        self.verify = VerifyJob(
            runs=store.runs,
            subscribers=store.subscribers,
            reuse=store.reuse,
            known=store.known,
            connections=store.connections,
            accounts=self.accounts,
            verifier=self.verifier,
            notifier=self.notifier,
            clock=clock,
            retry_delays=GREYLIST_WAITS,
            is_closing=lambda: self.closing,
        )
        self.cleanup = CleanupJob(
            cleanups=store.cleanups,
            decisions=store.decisions,
            unsubscribes=store.unsubscribes,
            runs=store.runs,
            connections=store.connections,
            accounts=self.accounts,
            notifier=self.notifier,
            clock=clock,
            proof_delays=PROOF_DELAYS,
            is_closing=lambda: self.closing,
            sleep=no_time,
        )

    @property
    def secret(self) -> str:
        """Give the account's secret for the API version at hand."""
        keys = self.account.keys
        return keys.v3_secret if self.version is ApiVersion.V3 else keys.v4[0]

    @property
    def ids(self) -> list[int]:
        """List the subscribers of the account by id."""
        return [each.id for each in self.account.subscribers]

    async def new_run(
        self, audience: Audience = EVERYBODY, *, schedule_id: int | None = None
    ) -> Run:
        """Make a Run of this account."""
        connection = await self.store.connect(secret=self.secret, version=self.version)
        return await self.store.new_run(
            audience=audience, connection_id=connection.id, schedule_id=schedule_id
        )

    async def finished_run(self) -> Run:
        """Finish a Run of everybody in the account; they are all Invalid."""
        run = await self.new_run()
        await self.store.subscribers.add_page(run.id, listed(self.account), (1, None), self.clock())
        await self.store.subscribers.close_list(run.id, 200, self.clock())
        await self.store.runs.start(run.id, ANN, NOW)
        await self.store.settle(run.id, 1, [Reason.NO_SUCH_MAILBOX] * len(self.ids))
        await self.store.runs.finish(run.id, 1, NOW)
        return await self.store.runs.get(run.id)

    async def approved_cleanup(self, *, others: int = 1) -> Cleanup:
        """Approve a Cleanup of everybody but the last `others`, who are Safe."""
        run = await self.finished_run()
        for each in self.ids[len(self.ids) - others :]:
            await self.store.sql(
                f"UPDATE run_subscriber SET category = '{Category.SAFE}', reason = 'accepted'"
                f" WHERE subscriber_id = {each}"
            )
        cleanup = await self.store.new_cleanup(run)
        await self.store.cleanups.prepare(cleanup.id, self.clock())
        return await self.store.decisions.approve(cleanup.id, ANN, NOW)

    async def requested_cleanup(self) -> Cleanup:
        """Bring a Cleanup to where every call is made and nothing is proven."""
        cleanup = await self.approved_cleanup()
        await self.cleanup.unsubscribe_chunk(cleanup.id, 1)
        await self.cleanup.begin_proof(cleanup.id, 1)
        return await self.store.cleanups.get(cleanup.id)

    async def states(self, cleanup_id: int) -> list[UnsubscribeState]:
        """List what has become of each subscriber, by id."""
        return [each.state async for each in self.store.unsubscribes.stream(cleanup_id)]

    async def cleanup_state(self, cleanup_id: int) -> CleanupState:
        """Tell where a Cleanup stands."""
        return (await self.store.cleanups.get(cleanup_id)).state

    def called(self) -> list[int]:
        """List whom ConvertKit was asked to unsubscribe, in order."""
        return [each.subscriber for each in self.kit.unsubscribes]

    def during(self, route: Route, deed: Callable[[], Awaitable[object]], *, skip: int) -> None:
        """Let something happen while ConvertKit takes its time over a call, after `skip` others."""

        async def do() -> None:
            await deed()

        self.kit.settings = replace(self.kit.settings, latency=0.3)
        self.kit.before(route, lambda: self._deeds.append(asyncio.create_task(do())), skip=skip)

    def bounce(self, subscriber: int) -> None:
        """Let ConvertKit give somebody up."""
        found = self.kit.find(subscriber)
        assert found
        self.account.change(
            found, lambda facts: replace(facts, state=State.BOUNCED), self.clock.now
        )


def invent_people(count: int, *, tags: Sequence[int] = (), forms: Sequence[int] = ()) -> People:
    """Invent active subscribers with ids beyond 32 bits, all with these tags and forms."""
    persons = [
        Person(
            id=2**33 + n,
            first_name=f"Reader {n}",
            address=f"reader{n}@letters.example.com",
            state=State.ACTIVE,
            created_at=NOW - timedelta(days=90),
            tags=tuple(tags),
            forms=tuple(forms),
            truth=Address(f"reader{n}@letters.example.com", Category.SAFE, Category.SAFE),
        )
        for n in range(count)
    ]
    return People(tuple(persons), TAGS, FORMS)


def listed(account: Account) -> list[Subscriber]:
    """Give the account's subscribers as a list page does."""
    return [
        Subscriber(each.id, each.facts.address, SubscriberState.ACTIVE)
        for each in account.subscribers
    ]
