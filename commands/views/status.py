"""The answer to /verify status: what is running, what waits for somebody, what is scheduled."""

from collections.abc import Sequence
from datetime import datetime

from commands.views import blocks, cleanup, run
from commands.views.blocks import Block, Message
from commands.views.ids import Button
from commands.views.schedule_dialog import remove_button, schedule_line
from commands.views.text import counted, escape, number, percent
from commands.views.wording import audience_of
from storage.records import CleanupReport, RunReport, Schedule
from storage.states import CleanupState, RunState, StopReason, UnsubscribeState

#: Lines of each kind that one message shows: 3 times 10, and the rest, stay below 50 blocks.
_SHOWN = 10

_RUN_WORDS = {
    RunState.FETCHING: "the list is being read",
    RunState.QUOTED: "the quote waits for Start or Cancel",
    RunState.FINISHED: "finished",
    RunState.CANCELLED: "cancelled",
    RunState.FAILED: "the list could not be read",
}

_CLEANUP_WORDS = {
    CleanupState.PREPARING: "the list is being written down",
    CleanupState.AWAITING_APPROVAL: "waits for Approve or Reject",
    CleanupState.FINISHED: "finished",
    CleanupState.REJECTED: "rejected",
    CleanupState.EXPIRED: "expired before anybody decided",
    CleanupState.EMPTY: "nobody to unsubscribe",
}


def status_message(
    runs: Sequence[RunReport],
    cleanups: Sequence[CleanupReport],
    schedules: Sequence[Schedule],
    *,
    now: datetime,
) -> Message:
    """Draw what goes on, each with the button that fits its state."""
    summary = (
        f"{counted(len(runs), 'run')}, {counted(len(cleanups), 'cleanup')} and "
        f"{counted(len(schedules), 'schedule')}."
    )
    if not (runs or cleanups or schedules):
        nothing = "Nothing is running and nothing is scheduled. Use `/verify` to verify a list."
        return Message(nothing, (blocks.section(nothing),))
    return Message(
        f"Status: {summary}",
        (
            blocks.header("Status"),
            *_part("Runs", [_run(report, now) for report in runs]),
            *_part("Cleanups", [_cleanup(report) for report in cleanups]),
            *_part("Schedules", [_schedule(schedule) for schedule in schedules]),
        ),
    )


def _part(title: str, sections: list[Block]) -> list[Block]:
    if not sections:
        return []
    hidden = len(sections) - _SHOWN
    more = [blocks.context(f"And {number(hidden)} more.")] if hidden > 0 else []
    return [blocks.section(f"*{title}*"), *sections[:_SHOWN], *more]


def _run(report: RunReport, now: datetime) -> Block:
    state = report.run.state
    line = audience_of(report.run.audience, report.connection)
    share = escape(percent(report.verified, report.run.subscribers))
    if state is RunState.VERIFYING:
        words = f"{share} verified, {run.time_left(report, now)}"
        return blocks.section(f"{line}: {words}.", run.stop_button(report.run.id))
    if state is RunState.STOPPED:
        words = f"stopped, {share} verified"
        return blocks.section(f"{line}: {words}.", _way_on(report))
    return blocks.section(f"{line}: {_RUN_WORDS[state]}.")


def _way_on(report: RunReport) -> Block:
    if report.run.stop_reason is StopReason.CREDENTIAL:
        return _replace(report.connection.id)
    return run.resume_button(report.run.id)


def _cleanup(report: CleanupReport) -> Block:
    state, ledger = report.cleanup.state, report.by_state
    line = audience_of(report.run.audience, report.connection)
    people = counted(report.cleanup.subscribers, "subscriber")
    if state is CleanupState.UNSUBSCRIBING:
        words = f"{number(report.handled)} of {people} dealt with"
        return blocks.section(f"{line}: {words}.", cleanup.stop_button(report))
    if state is CleanupState.PROVING:
        confirmed = number(ledger.get(UnsubscribeState.CONFIRMED, 0))
        return blocks.section(f"{line}: {confirmed} of {people} confirmed unsubscribed so far.")
    if state is CleanupState.STOPPED:
        words = f"stopped, {number(report.handled)} of {people} dealt with"
        return blocks.section(f"{line}: {words}.", _cleanup_way_on(report))
    return blocks.section(f"{line}: {_CLEANUP_WORDS[state]}.")


def _cleanup_way_on(report: CleanupReport) -> Block:
    match report.cleanup.stop_reason:
        case StopReason.CREDENTIAL:
            return _replace(report.connection.id)
        case StopReason.LIST_CHANGED:
            return cleanup.drop_button(report)
        case _:
            return cleanup.resume_button(report)


def _replace(connection_id: int) -> Block:
    return blocks.button("Replace the secret", Button.CONNECTION_REPLACE, connection_id)


def _schedule(schedule: Schedule) -> Block:
    return blocks.section(f"{schedule_line(schedule)}.", remove_button(schedule.id))
