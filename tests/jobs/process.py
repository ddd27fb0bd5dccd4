"""A process that works on a test's file until it is killed: `python -m tests.jobs.process`.

Its arguments are the file, the V4 address of the make-believe ConvertKit, and the seconds that a
greylisted subscriber waits. Beside the file it keeps the engine's, and a journal of its looks.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from convertkit import Endpoints, open_http
from jobs.accounts import Accounts
from jobs.cleanup import CleanupJob
from jobs.engine import Engine
from jobs.takeup import take_up
from jobs.verify import VerifyJob
from jobs.workflows import Workflows
from storage.database import Database
from tests.jobs.worlds import RecordingNotifier
from tests.storage.stores import Store, judged, url
from verification import Reason, Verdict


def clock() -> datetime:
    return datetime.now(UTC)


class JournalingVerifier:
    """Find everybody greylisted at the first look and Safe at the next, across processes."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal

    def write(self, word: str) -> None:
        with self._journal.open("a") as file:
            file.write(f"{word} {clock().isoformat()}\n")

    async def verify(self, addresses: Iterable[str]) -> AsyncIterator[Verdict]:
        for address in addresses:
            seen = address in self._journal.read_text().split()
            self.write(address)
            yield judged(address, Reason.ACCEPTED if seen else Reason.GREYLISTED)


async def work(file: Path, kit: str, greylist_wait: float) -> None:
    """Take up whatever is open, for ever."""
    store = Store(Database(url(file)))
    verifier = JournalingVerifier(file.with_name("journal"))
    engine = Engine(f"sqlite:///{file.with_name('engine.sqlite')}", executor_id="bot")
    async with open_http() as http:
        accounts = Accounts(
            connections=store.connections,
            http=http,
            endpoints=Endpoints(v4=kit),
            calls_per_minute=60_000,
        )
        verify = VerifyJob(
            runs=store.runs,
            subscribers=store.subscribers,
            reuse=store.reuse,
            known=store.known,
            connections=store.connections,
            accounts=accounts,
            verifier=verifier,
            notifier=RecordingNotifier(),
            clock=clock,
            retry_delays=(timedelta(seconds=greylist_wait),),
            is_closing=engine.is_closing,
        )
        cleanup = CleanupJob(
            cleanups=store.cleanups,
            decisions=store.decisions,
            unsubscribes=store.unsubscribes,
            runs=store.runs,
            connections=store.connections,
            accounts=accounts,
            notifier=RecordingNotifier(),
            clock=clock,
            proof_delays=(timedelta(seconds=0.1),),
            is_closing=engine.is_closing,
        )
        workflows = Workflows(engine, verify, cleanup, outage_delays=())
        await engine.launch()
        verifier.write("launched")
        forever = datetime.max.replace(tzinfo=UTC)
        await take_up(workflows, store.runs, store.cleanups, opened_before=forever)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
