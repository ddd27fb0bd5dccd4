"""A strict make-believe Slack on loopback: Web API, Socket Mode, people and a browser page."""

from sandbox.slack.errors import (
    BadAnswer,
    NeverHappened,
    NotAcknowledged,
    NotDrawn,
    Refusal,
    SandboxSlackError,
)
from sandbox.slack.faults import PostRate
from sandbox.slack.person import Person
from sandbox.slack.records import Call, Delivery, File, Message, View
from sandbox.slack.server import FakeSlack
from sandbox.slack.transcript import as_text
from sandbox.slack.workspace import App, Channel, SlashCommand, User, Workspace

__all__ = [
    "App",
    "BadAnswer",
    "Call",
    "Channel",
    "Delivery",
    "FakeSlack",
    "File",
    "Message",
    "NeverHappened",
    "NotAcknowledged",
    "NotDrawn",
    "Person",
    "PostRate",
    "Refusal",
    "SandboxSlackError",
    "SlashCommand",
    "User",
    "View",
    "Workspace",
    "as_text",
]
