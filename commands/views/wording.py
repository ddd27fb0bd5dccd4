"""The product's words for its records: one sentence for each, wherever it is shown."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from commands.views.text import escape, moment, number, percent, person, shorten
from storage.plans import PLAN_CATEGORIES
from storage.records import Audience, Connection, Run, Schedule
from storage.states import Action, AudienceKind, Cadence, StopReason, UnsubscribeState
from verification import Category

#: The Categories in the order of every message: the good news, then the Plan's rows.
CATEGORIES = (Category.SAFE, *PLAN_CATEGORIES)

#: What each Category means, in words that fit beside its count.
MEANINGS: Mapping[Category, str] = MappingProxyType(
    {
        Category.SAFE: "the mailbox exists and takes mail",
        Category.INVALID: "mail cannot arrive, for example because the mailbox does not exist",
        Category.DISPOSABLE: "a throw-away address, made to be abandoned",
        Category.CATCH_ALL: "the domain accepts any address, so this mailbox cannot be proven",
        Category.UNKNOWN: "the mail server gave no clear answer: not bad, and free of charge",
        Category.RISKY: "the mailbox is full or gets too much mail, or may be throw-away",
    }
)

#: What an Action is called.
ACTIONS: Mapping[Action, str] = MappingProxyType(
    {Action.KEEP: "Keep", Action.UNSUBSCRIBE: "Unsubscribe"}
)

#: What each kind of Audience is called.
AUDIENCES: Mapping[AudienceKind, str] = MappingProxyType(
    {
        AudienceKind.SUBSCRIBERS: "Subscribers",
        AudienceKind.TAGS: "Tagged groups",
        AudienceKind.FORMS: "Forms",
    }
)

#: What became of a subscriber of a Cleanup, in the order that messages show it.
OUTCOMES: Mapping[UnsubscribeState, str] = MappingProxyType(
    {
        UnsubscribeState.CONFIRMED: "Confirmed unsubscribed",
        UnsubscribeState.REQUESTED: "Asked, not confirmed yet",
        UnsubscribeState.ALREADY_CANCELLED: "Already cancelled before",
        UnsubscribeState.PROTECTED: "Left alone",
        UnsubscribeState.GONE: "No longer in ConvertKit",
        UnsubscribeState.STILL_ACTIVE: "Still subscribed",
        UnsubscribeState.FAILED: "Refused by ConvertKit",
        UnsubscribeState.DROPPED: "Dropped, not tried",
        UnsubscribeState.PENDING: "Not tried yet",
    }
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

#: Why a Run or a Cleanup halted. BY_PERSON is said with the person's name instead.
_STOPS: Mapping[StopReason, str] = MappingProxyType(
    {
        StopReason.CREDENTIAL: "ConvertKit no longer accepts the saved secret",
        StopReason.UNAVAILABLE: "ConvertKit has not answered for hours",
        StopReason.REFUSED: "ConvertKit refused a request",
        StopReason.LIST_CHANGED: "the stored list is no longer the list that was approved",
        StopReason.BLOCKED: "several mail providers block this bot's questions",
        StopReason.UNEXPECTED: "something went wrong in the bot itself",
        StopReason.FORGOTTEN: "nobody went on with it for as long as addresses are kept",
    }
)

#: Names of tags or forms that a message lists before it says how many more there are.
_NAMES_SHOWN = 3
#: Characters of each of these names, and of all that names an audience.
_NAME_LENGTH = 40
_AUDIENCE_LENGTH = 4 * _NAME_LENGTH


def connection_name(connection: Connection) -> str:
    """Name a connection, unescaped: its own name, or the account's."""
    name = connection.name or connection.account_name
    return shorten(name) or "a ConvertKit account"


def audience_name(audience: Audience) -> str:
    """Name an audience, unescaped: all Subscribers, or Tagged groups "A" and "B"."""
    if audience.kind is AudienceKind.SUBSCRIBERS:
        return "all Subscribers"
    names = [f'"{shorten(name, _NAME_LENGTH) or "(no name)"}"' for name in audience.names]
    shown, hidden = names[:_NAMES_SHOWN], len(names) - _NAMES_SHOWN
    more = [f"{number(hidden)} more"] if hidden > 0 else []
    nouns = AUDIENCES[audience.kind]
    return f"{nouns.removesuffix('s') if len(names) == 1 else nouns} {joined(shown + more)}"


def audience_of(audience: Audience, connection: Connection) -> str:
    """Name an audience and its connection, escaped for a message."""
    name = escape(audience_name(audience), _AUDIENCE_LENGTH)
    return f"*{name}* of *{escape(connection_name(connection))}*"


def verified_at(run: Run) -> str:
    """Say when a Run finished; nothing where it did not."""
    return f"Verified {moment(run.finished_at)}." if run.finished_at else ""


def asked_by(run: Run) -> str:
    """Say who wanted a Run."""
    way = "Asked" if run.schedule_id is None else "Scheduled"
    return f"{way} by {person(run.requested_by)}."


def purged_words(what: str, purged_at: datetime) -> str:
    """Say that the addresses of a run or a cleanup are gone."""
    return (
        f"The addresses of this {what} were deleted {moment(purged_at)}, because of their age. "
        "Its counts and credits stay."
    )


def stop_words(reason: StopReason | None, who: str) -> str:
    """Say why something halted; `who` is the mention of the last person who pressed Stop."""
    if reason is StopReason.BY_PERSON:
        return f"{who} pressed Stop."
    if reason is None:
        return "It was stopped."
    return f"Why: {_STOPS[reason]}."


def shares(counts: Mapping[Category, int]) -> list[tuple[str, str]]:
    """List every Category with its count and share, escaped for the fields of a message."""
    whole = sum(counts.values())
    return [
        (category.label, f"{number(count)} ({escape(percent(count, whole))})")
        for category in CATEGORIES
        for count in [counts.get(category, 0)]
    ]


def listed(counts: Mapping[Category, int]) -> str:
    """List the Categories that hold somebody: "400 Invalid and 12 Disposable"."""
    parts = [f"{number(counts[c])} {c.label}" for c in CATEGORIES if counts.get(c, 0)]
    return joined(parts)


def joined(parts: list[str]) -> str:
    """Join words as in a sentence: a, b and c."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def rhythm(schedule: Schedule) -> str:
    """Say when a schedule runs, escaped: every Monday at 09:00 (Europe/Paris)."""
    if schedule.cadence is Cadence.WEEKLY:
        day = f"every {WEEKDAYS[schedule.day % 7]}"
    else:
        day = f"every month on day {schedule.day}"
    zone = escape(schedule.timezone)
    return f"{day} at {schedule.hour:02}:{schedule.minute:02} ({zone})"
