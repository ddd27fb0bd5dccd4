"""ConvertKit's API V3: its calls, and what their answers mean. No I/O.

A secret in the query or the body, page numbers, 50 a page. Deprecated by Kit but served.
Source: https://developers.kit.com/api-reference/v3/overview
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from convertkit.calls import Answer, Call, Listing
from convertkit.decoding import (
    SUBSCRIBER_GONE,
    JsonObject,
    active,
    complaint,
    failure,
    gone_sentence,
    items,
    json_object,
    live_forms,
    member,
    name,
    number,
    optional_text,
    subscriber,
    tag,
    unreadable,
    wanted_subscriber,
)
from convertkit.errors import NotCancelled, Rejected
from convertkit.records import (
    Account,
    Everybody,
    Form,
    OnForm,
    Page,
    Source,
    Subscriber,
    SubscriberState,
    Tag,
    WithTag,
)

T = TypeVar("T")

_REFUSALS: Final = frozenset({"API Key not valid"})
# Oldest first, so that people who join while the list is read do not shift its pages.
_OLDEST_FIRST: Final = {"sort_order": "asc"}


@dataclass(frozen=True, slots=True)
class V3:
    """Make the calls of API V3 for the account of one secret."""

    base: str
    secret: str = field(repr=False)

    def account(self) -> Call[Account]:
        return self._get("read the account", "/account", account)

    def tags(self, after: str | None) -> Call[Listing[Tag]]:
        return self._get("list tags", "/tags", tags)

    def tags_with_key_only(self) -> Call[Listing[Tag]]:
        """Ask for the tags as with a public API Key, which is enough for them."""
        return Call(
            name="try the public key",
            method="GET",
            url=f"{self.base}/tags",
            decode=tags,
            secret_query={"api_key": self.secret},
        )

    def forms(self, after: str | None) -> Call[Listing[Form]]:
        return self._get("list forms", "/forms", forms)

    def subscribers(self, source: Source, after: str | None) -> Call[Page]:
        number = _page_number(after)
        query = {"page": str(number), **_OLDEST_FIRST}
        if isinstance(source, Everybody):
            decode = partial(page, asked=number)
        else:
            query["subscriber_state"] = "active"
            decode = partial(subscription_page, asked=number, gone=gone_sentence(source))
        return self._get("list subscribers", _path(source), decode, query=query)

    def subscriber(self, subscriber_id: int) -> Call[Subscriber]:
        decode = partial(one_subscriber, wanted=subscriber_id)
        return self._get("read a subscriber", f"/subscribers/{subscriber_id}", decode)

    def unsubscribe(self, subscriber: Subscriber) -> Call[None]:
        return Call(
            name="unsubscribe",
            method="PUT",
            url=f"{self.base}/unsubscribe",
            decode=partial(unsubscribed, wanted=subscriber.id),
            secret_json={"api_secret": self.secret, "email": subscriber.email},
        )

    def _get(
        self,
        name: str,
        path: str,
        decode: Callable[[Answer], T],
        *,
        query: Mapping[str, str] | None = None,
    ) -> Call[T]:
        return Call(
            name=name,
            method="GET",
            url=self.base + path,
            decode=decode,
            query=query or {},
            secret_query={"api_secret": self.secret},
        )


def account(answer: Answer) -> Account:
    """Return the account; accounts of 2018 show no plan. Raises: ConvertKitError."""
    row = _read(answer)
    return Account(
        name=name(row),
        primary_email=optional_text(row, "primary_email_address"),
        plan=optional_text(row, "plan_type"),
    )


def tags(answer: Answer) -> Listing[Tag]:
    """Return all tags; V3 does not page them. Raises: ConvertKitError."""
    return Listing(items(_read(answer), "tags", tag), None)


def forms(answer: Answer) -> Listing[Form]:
    """Return all live forms; V3 does not page them. Raises: ConvertKitError."""
    return Listing(live_forms(_read(answer)), None)


def page(answer: Answer, *, asked: int) -> Page:
    """Return the active subscribers of the page that was asked for. Raises: ConvertKitError."""
    holder = _read(answer)
    return Page(active(items(holder, "subscribers", subscriber)), _next(holder, asked))


def subscription_page(answer: Answer, *, asked: int, gone: str | None) -> Page:
    """Return the active subscribers among a page of subscriptions to a tag or form.

    Raises: ConvertKitError, with the sentence `gone` when the tag or form does not exist.
    """
    holder = _read(answer, gone=gone)
    return Page(active(items(holder, "subscriptions", _subscribed)), _next(holder, asked))


def one_subscriber(answer: Answer, *, wanted: int) -> Subscriber:
    """Return the subscriber with the wanted id. Raises: ConvertKitError."""
    return wanted_subscriber(_read(answer, gone=SUBSCRIBER_GONE), wanted)


def unsubscribed(answer: Answer, *, wanted: int) -> None:
    """Make sure that the wanted subscriber, and nobody else, was unsubscribed.

    Raises: ConvertKitError; Rejected when it was somebody else, NotCancelled when nobody (yet).
    """
    found = subscriber(member(_read(answer, gone=SUBSCRIBER_GONE), "subscriber"))
    # Neither is retried: V3 goes by address, and the address may belong to somebody else by now.
    if found.id != wanted:
        raise Rejected(
            f"The address belonged to another subscriber (id {found.id}) by the time of the call, "
            f"so subscriber {wanted} was not unsubscribed. Look at both in ConvertKit."
        )
    if found.state is not SubscriberState.CANCELLED:
        raise NotCancelled(
            f"ConvertKit took the unsubscribe but shows the subscriber as {found.state} still. "
            "Look at the subscriber in ConvertKit in 10 minutes."
        )


def _subscribed(subscription: JsonObject) -> Subscriber:
    # The subscription has a state of its own; the person's is what counts.
    return subscriber(member(subscription, "subscriber"))


def _read(answer: Answer, *, gone: str | None = None) -> JsonObject:
    if 200 <= answer.status < 300:
        return json_object(answer)
    raise failure(answer, _words(answer), refusals=_REFUSALS, gone=gone)


def _words(answer: Answer) -> list[str]:
    # {"error": "Authorization Failed", "message": "API Key not valid"}
    holder = complaint(answer) or {}
    return [word for key in ("error", "message") if (word := optional_text(holder, key))]


def _next(holder: JsonObject, asked: int) -> str | None:
    # total_pages is read again on each page: people come and go in between.
    total = number(holder, "total_pages", least=0)
    if asked > total:
        return None
    if number(holder, "page", least=1) != asked:
        raise unreadable("it is another page of the list than the one asked for")
    return str(asked + 1) if asked < total else None


def _page_number(after: str | None) -> int:
    if after is None:
        return 1
    if not re.fullmatch("[0-9]{1,9}", after):
        raise Rejected(
            "The list cannot be continued where it stopped, because the connection changed "
            "in between. Start again from the beginning."
        )
    return int(after)


def _path(source: Source) -> str:
    match source:
        case Everybody():
            return "/subscribers"
        case WithTag(tag_id):
            return f"/tags/{tag_id}/subscriptions"
        case OnForm(form_id):
            return f"/forms/{form_id}/subscriptions"
