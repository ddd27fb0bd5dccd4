"""A process that calls ConvertKit as fast as the pace lets it: `python -m tests.soak.pace_process`.

Its arguments are the database's address, the V4 address of the make-believe ConvertKit, the calls a
minute that it aims at, the seconds from one dialog's call to the next, and a file for how long each
call took. It works on the first Connection until it is killed.
"""

import asyncio
import random
import sys
import time
from pathlib import Path

from convertkit import FOR_DIALOG, FOR_JOB, ConvertKit, Endpoints, open_http
from jobs.accounts import Accounts
from storage.database import Database
from tests.storage.stores import Store


async def work(
    database: str, kit: str, calls_per_minute: float, dialog_every: float, journal: Path
) -> None:
    """Call for a background job all the time, and for a dialog now and then."""
    async with open_http() as http:
        accounts = Accounts(
            connections=Store(Database(database)).connections,
            http=http,
            endpoints=Endpoints(v4=kit),
            calls_per_minute=calls_per_minute,
        )
        job, dialog = await accounts.open(1, FOR_JOB), await accounts.open(1, FOR_DIALOG)
        async with asyncio.TaskGroup() as group:
            group.create_task(_call_on(job, "job", 0.0, journal))
            group.create_task(_call_on(dialog, "dialog", dialog_every, journal))


async def _call_on(client: ConvertKit, kind: str, every: float, journal: Path) -> None:
    while True:
        await asyncio.sleep(random.uniform(0.5, 1.5) * every)
        began = time.monotonic()
        await client.account()
        with journal.open("a") as file:
            file.write(f"{kind} {time.monotonic() - began:.4f}\n")


if __name__ == "__main__":
    asyncio.run(
        work(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]), Path(sys.argv[5]))
    )
