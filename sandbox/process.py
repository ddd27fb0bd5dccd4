"""The bot as a process of its own: started, stopped, killed and asked, as an operator would."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent


class BotProcess:
    """Run `python -m bot` with an environment of the sandbox's, and nothing of the developer's."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": str(ROOT),
            **environment,
        }
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the bot; it says nothing until it is connected to Slack."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "run",
                # A folder of its own, so that no .env of the developer's is read.
                cwd=self._log.parent,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def stop(self, *, within: float = 10.0) -> int:
        """Stop the bot as Ctrl-C does, and give its exit code."""
        return await self._end(signal.SIGINT, within)

    async def kill(self) -> None:
        """Kill the bot where it stands."""
        await self._end(signal.SIGKILL, 10.0)

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
        """Kill the bot at this very moment, and do not wait."""
        assert self._process is not None, "the bot was not started"
        self._process.kill()

    async def ended(self) -> int:
        """Wait until the bot ends by itself, and give its exit code."""
        assert self._process is not None, "the bot was not started"
        return await self._process.wait()

    @property
    def is_running(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.returncode is None

    def logged(self) -> str:
        """Give everything that the bot has logged."""
        return self._log.read_text() if self._log.exists() else ""

    async def _end(self, how: signal.Signals, within: float) -> int:
        assert self._process is not None, "the bot was not started"
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(how)
        async with asyncio.timeout(within):
            return await self._process.wait()


@contextlib.asynccontextmanager
async def running(bot: BotProcess) -> AsyncIterator[BotProcess]:
    """Run the bot for as long as the block runs."""
    await bot.start()
    try:
        yield bot
    finally:
        if bot.is_running:
            await bot.kill()
