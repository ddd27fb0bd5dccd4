"""The confirmation of a Cleanup: who asked, who approved, and what became of each subscriber."""

from commands.views import blocks
from commands.views.blocks import Block, Message
from commands.views.ids import Button
from commands.views.text import as_sentence, counted, duration, moment, number, person
from commands.views.wording import OUTCOMES, audience_of, purged_words
from storage.records import CleanupReport
from storage.states import StopReason, UnsubscribeState

#: Outcomes that are always counted, even at zero; the others only when they happened.
_ALWAYS = (
    UnsubscribeState.CONFIRMED,
    UnsubscribeState.ALREADY_CANCELLED,
    UnsubscribeState.GONE,
    UnsubscribeState.STILL_ACTIVE,
    UnsubscribeState.FAILED,
)

#: What each outcome means for the reader, said only when it happened.
_ADVICE = {
    UnsubscribeState.PROTECTED: "left alone: the address changed, or ConvertKit had already "
    "stopped mailing it, since it was verified. Nothing to do.",
    UnsubscribeState.STILL_ACTIVE: "still subscribed at the last reading, or without an answer "
    "from ConvertKit, although it was asked. Contact ConvertKit support; the CSV has a link to "
    "each one.",
    UnsubscribeState.FAILED: "refused by ConvertKit, or without an answer from it, and not "
    "unsubscribed. The CSV shows who; unsubscribe them by hand in ConvertKit, or use `/cleanup` "
    "again.",
    UnsubscribeState.DROPPED: "not tried, because the cleanup was dropped. They stay subscribed.",
    UnsubscribeState.GONE: "no longer in ConvertKit. Nothing to do.",
}


def confirmation_message(report: CleanupReport) -> Message:
    """Draw the end of a Cleanup; its numbers add up to the approved list."""
    audience = audience_of(report.run.audience, report.connection)
    confirmed = report.by_state.get(UnsubscribeState.CONFIRMED, 0)
    result = (
        f"{number(confirmed)} of {counted(report.cleanup.subscribers, 'subscriber')} confirmed "
        f"unsubscribed in {audience}."
    )
    advice = _advice(report)
    return Message(
        f"Cleanup finished: {result}",
        (
            blocks.header("Cleanup finished"),
            blocks.section(result),
            blocks.fields(_counts(report)),
            *([blocks.section(advice)] if advice else []),
            _csv(report),
            blocks.context(
                "Unsubscribed people keep their tags and history as Cancelled. To delete somebody, "
                "open the link in the CSV and do it by hand in ConvertKit's dashboard.",
                _people(report),
            ),
        ),
    )


def _csv(report: CleanupReport) -> Block:
    cleanup = report.cleanup
    if cleanup.purged_at is not None:
        return blocks.section(purged_words("cleanup", cleanup.purged_at))
    return blocks.actions(blocks.button("Full CSV to me", Button.CLEANUP_CSV, cleanup.id))


def _counts(report: CleanupReport) -> list[tuple[str, str]]:
    return [
        (words, number(report.by_state.get(state, 0)))
        for state, words in OUTCOMES.items()
        if state in _ALWAYS or report.by_state.get(state, 0)
    ]


def _advice(report: CleanupReport) -> str:
    lines = [
        f"{number(report.by_state[state])} {words}"
        for state, words in _ADVICE.items()
        if report.by_state.get(state, 0)
    ]
    if report.cleanup.stop_reason is StopReason.FORGOTTEN:
        lines.append(
            "This cleanup was stopped and nobody resumed it, so it has ended as it was. Whoever "
            "was not tried stays subscribed."
        )
    if report.cleanup.note:
        lines.append(as_sentence(report.cleanup.note))
    return "\n".join(f"• {line}" for line in lines)


def _people(report: CleanupReport) -> str:
    cleanup = report.cleanup
    line = f"Asked by {person(cleanup.requested_by)}. Approved by {person(cleanup.decided_by)}"
    if cleanup.decided_at is None or cleanup.finished_at is None:
        return f"{line}."
    took = duration(cleanup.finished_at - cleanup.decided_at)
    return f"{line} {moment(cleanup.decided_at)}; finished after {took}."
