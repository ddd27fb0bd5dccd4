"""Describes one request to the make-believe ConvertKit and its answer, without any I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Route(StrEnum):
    """What a request asks for."""

    #: GET account.
    ACCOUNT = "account"
    #: GET subscribers.
    SUBSCRIBERS = "subscribers"
    #: GET subscribers/{id}.
    SUBSCRIBER = "subscriber"
    #: V4 POST subscribers/{id}/unsubscribe, V3 PUT unsubscribe.
    UNSUBSCRIBE = "unsubscribe"
    #: GET tags.
    TAGS = "tags"
    #: GET forms.
    FORMS = "forms"
    #: V4 GET tags/{id}/subscribers, V3 GET tags/{id}/subscriptions.
    TAG_MEMBERS = "tag_members"
    #: V4 GET forms/{id}/subscribers, V3 GET forms/{id}/subscriptions.
    FORM_MEMBERS = "form_members"
    #: Nothing that this make-believe ConvertKit has.
    UNKNOWN = "unknown"


#: Routes that answer with a page of subscribers.
LISTS = frozenset({Route.SUBSCRIBERS, Route.TAG_MEMBERS, Route.FORM_MEMBERS})


@dataclass(frozen=True, slots=True)
class Call:
    """Hold one request; `route` and `target` (the id in its path) are found by `routed`."""

    version: str
    method: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    route: Route = Route.UNKNOWN
    target: int = 0
    #: The process that made the call, where the address that it was given says so.
    by: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold one answer. `body` None means zero bytes, a string means HTML, else JSON."""

    status: int
    body: Mapping[str, Any] | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


_ROUTES = {
    ("v3", "GET", "account"): Route.ACCOUNT,
    ("v3", "GET", "subscribers"): Route.SUBSCRIBERS,
    ("v3", "GET", "subscribers/#"): Route.SUBSCRIBER,
    ("v3", "PUT", "unsubscribe"): Route.UNSUBSCRIBE,
    ("v3", "GET", "tags"): Route.TAGS,
    ("v3", "GET", "forms"): Route.FORMS,
    ("v3", "GET", "tags/#/subscriptions"): Route.TAG_MEMBERS,
    ("v3", "GET", "forms/#/subscriptions"): Route.FORM_MEMBERS,
    ("v4", "GET", "account"): Route.ACCOUNT,
    ("v4", "GET", "subscribers"): Route.SUBSCRIBERS,
    ("v4", "GET", "subscribers/#"): Route.SUBSCRIBER,
    ("v4", "POST", "subscribers/#/unsubscribe"): Route.UNSUBSCRIBE,
    ("v4", "GET", "tags"): Route.TAGS,
    ("v4", "GET", "forms"): Route.FORMS,
    ("v4", "GET", "tags/#/subscribers"): Route.TAG_MEMBERS,
    ("v4", "GET", "forms/#/subscribers"): Route.FORM_MEMBERS,
}


def find_route(version: str, method: str, path: str) -> tuple[Route, int]:
    """Return what a path such as "/v4/tags/7/subscribers" asks for, and the id in it (or 0)."""
    parts = path.strip("/").split("/")[1:]
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit()]
    shape = "/".join("#" if part.isascii() and part.isdigit() else part for part in parts)
    route = _ROUTES.get((version, method, shape), Route.UNKNOWN)
    return route, numbers[0] if numbers else 0


def seconds(moment: datetime) -> str:
    """Write a time as V4 does: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def milliseconds(moment: datetime) -> str:
    """Write a time as V3 does: UTC, with milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
