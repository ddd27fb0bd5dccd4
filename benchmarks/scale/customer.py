"""What a person does in Slack, in the benchmark: connect, verify, clean up, and ask for help."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from benchmarks.scale.kit import key_of
from sandbox.slack import Delivery, FakeSlack, Message, SandboxSlackError, View

Found = TypeVar("Found")
#: Seconds that anything may take.
PATIENCE = 4 * 3600.0


class Customer:
    """Act as one person of the workspace."""

    def __init__(self, slack: FakeSlack, who: str) -> None:
        self._slack = slack
        self._who = who
        self._person = slack.person(who)

    async def connect(self, size: int) -> None:
        """Connect an account with so many subscribers; the Verify dialog opens with it then."""
        await self._person.slash("/verify", "connect")
        view = await self._dialog("connect")
        await self._person.fill(view, "secret", key_of(size))
        submission = await self._person.submit(view)
        assert submission.view is not None, submission.errors
        assert submission.view.callback_id == "connected", submission.errors
        await self._person.close(submission.view)

    async def ask_for_quote(self) -> tuple[Message, Delivery]:
        """Open the Verify dialog and submit it; give the Run's message."""
        before = len(self._slack.messages("newsletter"))
        await self._person.slash("/verify")
        view = await self._dialog("verify")
        await self._person.choose(view, "channel", "newsletter")
        await self._person.choose(view, "fresh", "fresh")
        submission = await self._person.submit(view)
        assert submission.delivery is not None, submission.errors
        new = await self._slack.until(lambda: self._slack.messages("newsletter")[before:], 60.0)
        return new[0], submission.delivery

    async def help(self) -> Delivery:
        """Type /verify help."""
        return (await self._person.slash("/verify", "help")).delivery

    async def press(self, message: Message, button: str) -> None:
        """Press a button of a message."""
        await self._person.click(message, action_id=button)

    async def shows(self, message: Message, words: str) -> None:
        """Wait until a message shows these words."""
        await self._until(lambda: words in self._slack.as_text(message))

    async def file_under(self, message: Message) -> int:
        """Wait for the file in a message's thread, and give its length."""
        found = await self._until(
            lambda: [f for m in self._slack.thread(message) for f in self._slack.files_of(m)]
        )
        return found[0].length

    async def private_file(self) -> int:
        """Wait for the file in the direct message, and give its length."""
        found = await self._until(
            lambda: [f for m in self._slack.dm(self._who) for f in self._slack.files_of(m)]
        )
        return found[0].length

    async def ask_for_approval(self, run: Message) -> Message:
        """Press Clean up and submit the recommended plan; give the request's message."""
        await self.press(run, "run_clean_up")
        view = await self._dialog("cleanup")
        before = len(self._slack.messages("newsletter"))
        await self._person.submit(view)
        return (await self._until(lambda: self._slack.messages("newsletter")[before:]))[0]

    async def disturb(self, latencies: dict[str, list[float]], every: float) -> None:
        """Type /verify help and submit Verify dialogs in turn, until cancelled.

        Args:
            latencies: Where the seconds until the acknowledgements go, by what was done; what was
                not acknowledged within Slack's 3 seconds, or had no dialog, is infinite.
            every: Seconds between two of them.
        """
        while True:
            latencies["help"].append(await _latency(self.help()))
            await asyncio.sleep(every)
            latencies["dialog"].append(await _latency(self._submit()))
            await asyncio.sleep(every)

    async def _submit(self) -> Delivery:
        try:
            _, delivery = await self.ask_for_quote()
        except SandboxSlackError:
            # What was not acknowledged stays open, and would be taken for the next one.
            if view := self._slack.open_view(self._who):
                await self._person.close(view, whole=True)
            raise
        return delivery

    async def _dialog(self, callback_id: str) -> View:
        def look() -> View | None:
            view = self._slack.open_view(self._who)
            return view if view is not None and view.callback_id == callback_id else None

        return await self._slack.until(look, 60.0)

    async def _until(self, look: Callable[[], Found | None]) -> Found:
        return await self._slack.until(look, PATIENCE)


async def _latency(deed: Coroutine[Any, Any, Delivery]) -> float:
    """Give the seconds until the acknowledgement."""
    try:
        latency = (await deed).latency
    except SandboxSlackError:
        latency = None
    return math.inf if latency is None else latency
