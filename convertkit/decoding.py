"""How the bytes of an answer become records or errors, as far as V3 and V4 agree. No I/O.

Nothing about an answer is taken for granted: any status, header or body ends in a record or in a
ConvertKitError.
"""

import json
import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from convertkit.calls import Answer
from convertkit.errors import (
    WHERE_THE_SECRET_IS,
    ConvertKitError,
    CredentialRefused,
    Gone,
    NotAllowed,
    RateLimited,
    Rejected,
    Unavailable,
)
from convertkit.records import (
    Everybody,
    Form,
    OnForm,
    Source,
    Subscriber,
    SubscriberState,
    Tag,
    WithTag,
)
from convertkit.redaction import quotable

T = TypeVar("T")
JsonObject = dict[str, Any]

SUBSCRIBER_GONE: Final = "This subscriber is not in ConvertKit any more."

_LARGEST_ID: Final = 2**63 - 1
# Surrogates cannot be encoded, and PostgreSQL's text refuses NUL.
_UNSTORABLE: Final = re.compile("[\ud800-\udfff\0]")
_HTTP_DATE: Final = "%a, %d %b %Y %H:%M:%S GMT"


def json_object(answer: Answer) -> JsonObject:
    """Return the answer's JSON object. Raises: Unavailable when it is none."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise unreadable(f"it is not JSON (status {answer.status})") from error
    return _object(value)


def complaint(answer: Answer) -> JsonObject | None:
    """Return the JSON object that comes with a failure, None when something else comes."""
    try:
        return json_object(answer)
    except Unavailable:
        return None


def unreadable(what: str) -> Unavailable:
    """Return the error for an answer whose content cannot be used; `what` says why."""
    return Unavailable(
        f"ConvertKit's answer could not be read: {what}. Try again in a few minutes."
    )


def failure(
    answer: Answer, words: Sequence[str], *, refusals: Collection[str], gone: str | None
) -> ConvertKitError:
    """Return the error that an answer other than 2xx stands for.

    `words` are the server's own; one of `refusals` among them means that the credential is bad.
    `gone` is the sentence for a 404, None where the call names nothing that could be missing.
    """
    if answer.status == 429:
        return RateLimited(
            "ConvertKit gets more calls for this account than it allows (120 a minute). "
            "Wait a minute, then try again.",
            retry_after(answer),
        )
    if answer.status == 408 or not 400 <= answer.status < 500:
        return Unavailable(
            f"ConvertKit has a fault at the moment (status {answer.status}). "
            "Try again in a few minutes.",
            retry_after(answer),
        )
    if answer.body.strip() and complaint(answer) is None:
        # A 403 or 404 page for people comes from something between us and the API.
        return unreadable(f"a page instead of data (status {answer.status})")
    return _refusal(answer.status, words, refusals, gone)


def _refusal(
    status: int, words: Sequence[str], refusals: Collection[str], gone: str | None
) -> ConvertKitError:
    if status == 401 and not set(refusals).isdisjoint(words):
        return CredentialRefused(
            "ConvertKit does not accept this secret: it is mistyped, or it was changed or "
            f"revoked. Connect with the current one. {WHERE_THE_SECRET_IS}"
        )
    said = quotable(": ".join(filter(None, words)))
    quote = f' It said: "{said}".' if said else ""
    if status in (401, 403):
        return NotAllowed(
            f"ConvertKit does not allow this for the account (status {status}).{quote} "
            "Look at the account's plan and API keys in ConvertKit, then try again."
        )
    if status == 404 and gone is not None:
        return Gone(gone)
    return Rejected(
        f"ConvertKit did not take the call (status {status}).{quote} "
        "Trying again as it is will not help."
    )


def retry_after(answer: Answer) -> timedelta | None:
    """Return the wait that the server asks for, None when it asks for none (RFC 9110 10.2.3).

    A date counts from the answer's own Date header, so that the two clocks need not agree.
    """
    asked = answer.headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]{1,9}", asked):
        return timedelta(seconds=int(asked))
    until, since = _http_date(asked), _http_date(answer.headers.get("date", "").strip())
    return max(until - since, timedelta()) if until and since else None


def _http_date(text: str) -> datetime | None:
    # RFC 9110 5.6.7: servers send this form only.
    try:
        return datetime.strptime(text, _HTTP_DATE).replace(tzinfo=UTC)
    except ValueError:
        return None


def items(holder: JsonObject, key: str, read: Callable[[JsonObject], T]) -> tuple[T, ...]:
    """Return the records of the list at `key`. Raises: Unavailable when one cannot be read."""
    rows = holder.get(key)
    if not isinstance(rows, list):
        raise unreadable(f"it has no list of {key}")
    return tuple(read(_object(row)) for row in rows)


def member(holder: JsonObject, key: str) -> JsonObject:
    """Return the object at `key`. Raises: Unavailable when there is none."""
    return _object(holder.get(key))


def _object(value: Any) -> JsonObject:
    if not isinstance(value, dict):
        raise unreadable("it is not what the API promises")
    return value


def number(row: JsonObject, key: str, *, least: int) -> int:
    """Return a whole number below 2**63 at `key`; ids come as strings too (POST filter).

    Raises: Unavailable.
    """
    value = row.get(key)
    if isinstance(value, str) and re.fullmatch("[0-9]{1,19}", value):
        value = int(value)
    if type(value) is not int or not least <= value <= _LARGEST_ID:
        raise unreadable(f"a {key} is not a number in range")
    return value


def text(row: JsonObject, key: str) -> str:
    """Return the string at `key` with nothing that cannot be stored. Raises: Unavailable."""
    value = row.get(key)
    if not isinstance(value, str):
        raise unreadable(f"a {key} is not a text")
    return storable(value)


def name(row: JsonObject) -> str:
    """Return the row's name, which may be empty or null. Raises: Unavailable."""
    return "" if "name" in row and row["name"] is None else text(row, "name")


def optional_text(row: JsonObject, key: str) -> str | None:
    """Return the string at `key`, None when it is absent or something else."""
    value = row.get(key)
    return storable(value) if isinstance(value, str) else None


def storable(value: str) -> str:
    """Return the text with U+FFFD for what databases refuse."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)


def subscriber(row: JsonObject) -> Subscriber:
    """Return the subscriber of a row. Raises: Unavailable."""
    return Subscriber(
        id=number(row, "id", least=1),
        email=text(row, "email_address"),
        state=SubscriberState(text(row, "state")),
    )


def wanted_subscriber(holder: JsonObject, wanted: int) -> Subscriber:
    """Return the subscriber at `subscriber`, who has the wanted id. Raises: Unavailable."""
    found = subscriber(member(holder, "subscriber"))
    if found.id != wanted:
        raise unreadable("it is about another subscriber")
    return found


def active(subscribers: tuple[Subscriber, ...]) -> tuple[Subscriber, ...]:
    """Return those that are mailed; a list may lag behind its own filter (Kit: 5 minutes)."""
    return tuple(one for one in subscribers if one.state is SubscriberState.ACTIVE)


def tag(row: JsonObject) -> Tag:
    """Return the tag of a row. Raises: Unavailable."""
    return Tag(id=number(row, "id", least=1), name=name(row))


def live_forms(holder: JsonObject) -> tuple[Form, ...]:
    """Return the forms that are not archived; old forms have no `archived`. Raises: Unavailable."""
    rows = items(holder, "forms", lambda row: row)
    return tuple(_form(row) for row in rows if row.get("archived") is not True)


def gone_sentence(source: Source) -> str | None:
    """Return what to say when the source of a list does not exist."""
    match source:
        case WithTag():
            return "This tag is not in ConvertKit any more. Choose another one."
        case OnForm():
            return "This form is not in ConvertKit any more. Choose another one."
        case Everybody():
            return None


def _form(row: JsonObject) -> Form:
    return Form(id=number(row, "id", least=1), name=name(row))
