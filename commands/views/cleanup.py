"""The one message of a Cleanup, drawn anew for each state from the request to the confirmation."""

from datetime import datetime

from commands.views import blocks
from commands.views.approval import approval_message, kept_words, pace_words
from commands.views.blocks import Block, Message
from commands.views.confirmation import confirmation_message
from commands.views.ids import Button
from commands.views.text import as_sentence, bar, counted, escape, moment, number, percent, person
from commands.views.wording import OUTCOMES, audience_of, stop_words
from storage.records import CleanupReport
from storage.states import CleanupState, StopReason, UnsubscribeState

#: Kit allows 120 calls a minute; the pace stays below it.
CALLS_PER_MINUTE = 110


def cleanup_message(
    report: CleanupReport, *, now: datetime, calls_per_minute: int = CALLS_PER_MINUTE
) -> Message:
    """Draw a Cleanup as it stands. `now` tells whether the next reading is still ahead."""
    match report.cleanup.state:
        case CleanupState.PREPARING:
            return _preparing(report)
        case CleanupState.AWAITING_APPROVAL:
            return approval_message(report, calls_per_minute, now)
        case CleanupState.UNSUBSCRIBING:
            return _unsubscribing(report, calls_per_minute)
        case CleanupState.PROVING:
            return _proving(report, now)
        case CleanupState.STOPPED:
            return _stopped(report)
        case CleanupState.FINISHED:
            return confirmation_message(report)
        case CleanupState.REJECTED:
            return _rejected(report)
        case CleanupState.EXPIRED:
            return _expired(report)
        case CleanupState.EMPTY:
            return _empty(report)


def stop_button(report: CleanupReport) -> Block:
    """Build the button that halts a Cleanup, with its question."""
    effect = (
        "Every call is made, so nothing is taken back by this. Only the reading back stops, until "
        "somebody presses Resume."
        if _calls_are_made(report)
        else "Whoever is unsubscribed already stays unsubscribed. Nobody else is unsubscribed "
        "until somebody presses Resume."
    )
    ask = blocks.confirm("Stop this cleanup?", effect, "Stop", "Go on", style="danger")
    return blocks.button("Stop", Button.CLEANUP_STOP, report.cleanup.id, ask=ask)


def resume_button(report: CleanupReport) -> Block:
    """Build the button that goes on with a Cleanup that is stopped or stuck, with its question."""
    left = report.by_state.get(UnsubscribeState.PENDING, 0)
    if report.cleanup.state is CleanupState.PREPARING:
        effect = "The list is written down anew. Nobody is unsubscribed before it is approved."
    elif _calls_are_made(report):
        effect = (
            "Every call is made, so nobody else is unsubscribed. Whoever is not confirmed yet is "
            "read again."
        )
    else:
        effect = (
            f"The {counted(left, 'subscriber')} not tried yet will be unsubscribed. "
            "This cannot be undone."
        )
    ask = blocks.confirm("Resume this cleanup?", effect, "Resume", style="danger")
    return blocks.button(
        "Resume", Button.CLEANUP_RESUME, report.cleanup.id, style="primary", ask=ask
    )


def drop_button(report: CleanupReport) -> Block:
    """Build the button that ends a stopped Cleanup, with its question."""
    left = report.by_state.get(UnsubscribeState.PENDING, 0)
    effect = (
        "Every call is made, so nothing is taken back by this. Whoever is not read back yet stays "
        "listed as asked, not confirmed."
        if _calls_are_made(report)
        else f"{counted(left, 'subscriber')} not tried yet will stay subscribed. Whoever is "
        "unsubscribed already stays unsubscribed."
    )
    ask = blocks.confirm("Drop the rest of this cleanup?", effect, "Drop", style="danger")
    return blocks.button("Drop", Button.CLEANUP_DROP, report.cleanup.id, ask=ask)


def _calls_are_made(report: CleanupReport) -> bool:
    return report.cleanup.requested_at is not None


def _audience(report: CleanupReport) -> str:
    return audience_of(report.run.audience, report.connection)


def _people(report: CleanupReport) -> str:
    """Say who asked and who approved."""
    cleanup = report.cleanup
    line = f"Asked by {person(cleanup.requested_by)}."
    if cleanup.decided_by is None:
        return line
    when = f" {moment(cleanup.decided_at)}" if cleanup.decided_at else ""
    return f"{line} Approved by {person(cleanup.decided_by)}{when}."


def _outcomes(report: CleanupReport) -> list[tuple[str, str]]:
    """List what became of the subscribers, without the empty lines."""
    return [
        (words, number(report.by_state[state]))
        for state, words in OUTCOMES.items()
        if report.by_state.get(state, 0)
    ]


def _progress(report: CleanupReport) -> str:
    done, whole = report.handled, report.cleanup.subscribers
    return (
        f"{bar(done, whole)} {escape(percent(done, whole))}\n"
        f"{number(done)} of {counted(whole, 'subscriber')} dealt with"
    )


def _preparing(report: CleanupReport) -> Message:
    text = (
        f"{person(report.cleanup.requested_by)} asked to clean up {_audience(report)}. "
        "The exact list is being written down; nobody is unsubscribed before it is approved."
    )
    return Message(text, (blocks.section(text),))


def _unsubscribing(report: CleanupReport, calls_per_minute: int) -> Message:
    pending = report.by_state.get(UnsubscribeState.PENDING, 0)
    left = f"{pace_words(pending, calls_per_minute)} left" if pending else "finishing"
    done, whole = report.handled, report.cleanup.subscribers
    outcomes = _outcomes(report)
    return Message(
        f"Unsubscribing {_audience(report)}: {number(done)} of {number(whole)} done, {left}.",
        (
            blocks.header("Unsubscribing"),
            blocks.section(f"{_audience(report)}\n{_progress(report)}, {left}."),
            *blocks.note(report.cleanup.note),
            *([blocks.fields(outcomes)] if outcomes else []),
            blocks.actions(stop_button(report)),
            blocks.context(_people(report)),
        ),
    )


def _proving(report: CleanupReport, now: datetime) -> Message:
    confirmed = report.by_state.get(UnsubscribeState.CONFIRMED, 0)
    waiting = report.by_state.get(UnsubscribeState.REQUESTED, 0)
    ahead = report.next_proof_at is not None and report.next_proof_at > now
    when = moment(report.next_proof_at) if ahead and report.next_proof_at else "now"
    text = (
        f"Every call for {_audience(report)} is made. {number(confirmed)} confirmed so far; "
        f"{counted(waiting, 'subscriber')} to be read again {when}."
    )
    return Message(
        text,
        (
            blocks.header("Waiting for ConvertKit to confirm"),
            blocks.section(
                f"{text}\nConvertKit can take some minutes to show somebody as Cancelled."
            ),
            *blocks.note(report.cleanup.note),
            blocks.fields(_outcomes(report) or [(OUTCOMES[UnsubscribeState.CONFIRMED], "0")]),
            blocks.actions(stop_button(report)),
            blocks.context(_people(report)),
        ),
    )


def _stopped(report: CleanupReport) -> Message:
    cleanup, pending = report.cleanup, report.by_state.get(UnsubscribeState.PENDING, 0)
    why = stop_words(cleanup.stop_reason, person(cleanup.stopped_by))
    note = f" {as_sentence(cleanup.note)}" if cleanup.note else ""
    text = f"Stopped: the cleanup of {_audience(report)}. {why}"
    outcomes = _outcomes(report)
    return Message(
        text,
        (
            blocks.header("Cleanup stopped"),
            blocks.section(f"{_audience(report)}\n{why}{note}"),
            blocks.section(
                f"{_progress(report)}; what is done stays done. {_way_on(report, pending)}"
            ),
            *([blocks.fields(outcomes)] if outcomes else []),
            blocks.actions(*_stopped_buttons(report)),
            blocks.context(_people(report)),
        ),
    )


def _way_on(report: CleanupReport, pending: int) -> str:
    reason, are_made = report.cleanup.stop_reason, _calls_are_made(report)
    left = "Every call is made." if are_made else f"{counted(pending, 'subscriber')} not tried yet."
    if reason is StopReason.LIST_CHANGED:
        return f"{left} Press Drop, then use `/cleanup` for a new list."
    if reason is StopReason.CREDENTIAL:
        return f"{left} Replace the secret, then press Resume."
    if are_made:
        return f"{left} Resume goes on reading back; Drop ends it as it is."
    return f"{left} Resume goes on with them; Drop leaves them subscribed."


def _stopped_buttons(report: CleanupReport) -> list[Block]:
    reason = report.cleanup.stop_reason
    buttons = []
    if reason is StopReason.CREDENTIAL:
        replace = Button.CONNECTION_REPLACE
        buttons.append(blocks.button("Replace the secret", replace, report.connection.id))
    if reason is not StopReason.LIST_CHANGED:
        buttons.append(resume_button(report))
    return [*buttons, drop_button(report)]


def _rejected(report: CleanupReport) -> Message:
    cleanup = report.cleanup
    when = f" {moment(cleanup.decided_at)}" if cleanup.decided_at else ""
    text = (
        f"{person(cleanup.decided_by)} rejected the cleanup of {_audience(report)}{when}. "
        f"None of the {counted(cleanup.subscribers, 'subscriber')} was unsubscribed."
    )
    return Message(text, (blocks.section(text), blocks.context(f"{_people_asked(report)}")))


def _people_asked(report: CleanupReport) -> str:
    return f"Asked by {person(report.cleanup.requested_by)}. Use `/cleanup` to ask again."


def _expired(report: CleanupReport) -> Message:
    text = (
        f"The cleanup of {_audience(report)} expired {moment(report.cleanup.expires_at)}: nobody "
        "approved or rejected it. Nobody was unsubscribed."
    )
    return Message(text, (blocks.section(text), blocks.context(_people_asked(report))))


def _empty(report: CleanupReport) -> Message:
    if report.cleanup.note:
        return _not_prepared(report, report.cleanup.note)
    text = (
        f"Nothing to clean up in {_audience(report)}. The plan chose nobody on this list. Nobody "
        "was unsubscribed."
    )
    kept = f"Kept by the plan: {kept_words(report)}."
    return Message(text, (blocks.section(text), blocks.context(f"{kept} {_people_asked(report)}")))


def _not_prepared(report: CleanupReport, note: str) -> Message:
    text = (
        f"No cleanup of {_audience(report)}. The list could not be prepared, and nobody was "
        f"unsubscribed. {as_sentence(note)}"
    )
    return Message(text, (blocks.section(text), blocks.context(_people_asked(report))))
