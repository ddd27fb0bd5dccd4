"""The approval request of a Cleanup: exactly who would be unsubscribed, and the two buttons."""

from datetime import datetime, timedelta

from commands.views import blocks
from commands.views.blocks import Block, Message
from commands.views.ids import Button
from commands.views.text import about, counted, escape, moment, number, percent, person
from commands.views.wording import (
    ACTIONS,
    CATEGORIES,
    audience_of,
    connection_name,
    joined,
    listed,
    verified_at,
)
from storage.records import CleanupReport
from storage.states import Action

#: One call looks at the subscriber, one unsubscribes.
_CALLS_PER_SUBSCRIBER = 2
#: Above this share of the list a person should look twice.
_LARGE_SHARE = 0.20
#: Mailboxes come and go: verdicts older than this are no ground to act on.
_OLD = timedelta(days=30)

CANNOT_BE_UNDONE = "This cannot be undone: ConvertKit has no call that brings a subscriber back."


def approval_message(report: CleanupReport, calls_per_minute: int, now: datetime) -> Message:
    """Draw the request with the exact numbers of the fixed list, and how old its verdicts are."""
    cleanup, run = report.cleanup, report.run
    people = counted(cleanup.subscribers, "subscriber")
    share = escape(percent(cleanup.subscribers, run.subscribers))
    asks = (
        f"{person(cleanup.requested_by)} asks to unsubscribe *{people}*: {share} of the "
        f"{number(run.subscribers)} verified in {audience_of(run.audience, report.connection)}."
    )
    return Message(
        f"{asks} Approve or reject it before {moment(cleanup.expires_at)}.",
        (
            blocks.header("Approve this cleanup?"),
            blocks.section(f"{asks} {verified_at(run)}".rstrip()),
            blocks.fields(_rows(report)),
            *_large(report),
            *_old(report, now),
            blocks.section(f"*{CANNOT_BE_UNDONE}*\n{_effect()}"),
            blocks.actions(_approve(report), _reject(report)),
            blocks.context(
                f"Takes {pace_words(cleanup.subscribers, calls_per_minute)} at the pace that "
                f"ConvertKit allows. The request expires {moment(cleanup.expires_at)}; after that "
                "nobody is unsubscribed."
            ),
        ),
    )


def pace_words(subscribers: int, calls_per_minute: int) -> str:
    """Say how long unsubscribing takes at the account's allowed pace."""
    minutes = subscribers * _CALLS_PER_SUBSCRIBER / max(calls_per_minute, 1)
    return about(timedelta(minutes=minutes))


def _rows(report: CleanupReport) -> list[tuple[str, str]]:
    unsubscribed = set(report.cleanup.plan.unsubscribed)
    return [
        (
            category.label,
            f"{number(report.by_category.get(category, 0))}: {ACTIONS[Action.UNSUBSCRIBE]}"
            if category in unsubscribed
            else ACTIONS[Action.KEEP],
        )
        for category in CATEGORIES
    ]


def _large(report: CleanupReport) -> list[Block]:
    part, whole = report.cleanup.subscribers, report.run.subscribers
    if whole <= 0 or part / whole <= _LARGE_SHARE:
        return []
    return [
        blocks.section(
            f":warning: *This is {escape(percent(part, whole))} of the list.* "
            "Look at the CSV in the thread of the run before you approve."
        )
    ]


def _old(report: CleanupReport, now: datetime) -> list[Block]:
    finished_at = report.run.finished_at
    if finished_at is None or now - finished_at <= _OLD:
        return []
    age = number((now - finished_at).days)
    return [
        blocks.section(
            f":warning: *These verdicts are {age} days old: verify again before anybody is "
            "unsubscribed.*"
        )
    ]


def _effect() -> str:
    return (
        "They become Cancelled in ConvertKit and get no more mail; their tags and history stay. "
        "Each one is looked at again just before: whoever has changed address or is no longer "
        "active is left alone."
    )


def _approve(report: CleanupReport) -> Block:
    cleanup = report.cleanup
    people = counted(cleanup.subscribers, "subscriber")
    ask = blocks.confirm(
        f"Unsubscribe {people}?",
        f"{listed(report.by_category) or people} of {connection_name(report.connection)} will "
        f"become Cancelled. {CANNOT_BE_UNDONE}",
        f"Unsubscribe {number(cleanup.subscribers)}",
        style="danger",
    )
    return blocks.button("Approve", Button.CLEANUP_APPROVE, cleanup.id, style="danger", ask=ask)


def _reject(report: CleanupReport) -> Block:
    cleanup = report.cleanup
    ask = blocks.confirm(
        "Reject this cleanup?",
        f"None of the {counted(cleanup.subscribers, 'subscriber')} will be unsubscribed. "
        "Use /cleanup to ask again.",
        "Reject",
    )
    return blocks.button("Reject", Button.CLEANUP_REJECT, cleanup.id, ask=ask)


def kept_words(report: CleanupReport) -> str:
    """List the Categories that the Plan keeps: "Safe, Catch-all and Risky"."""
    unsubscribed = set(report.cleanup.plan.unsubscribed)
    return joined([category.label for category in CATEGORIES if category not in unsubscribed])
