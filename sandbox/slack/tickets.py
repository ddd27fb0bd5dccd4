"""What the app may use once or for a while: trigger ids and response_urls."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.slack.errors import Refusal

#: A trigger id opens one dialog within three seconds.
# https://docs.slack.dev/interactivity/handling-user-interaction
TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_URL_LIFE = timedelta(minutes=30)
RESPONSE_URL_USES = 5
_TRIGGER_SHAPE = re.compile(r"\d+\.\d+\.[0-9a-f]+")


@dataclass(slots=True)
class Trigger:
    """Keep who caused a trigger id, when, in which conversation, and whether it was used."""

    user: str
    issued_at: datetime
    channel: str | None
    is_spent: bool = False


class Triggers:
    """Issue trigger ids and check them."""

    def __init__(self) -> None:
        self._issued: dict[str, Trigger] = {}

    def issue(self, user: str, *, now: datetime, channel: str | None = None) -> str:
        """Return a new trigger id for what this person just did."""
        trigger_id = f"{int(now.timestamp() * 1000)}.{len(self._issued)}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = Trigger(user, now, channel)
        return trigger_id

    def check(self, trigger_id: str, *, now: datetime) -> Trigger:
        """Return what stands behind a trigger id that may still be used.

        Raises:
            Refusal: invalid_trigger_id, expired_trigger_id or exchanged_trigger_id.
        """
        trigger = self._issued.get(trigger_id)
        if trigger is None or not _TRIGGER_SHAPE.fullmatch(trigger_id):
            raise Refusal("invalid_trigger_id")
        if trigger.is_spent:
            raise Refusal("exchanged_trigger_id")
        if now - trigger.issued_at > TRIGGER_LIFE:
            raise Refusal("expired_trigger_id")
        return trigger


@dataclass(slots=True)
class ResponseUrl:
    """Keep where a response_url answers to, and how often it was used."""

    channel: str
    user: str
    issued_at: datetime
    message_ts: str | None
    thread_ts: str | None = None
    uses: int = 0


class ResponseUrls:
    """Issue response_urls and count their uses; `base` is the address they start with."""

    def __init__(self) -> None:
        self.base = ""
        self._issued: dict[str, ResponseUrl] = {}

    def issue(
        self,
        *,
        channel: str,
        user: str,
        now: datetime,
        message_ts: str | None = None,
        thread_ts: str | None = None,
    ) -> str:
        """Return a new address that answers one command or click."""
        key = secrets.token_urlsafe(18)
        self._issued[key] = ResponseUrl(channel, user, now, message_ts, thread_ts)
        return f"{self.base}{key}"

    def check(self, key: str, *, now: datetime) -> ResponseUrl:
        """Return what stands behind an address that may still be used.

        Raises:
            Refusal: expired_url (unknown or older than 30 minutes) or used_url (five times).
        """
        url = self._issued.get(key)
        if url is None or now - url.issued_at > RESPONSE_URL_LIFE:
            raise Refusal("expired_url", status=404)
        if url.uses >= RESPONSE_URL_USES:
            raise Refusal("used_url", status=404)
        return url
