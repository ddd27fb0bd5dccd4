"""Reads what a V4 list call asks for, and cuts and orders its page; pure.

Cursors are keys in base64 (developers.kit.com, "Pagination"); has_next_page is the sign to stop.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.kit.call import Answer, Call
from sandbox.kit.keyset import Place, decode, encode, window
from sandbox.kit.store import Subscriber
from sandbox.people import State

PER_PAGE = 500
PER_PAGE_MOST = 1_000


class ParameterError(Exception):
    """Say which parameter was not right: it becomes a 422."""


@dataclass(frozen=True, slots=True)
class Order:
    """Say by what a list is ordered, and how its cursors hold that."""

    key: Callable[[Any], Any]
    #: Whether a subscriber's place in this order can change.
    changes: bool = False


def _by_time(read: Callable[[Subscriber], datetime | None]) -> Callable[[Any], str]:
    # Cursors of orders by time hold the time alone, so they skip rows of the same second.
    def key(row: Any) -> str:
        moment = read(row)
        return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else ""

    return key


BY_ID = Order(lambda row: [row.id])
BY_MEMBER = Order(lambda row: [row.subscriber.id])
BY_TAGGING = Order(lambda row: [row.since.strftime("%Y-%m-%dT%H:%M:%S.000Z"), row.id])
_ORDERS = {
    "id": BY_ID,
    "created_at": Order(_by_time(lambda row: row.created_at)),
    "updated_at": Order(_by_time(lambda row: row.listed.updated_at), changes=True),
    "cancelled_at": Order(_by_time(lambda row: row.listed.cancelled_at), changes=True),
}


def order_of(field: str, status: State | None) -> Order:
    field = "cancelled_at" if field == "canceled_at" else field
    if field == "cancelled_at" and status is not State.CANCELLED:
        raise ParameterError("The status param must be `cancelled` if sort_field is `cancelled_at`")
    if field not in _ORDERS:
        raise ParameterError("The sort_field param is not valid")
    return _ORDERS[field]


def page_of(
    call: Call,
    name: str,
    rows: Sequence[Any],
    order: Order,
    keep: Callable[[Any], bool],
    show: Callable[[Any], dict[str, Any]],
) -> Answer:
    place = _place(call)
    try:
        page = window(rows, order.key, keep, place)
    except TypeError as error:
        # A cursor of another list does not compare with this list's keys.
        raise ParameterError("The cursor is not valid") from error
    keys = [encode(order.key(row)) for row in (page.rows[:1] + page.rows[-1:])]
    pagination: dict[str, Any] = {
        "has_previous_page": page.has_previous,
        "has_next_page": page.has_next,
        "start_cursor": keys[0] if keys else None,
        "end_cursor": keys[-1] if keys else None,
        "per_page": place.size,
    }
    if call.query.get("include_total_count") == "true":
        pagination["total_count"] = sum(1 for row in rows if keep(row))
    return Answer(200, {name: [show(row) for row in page.rows], "pagination": pagination})


def _place(call: Call) -> Place:
    query = call.query
    size = query.get("per_page", str(PER_PAGE))
    if not (size.isascii() and size.isdigit() and 1 <= int(size) <= PER_PAGE_MOST):
        raise ParameterError(f"The per_page param must be between 1 and {PER_PAGE_MOST}")
    if "after" in query and "before" in query:
        raise ParameterError("Only one of after and before can be used")
    descending = query.get("sort_order", "desc") != "asc"
    return Place(int(size), _cursor(query.get("after")), _cursor(query.get("before")), descending)


def _cursor(text: str | None) -> Any:
    if not text:
        return None
    try:
        return decode(text)
    except ValueError as error:
        raise ParameterError("The cursor is not valid") from error


def status_of(text: str | None) -> State | None:
    """Return the state to list: active unless said otherwise, None for all."""
    if text == "all":
        return None
    try:
        return State(text or "active")
    except ValueError as error:
        raise ParameterError("The status param is not valid") from error


def addresses_of(text: str | None) -> set[str] | None:
    if text is None:
        return None
    addresses = text.split(",")
    if any("@" not in address for address in addresses):
        raise ParameterError("Email address is invalid")
    return {address.casefold() for address in addresses}


def time_of(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ParameterError("The date is not valid") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
