"""The narrator: acts as persons do, and prints what they type, press and see."""

import asyncio
from typing import TextIO

from sandbox.slack import FakeSlack, Message, Person, View

#: Seconds that the bot may take to answer before the story is wrong.
PATIENCE = 20.0


class StoryWrong(Exception):
    """Something in the story is not as it has to be."""


class Narrator:
    """Play the persons of one channel and write the transcript."""

    def __init__(self, slack: FakeSlack, channel: str, out: TextIO) -> None:
        self.slack = slack
        self.channel = channel
        self._out = out
        self._printed: dict[str, str] = {}

    def chapter(self, title: str) -> None:
        """Begin a new part of the transcript."""
        self.say(f"\n{'=' * 100}\n{title}\n{'=' * 100}")

    def say(self, text: str) -> None:
        """Write a line of the narrator's own."""
        print(text, file=self._out, flush=True)

    async def type(self, who: str, command: str, text: str = "") -> Message | None:
        """Type a command; give the answer that only this person sees, if there is one."""
        self.say(f"\n@{who} types: {command} {text}".rstrip())
        told, view = len(self.slack.ephemerals(who)), self.slack.open_view(who)
        reply = await self._person(who).slash(command, text, channel=self.channel)
        if reply.message is not None:
            return self._show(reply.message)
        await self.slack.until(
            lambda: len(self.slack.ephemerals(who)) > told or self.slack.open_view(who) is not view,
            PATIENCE,
        )
        answers = self.slack.ephemerals(who)
        return self._show(answers[-1]) if len(answers) > told else None

    async def dialog(
        self, who: str, callback_id: str, *, holds: str = "", remembers: str = ""
    ) -> View:
        """Wait for a dialog to be in front, and show it.

        Args:
            who: Whose dialog.
            callback_id: Which dialog.
            holds: A text that is drawn in it.
            remembers: A text in what it remembers between clicks (private_metadata).
        """

        def found() -> View | None:
            view = self.slack.open_view(who)
            if view is None or view.callback_id != callback_id:
                return None
            known = str(view.content.get("private_metadata"))
            return view if holds in self.slack.as_text(view) and remembers in known else None

        view: View = await self.slack.until(found, PATIENCE)
        self.say(_indented(self.slack.as_text(view)))
        return view

    async def fill(self, who: str, view: View, field: str, text: str, *, shown: str = "") -> None:
        """Type into a field; `shown` stands in the transcript instead of a secret."""
        self.say(f"\n@{who} types into {field}: {shown or text}")
        await self._person(who).fill(view, field, text)

    async def choose(self, who: str, view: View, field: str, *values: str, nth: int = 0) -> None:
        """Choose in a field."""
        self.say(f"\n@{who} chooses in {field}: {', '.join(values) or 'nothing'}")
        blocks = [
            block["block_id"]
            for block in view.blocks
            if field in str(block.get("element", {}).get("action_id"))
            or any(field == e.get("action_id") for e in block.get("elements", []))
        ]
        await self._person(who).choose(view, field, *values, block_id=blocks[nth])

    async def submit(self, who: str, view: View) -> View | None:
        """Press a dialog's main button; give the dialog that is in front then."""
        self.say(f"\n@{who} presses [{_submit_label(view)}]")
        submission = await self._person(who).submit(view)
        for sentence in submission.errors.values():
            self.say(_indented(f"! {sentence}"))
        if submission.view is not None and not submission.errors:
            self.say(_indented(self.slack.as_text(submission.view)))
        return submission.view

    async def press(self, who: str, where: Message | View, label: str) -> None:
        """Press a button, and agree to what it asks."""
        self.say(f"\n@{who} presses [{label}]")
        press = await self._person(who).click(where, label=label)
        if press.confirm is not None:
            asked = press.confirm
            self.say(_indented(f"? {asked.title}\n  {asked.text}\n  [{asked.confirm}]"))

    async def message(self, holds: str, *, within: float = PATIENCE) -> Message:
        """Wait for a message of the channel that holds a text, and show it."""
        found: Message = await self.slack.until(
            lambda: next(
                (
                    each
                    for each in reversed(self.slack.messages(self.channel))
                    if holds in self.slack.as_text(each)
                ),
                None,
            ),
            within,
        )
        return self._show(found)

    async def watch(self, message: Message, until: str, *, within: float) -> None:
        """Show each new state of a message, until it holds a text."""
        seen = self.slack.as_text(message)
        async with asyncio.timeout(within):
            while until not in seen:
                await asyncio.sleep(0.2)
                now = self.slack.as_text(message)
                if now != seen:
                    seen = now
                    self._show(message)

    async def thread(self, message: Message, *, within: float = PATIENCE) -> bytes:
        """Wait for the file in a message's thread; show its words and first lines."""

        def file() -> bytes | None:
            for reply in self.slack.thread(message):
                for each in self.slack.files_of(reply):
                    return each.content
            return None

        content: bytes = await self.slack.until(file, within)
        for reply in self.slack.thread(message):
            names = ", ".join(each.name for each in self.slack.files_of(reply))
            self.say(_indented(f"in the thread: {reply.text} [{names}]"))
        lines = content.decode("utf-8-sig").splitlines()
        self.say(_indented("\n".join([*lines[:4], f"... {len(lines) - 1:,} lines"])))
        return content

    def _show(self, message: Message) -> Message:
        who = f" (only @{message.visible_to} sees this)" if message.visible_to else ""
        self.say(_indented(f"listkeeper{who}:\n{self.slack.as_text(message)}"))
        return message

    def _person(self, who: str) -> Person:
        return self.slack.person(who)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _submit_label(view: View) -> str:
    return str(view.content.get("submit", {}).get("text", "Submit"))
