"""auth.test, apps.connections.open, users.info and conversations.open: who is who."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sandbox.slack.arguments import flag_argument, text_argument
from sandbox.slack.errors import Refusal
from sandbox.slack.records import Json
from sandbox.slack.store import Store
from sandbox.slack.web_api import Method
from sandbox.slack.workspace import Channel, User

USERS_IN_A_DM_MAX = 8


class Directory:
    """Answer who the app is and whom it may talk to; `link` returns a new Socket Mode address."""

    def __init__(self, store: Store, link: Callable[[], str]) -> None:
        self._store = store
        self._link = link

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by name."""
        opening = ("channel", "users", "return_im", "prevent_creation")
        writing = ("channels:manage", "groups:write", "im:write", "mpim:write")
        return {
            "auth.test": Method(self._auth_test),
            "apps.connections.open": Method(self._open_connection, needs_app_token=True),
            "users.info": Method(self._user_info, ("user",), ("include_locale",), ("users:read",)),
            "conversations.open": Method(self._open_conversation, (), opening, writing),
        }

    def _auth_test(self, _: Json) -> Json:
        workspace = self._store.workspace
        return {
            "url": f"https://{workspace.domain}.slack.com/",
            "team": workspace.name,
            "user": workspace.app.handle,
            "team_id": workspace.team_id,
            "user_id": workspace.app.bot_user,
            "bot_id": workspace.app.bot_id,
            "is_enterprise_install": False,
        }

    def _open_connection(self, _: Json) -> Json:
        return {"url": self._link()}

    def _user_info(self, arguments: Json) -> Json:
        user = self._store.users.get(text_argument(arguments, "user"))
        if user is None:
            raise Refusal("user_not_found")
        answer = user_json(user, self._store.workspace.team_id, self._store.clock.now())
        if flag_argument(arguments, "include_locale"):
            answer["locale"] = "en-US"
        return {"user": answer}

    def _open_conversation(self, arguments: Json) -> Json:
        users = [u for u in text_argument(arguments, "users").split(",") if u]
        given = text_argument(arguments, "channel")
        if given:
            return self._opened(self._known_dm(given), arguments)
        if not users:
            raise Refusal("users_list_not_supplied")
        if len(users) > USERS_IN_A_DM_MAX:
            raise Refusal("too_many_users")
        if any(user not in self._store.users for user in users):
            raise Refusal("user_not_found")
        if len(users) > 1:
            # Group messages are outside of what the bot does; its token has no scope for them.
            raise Refusal("missing_scope", extra={"needed": "mpim:write"})
        return self._opened(self._store.dm(users[0]), arguments)

    def _known_dm(self, key: str) -> Channel:
        channel = self._store.channels.get(key)
        if channel is None:
            raise Refusal("channel_not_found")
        if not channel.is_im:
            raise Refusal("method_not_supported_for_channel_type")
        return channel

    @staticmethod
    def _opened(channel: Channel, arguments: Json) -> Json:
        body: Json = {"id": channel.id}
        if flag_argument(arguments, "return_im"):
            body |= {"is_im": True, "user": channel.im_user, "is_open": True}
        return {"channel": body}


def user_json(user: User, team_id: str, now: datetime) -> Json:
    """Return a person as users.info shows them."""
    offset = now.astimezone(ZoneInfo(user.tz)).utcoffset() or now.astimezone(UTC).utcoffset()
    return {
        "id": user.id,
        "team_id": team_id,
        "name": user.handle,
        "deleted": False,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": {
            "real_name": user.real_name,
            "display_name": user.handle,
            "real_name_normalized": user.real_name,
            "display_name_normalized": user.handle,
            "team": team_id,
        },
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": False,
        "is_app_user": False,
        "updated": int(now.timestamp()),
    }
