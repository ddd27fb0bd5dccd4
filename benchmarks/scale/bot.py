"""The real bot with a verifier that answers at once, or after a fixed time.

Run as ``python -m benchmarks.scale.bot ROLE`` with the bot's environment. ``VERIFIER_SECONDS`` is
what each chunk takes. To the file ``PAUSES_FILE`` go the moments when the loop was busy for long.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

from bot import logs
from bot.background import in_background
from bot.cli import load, serve
from bot.roles import Role
from verification import Evidence, Reason, Verdict

#: Reasons, and up to which of 100 addresses have them.
_MIX = (
    (70, Reason.ACCEPTED),
    (87, Reason.NO_SUCH_MAILBOX),
    (90, Reason.DISPOSABLE),
    (94, Reason.ACCEPTS_ALL),
    (97, Reason.MAILBOX_FULL),
    (100, Reason.TIMEOUT),
)
#: Seconds between two looks at how long the loop was busy, and what is noted.
_TICK, _LONG = 0.005, 0.01


class FixedVerifier:
    """Judge addresses by their names, with evidence of the usual length."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def verify(self, addresses: Iterable[str]) -> AsyncIterator[Verdict]:
        """Yield a verdict for each address, after the time that a chunk takes."""
        await asyncio.sleep(self._seconds)
        now = datetime.now(UTC)
        for address in addresses:
            yield judge(address, now)


def judge(address: str, now: datetime) -> Verdict:
    """Give an address's verdict, which is always the same."""
    share = crc32(address.encode()) % 100
    reason = next(reason for limit, reason in _MIX if share < limit)
    domain = address.rpartition("@")[2]
    evidence = Evidence(
        mail_host=f"mx1.{domain}",
        reply="250 2.1.5 OK a1b2c3d4e5f6-0123456789 - gsmtp",
        made_up_reply="550-5.1.1 The email account that you tried to reach does not exist.",
        rule=reason.value,
    )
    return Verdict(address, reason, evidence, share == 0, share < 45, None, now)


async def note_pauses(file: Path) -> None:
    """Note how long the loop was busy without a break: when, and seconds late and on a processor.

    Where a processor is shared with other programs, only the last one is the bot's own.
    """
    with file.open("w", buffering=1) as pauses:
        while True:
            due, used = time.perf_counter() + _TICK, time.thread_time()
            await asyncio.sleep(_TICK)
            late, busy = time.perf_counter() - due, time.thread_time() - used
            if busy > _LONG:
                pauses.write(f"{time.time():.3f} {late:.4f} {busy:.4f}\n")


async def main(role: Role) -> None:
    """Run the bot until it is told to stop."""
    settings = load()
    logs.set_up(settings.log_level)
    verifier = FixedVerifier(float(os.environ.get("VERIFIER_SECONDS", "0")))
    async with contextlib.AsyncExitStack() as stack:
        if file := os.environ.get("PAUSES_FILE"):
            await stack.enter_async_context(in_background(note_pauses(Path(file))))
        await serve(settings, role, verifier)


if __name__ == "__main__":
    asyncio.run(main(Role(sys.argv[1])))
