"""ConvertKit's things as plain records: no HTTP, no JSON, the same for V3 and V4."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self


class ApiVersion(StrEnum):
    """Name the API that a secret opens; the two do not take each other's secrets."""

    #: The older API: an API Secret, 50 subscribers a page.
    V3 = "v3"
    #: The current API: a key that starts with `kit_`, 1,000 subscribers a page.
    V4 = "v4"


class SubscriberState(StrEnum):
    """Name how ConvertKit treats a subscriber; only active ones are mailed."""

    #: Confirmed, and mailed.
    ACTIVE = "active"
    #: Has not confirmed the opt-in yet.
    INACTIVE = "inactive"
    #: Unsubscribed, by themselves or by a call.
    CANCELLED = "cancelled"
    #: ConvertKit's own mail came back.
    BOUNCED = "bounced"
    #: Reported a mail as spam.
    COMPLAINED = "complained"
    #: A state that ConvertKit has added since; never mailed as far as this product knows.
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> Self:
        return cls("other")


@dataclass(frozen=True, slots=True)
class Account:
    """Tell whose account a secret opens. The name may be empty."""

    name: str
    primary_email: str | None
    plan: str | None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Hold what is needed of one person: ConvertKit's id (64 bits), address as typed, state."""

    id: int
    # Out of the repr, so that no log line or assertion shows an address by accident.
    email: str = field(repr=False)
    state: SubscriberState


@dataclass(frozen=True, slots=True)
class Tag:
    """Hold a tag that groups subscribers."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Form:
    """Hold a form or landing page that people subscribe on."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Everybody:
    """Ask for all subscribers of the account."""


@dataclass(frozen=True, slots=True)
class WithTag:
    """Ask for the subscribers that carry the tag with this id."""

    id: int


@dataclass(frozen=True, slots=True)
class OnForm:
    """Ask for the subscribers of the form with this id."""

    id: int


Source = Everybody | WithTag | OnForm


@dataclass(frozen=True, slots=True)
class Page:
    """Hold active subscribers of one page, and the opaque place to go on from.

    `next` is None on the last page only; it may be stored and used by another process. The same
    subscriber may come on more than one page (V3 counts pages from the start of a moving list).
    """

    subscribers: tuple[Subscriber, ...]
    next: str | None
