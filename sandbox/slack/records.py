"""What the make-believe Slack keeps: messages, views, files, calls and deliveries.

Messages and views are live: the object a test holds changes when the app updates it, and
`history` keeps what it looked like before.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: A decoded JSON object.
Json = dict[str, Any]
#: What was filled in, by block id and action id.
Values = dict[str, dict[str, Json]]


@dataclass(frozen=True, slots=True)
class Version:
    """Keep how a message looked from `at` on."""

    at: datetime
    text: str
    blocks: tuple[Json, ...]


@dataclass(slots=True)
class Message:
    """Hold one message as it looks now; `visible_to` is set for an ephemeral one."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json]
    posted_at: datetime
    thread_ts: str | None = None
    reply_broadcast: bool = False
    files: tuple[str, ...] = ()
    visible_to: str | None = None
    edited: bool = False
    deleted: bool = False
    metadata: Json = field(default_factory=dict)
    attachments: list[Json] = field(default_factory=list)
    values: dict[str, Values] = field(default_factory=dict)
    history: list[Version] = field(default_factory=list)

    def change(self, *, at: datetime, text: str, blocks: list[Json]) -> None:
        """Show something else from `at` on, remembering what was shown before."""
        self.text, self.blocks = text, blocks
        self.history.append(Version(at, text, tuple(blocks)))


@dataclass(slots=True)
class View:
    """Hold one dialog or home tab as its user sees it now.

    `values` is what they filled in; `channel` is the conversation in which the dialog was opened.
    """

    id: str
    user: str
    content: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    channel: str | None = None
    values: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    is_open: bool = True

    @property
    def blocks(self) -> list[Json]:
        """Return the blocks drawn now."""
        blocks: list[Json] = self.content["blocks"]
        return blocks

    @property
    def title(self) -> str:
        """Return the dialog's title, or "" for a home tab."""
        return str((self.content.get("title") or {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        """Return the app's own name for this dialog."""
        return str(self.content.get("callback_id", ""))

    @property
    def is_home(self) -> bool:
        """Tell whether this is a home tab."""
        return bool(self.content["type"] == "home")


@dataclass(slots=True)
class File:
    """Hold one uploaded file; `content` is None until the bytes came."""

    id: str
    name: str
    length: int
    title: str
    content: bytes | None = None
    is_complete: bool = False
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Keep one Web API call or response_url post: when, what, and what was answered."""

    at: datetime
    method: str
    arguments: Json
    status: int
    answer: Json
    #: The process that called, where the address that it was given says so.
    by: str = ""

    @property
    def error(self) -> str | None:
        """Return the error's name, or None when the call went well."""
        return None if self.answer.get("ok") else str(self.answer.get("error", self.status))


@dataclass(slots=True)
class Delivery:
    """Keep one Socket Mode envelope: `latency` is in seconds, None as long as it is unacked."""

    envelope_id: str
    kind: str
    payload: Json
    sent_at: datetime
    connection: int
    attempt: int = 0
    latency: float | None = None
    is_late: bool = False
    answer: Json = field(default_factory=dict)

    @property
    def is_acked(self) -> bool:
        """Tell whether the app acknowledged within the time Slack allows."""
        return self.latency is not None and not self.is_late


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Keep one `<!channel>`, `<!here>` or `<!everyone>` that the app sent: it should not."""

    at: datetime
    channel: str
    text: str
