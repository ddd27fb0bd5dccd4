"""Answers V3 calls as api.convertkit.com/v3 does (its documentation of 2020, and recordings); pure.

Pages are numbered over the live list, 50 to a page: whoever leaves the list shifts the rest.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil
from typing import Any

from sandbox.kit.call import Answer, Call, Route, milliseconds
from sandbox.kit.store import Account, Facts, Membership, Subscriber
from sandbox.people import Form, State, Tag

PER_PAGE = 50

NOT_FOUND = Answer(
    404,
    {"error": "Not Found", "message": "The entity you were trying to find doesn't exist"},
)
NO_KEY = Answer(401, {"error": "Authorization Failed", "message": "API Key not present"})
KEY_INVALID = Answer(401, {"error": "Authorization Failed", "message": "API Key not valid"})
NOT_PERMITTED = Answer(
    401,
    {
        "error": "Authorization Failed",
        "message": "You do not have sufficient permissions to access this resource",
    },
)
#: What the public API Key opens; everything else needs the API Secret.
OPEN_TO_KEY = frozenset({Route.TAGS, Route.FORMS})


def answer(call: Call, account: Account, now: datetime) -> Answer:
    """Answer one call of a known account."""
    return _HANDLERS[call.route](call, account, now)


def _account(call: Call, account: Account, now: datetime) -> Answer:
    body = {
        "name": account.name,
        "plan_type": "creator",
        "primary_email_address": account.email,
    }
    return Answer(200, body)


def _subscribers(call: Call, account: Account, now: datetime) -> Answer:
    address = call.query.get("email_address")
    # Without sort_field the list holds subscribed people only; with it, cancelled ones only.
    cancelled = call.query.get("sort_field") == "cancelled_at"
    wanted = State.CANCELLED if cancelled else State.ACTIVE
    rows = account.cached(
        ("subscribers", wanted),
        lambda: [s for s in account.subscribers if s.listed.exists and s.listed.state is wanted],
    )
    if cancelled:
        rows = sorted(rows, key=lambda row: row.listed.cancelled_at or row.created_at)
    if address is not None:
        rows = [row for row in rows if row.listed.address.casefold() == address.casefold()]
    return _page(call, rows, "subscribers", lambda row: _shown(row, row.listed))


def _subscriber(call: Call, account: Account, now: datetime) -> Answer:
    found = account.find(call.target)
    if found is None:
        return NOT_FOUND
    return Answer(200, {"subscriber": _shown(found, found.facts)})


def _unsubscribe(call: Call, account: Account, now: datetime) -> Answer:
    address = call.body.get("email", call.query.get("email"))
    found = account.find_address(address) if isinstance(address, str) else None
    if found is None:
        return NOT_FOUND
    account.unsubscribe(found, now, call.version, call.by)
    return Answer(200, {"subscriber": _shown(found, found.facts)})


def _tags(call: Call, account: Account, now: datetime) -> Answer:
    return Answer(200, {"tags": [_tag(tag) for tag in account.tags]})


def _forms(call: Call, account: Account, now: datetime) -> Answer:
    return Answer(200, {"forms": [_form(form) for form in account.forms]})


def _tag_members(call: Call, account: Account, now: datetime) -> Answer:
    if call.target not in {tag.id for tag in account.tags}:
        return NOT_FOUND
    return _members(call, account, "tag", lambda subscriber: subscriber.tags)


def _form_members(call: Call, account: Account, now: datetime) -> Answer:
    if call.target not in {form.id for form in account.forms}:
        return NOT_FOUND
    return _members(call, account, "form", lambda subscriber: subscriber.forms)


def _members(
    call: Call, account: Account, kind: str, labels: Callable[[Subscriber], tuple[int, ...]]
) -> Answer:
    wanted = call.query.get("subscriber_state")

    def found() -> list[Membership]:
        return [
            row
            for row in account.members(call.target, labels)
            if row.subscriber.listed.exists and wanted in {None, row.subscriber.listed.state.value}
        ]

    rows = account.cached((kind, call.target, wanted), found)

    def show(row: Membership) -> dict[str, Any]:
        return _subscription(row, kind, call.target)

    return _page(call, rows, "subscriptions", show)


def _subscription(row: Membership, kind: str, label: int) -> dict[str, Any]:
    # The subscription's own state is about the opt-in and does not follow an unsubscribe.
    inactive = row.subscriber.listed.state is State.INACTIVE
    return {
        "id": row.id,
        "state": "inactive" if inactive else "active",
        "created_at": milliseconds(row.since),
        "source": None,
        "referrer": "",
        "subscribable_id": label,
        "subscribable_type": kind,
        "subscriber": _shown(row.subscriber, row.subscriber.listed),
    }


def _page(
    call: Call, rows: Sequence[Any], name: str, show: Callable[[Any], dict[str, Any]]
) -> Answer:
    asked = call.query.get("page", "1")
    number = max(int(asked), 1) if asked.isascii() and asked.isdigit() else 1
    if call.query.get("sort_order") == "desc":
        rows = rows[::-1]
    start = (number - 1) * PER_PAGE
    body = {
        f"total_{name}": len(rows),
        "page": number,
        "total_pages": max(ceil(len(rows) / PER_PAGE), 1),
        name: [show(row) for row in rows[start : start + PER_PAGE]],
    }
    return Answer(200, body)


def _tag(tag: Tag) -> dict[str, Any]:
    return {"id": tag.id, "name": tag.name, "created_at": milliseconds(tag.created_at)}


def _form(form: Form) -> dict[str, Any]:
    uid = f"{form.id:010x}"
    return {
        "id": form.id,
        "name": form.name,
        "created_at": milliseconds(form.created_at),
        "type": form.kind,
        "format": None,
        "embed_js": f"https://paper-lantern.example.com/{uid}/index.js",
        "embed_url": f"https://paper-lantern.example.com/{uid}",
        "archived": form.archived,
        "uid": uid,
    }


def _shown(row: Subscriber, facts: Facts) -> dict[str, Any]:
    return {
        "id": row.id,
        "first_name": row.first_name,
        "email_address": facts.address,
        "state": facts.state.value,
        "created_at": milliseconds(row.created_at),
        "fields": {},
    }


def _unknown(call: Call, account: Account, now: datetime) -> Answer:
    return NOT_FOUND


_HANDLERS: dict[Route, Callable[[Call, Account, datetime], Answer]] = {
    Route.ACCOUNT: _account,
    Route.SUBSCRIBERS: _subscribers,
    Route.SUBSCRIBER: _subscriber,
    Route.UNSUBSCRIBE: _unsubscribe,
    Route.TAGS: _tags,
    Route.FORMS: _forms,
    Route.TAG_MEMBERS: _tag_members,
    Route.FORM_MEMBERS: _form_members,
    Route.UNKNOWN: _unknown,
}
