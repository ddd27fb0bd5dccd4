"""Who and what exists in the make-believe workspace: people, channels and the installed app."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class User:
    """Describe one person; `handle` is what a mention shows."""

    id: str
    handle: str
    real_name: str
    tz: str = "Etc/UTC"
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """Describe one conversation; `members` holds user ids, the bot's among them if it was invited.

    A direct message with the app has `im_user` and an id that starts with D.
    """

    id: str
    name: str
    members: frozenset[str] = frozenset()
    is_private: bool = False
    is_archived: bool = False
    im_user: str | None = None
    topic: str = ""

    @property
    def is_im(self) -> bool:
        """Tell whether this is the app's direct message with one person."""
        return self.im_user is not None

    @property
    def payload_name(self) -> str:
        """Return the name that interaction payloads carry (privategroup, directmessage)."""
        if self.is_im:
            return "directmessage"
        return "privategroup" if self.is_private else self.name


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """Describe one command of the app, as in its manifest."""

    name: str
    description: str
    usage_hint: str = ""


@dataclass(frozen=True, slots=True)
class App:
    """Describe the installed app: who it is, what it may do and what it listens to."""

    name: str = "List Keeper"
    handle: str = "listkeeper"
    app_id: str = "A0SANDBOX"
    bot_id: str = "B0SANDBOX"
    bot_user: str = "U0LISTKEEPER"
    bot_token: str = "xoxb-sandbox"
    app_token: str = "xapp-sandbox"
    scopes: frozenset[str] = frozenset({"commands", "chat:write", "files:write"})
    commands: tuple[SlashCommand, ...] = (
        SlashCommand("/verify", "Verify the addresses of your list", "[help | credits | status]"),
        SlashCommand("/cleanup", "Clean up after a verification", "[help]"),
    )
    events: frozenset[str] = frozenset({"app_home_opened", "app_uninstalled", "tokens_revoked"})
    home_tab: bool = True
    messages_tab: bool = True

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> Self:
        """Read names, scopes, commands and events from a parsed app manifest."""
        features = manifest.get("features", {})
        settings = manifest.get("settings", {})
        home = features.get("app_home", {})
        commands = tuple(
            SlashCommand(entry["command"], entry["description"], entry.get("usage_hint", ""))
            for entry in features.get("slash_commands", ())
        )
        return cls(
            name=manifest["display_information"]["name"],
            handle=features.get("bot_user", {}).get("display_name", "bot"),
            scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ())),
            commands=commands,
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
            home_tab=bool(home.get("home_tab_enabled", False)),
            messages_tab=bool(home.get("messages_tab_enabled", False)),
        )


def default_users() -> tuple[User, ...]:
    """Return three roles: who owns the list, who may approve, who just joined."""
    return (
        User("U0OWNER", "owner", "Newsletter owner", is_admin=True),
        User("U0COLLEAGUE", "colleague", "Colleague"),
        User("U0NEWCOMER", "newcomer", "Newcomer"),
    )


def default_channels() -> tuple[Channel, ...]:
    """Return channels with the bot, without the bot, private and archived."""
    people = frozenset({"U0OWNER", "U0COLLEAGUE", "U0NEWCOMER"})
    bot = frozenset({"U0LISTKEEPER"})
    return (
        Channel("C0NEWSLETTER", "newsletter", people | bot, topic="Everything about our list"),
        Channel("C0GENERAL", "general", people | bot, topic="For everybody"),
        Channel("C0RANDOM", "random", people, topic="The app was not invited here"),
        Channel("C0SECRET", "leadership", frozenset({"U0OWNER", "U0COLLEAGUE"}), is_private=True),
        Channel("C0OLD", "old-campaigns", people | bot, is_archived=True),
    )


@dataclass(frozen=True, slots=True)
class Workspace:
    """Describe the whole make-believe workspace before anything happened in it."""

    team_id: str = "T0SANDBOX"
    name: str = "Sandbox"
    domain: str = "sandbox"
    app: App = field(default_factory=App)
    users: tuple[User, ...] = field(default_factory=default_users)
    channels: tuple[Channel, ...] = field(default_factory=default_channels)
