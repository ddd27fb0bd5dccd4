"""Kit's API V4: its calls, and what their answers mean. No I/O.

A key in a header, cursors, 1,000 a page. Source: https://developers.kit.com/api-reference/v4.json
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from convertkit.bookmarks import Bookmark
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
    optional_text,
    subscriber,
    tag,
    text,
    unreadable,
    wanted_subscriber,
)
from convertkit.records import (
    Account,
    Everybody,
    Form,
    OnForm,
    Page,
    Source,
    Subscriber,
    Tag,
    WithTag,
)

T = TypeVar("T")

KEY_PREFIX: Final = "kit_"
_REFUSALS: Final = frozenset({"The API key is invalid", "The access token is invalid"})
# The most that Kit serves on a page.
_PER_PAGE: Final = {"per_page": "1000"}
# slim leaves the custom fields out, which makes long lists faster (Kit changelog 2026-05-21).
_MAILED_ONLY: Final = {"status": "active", "slim": "true"}


@dataclass(frozen=True, slots=True)
class V4:
    """Make the calls of API V4 for the account of one key."""

    base: str
    key: str = field(repr=False)

    def account(self) -> Call[Account]:
        return self._call("read the account", "/account", account)

    def tags(self, after: str | None) -> Call[Listing[Tag]]:
        at = _bookmark(after)
        return self._call("list tags", "/tags", partial(tags, at=at), query=_walk(at))

    def forms(self, after: str | None) -> Call[Listing[Form]]:
        at = _bookmark(after)
        query = {"status": "active", **_walk(at)}
        return self._call("list forms", "/forms", partial(forms, at=at), query=query)

    def subscribers(self, source: Source, after: str | None) -> Call[Page]:
        at = _bookmark(after)
        decode = partial(page, at=at, gone=gone_sentence(source))
        # Every filter again on every page, as Kit asks.
        query = {**_MAILED_ONLY, **_walk(at)}
        return self._call("list subscribers", _path(source), decode, query=query)

    def subscriber(self, subscriber_id: int) -> Call[Subscriber]:
        decode = partial(one_subscriber, wanted=subscriber_id)
        return self._call("read a subscriber", f"/subscribers/{subscriber_id}", decode)

    def unsubscribe(self, subscriber: Subscriber) -> Call[None]:
        path = f"/subscribers/{subscriber.id}/unsubscribe"
        return self._call("unsubscribe", path, unsubscribed, method="POST")

    def _call(
        self,
        name: str,
        path: str,
        decode: Callable[[Answer], T],
        *,
        method: str = "GET",
        query: Mapping[str, str] | None = None,
    ) -> Call[T]:
        return Call(
            name=name,
            method=method,
            url=self.base + path,
            decode=decode,
            query=query or {},
            secret_headers={"X-Kit-Api-Key": self.key},
        )


def account(answer: Answer) -> Account:
    """Return the account; `plan` may be absent. Raises: ConvertKitError."""
    row = member(_read(answer), "account")
    return Account(
        name=name(row),
        primary_email=optional_text(row, "primary_email_address"),
        plan=optional_text(row, "plan_type"),
    )


def tags(answer: Answer, *, at: Bookmark | None) -> Listing[Tag]:
    """Return the tags of a page asked for with the bookmark. Raises: ConvertKitError."""
    holder = _read(answer)
    return Listing(items(holder, "tags", tag), _next(holder, at))


def forms(answer: Answer, *, at: Bookmark | None) -> Listing[Form]:
    """Return the live forms of a page asked for with the bookmark. Raises: ConvertKitError."""
    holder = _read(answer)
    return Listing(live_forms(holder), _next(holder, at))


def page(answer: Answer, *, at: Bookmark | None, gone: str | None) -> Page:
    """Return the active subscribers of a page asked for with the bookmark.

    Raises: ConvertKitError, with the sentence `gone` when the tag or form does not exist.
    """
    holder = _read(answer, gone=gone)
    return Page(active(items(holder, "subscribers", subscriber)), _next(holder, at))


def one_subscriber(answer: Answer, *, wanted: int) -> Subscriber:
    """Return the subscriber with the wanted id. Raises: ConvertKitError."""
    return wanted_subscriber(_read(answer, gone=SUBSCRIBER_GONE), wanted)


def unsubscribed(answer: Answer) -> None:
    """Make sure that the subscriber was unsubscribed. Raises: ConvertKitError."""
    # 204 with an empty body, for those already cancelled too; anything else proves nothing.
    if answer.status == 204:
        return
    _read(answer, gone=SUBSCRIBER_GONE)
    raise unreadable(f"it does not say that the subscriber was cancelled (status {answer.status})")


def _read(answer: Answer, *, gone: str | None = None) -> JsonObject:
    if 200 <= answer.status < 300:
        return json_object(answer)
    raise failure(answer, _words(answer), refusals=_REFUSALS, gone=gone)


def _words(answer: Answer) -> list[str]:
    # {"errors": ["..."]}; some endpoints put lists of texts into the list.
    errors = (complaint(answer) or {}).get("errors")
    rows = errors if isinstance(errors, list) else []
    flat = [word for row in rows for word in (row if isinstance(row, list) else [row])]
    return [word for word in flat if isinstance(word, str)]


def _next(holder: JsonObject, at: Bookmark | None) -> str | None:
    # has_next_page is the signal to stop: the last page has an end_cursor as well.
    pagination = member(holder, "pagination")
    match pagination.get("has_next_page"):
        case False:
            return None
        case True:
            if not (cursor := text(pagination, "end_cursor")):
                raise unreadable("it does not say where the list goes on")
            return str(at.moved_to(cursor) if at else Bookmark.first(cursor))
        case _:
            raise unreadable("it does not say whether the list goes on")


def _bookmark(after: str | None) -> Bookmark | None:
    return None if after is None else Bookmark.parse(after)


def _walk(at: Bookmark | None) -> dict[str, str]:
    return _PER_PAGE if at is None else {**_PER_PAGE, "after": at.cursor}


def _path(source: Source) -> str:
    match source:
        case Everybody():
            return "/subscribers"
        case WithTag(tag_id):
            return f"/tags/{tag_id}/subscribers"
        case OnForm(form_id):
            return f"/forms/{form_id}/subscribers"
