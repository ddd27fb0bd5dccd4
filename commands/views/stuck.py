"""The message to who asked for a job that does not move: what is safe, and what can be done."""

from datetime import datetime

from commands.views import blocks, cleanup, run
from commands.views.blocks import Block, Message
from commands.views.text import moment
from commands.views.wording import audience_of
from storage.records import CleanupReport, RunReport
from storage.states import CleanupState, RunState

_HINT = (
    "Often this means that the process which worked on it is gone, or cannot reach the network. "
    "Whoever hosts this bot finds a line about it in the log."
)


def stuck_run_message(report: RunReport) -> Message:
    """Draw what to do about a Run that stands still."""
    audience = audience_of(report.run.audience, report.connection)
    reads = report.run.state is RunState.FETCHING
    doing = f"Reading the list of {audience}" if reads else f"Verifying {audience}"
    kept = "Nothing is charged yet." if reads else "The verdicts reached so far are kept."
    way_on = f"Resume goes on from here; {'Cancel ends it' if reads else 'Stop halts it'}."
    return _message(doing, since(report.run.active_at), f"{kept} {way_on}", run_buttons(report))


def stuck_cleanup_message(report: CleanupReport) -> Message:
    """Draw what to do about a Cleanup that stands still."""
    prepares = report.cleanup.state is CleanupState.PREPARING
    kept = (
        "Nobody is unsubscribed before it is approved. Resume writes the list down anew."
        if prepares
        else "Whoever is unsubscribed already stays unsubscribed. Resume looks at each of the "
        "others again before it goes on; Stop halts it."
    )
    return _message(
        f"The cleanup of {audience_of(report.run.audience, report.connection)}",
        since(report.cleanup.active_at),
        kept,
        cleanup_buttons(report),
    )


def run_buttons(report: RunReport) -> list[Block]:
    """Build the buttons that a stuck Run offers."""
    reads = report.run.state is RunState.FETCHING
    end = run.cancel_button(report.run.id) if reads else run.stop_button(report.run.id)
    return [run.resume_button(report.run.id), end]


def cleanup_buttons(report: CleanupReport) -> list[Block]:
    """Build the buttons that a stuck Cleanup offers."""
    if report.cleanup.state is CleanupState.PREPARING:
        return [cleanup.resume_button(report)]
    return [cleanup.resume_button(report), cleanup.stop_button(report)]


def since(active_at: datetime | None) -> str:
    """Say since when nothing has moved."""
    return f"has not moved since {moment(active_at)}" if active_at else "does not move"


def _message(doing: str, still: str, kept: str, buttons: list[Block]) -> Message:
    text = f"{doing} {still}."
    return Message(
        text,
        (
            blocks.header("Nothing moves"),
            blocks.section(f":warning: {text}\n{kept}"),
            blocks.actions(*buttons),
            blocks.context(_HINT),
        ),
    )
