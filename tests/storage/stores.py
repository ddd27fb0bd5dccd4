"""Every repository over one real SQLite file, and the ways to the states that tests begin in."""

import asyncio
import itertools
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from convertkit import Account, ApiVersion, Subscriber, SubscriberState
from storage.address_keys import AddressKeys
from storage.cleanups import Cleanups, NewCleanup
from storage.connections import Connections
from storage.credits import Credits
from storage.database import Database
from storage.decisions import Decisions
from storage.evidence import EvidenceBook
from storage.forgetting import Forgetting
from storage.known_verdicts import KnownVerdicts
from storage.migrations import migrate
from storage.plans import RECOMMENDED_PLAN, Plan
from storage.records import Audience, Cleanup, Connection, Run
from storage.reports import Reports
from storage.retention import Retention
from storage.reuse import Reuse
from storage.run_subscribers import RunSubscribers
from storage.runs import NewRun, Runs
from storage.schedules import Schedules
from storage.states import AudienceKind, CleanupState, RunState, StopReason
from storage.unsubscribes import Unsubscribes
from storage.vault import KEY_BYTES, Vault
from storage.watching import Watching
from storage.workspaces import Workspaces
from verification import Evidence, Reason, Verdict

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
EXPIRES = NOW + timedelta(days=7)
TEAM = "T0PAPERBOATS"
ANN, BEN = "U0ANN", "U0BEN"
WELCOME = 200
SECRET = "kit_0a1b2c3d4e5f60718293a4b5c6d7e8f9"
PROOF_DELAYS = (timedelta(minutes=10), timedelta(hours=1))
EVERYBODY = Audience(AudienceKind.SUBSCRIBERS)

#: For a test of what only SQLite does, or of how it is looked at.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

_numbers = itertools.count(1)


class Store:
    """Hold what the composition root makes of storage, over one Database."""

    def __init__(self, database: Database, *, key: bytes = bytes(KEY_BYTES)) -> None:
        self.database = database
        self.workspaces = Workspaces(database, welcome_credits=WELCOME)
        self.connections = Connections(database, Vault(key))
        self.credits = Credits(database)
        self.runs = Runs(database)
        self.subscribers = RunSubscribers(database)
        self.keys = AddressKeys(b"for tests")
        self.known = KnownVerdicts(database, self.keys)
        self.reuse = Reuse(database, self.keys)
        self.evidence = EvidenceBook(database, self.keys)
        self.cleanups = Cleanups(database)
        self.decisions = Decisions(database)
        self.unsubscribes = Unsubscribes(database)
        self.reports = Reports(database, proof_delays=PROOF_DELAYS)
        self.schedules = Schedules(database)
        self.retention = Retention(database, self.known)
        self.watching = Watching(database)
        self.forgetting = Forgetting(database, self.keys)

    async def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Do to the database what the code never does, or read what it never shows."""
        async with self.database.writing() as session:
            result = await (await session.connection()).execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []

    async def connect(
        self,
        *,
        team: str = TEAM,
        name: str = "",
        secret: str = SECRET,
        version: ApiVersion = ApiVersion.V4,
        email: str = "owner@example.com",
    ) -> Connection:
        """Make the workspace known, and save a Connection of it."""
        await self.workspaces.welcome(team, NOW)
        return await self.connections.save(
            workspace_id=team,
            name=name,
            secret=secret,
            version=version,
            account=Account("Paper Boats", email, "creator"),
            connected_by=ANN,
            now=NOW,
        )

    async def new_run(
        self,
        *,
        team: str = TEAM,
        audience: Audience = EVERYBODY,
        schedule_id: int | None = None,
        connection_id: int | None = None,
    ) -> Run:
        """Make a Run that reads its list."""
        connection_id = connection_id or (await self.connect(team=team)).id
        new = NewRun(team, connection_id, audience, ANN, "C0LISTS", fresh_key(), schedule_id)
        run, _ = await self.runs.create(new, NOW)
        return run

    async def quoted_run(
        self, listed: Sequence[Subscriber] | int = 4, *, chunk_size: int = 200, team: str = TEAM
    ) -> Run:
        """Bring a Run with these subscribers to its quote."""
        run = await self.new_run(team=team)
        people = readers(listed) if isinstance(listed, int) else listed
        await self.subscribers.add_page(run.id, people, (1, None), NOW)
        await self.subscribers.close_list(run.id, chunk_size, NOW)
        return await self.runs.get(run.id)

    async def run_in(self, state: RunState) -> Run:
        """Bring a Run of four subscribers to a state by the way that leads there."""
        if state is RunState.FETCHING:
            return await self.new_run()
        run = await (self.new_run() if state is RunState.FAILED else self.quoted_run())
        match state:
            case RunState.FAILED:
                await self.runs.fail(run.id, "There is nobody in it.", NOW)
            case RunState.CANCELLED:
                await self.runs.cancel(run.id, BEN, NOW)
            case RunState.VERIFYING | RunState.STOPPED | RunState.FINISHED:
                await self.runs.start(run.id, BEN, NOW)
        if state is RunState.STOPPED:
            await self.runs.stop(run.id, StopReason.BY_PERSON, by=BEN)
        if state is RunState.FINISHED:
            await self.settle(run.id, 1)
            await self.runs.finish(run.id, 1, NOW)
        return await self.runs.get(run.id)

    async def settle(
        self, run_id: int, attempt: int, reasons: Sequence[Reason] = (), **how: Any
    ) -> None:
        """Settle every open chunk as `settle_chunk` does; for Runs of one chunk give reasons."""
        for chunk in await self.subscribers.open_chunks(run_id):
            await self.settle_chunk(run_id, attempt, chunk, reasons, **how)

    async def settle_chunk(
        self,
        run_id: int,
        attempt: int,
        chunk: int,
        reasons: Sequence[Reason] = (),
        *,
        retry_after: timedelta | None = None,
        now: datetime = NOW,
    ) -> bool:
        """Settle a chunk; its subscribers, by id, get these reasons in turn, else Safe."""
        addresses = await self.subscribers.chunk(run_id, chunk)
        verdicts = {
            each: judged(address, reason)
            for (each, address), reason in zip(
                sorted(addresses.items()),
                itertools.chain(reasons, itertools.repeat(Reason.ACCEPTED)),
                strict=False,
            )
        }
        return await self.subscribers.settle(
            run_id, attempt, chunk, verdicts, retry_after=retry_after, now=now
        )

    async def finished_run(self, reasons: Sequence[Reason]) -> Run:
        """Finish a Run whose subscribers, by id, have these reasons."""
        run = await self.quoted_run(len(reasons))
        await self.runs.start(run.id, ANN, NOW)
        await self.settle(run.id, 1, reasons)
        await self.known.remember(run.id)
        await self.runs.finish(run.id, 1, NOW)
        return await self.runs.get(run.id)

    async def new_cleanup(self, run: Run, *, plan: Plan = RECOMMENDED_PLAN) -> Cleanup:
        """Make a Cleanup whose list is not written down yet."""
        new = NewCleanup(
            workspace_id=run.workspace_id,
            run_id=run.id,
            plan=plan,
            requested_by=ANN,
            channel_id="C0LISTS",
            request_key=fresh_key(),
            expires_at=EXPIRES,
        )
        cleanup, _ = await self.cleanups.create(new, NOW)
        return cleanup

    async def cleanup_in(
        self, state: CleanupState, *, stopped_from: CleanupState = CleanupState.UNSUBSCRIBING
    ) -> Cleanup:
        """Bring a Cleanup of three subscribers to a state by the way that leads there."""
        nobody = state is CleanupState.EMPTY
        chosen = () if nobody else (Reason.NO_SUCH_MAILBOX, Reason.DISPOSABLE, Reason.NULL_MX)
        cleanup = await self.new_cleanup(await self.finished_run((*chosen, Reason.ACCEPTED)))
        if state is CleanupState.PREPARING:
            return cleanup
        await self.cleanups.prepare(cleanup.id, NOW)
        match state:
            case CleanupState.REJECTED:
                await self.decisions.reject(cleanup.id, BEN, NOW)
            case CleanupState.EXPIRED:
                await self.decisions.expire(cleanup.id, EXPIRES)
            case CleanupState.EMPTY | CleanupState.AWAITING_APPROVAL:
                pass
            case _:
                await self.decisions.approve(cleanup.id, BEN, NOW)
        proves = state in (CleanupState.PROVING, CleanupState.FINISHED)
        if proves or (state, stopped_from) == (CleanupState.STOPPED, CleanupState.PROVING):
            await self.cleanups.begin_proof(cleanup.id, NOW)
        if state is CleanupState.STOPPED:
            await self.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
        if state is CleanupState.FINISHED:
            await self.cleanups.finish(cleanup.id, NOW)
        return await self.cleanups.get(cleanup.id)


def fresh_key() -> str:
    """Name a request that was never made before."""
    return f"V{next(_numbers):06}"


def readers(count: int, first: int = 1) -> tuple[Subscriber, ...]:
    """Invent active subscribers, three to a domain."""
    return tuple(
        Subscriber(n, f"reader{n}@letters{n // 3}.example.com", SubscriberState.ACTIVE)
        for n in range(first, first + count)
    )


def judged(
    address: str, reason: Reason = Reason.ACCEPTED, *, role: bool = False, hint: str | None = None
) -> Verdict:
    """Reach a Verdict; a greylisted one is worth another look."""
    verdict = Verdict(address, reason, Evidence(rule="invented"), role, False, hint, NOW)
    if reason is Reason.GREYLISTED:
        return replace(verdict, retry_after=timedelta(minutes=5))
    return verdict


def url(path: Path) -> str:
    """Name a SQLite file as Database takes it."""
    return f"sqlite+aiosqlite:///{path}"


def holding(file: Path, text: str) -> list[str]:
    """Name the files of a database, and of its log, in which a text can be read."""
    return [
        each.name for each in sorted(file.parent.iterdir()) if text.encode() in each.read_bytes()
    ]


def make_template(folder: Path) -> Path:
    """Make a file with the newest schema, for tests to copy."""
    path = folder / "listkeeper.sqlite"

    async def make() -> None:
        database = Database(url(path))
        await migrate(database)
        await database.close()

    asyncio.run(make())
    return path


def copy_of(template: Path, folder: Path) -> Path:
    """Give a test its own file with the newest schema."""
    return Path(shutil.copy(template, folder / "listkeeper.sqlite"))
