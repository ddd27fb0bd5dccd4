"""Keeps the make-believe accounts: what is true of each subscriber, and what lists still show.

ConvertKit reads one subscriber from the truth and lists from an index that lags behind
(developers.kit.com, "Eventual consistency"). Time is passed in; nothing here does I/O.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from sandbox.people import Form, People, Person, State, Tag


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold what can change about a subscriber."""

    address: str
    state: State
    updated_at: datetime
    cancelled_at: datetime | None = None
    exists: bool = True


@dataclass(slots=True)
class Subscriber:
    """Hold one subscriber: `facts` is the truth, `listed` is what list pages show."""

    id: int
    first_name: str | None
    created_at: datetime
    tags: tuple[int, ...]
    forms: tuple[int, ...]
    facts: Facts
    listed: Facts


@dataclass(frozen=True, slots=True)
class Membership:
    """Say that a subscriber is under a tag or on a form, and since when."""

    id: int
    since: datetime
    subscriber: Subscriber


@dataclass(frozen=True, slots=True)
class Keys:
    """Hold one account's credentials: a V3 pair and any number of V4 keys."""

    v3_key: str = field(repr=False)
    v3_secret: str = field(repr=False)
    v4: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delays:
    """Set how far reality trails behind a write, in seconds."""

    #: From the call until GET by id shows it. ConvertKit's help speaks of 5 to 10 minutes.
    effect: float = 0.0
    #: From then until list pages show it (P50 about 30 s, P99 up to 5 min).
    lists: float = 30.0


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """Hold one unsubscribe call that was taken; `was` is the state that it found."""

    at: datetime
    account: str
    subscriber: int
    was: State
    version: str
    by: str = ""


Change = Callable[[Facts], Facts]


def cancelled(now: datetime) -> Change:
    """Return the change that an unsubscribe makes; it leaves who is cancelled as they are."""

    def change(facts: Facts) -> Facts:
        if facts.state is State.CANCELLED:
            return facts
        return replace(facts, state=State.CANCELLED, cancelled_at=now, updated_at=now)

    return change


class Account:
    """Hold one ConvertKit account and let time pass over it."""

    def __init__(
        self, number: int, name: str, email: str, people: People, keys: Keys, delays: Delays
    ) -> None:
        self.id = number
        self.name = name
        self.email = email
        self.keys = keys
        self.delays = delays
        self.tags: tuple[Tag, ...] = people.tags
        self.forms: tuple[Form, ...] = people.forms
        self.subscribers: list[Subscriber] = [_subscriber(person) for person in people.persons]
        #: Changes with every change of what lists show.
        self.version = 0
        #: Those whose unsubscribe is answered as usual and never happens.
        self.stubborn: set[int] = set()
        #: Each unsubscribe call that was taken, in order.
        self.unsubscribes: list[Unsubscribed] = []
        self._by_id = {subscriber.id: subscriber for subscriber in self.subscribers}
        self._by_address = {s.facts.address.casefold(): s for s in self.subscribers}
        self._pending: list[tuple[datetime, int, Subscriber, Change, bool]] = []
        self._order = count()
        self._members: dict[int, Sequence[Membership]] = {}
        self._cache: dict[Hashable, Sequence[Any]] = {}
        self._cached_version = 0

    def settle(self, now: datetime) -> None:
        """Let everything happen that is due."""
        while self._pending and self._pending[0][0] <= now:
            due, _, subscriber, change, in_lists = heappop(self._pending)
            if in_lists:
                subscriber.listed = change(subscriber.listed)
                self.version += 1
            else:
                self._come_true(subscriber, change)
                self._wait(due + timedelta(seconds=self.delays.lists), subscriber, change, True)

    def find(self, identity: int) -> Subscriber | None:
        """Return the subscriber with this id, unless gone."""
        found = self._by_id.get(identity)
        return found if found is not None and found.facts.exists else None

    def find_address(self, address: str) -> Subscriber | None:
        """Return the subscriber with this address, whatever its case, unless gone."""
        found = self._by_address.get(address.casefold())
        return found if found is not None and found.facts.exists else None

    def members(
        self, label: int, labels: Callable[[Subscriber], Iterable[int]]
    ) -> Sequence[Membership]:
        """Return who is under a tag or on a form, by rising membership id."""
        if label not in self._members:
            self._members[label] = [
                Membership(label * 10_000_000 + n, s.created_at + timedelta(hours=2), s)
                for n, s in enumerate(s for s in self.subscribers if label in labels(s))
            ]
        return self._members[label]

    def cached(self, key: Hashable, make: Callable[[], Sequence[Any]]) -> Sequence[Any]:
        """Return what `make` made since lists last changed, making it if need be."""
        if self._cached_version != self.version:
            self._cache.clear()
            self._cached_version = self.version
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    def unsubscribe(
        self, subscriber: Subscriber, now: datetime, version: str, by: str = ""
    ) -> None:
        """Take an unsubscribe call; it comes true after the delay of writes."""
        was = subscriber.facts.state
        self.unsubscribes.append(Unsubscribed(now, self.name, subscriber.id, was, version, by))
        if subscriber.id not in self.stubborn:
            due = now + timedelta(seconds=self.delays.effect)
            self._wait(due, subscriber, cancelled(now), False)
            self.settle(now)

    def change(self, subscriber: Subscriber, change: Change, now: datetime) -> None:
        """Change the truth at once; lists follow after their lag."""
        self._wait(now, subscriber, change, False)
        self.settle(now)

    def _come_true(self, subscriber: Subscriber, change: Change) -> None:
        before = subscriber.facts.address
        subscriber.facts = change(subscriber.facts)
        if subscriber.facts.address != before:
            del self._by_address[before.casefold()]
            self._by_address[subscriber.facts.address.casefold()] = subscriber

    def _wait(self, due: datetime, subscriber: Subscriber, change: Change, in_lists: bool) -> None:
        heappush(self._pending, (due, next(self._order), subscriber, change, in_lists))


def _subscriber(person: Person) -> Subscriber:
    joined = person.created_at
    left = joined + timedelta(days=40) if person.state is State.CANCELLED else None
    facts = Facts(person.address, person.state, left or joined, left)
    return Subscriber(
        id=person.id,
        first_name=person.first_name,
        created_at=joined,
        tags=person.tags,
        forms=person.forms,
        facts=facts,
        listed=facts,
    )
