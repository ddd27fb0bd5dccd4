"""All listeners, in one list: whatever Slack can send has its place here."""

from slack_bolt.async_app import AsyncApp

from commands import approve, audience, cleanup, connect, errors, quote, schedule, verify
from commands.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Register every listener."""
    errors.register(app)
    for module in (approve, audience, cleanup, connect, quote, schedule, verify):
        module.register(app, services)
