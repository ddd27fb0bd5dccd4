"""What is sent and what comes back, as plain records: no sockets, no httpx."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from convertkit.records import Account, Form, Page, Source, Subscriber, Tag

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold one HTTP answer as it came; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call(Generic[T_co]):
    """Hold one request, and how its answer is read. The repr shows nothing secret."""

    #: What is asked, for the log: "list subscribers".
    name: str
    method: str
    #: Without a query.
    url: str
    #: Return the answer's record; raises ConvertKitError.
    decode: Callable[[Answer], T_co] = field(repr=False)
    #: May be logged.
    query: Mapping[str, str] = field(default_factory=dict)
    #: Must never be logged: parts of the query, headers and JSON body.
    secret_query: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_json: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Listing(Generic[T_co]):
    """Hold one page of tags or forms, and the opaque place to go on from."""

    items: tuple[T_co, ...]
    next: str | None


class Dialect(Protocol):
    """Put each thing that is asked of ConvertKit into the calls of one API version."""

    def account(self) -> Call[Account]: ...

    def tags(self, after: str | None) -> Call[Listing[Tag]]: ...

    def forms(self, after: str | None) -> Call[Listing[Form]]: ...

    def subscribers(self, source: Source, after: str | None) -> Call[Page]: ...

    def subscriber(self, subscriber_id: int) -> Call[Subscriber]: ...

    def unsubscribe(self, subscriber: Subscriber) -> Call[None]: ...
