"""What the make-believe Slack remembers while it runs, and the bell it rings on each change."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from sandbox.slack.clock import Clock
from sandbox.slack.errors import SandboxSlackError
from sandbox.slack.mrkdwn import calls_everybody, escaped, mrkdwn_texts
from sandbox.slack.records import (
    Broadcast,
    Call,
    Delivery,
    File,
    Json,
    Message,
    Values,
    Version,
    View,
)
from sandbox.slack.workspace import App, Channel, User, Workspace


class Bell:
    """Tell waiting tasks that something changed; `revision` counts the changes."""

    def __init__(self) -> None:
        self.revision = 0
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody who waits."""
        self.revision += 1
        self._rung.set()
        self._rung = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Return at the next change, or after this long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)


class Store:
    """Hold everything that exists now; changes go through its methods so that the bell rings."""

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self.workspace = workspace
        self.clock = clock
        self.bell = Bell()
        self.users: dict[str, User] = {user.id: user for user in workspace.users}
        self.channels: dict[str, Channel] = {c.id: c for c in workspace.channels}
        self.posts: list[Message] = []
        self.stacks: dict[str, list[View]] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.broadcasts: list[Broadcast] = []
        self.suggested: dict[tuple[str, str, str, str], list[Json]] = {}
        self._numbers = count(1)
        self._last_ts = 0

    @property
    def app(self) -> App:
        """Return the installed app."""
        return self.workspace.app

    def new_id(self, prefix: str) -> str:
        """Return an id such as V0000000A1 that was never given before."""
        return f"{prefix}0{next(self._numbers):07X}"

    def new_hash(self) -> str:
        """Return a view hash that was never given before."""
        return f"{int(self.clock.now().timestamp())}.{next(self._numbers):08x}"

    def new_ts(self) -> str:
        """Return a message timestamp later than any before (microseconds since 1970)."""
        micros = int(self.clock.now().timestamp() * 1_000_000)
        self._last_ts = max(micros, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    # -- people and channels

    def user(self, key: str) -> User:
        """Return a person by id or handle.

        Raises:
            SandboxSlackError: nobody is called that.
        """
        for user in self.users.values():
            if key.lstrip("@") in (user.id, user.handle):
                return user
        raise SandboxSlackError(f"Nobody here is called {key}.")

    def channel(self, key: str) -> Channel:
        """Return a conversation by id or name ("newsletter" or "#newsletter").

        Raises:
            SandboxSlackError: there is none.
        """
        for channel in self.channels.values():
            if key == channel.id or (key.lstrip("#") == channel.name and not channel.is_im):
                return channel
        raise SandboxSlackError(f"There is no channel {key}.")

    def change_channel(self, key: str, **fields: Any) -> Channel:
        """Replace some fields of a conversation."""
        channel = replace(self.channel(key), **fields)
        self.channels[channel.id] = channel
        self.bell.ring()
        return channel

    def dm(self, user: str) -> Channel:
        """Return the app's direct message with a person, opened if need be."""
        for channel in self.channels.values():
            if channel.im_user == user:
                return channel
        name = self.users[user].handle
        members = frozenset({user, self.app.bot_user})
        channel = Channel(f"D{user[1:]}", name, members, is_private=True, im_user=user)
        self.channels[channel.id] = channel
        return channel

    # -- messages

    def post(self, channel: str, *, user: str, text: str, **fields: Any) -> Message:
        """Keep a new message; further keywords are fields of `Message`."""
        now = self.clock.now()
        blocks = list(fields.pop("blocks", ()) or ())
        message = Message(
            channel, self.new_ts(), user, escaped(text), blocks, posted_at=now, **fields
        )
        message.history.append(Version(now, message.text, tuple(blocks)))
        self.posts.append(message)
        self._notice_broadcast(message, now)
        self.bell.ring()
        return message

    def edit(self, message: Message, *, text: str, blocks: list[Json], edited: bool) -> None:
        """Change what a message shows."""
        message.change(at=self.clock.now(), text=escaped(text), blocks=blocks)
        message.edited = message.edited or edited
        self._notice_broadcast(message, self.clock.now())
        self.bell.ring()

    def remove(self, message: Message) -> None:
        """Take a message away, as its author or an admin would."""
        message.deleted = True
        self.bell.ring()

    def find_message(self, channel: str, ts: str) -> Message | None:
        """Return a message that is still there, ephemeral ones included."""
        for message in reversed(self.posts):
            if message.channel == channel and message.ts == ts and not message.deleted:
                return message
        return None

    def _notice_broadcast(self, message: Message, now: datetime) -> None:
        for text in (message.text, *mrkdwn_texts(message.blocks)):
            if message.user == self.app.bot_user and calls_everybody(text):
                self.broadcasts.append(Broadcast(now, message.channel, text))

    # -- dialogs

    def stack(self, user: str) -> list[View]:
        """Return a person's open dialogs, the one in front last."""
        return self.stacks.setdefault(user, [])

    def open_view(
        self, user: str, content: Json, *, values: Values, push: bool, channel: str | None
    ) -> View:
        """Put a dialog in front of a person; without `push` it takes the place of what was open."""
        if not push:
            self.close_views(self.stack(user))
        stack = self.stack(user)
        view_id = self.new_id("V")
        view = View(
            view_id,
            user,
            content,
            self.new_hash(),
            root_id=stack[0].id if stack else view_id,
            previous_id=stack[-1].id if stack else None,
            channel=channel,
            values=values,
        )
        stack.append(view)
        self.views[view.id] = view
        self.bell.ring()
        return view

    def change_view(self, view: View, content: Json, *, values: Values) -> None:
        """Draw a dialog or home tab anew; its hash changes."""
        view.content, view.values, view.hash = content, values, self.new_hash()
        view.errors = {}
        self.bell.ring()

    def close_views(self, views: list[View]) -> None:
        """Close these dialogs (of one person)."""
        for view in list(views):
            view.is_open = False
            self.stack(view.user).remove(view)
        self.bell.ring()

    def publish(self, user: str, content: Json, *, values: Values) -> View:
        """Draw a person's home tab."""
        view = self.homes.get(user)
        if view is None:
            view_id = self.new_id("V")
            view = View(view_id, user, content, self.new_hash(), root_id=view_id, values=values)
            self.homes[user] = self.views[view.id] = view
            self.bell.ring()
        else:
            self.change_view(view, content, values=values)
        return view
