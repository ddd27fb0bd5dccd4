"""What a test or a story looks at: messages, dialogs, files, the journal; and waiting for them."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sandbox.slack.errors import NeverHappened
from sandbox.slack.records import Broadcast, Call, Delivery, File, Message, View
from sandbox.slack.store import Store
from sandbox.slack.transcript import as_text

Found = TypeVar("Found")


class Looking:
    """Look at everything that a store holds, people and channels being given by name or id."""

    def __init__(self, store: Store) -> None:
        self.store = store

    # -- what people see

    def messages(self, channel: str = "newsletter") -> list[Message]:
        """Return a channel's messages as everybody sees them: no replies, nothing ephemeral."""
        return [m for m in self._shown(channel) if m.thread_ts is None or m.reply_broadcast]

    def thread(self, parent: Message) -> list[Message]:
        """Return the replies to a message."""
        return [m for m in self._shown(parent.channel) if m.thread_ts == parent.ts]

    def _shown(self, channel: str) -> list[Message]:
        channel_id = self.store.channel(channel).id
        return [
            m
            for m in self.store.posts
            if m.channel == channel_id and not m.deleted and m.visible_to is None
        ]

    def ephemerals(self, user: str) -> list[Message]:
        """Return what only this person sees ("Only visible to you"), in every channel."""
        user_id = self.store.user(user).id
        return [m for m in self.store.posts if m.visible_to == user_id and not m.deleted]

    def dm(self, user: str) -> list[Message]:
        """Return the messages in the app's direct message with this person."""
        return self.messages(self.store.dm(self.store.user(user).id).id)

    def open_view(self, user: str) -> View | None:
        """Return the dialog in front of this person, or None."""
        stack = self.store.stack(self.store.user(user).id)
        return stack[-1] if stack else None

    def home(self, user: str) -> View | None:
        """Return this person's home tab as last published, or None."""
        return self.store.homes.get(self.store.user(user).id)

    def files_of(self, message: Message) -> list[File]:
        """Return the files shared in a message."""
        return [self.store.files[file_id] for file_id in message.files]

    def as_text(self, where: Message | View) -> str:
        """Return a message or dialog as readable plain text, mentions as handles."""
        names = {user.id: user.handle for user in self.store.users.values()}
        names |= {channel.id: channel.name for channel in self.store.channels.values()}
        names[self.store.app.bot_user] = self.store.app.handle
        files = self.files_of(where) if isinstance(where, Message) else []
        attached = [f"(file: {file.name}, {file.length:,} bytes)" for file in files]
        return "\n".join(line for line in (as_text(where, names), *attached) if line)

    # -- the journal

    def calls(self, method: str | None = None) -> list[Call]:
        """Return the Web API calls so far, of one method or all ("response_url" is one too)."""
        return [c for c in self.store.calls if method in (None, c.method)]

    def refusals(self) -> list[Call]:
        """Return the calls that were not answered with ok."""
        return [c for c in self.store.calls if c.error is not None]

    @property
    def deliveries(self) -> list[Delivery]:
        """Return every envelope sent so far, with its ack latency in seconds."""
        return self.store.deliveries

    @property
    def broadcasts(self) -> list[Broadcast]:
        """Return every message of the app that called a whole channel: there should be none."""
        return self.store.broadcasts

    def update_times(self, message: Message) -> list[datetime]:
        """Return when a message was posted and each time it changed since."""
        return [version.at for version in message.history]

    # -- waiting

    async def until(self, check: Callable[[], Found | None], within: float = 60.0) -> Found:
        """Wait until `check()` is true and return what it returned; `within` is in seconds.

        Raises:
            NeverHappened: it did not become true in time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while not (found := check()):
            if loop.time() >= deadline:
                raise NeverHappened(f"This did not happen within {within} s. {self._summary()}")
            await self.store.bell.wait(0.05)
        return found

    def _summary(self) -> str:
        last = [
            f"#{self.store.channels[m.channel].name}: {m.text[:80]}" for m in self.store.posts[-3:]
        ]
        refused = [f"{c.method}: {c.error}" for c in self.refusals()[-3:]]
        return f"Last messages: {last or 'none'}. Last refusals: {refused or 'none'}."
