"""The board: keeps one message of each Run and Cleanup at what the database says.

Several processes put up the same message. What each of them does is safe beside the others:

- Progress is put up by one of them at a time, at a pace that they share in the database.
- Updates may overtake each other on their way to Slack. So whoever has put one up reads again, and
  puts up what has changed since: the last one to arrive is always followed by such a look.
- A message is posted in a turn that one process has at a time, and that reads first whether another
  one has posted it, and looks whether one has that was killed before its `ts` was written down.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.careful import FAULTS
from bot.channels import is_shut, why_not
from bot.posts import Post, Posts
from commands.slack_errors import code_of
from commands.views.announcements import cannot_show
from commands.views.blocks import Message
from commands.views.text import channel
from jobs.errors import CannotPost
from storage.errors import DatabaseFault, TurnMissed
from storage.turns import Turns

log = logging.getLogger(__name__)

#: Slack's words for a message that is not there to be updated any more.
_LOST_MESSAGE = {"message_not_found", "cant_update_message", "edit_window_closed"}
#: Slack's words for a fault of its own, beside an answer without any word.
_PASSING = {
    "",
    "ratelimited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
}
#: What people were told and are not told again by this process.
_MOST_TOLD = 1_000


@dataclass(frozen=True, slots=True)
class Drawing:
    """The message of one thing, as it is drawn now."""

    channel_id: str
    message_ts: str | None
    requested_by: str
    #: When what it shows was made.
    made_at: datetime
    message: Message
    #: What the message must not show wrongly for long. Counts that move on are not in it: the
    #: next progress shows them.
    stand: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that has a message, and how to draw it."""

    #: Names it among all, such as run:7.
    key: str
    draw: Callable[[], Awaitable[Drawing]]
    #: Asks whether so much time has passed since the last update, of whichever process.
    may_show: Callable[[timedelta], Awaitable[bool]]
    remember: Callable[[str], Awaitable[None]]


class Board:
    """Put up messages, each of them once."""

    def __init__(self, *, client: AsyncWebClient, turns: Turns, progress_seconds: float) -> None:
        self._client = client
        self._posts = Posts(client)
        self._turns = turns
        self._pace = timedelta(seconds=progress_seconds)
        # Only manners, no state; nothing in it outlives its use.
        self._updated_at: dict[str, float] = {}
        self._told: deque[str] = deque(maxlen=_MOST_TOLD)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def open(self, subject: Subject) -> None:
        """Post the message of something new.

        Raises:
            CannotPost: The channel does not take it; the sentence says what to do.
        """
        async with self._lock(subject.key):
            try:
                # Nobody else knows of it yet.
                await self._post_once(subject, known_ts=None, may_be_there=False)
            except FAULTS as error:
                raise CannotPost(why_not(error, "that channel")) from error
            except TurnMissed as error:
                raise CannotPost(str(error)) from error

    async def show(self, subject: Subject, *, now: bool) -> None:
        """Put up how something stands; without `now` only if it is time for progress."""
        lock = self._lock(subject.key)
        if not now and (lock.locked() or self._is_too_soon(subject.key)):
            return
        self._mark(subject.key)
        async with lock:
            # What is put up at once counts as well, so that no progress follows it closely.
            if not (await subject.may_show(timedelta() if now else self._pace) or now):
                return
            self._mark(subject.key)
            drawing = await subject.draw()
            try:
                await self._put_up(subject, drawing)
            except (*FAULTS, TurnMissed) as error:
                await self.cannot_show(subject.key, drawing, error)

    async def cannot_show(self, key: str, drawing: Drawing, error: Exception) -> None:
        """Log what is not shown, and tell who asked if waiting does not mend it."""
        log.warning(
            "A message could not be shown: %s",
            _name(error),
            extra={"action": "show", "subject": key},
        )
        if not is_shut(error) or key in self._told:
            return
        self._told.append(key)
        message = cannot_show(why_not(error, channel(drawing.channel_id)))
        await self.tell_person(drawing.requested_by, message, key)

    async def tell(self, subject: Subject, message: Message) -> None:
        """Tell who asked for something what its message does not show, once; never raise."""
        key = f"{subject.key} {message.text}"
        if key in self._told:
            return
        try:
            drawing = await subject.draw()
        except DatabaseFault as fault:
            log.warning(
                "Nobody could be told: %s",
                fault.happened,
                extra={"action": "tell", "subject": subject.key},
            )
            return
        self._told.append(key)
        await self.tell_person(drawing.requested_by, message, subject.key)

    async def tell_person(self, user_id: str, message: Message, key: str) -> bool:
        """Send one person a message about something, in private; never raise.

        Returns:
            False where waiting may help: Slack was busy or away, and did not refuse.
        """
        try:
            await self._client.chat_postMessage(
                channel=user_id, text=message.text, blocks=message.blocks
            )
        except FAULTS as error:
            log.warning(
                "The person who asked could not be told: %s",
                _name(error),
                extra={"action": "tell", "subject": key},
            )
            return code_of(error) not in _PASSING
        return True

    async def _put_up(self, subject: Subject, drawing: Drawing) -> None:
        """Put up a drawing, and whatever has taken its place by the time Slack has it."""
        while True:
            shown: Drawing | None = drawing
            if drawing.message_ts is None or not await self._update(drawing):
                shown = await self._post_once(
                    subject, known_ts=drawing.message_ts, may_be_there=True
                )
            current = await subject.draw()
            if shown and (shown.message_ts, shown.stand) == (current.message_ts, current.stand):
                return
            drawing = current

    async def _update(self, drawing: Drawing) -> bool:
        """Update the message; tell whether it was there."""
        assert drawing.message_ts is not None, "only what was posted can be updated"
        try:
            await self._client.chat_update(
                channel=drawing.channel_id,
                ts=drawing.message_ts,
                text=drawing.message.text,
                blocks=drawing.message.blocks,
            )
        except SlackApiError as error:
            if code_of(error) not in _LOST_MESSAGE:
                raise
            # Somebody deleted the message; what it shows is still going on.
            return False
        return True

    async def _post_once(
        self, subject: Subject, *, known_ts: str | None, may_be_there: bool
    ) -> Drawing | None:
        """Post the message; None where that was done already, with what was to be shown then."""
        async with self._turns.alone(subject.key):
            drawing = await subject.draw()
            if drawing.message_ts != known_ts:
                return None
            post = Post(
                key=subject.key,
                channel_id=drawing.channel_id,
                message=drawing.message,
                made_at=drawing.made_at,
                replaces=known_ts,
            )
            posted = await self._posts.post(post, may_be_there=may_be_there)
            await subject.remember(posted.ts)
        return replace(drawing, message_ts=posted.ts) if posted.is_new else None

    def _is_too_soon(self, key: str) -> bool:
        return key in self._recently()

    def _mark(self, key: str) -> None:
        self._updated_at = {**self._recently(), key: time.monotonic()}

    def _recently(self) -> dict[str, float]:
        """Give the messages that were updated within the pace; the others are forgotten."""
        since = time.monotonic() - self._pace.total_seconds()
        return {key: when for key, when in self._updated_at.items() if when > since}

    def _lock(self, key: str) -> asyncio.Lock:
        """Give the lock of a message, which is there for as long as somebody uses it."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock


def _name(error: Exception) -> str:
    """Name an error without what it quotes: that can hold addresses."""
    return code_of(error) or type(error).__name__
