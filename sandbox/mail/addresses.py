"""Makes addresses whose true category is known, because the catalogue says how they behave."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

from sandbox.mail import catalogue
from sandbox.mail.behaviour import Behaviour, Domain, Mailbox
from verification import Category


@dataclass(frozen=True, slots=True)
class Address:
    """Say what is true of one address.

    `category` is what a patient look reaches; `at_first` is what the first look reaches, which
    differs for greylisted addresses only. `mailbox` is None where no such mailbox exists.
    """

    address: str
    category: Category
    at_first: Category
    mailbox: Mailbox | None = None


@dataclass(frozen=True, slots=True)
class _Fate:
    """Say what mail to one kind of address comes to."""

    domain: Domain
    category: Category
    mailbox: Mailbox | None = None
    at_first: Category | None = None

    def of(self, local: str) -> Address:
        first = self.at_first or self.category
        return Address(f"{local}@{self.domain.name}", self.category, first, self.mailbox)


#: How many of 1,000 addresses are of each category. What is left is Safe.
SHARES = {
    Category.INVALID: 80,
    Category.CATCH_ALL: 55,
    Category.UNKNOWN: 40,
    Category.DISPOSABLE: 30,
    Category.RISKY: 25,
}
_LONG = "a-very-long-story-" * 3 + "x" * 10
_MISSPELT = ("gmial.con", "gmail.comm", "outlok.cmo", "vanishedletterbox.com", "closedforever.net")

#: Addresses that break simple programs. Each one is worth exactly one subscriber.
ODD = (
    Address("no-at-sign.example.com", Category.INVALID, Category.INVALID),
    Address(f"{_LONG}@{'long-' * 45}nameis.com", Category.INVALID, Category.INVALID),
    Address("two..dots@gmail.com", Category.INVALID, Category.INVALID),
    Address("MAREN.HOLT@GMAIL.COM", Category.SAFE, Category.SAFE, Mailbox.EXISTS),
    Address("tomas.reed+letters@gmail.com", Category.SAFE, Category.SAFE, Mailbox.EXISTS),
    Address('"quoted reader"@plainhost.net', Category.SAFE, Category.SAFE, Mailbox.EXISTS),
    Address("o'malley@plainhost.net", Category.SAFE, Category.SAFE, Mailbox.EXISTS),
    Address("=1+1@plainhost.net", Category.SAFE, Category.SAFE, Mailbox.EXISTS),
    Address("leserin@bücherhöhle.com", Category.SAFE, Category.SAFE, Mailbox.EXISTS),
    Address("jürgen@bücherhöhle.com", Category.UNKNOWN, Category.UNKNOWN),
    Address("info@plainhost.net", Category.SAFE, Category.SAFE, Mailbox.EXISTS),
)


class AddressBook:
    """Draw addresses of a wanted category; never the same address twice."""

    def __init__(self, random: Random, count: int) -> None:
        self._random = random
        self._used = {odd.address.casefold() for odd in ODD}
        names = catalogue.invented_names(random)
        how_many = max(8, min(count // 12, 20_000))
        self.honest = tuple(
            catalogue.honest_domain(name, random) for name in islice(names, how_many)
        )
        self.domains = (*catalogue.FIXED, *self.honest)
        self._first = {category: iter(_fates(category)) for category in Category}
        self._fates = {category: _fates(category) for category in Category}
        throw_away = map(Domain, catalogue.throw_away_domains())
        self._throw_away = tuple(_Fate(domain, Category.DISPOSABLE) for domain in throw_away)

    def draw(self, category: Category, local: str) -> Address:
        """Return a new address of this category, built on `local`."""
        fate = self._fate(category)
        found = fate.of(local)
        while found.address.casefold() in self._used:
            found = fate.of(f"{local}{self._random.randrange(2, 99_999)}")
        self._used.add(found.address.casefold())
        return found

    def _fate(self, category: Category) -> _Fate:
        if category is Category.DISPOSABLE:
            return self._random.choice(self._throw_away)
        # Every special domain gets a reader before any gets a second one.
        first = next(self._first[category], None)
        if first is not None:
            return first
        if self._random.random() < _SPECIAL[category]:
            return self._random.choice(self._fates[category])
        return self._common(category)

    def _common(self, category: Category) -> _Fate:
        near = self._random.random()
        domain = self._random.choice(self.honest)
        if near < 0.3:
            domain = catalogue.GMAIL
        elif near < 0.35:
            domain = catalogue.ICLOUD
        if category is Category.SAFE:
            return _Fate(domain, category, Mailbox.EXISTS)
        if category is Category.RISKY:
            full = self._random.random() < 0.8
            return _Fate(domain, category, Mailbox.FULL if full else Mailbox.OVER_RATE)
        switched_off = self._random.random() < 0.15
        return _Fate(domain, category, Mailbox.DISABLED if switched_off else None)


#: How often an address is drawn from the special domains once each of them has a reader.
_SPECIAL = {
    Category.SAFE: 0.06,
    Category.INVALID: 0.25,
    Category.CATCH_ALL: 1.0,
    Category.UNKNOWN: 1.0,
    Category.RISKY: 0.0,
}


def _fates(category: Category) -> tuple[_Fate, ...]:
    """Return what the special domains of the catalogue have to offer in this category."""
    if category is Category.SAFE:
        honest = (_Fate(domain, category, Mailbox.EXISTS) for domain in catalogue.CAREFUL)
        later = (
            _Fate(domain, category, Mailbox.EXISTS, at_first=Category.UNKNOWN)
            for domain in catalogue.GREYLISTING
        )
        return (*honest, *later)
    if category is Category.INVALID:
        gone = (Domain(name, Behaviour.NO_SUCH_DOMAIN) for name in _MISSPELT)
        unknown = (
            _Fate(catalogue.GMAIL, category),
            _Fate(catalogue.GMAIL, category, Mailbox.DISABLED),
        )
        return (*unknown, *(_Fate(domain, category) for domain in (*catalogue.NO_MAIL_HERE, *gone)))
    if category is Category.CATCH_ALL:
        return tuple(_Fate(domain, category) for domain in catalogue.CATCH_ALLS)
    if category is Category.UNKNOWN:
        often = (catalogue.YAHOO, catalogue.OUTLOOK) * 4
        return tuple(_Fate(domain, category) for domain in (*catalogue.CLOSED, *often))
    if category is Category.RISKY:
        return (
            _Fate(catalogue.GMAIL, category, Mailbox.FULL),
            _Fate(catalogue.GMAIL, category, Mailbox.OVER_RATE),
        )
    return ()


def quotas(count: int) -> Iterator[Category]:
    """Yield `count` categories in their shares, at least one of each when there is room."""
    room = count >= len(Category)
    left = count
    for category, share in SHARES.items():
        quota = max(int(room), round(count * share / 1000))
        quota = min(quota, left)
        left -= quota
        yield from (category for _ in range(quota))
    yield from (Category.SAFE for _ in range(left))
