"""A process of the bot: started, stopped, killed, frozen and asked, as an operator would."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(slots=True)
class Life:
    """One life of a process, from a start to its end; None is what has not happened."""

    began: datetime
    #: When it was killed without a warning.
    killed: datetime | None = None
    #: When it was frozen last, and when it went on.
    frozen: datetime | None = None
    thawed: datetime | None = None


class BotProcess:
    """Run `python -m bot` with an environment of the sandbox's, and nothing of the developer's."""

    def __init__(
        self, environment: Mapping[str, str], log: Path, *, name: str = "bot", role: str = "all"
    ) -> None:
        self.name = name
        self.role = role
        #: Every life that it has had, the present one last.
        self.lives: list[Life] = []
        self._environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": str(ROOT),
            **environment,
        }
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process; it says nothing until it is connected to Slack."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "run",
                *(() if self.role == "all" else ("--role", self.role)),
                # A folder of its own, so that no .env of the developer's is read.
                cwd=self._log.parent,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.lives.append(Life(began=_now()))

    async def stop(self, *, within: float = 10.0) -> int:
        """Stop the process as Ctrl-C does, and give its exit code."""
        return await self._end(signal.SIGINT, within)

    async def terminate(self, *, within: float = 10.0) -> int:
        """Stop the process as a service manager does (SIGTERM), and give its exit code.

        Raises:
            TimeoutError: It took longer than `within` seconds.
        """
        return await self._end(signal.SIGTERM, within)

    async def kill(self) -> None:
        """Kill the process where it stands."""
        self.strike()
        await self.ended()

    async def ask(self, *arguments: str) -> str:
        """Run another command of `python -m bot` and give what it prints."""
        asked = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            cwd=self._log.parent,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asked.communicate()
        return output.decode().strip()

    def strike(self) -> None:
        """Kill the process at this very moment (SIGKILL), and do not wait."""
        self._signal(signal.SIGKILL)
        self.lives[-1].killed = _now()

    def freeze(self) -> None:
        """Let the process stand still at this very moment (SIGSTOP), its connections open."""
        self._signal(signal.SIGSTOP)
        self.lives[-1].frozen, self.lives[-1].thawed = _now(), None

    def thaw(self) -> None:
        """Let a frozen process go on (SIGCONT), as if no time had passed."""
        self.lives[-1].thawed = _now()
        self._signal(signal.SIGCONT)

    async def ended(self) -> int:
        """Wait until the process ends, and give its exit code."""
        assert self._process is not None, "the bot was not started"
        return await self._process.wait()

    @property
    def is_running(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.returncode is None

    @property
    def listens(self) -> bool:
        """Tell whether its role has a connection to Slack's Socket Mode."""
        return self.role != "worker"

    def logged(self) -> str:
        """Give everything that the process has logged."""
        return self._log.read_text() if self._log.exists() else ""

    def _signal(self, which: signal.Signals) -> None:
        assert self._process is not None, "the bot was not started"
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(which)

    async def _end(self, how: signal.Signals, within: float) -> int:
        self._signal(how)
        async with asyncio.timeout(within):
            return await self.ended()


def _now() -> datetime:
    return datetime.now(UTC)


@contextlib.asynccontextmanager
async def running(bot: BotProcess) -> AsyncIterator[BotProcess]:
    """Run the bot for as long as the block runs."""
    await bot.start()
    try:
        yield bot
    finally:
        if bot.is_running:
            await bot.kill()
