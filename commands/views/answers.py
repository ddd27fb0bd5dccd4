"""Short answers to whoever typed or clicked: credits, a sentence, a click that came too late."""

from collections.abc import Sequence
from datetime import datetime

from commands.views import blocks
from commands.views.blocks import Message
from commands.views.help import help_message
from commands.views.ids import Button
from commands.views.text import as_sentence, counted, escape, moment, number, person
from commands.views.wording import audience_of, purged_words, stop_words
from storage.records import Cleanup, CreditEntry, Run, RunReport
from storage.states import CleanupState, CreditKind, RunState, StopReason

#: Lines of the ledger that one message shows.
_ENTRIES_SHOWN = 10
_RUNS_SHOWN = 5

#: What a line of the ledger did to the balance.
_ENTRY_WORDS = {
    CreditKind.GRANT: "+{credits} granted",
    CreditKind.HOLD: "-{credits} held for {run}",
    CreditKind.CHARGE: "{credits} of the held credits spent on {run}",
    CreditKind.RELEASE: "+{credits} given back from {run}",
}

_RUN_UNDECIDED = {
    RunState.FETCHING: "The list of this run is still being read.",
    RunState.QUOTED: "This quote still waits for Start or Cancel.",
    RunState.FAILED: "The list of this run could not be read. Use `/verify` to try again.",
}

_CLEANUP_DECISIONS = {
    CleanupState.UNSUBSCRIBING: "approved this cleanup",
    CleanupState.PROVING: "approved this cleanup and every call is made",
    CleanupState.STOPPED: "approved this cleanup; it is stopped now",
    CleanupState.FINISHED: "approved this cleanup; it is finished",
    CleanupState.REJECTED: "rejected this cleanup",
}

_CLEANUP_UNDECIDED = {
    CleanupState.PREPARING: "The list of this cleanup is still being written down.",
    CleanupState.AWAITING_APPROVAL: "This cleanup still waits for Approve or Reject.",
    CleanupState.EXPIRED: "This request has expired and nobody was unsubscribed. "
    "Use `/cleanup` to ask again.",
    CleanupState.EMPTY: "There was nobody to unsubscribe.",
}


def sentence_message(text: str, reference: str | None = None) -> Message:
    """Draw one plain sentence, such as an error; `reference` finds it in the log."""
    line = as_sentence(text) or "Something went wrong. Nothing was changed."
    if reference is None:
        return Message(line, (blocks.section(line),))
    note = f"Reference for whoever hosts this bot: {escape(reference)}"
    return Message(line, (blocks.section(line), blocks.context(note)))


def unknown_word(word: str, command: str) -> Message:
    """Explain what there is after a word that is not understood; nothing was done."""
    answer = help_message(command)
    line = f'"{escape(word)}" is not something I know. Nothing was done. This is what there is:'
    return Message(f"{line} {answer.text}", (blocks.section(line), *answer.blocks))


def credits_message(balance: int, entries: Sequence[CreditEntry]) -> Message:
    """Draw the balance and the last lines of the ledger, in the order that they come in."""
    text = f"Balance: {counted(balance, 'credit')}. 1 credit verifies 1 subscriber."
    lines = "\n".join(_entry(entry) for entry in entries[:_ENTRIES_SHOWN])
    return Message(
        text,
        (
            blocks.header("Credits"),
            blocks.section(f"*{text}*"),
            blocks.section(lines or "No credits were granted or used yet."),
            blocks.context(
                "Unknown is free: its credits are given back when a run ends. For more, ask the "
                "person who hosts this bot to run `python -m bot credits grant`."
            ),
        ),
    )


def choose_run_message(running: Sequence[RunReport] = ()) -> Message:
    """Say that there is no finished run to clean up, and what is on its way."""
    text = "There is no finished run to clean up yet. Nothing was changed."
    lines = [
        f"• {audience_of(report.run.audience, report.connection)} is not finished yet."
        for report in running[:_RUNS_SHOWN]
    ]
    advice = (
        "Use `/cleanup` again when it is finished." if lines else "Verify a list first: `/verify`."
    )
    verify = blocks.button("Verify a list", Button.VERIFY_OPEN, "new", style="primary")
    return Message(
        f"{text} {advice}",
        (blocks.section("\n".join([text, *lines, advice])), blocks.actions(verify)),
    )


def purged_run_message(days: int, connection_id: int) -> Message:
    """Answer a click that needs addresses which are deleted, and offer to verify again."""
    text = (
        f"The addresses of this run were deleted after {counted(days, 'day')}, with their "
        "verdicts. Its counts and credits stay. Nothing was changed. Verify again: verdicts that "
        "are still fresh are taken over free of charge."
    )
    again = blocks.button("Verify a list", Button.VERIFY_OPEN, connection_id, style="primary")
    return Message(text, (blocks.section(text), blocks.actions(again)))


def purged_cleanup_message(days: int) -> Message:
    """Answer a click that needs the list of a Cleanup, which is deleted."""
    text = (
        f"The list of this cleanup was deleted after {counted(days, 'day')}. Its counts, and who "
        "asked and approved, stay. Nothing was sent. The file in the thread names everybody by "
        "their id in ConvertKit."
    )
    return Message(text, (blocks.section(text),))


def run_decided(run: Run) -> Message:
    """Answer a click on a Run that somebody decided before, or that nobody can decide now."""
    match run.state:
        case RunState.VERIFYING if run.attempt > 1:
            # The start has a time in the record; a Resume has none.
            return _decided("resumed this run", run.decided_by, None, None)
        case RunState.VERIFYING:
            return _decided("started this run", run.decided_by, run.started_at, None)
        case RunState.CANCELLED if run.stop_reason is StopReason.FORGOTTEN:
            return _decided(None, None, None, "Nobody pressed Start, and this quote has ended.")
        case RunState.CANCELLED:
            return _decided("cancelled this quote", run.decided_by, run.finished_at, None)
        case RunState.STOPPED:
            why = stop_words(run.stop_reason, person(run.decided_by))
            return _decided(None, None, None, f"This run is stopped. {why}")
        case RunState.FINISHED:
            # Whoever pressed a button last may have started, resumed or dropped it.
            at = f" ({moment(run.finished_at)})" if run.finished_at else ""
            gone = f" {purged_words('run', run.purged_at)}" if run.purged_at else ""
            return _decided(None, None, None, f"This run is finished{at}.{gone}")
        case _:
            return _decided(None, None, None, _RUN_UNDECIDED[run.state])


def cleanup_decided(cleanup: Cleanup) -> Message:
    """Answer a click on a Cleanup that somebody decided before, or that nobody can decide now."""
    state = cleanup.state
    return _decided(
        _CLEANUP_DECISIONS.get(state),
        cleanup.decided_by,
        cleanup.decided_at,
        _CLEANUP_UNDECIDED.get(state),
    )


def _decided(
    decision: str | None, who: str | None, when: datetime | None, otherwise: str | None
) -> Message:
    line = otherwise
    if decision is not None:
        at = f" ({moment(when)})" if when else ""
        line = f"{person(who)} {decision}{at}."
    line = f"{line} Your click changed nothing."
    return Message(line, (blocks.section(line),))


def _entry(entry: CreditEntry) -> str:
    run = f"run {entry.run_id}" if entry.run_id is not None else "a run"
    words = _ENTRY_WORDS[entry.kind].format(credits=number(entry.credits), run=run)
    maker = f" by {person(entry.made_by)}" if entry.made_by else ""
    note = f": {escape(entry.note)}" if entry.note else ""
    return f"• {moment(entry.made_at)}  {words}{maker}{note}"
