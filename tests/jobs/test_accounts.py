"""Clients open with the stored secret, and keep together within the account's allowance.

That several processes do so against the clock is shown by tests/soak/test_pace.py.
"""

import pytest

from convertkit import (
    FOR_DIALOG,
    FOR_JOB,
    ONCE,
    ConvertKit,
    Endpoints,
    HttpClient,
    PublicKeyGiven,
    RateLimited,
    RetryPolicy,
)
from jobs.accounts import Accounts
from sandbox.kit import FakeKit, Fault
from storage.errors import SecretUnreadable
from storage.records import Connection
from tests.jobs.worlds import World, invent_people
from tests.storage.stores import Store

#: Seconds between two calls at an even pace: far more than a test takes.
SPACING = 20.0


async def test_a_stored_account_opens(world: World) -> None:
    run = await world.new_run()
    client = await world.accounts.open(run.connection_id, FOR_JOB)
    assert (await client.account()).name == "Paper Boats"


async def test_a_pasted_secret_is_recognised(world: World) -> None:
    version, account = await world.accounts.identify(f"  {world.secret}\n", FOR_DIALOG)
    assert (version, account.name) == (world.version, "Paper Boats")


async def test_the_public_key_is_recognised_as_such(world: World) -> None:
    with pytest.raises(PublicKeyGiven):
        await world.accounts.identify(world.account.keys.v3_key, FOR_DIALOG)


async def test_a_secret_that_does_not_open_is_refused(world: World) -> None:
    run = await world.new_run()
    await world.store.sql("UPDATE connection SET seal_id = 'moved'")
    with pytest.raises(SecretUnreadable):
        await world.accounts.open(run.connection_id, FOR_JOB)


class Callers:
    """Open clients of one account as several processes do; time passes when one of them sleeps."""

    def __init__(self, store: Store, kit: FakeKit, http: HttpClient, account: Connection) -> None:
        self._store, self._kit, self._http, self._account = store, kit, http, account
        self.naps: list[float] = []

    async def open(self, retries: RetryPolicy) -> ConvertKit:
        return await self.accounts.open(self._account.id, retries)

    async def replace(self, secret: str) -> None:
        """Try a secret that is meant for the account."""
        await self.accounts.identify(secret, FOR_DIALOG, meant_for=self._account.id)

    @property
    def accounts(self) -> Accounts:
        return Accounts(
            connections=self._store.connections,
            http=self._http,
            endpoints=Endpoints(v3=self._kit.v3_url, v4=self._kit.v4_url),
            calls_per_minute=60.0 / SPACING,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        # In whole spacings: the time that the test itself takes does not count.
        self.naps.append(round(seconds / SPACING) * SPACING)
        await self._store.sql(f"UPDATE call_pace SET next_at = next_at - {seconds}")


@pytest.fixture
async def callers(store: Store, kit: FakeKit, http: HttpClient) -> Callers:
    account = kit.add_account("Paper Boats", invent_people(3))
    return Callers(store, kit, http, await store.connect(secret=account.keys.v4[0]))


async def test_jobs_share_the_pace_after_a_few_calls_ahead_of_it(callers: Callers) -> None:
    jobs = [await callers.open(FOR_JOB), await callers.open(ONCE)]
    for n in range(5):
        await jobs[n % 2].account()
    assert callers.naps == []
    for _ in range(3):
        await jobs[0].account()
    assert callers.naps == [SPACING] * 3


async def test_a_dialog_goes_ahead_of_a_job_that_waits(callers: Callers) -> None:
    job, dialog = await callers.open(FOR_JOB), await callers.open(FOR_DIALOG)
    for _ in range(5):
        await job.account()
    for _ in range(3):
        await dialog.account()
    assert callers.naps == []
    await job.account()
    assert callers.naps == [4 * SPACING]


@pytest.mark.parametrize(
    "retries", [pytest.param(FOR_DIALOG, id="dialog"), pytest.param(ONCE, id="after-a-look")]
)
async def test_whoever_cannot_wait_gives_up_and_calls_nobody(
    retries: RetryPolicy, callers: Callers, kit: FakeKit
) -> None:
    client = await callers.open(retries)
    for _ in range(retries.ahead + 1):
        await client.account()
    with pytest.raises(RateLimited, match="Wait a minute"):
        await client.account()
    assert len(kit.requests) == retries.ahead + 1
    assert callers.naps == []


async def test_a_new_secret_of_an_account_takes_its_slots(callers: Callers, kit: FakeKit) -> None:
    secret = kit.accounts[0].keys.v4[0]
    for _ in range(FOR_DIALOG.ahead + 1):
        await callers.replace(secret)
    with pytest.raises(RateLimited, match="Wait a minute"):
        await callers.replace(secret)
    assert len(kit.requests) == FOR_DIALOG.ahead + 1


async def test_what_a_429_says_holds_every_process(callers: Callers, kit: FakeKit) -> None:
    kit.trouble(Fault.TOO_MANY, retry_after="240")
    with pytest.raises(RateLimited):
        await (await callers.open(ONCE)).account()
    with pytest.raises(RateLimited):
        await (await callers.open(FOR_DIALOG)).account()
    assert len(kit.requests) == 1
    # A job waits longer than that, so that dialogs come first afterwards.
    await (await callers.open(FOR_JOB)).account()
    assert callers.naps == [240 + 3 * SPACING]
