"""Answers V4 calls as api.kit.com does (developers.kit.com/api-reference); pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.kit.call import Answer, Call, Route, seconds
from sandbox.kit.store import Account, Facts, Membership, Subscriber
from sandbox.kit.v4_pages import (
    BY_ID,
    BY_MEMBER,
    BY_TAGGING,
    ParameterError,
    addresses_of,
    order_of,
    page_of,
    status_of,
    time_of,
)
from sandbox.people import Form

NOT_FOUND = Answer(404, {"errors": ["Not Found"]})
NOT_AUTHENTICATED = Answer(401, {"errors": ["Authentication Failed"]})
KEY_INVALID = Answer(401, {"errors": ["The API key is invalid"]})
TOKEN_INVALID = Answer(
    401,
    {"errors": ["The access token is invalid"]},
    {
        "WWW-Authenticate": 'Bearer realm="ConvertKit API", error="invalid_token", '
        'error_description="The access token is invalid"'
    },
)


def answer(call: Call, account: Account, now: datetime) -> Answer:
    """Answer one call of a known account."""
    try:
        return _HANDLERS[call.route](call, account, now)
    except ParameterError as error:
        return Answer(422, {"errors": [str(error)]})


def _account(call: Call, account: Account, now: datetime) -> Answer:
    sender = {
        "email_address": account.email,
        "from_name": account.name,
        "status": "confirmed",
        "is_default": True,
        "is_verified": True,
        "is_dmarc_configured": True,
    }
    zone = {
        "name": "Europe/Dublin",
        "friendly_name": "Dublin",
        "utc_offset": "+00:00",
    }
    about = {
        "id": account.id,
        "name": account.name,
        "plan_type": "creator",
        "primary_email_address": account.email,
        "created_at": "2021-03-02T09:30:00Z",
        "timezone": zone,
        "sending_addresses": [sender],
    }
    return Answer(200, {"user": {"id": account.id + 1, "email": account.email}, "account": about})


def _subscribers(call: Call, account: Account, now: datetime) -> Answer:
    query = call.query
    status = status_of(query.get("status"))
    addresses = addresses_of(query.get("email_address"))
    order = order_of(query.get("sort_field", "id"), status)
    after, before = time_of(query.get("created_after")), time_of(query.get("created_before"))

    def keep(row: Subscriber) -> bool:
        facts = row.listed
        return (
            facts.exists
            and (status is None or facts.state is status)
            and (addresses is None or facts.address.casefold() in addresses)
            and (after is None or row.created_at > after)
            and (before is None or row.created_at < before)
        )

    rows = account.subscribers
    if order.changes:
        rows = sorted((row for row in rows if keep(row)), key=order.key)
    return page_of(call, "subscribers", rows, order, keep, lambda row: _listed(row, call, {}))


def _tag_members(call: Call, account: Account, now: datetime) -> Answer:
    if call.target not in {tag.id for tag in account.tags}:
        return NOT_FOUND
    members = account.members(call.target, lambda subscriber: subscriber.tags)

    def show(row: Membership) -> dict[str, Any]:
        return _listed(row.subscriber, call, {"tagged_at": seconds(row.since)})

    return page_of(call, "subscribers", members, BY_TAGGING, _of_status(call), show)


def _form_members(call: Call, account: Account, now: datetime) -> Answer:
    if call.target not in {form.id for form in account.forms}:
        return NOT_FOUND
    members = account.members(call.target, lambda subscriber: subscriber.forms)

    def show(row: Membership) -> dict[str, Any]:
        since = {"added_at": seconds(row.since), "referrer": None}
        return _listed(row.subscriber, call, since)

    return page_of(call, "subscribers", members, BY_MEMBER, _of_status(call), show)


def _subscriber(call: Call, account: Account, now: datetime) -> Answer:
    found = account.find(call.target)
    if found is None:
        return NOT_FOUND
    cancelled = found.facts.cancelled_at
    about = _shown(found, found.facts, {"fields": {}})
    about["canceled_at"] = seconds(cancelled) if cancelled else None
    return Answer(200, {"subscriber": about})


def _unsubscribe(call: Call, account: Account, now: datetime) -> Answer:
    found = account.find(call.target)
    if found is None:
        return NOT_FOUND
    account.unsubscribe(found, now, call.version, call.by)
    return Answer(204)


def _tags(call: Call, account: Account, now: datetime) -> Answer:
    def show(tag: Any) -> dict[str, Any]:
        return {"id": tag.id, "name": tag.name, "created_at": seconds(tag.created_at)}

    return page_of(call, "tags", account.tags, BY_ID, lambda tag: True, show)


def _forms(call: Call, account: Account, now: datetime) -> Answer:
    status = call.query.get("status", "active")
    if status not in {"active", "archived", "trashed", "all"}:
        raise ParameterError("The status param is not valid")
    kind = call.query.get("type")

    def keep(form: Form) -> bool:
        right_status = status == "all" or form.archived == (status == "archived")
        return right_status and status != "trashed" and kind in {None, form.kind}

    return page_of(call, "forms", account.forms, BY_ID, keep, _form)


def _form(form: Form) -> dict[str, Any]:
    uid = f"{form.id:010x}"
    return {
        "id": form.id,
        "name": form.name,
        "created_at": seconds(form.created_at),
        "type": form.kind,
        "format": None,
        "embed_js": f"https://paper-lantern.example.com/{uid}/index.js",
        "embed_url": f"https://paper-lantern.example.com/{uid}",
        "archived": form.archived,
        "uid": uid,
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


def _of_status(call: Call) -> Callable[[Membership], bool]:
    status = status_of(call.query.get("status"))

    def keep(row: Membership) -> bool:
        facts = row.subscriber.listed
        return facts.exists and (status is None or facts.state is status)

    return keep


def _listed(row: Subscriber, call: Call, more: dict[str, Any]) -> dict[str, Any]:
    slim = call.query.get("slim") == "true"
    return _shown(row, row.listed, more if slim else {**more, "fields": {}})


def _shown(row: Subscriber, facts: Facts, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "first_name": row.first_name,
        "email_address": facts.address,
        "state": facts.state.value,
        "created_at": seconds(row.created_at),
        **more,
    }
