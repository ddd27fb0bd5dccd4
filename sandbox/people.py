"""Makes believable subscribers, tags and forms, the same ones for the same seed.

Each person carries the category that the mail world will lead to, so a test can compare.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random

from sandbox.mail.addresses import ODD, Address, AddressBook, quotas
from sandbox.mail.behaviour import Domain, Mailbox
from verification import Category


class State(StrEnum):
    """Where a subscriber stands with ConvertKit, in its API's words."""

    #: Confirmed: receives mail.
    ACTIVE = "active"
    #: Unconfirmed: has not answered the opt-in mail.
    INACTIVE = "inactive"
    #: Unsubscribed.
    CANCELLED = "cancelled"
    #: Given up by ConvertKit after several bounces.
    BOUNCED = "bounced"
    #: Reported a mail as spam.
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Tag:
    """Name one tag of an account."""

    id: int
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Form:
    """Name one form or landing page (kind "hosted") of an account."""

    id: int
    name: str
    created_at: datetime
    kind: str = "embed"
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Describe one subscriber, and the truth about the address."""

    id: int
    first_name: str | None
    address: str
    state: State
    created_at: datetime
    tags: tuple[int, ...]
    forms: tuple[int, ...]
    truth: Address

    @property
    def category(self) -> Category:
        """Return the category that a patient look reaches."""
        return self.truth.category


@dataclass(frozen=True, slots=True)
class People:
    """Hold one account's subscribers (by rising id) and the domains that they live at."""

    persons: tuple[Person, ...]
    tags: tuple[Tag, ...] = ()
    forms: tuple[Form, ...] = ()
    domains: tuple[Domain, ...] = field(default=(), repr=False)

    @property
    def active(self) -> tuple[Person, ...]:
        """Return those whom a verification looks at."""
        return tuple(person for person in self.persons if person.state is State.ACTIVE)

    def mailboxes(self) -> dict[str, Mailbox]:
        """Return the condition of each mailbox that exists, by address."""
        truths = (person.truth for person in self.persons)
        return {truth.address: truth.mailbox for truth in truths if truth.mailbox is not None}

    def shares(self) -> Mapping[Category, int]:
        """Count the active subscribers of each category."""
        return Counter(person.category for person in self.active)


#: ConvertKit's ids outgrew 32 bits.
_FIRST_ID = 2**32 + 130_000_000
_OPENED = datetime(2021, 3, 2, 9, 30, tzinfo=UTC)
_STATES = (State.CANCELLED, State.INACTIVE, State.BOUNCED, State.COMPLAINED)
_STATE_WEIGHTS = (50, 25, 15, 10)
_ACTIVE_SHARE = 0.94
#: From this many people on, the odd addresses and names are among them.
_ROOM_FOR_ODD = 60

TAGS = (
    Tag(3_910_001, "Newsletter", _OPENED),
    Tag(3_910_002, "Customers", _OPENED),
    Tag(3_910_003, "Workshop in March", _OPENED),
    Tag(3_910_004, "VIP <!channel> *bold*", _OPENED),
    Tag(3_910_005, "Nobody yet", _OPENED),
)
_TAG_SHARES = (0.6, 0.25, 0.08, 0.03, 0.0)
FORMS = (
    Form(5_240_001, "Home page", _OPENED),
    Form(5_240_002, "Free chapter", _OPENED, kind="hosted"),
    Form(5_240_003, "Spring giveaway (closed)", _OPENED, archived=True),
    Form(5_240_004, "Coming soon", _OPENED, kind="hosted"),
)
_FORM_SHARES = (0.5, 0.3, 0.1, 0.0)
_ODD_NAMES = ("<!channel>", "*Bold* _Bo_", "=HYPERLINK(1)", "Zoë 🌿", "O'Neil & Sons", "")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GIVEN = _words(
    "Ada Amir Anika Bela Bruno Carla Chidi Clara Dario Devi Elif Emil Esther Farah Felix Greta"
    " Hana Hugo Ines Ivan Jana Jonas Kaito Keira Lars Leila Lucia Malik Marta Mina Nadia Nils Noor"
    " Olga Oscar Petra Priya Quinn Rafael Rosa Samir Selma Tara Theo Uma Vera Viktor Wanda Yara"
    " Yusuf Zara"
)
_FAMILY = _words(
    "abbott alder barros becker bloom carver castro dahl drake engel farrow fischer garner grant"
    " haas hale iqbal jansen keller kovacs lam lindt mercer moreau nakai novak okafor olsen patel"
    " pires quist ramos rossi sand silva thorne tran ulrich vance vogel walsh weber xu york zeller"
)


def make_people(count: int, seed: int = 1, *, many_tags: int = 0) -> People:
    """Make `count` subscribers; the same arguments give the same people.

    `many_tags` adds so many further tags, to see what a long list does to a dialog.
    """
    random = Random(seed)
    book = AddressBook(random, count)
    more = (Tag(3_920_000 + n, f"Campaign {n:03}", _OPENED) for n in range(1, many_tags + 1))
    tags = (*TAGS, *more)
    tag_ids, form_ids = tuple(tag.id for tag in tags), tuple(form.id for form in FORMS)
    shares = (*_TAG_SHARES, *(0.01 for _ in range(many_tags)))
    persons = []
    identity, joined = _FIRST_ID, _OPENED
    step = timedelta(days=2_000) / max(count, 1)
    for name, truth, state in _readers(count, random, book):
        identity += random.randrange(1, 900)
        joined += step * random.random()
        persons.append(
            Person(
                id=identity,
                first_name=name,
                address=truth.address,
                state=state,
                created_at=joined.replace(microsecond=0),
                tags=_some(random, tag_ids, shares),
                forms=_some(random, form_ids, _FORM_SHARES),
                truth=truth,
            )
        )
    return People(tuple(persons), tags, FORMS, book.domains)


def _readers(
    count: int, random: Random, book: AddressBook
) -> list[tuple[str | None, Address, State]]:
    """Draw names, addresses and states; the odd ones are spread among the others."""
    odd = ODD if count >= _ROOM_FOR_ODD else ()
    readers: list[tuple[str | None, Address, State]] = [
        (_ODD_NAMES[n % len(_ODD_NAMES)], truth, State.ACTIVE) for n, truth in enumerate(odd)
    ]
    for n, category in enumerate(quotas(count - len(odd))):
        given, family = random.choice(_GIVEN), random.choice(_FAMILY)
        truth = book.draw(category, _local_part(random, given.lower(), family))
        # The first of each category is active, so that a small list shows all six.
        state = _state(random) if n % 7 else State.ACTIVE
        readers.append((given if random.random() < 0.8 else None, truth, state))
    random.shuffle(readers)
    return readers


def _local_part(random: Random, given: str, family: str) -> str:
    forms = (f"{given}.{family}", f"{given[0]}{family}", f"{given}{family}", given)
    return random.choice(forms)


def _state(random: Random) -> State:
    if random.random() < _ACTIVE_SHARE:
        return State.ACTIVE
    return random.choices(_STATES, _STATE_WEIGHTS)[0]


def _some(random: Random, labels: tuple[int, ...], shares: tuple[float, ...]) -> tuple[int, ...]:
    drawn = zip(labels, shares, strict=True)
    return tuple(label for label, share in drawn if random.random() < share)
