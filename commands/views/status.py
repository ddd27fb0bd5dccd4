"""The answer to /verify status: what is running, what waits for somebody, what is scheduled."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from commands.views import blocks, cleanup, run, stuck
from commands.views.blocks import Block, Message
from commands.views.ids import Button
from commands.views.schedule_dialog import remove_button, schedule_line
from commands.views.text import counted, escape, moment, number, percent
from commands.views.wording import audience_of
from storage.records import Cleanup, CleanupReport, Run, RunReport, Schedule
from storage.states import CleanupState, RunState, StopReason, UnsubscribeState

#: Items of each kind that one message shows. A stuck one takes two blocks, so that twice 8 runs,
#: twice 8 cleanups and 8 schedules, with what is around them, stay below Slack's 50 blocks.
_SHOWN = 8

Report = TypeVar("Report", RunReport, CleanupReport)

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
            *_part("Runs", [_run(report, now) for report in _stuck_first(runs)]),
            *_part("Cleanups", [_cleanup(report, now) for report in _stuck_first(cleanups)]),
            *_part("Schedules", [[_schedule(schedule)] for schedule in schedules]),
        ),
    )


def _part(title: str, items: list[list[Block]]) -> list[Block]:
    if not items:
        return []
    hidden = len(items) - _SHOWN
    more = [blocks.context(f"And {number(hidden)} more.")] if hidden > 0 else []
    shown = [block for item in items[:_SHOWN] for block in item]
    return [blocks.section(f"*{title}*"), *shown, *more]


def _stuck_first(reports: Sequence[Report]) -> list[Report]:
    return sorted(reports, key=lambda report: not _standing(report).is_stuck)


def _standing(report: RunReport | CleanupReport) -> Run | Cleanup:
    return report.run if isinstance(report, RunReport) else report.cleanup


def _still(words: str, report: RunReport | CleanupReport, now: datetime) -> str:
    """Say beside how far it is that something does not move: on purpose, or stuck."""
    standing = _standing(report)
    if standing.is_stuck:
        return f":warning: stuck: {words}; it {stuck.since(standing.active_at)}"
    if standing.active_at is not None and standing.active_at > now:
        return f"{words}; it waits, and goes on {moment(standing.active_at)}"
    return words


def _run(report: RunReport, now: datetime) -> list[Block]:
    state = report.run.state
    line = audience_of(report.run.audience, report.connection)
    share = escape(percent(report.verified, report.run.subscribers))
    if report.run.is_stuck:
        reads = state is RunState.FETCHING
        words = _still(_RUN_WORDS[state] if reads else f"{share} verified", report, now)
        return [blocks.section(f"{line}: {words}."), blocks.actions(*stuck.run_buttons(report))]
    if state is RunState.VERIFYING:
        words = f"{share} verified, {run.time_left(report, now)}"
        if not report.waiting:
            words = _still(words, report, now)
        return [blocks.section(f"{line}: {words}.", run.stop_button(report.run.id))]
    if state is RunState.STOPPED:
        words = f"stopped, {share} verified"
        return [blocks.section(f"{line}: {words}.", _way_on(report))]
    if state is RunState.FETCHING:
        words = _still(_RUN_WORDS[state], report, now)
        return [blocks.section(f"{line}: {words}.", run.cancel_button(report.run.id))]
    return [blocks.section(f"{line}: {_RUN_WORDS[state]}.")]


def _way_on(report: RunReport) -> Block:
    if report.run.stop_reason is StopReason.CREDENTIAL:
        return _replace(report.connection.id)
    return run.resume_button(report.run.id)


def _cleanup(report: CleanupReport, now: datetime) -> list[Block]:
    state = report.cleanup.state
    line = audience_of(report.run.audience, report.connection)
    words = _still(_how_far(report), report, now)
    if report.cleanup.is_stuck:
        buttons = stuck.cleanup_buttons(report)
        return [blocks.section(f"{line}: {words}."), blocks.actions(*buttons)]
    if state in (CleanupState.UNSUBSCRIBING, CleanupState.PROVING):
        return [blocks.section(f"{line}: {words}.", cleanup.stop_button(report))]
    if state is CleanupState.STOPPED:
        return [blocks.section(f"{line}: {_how_far(report)}.", _cleanup_way_on(report))]
    return [blocks.section(f"{line}: {_how_far(report)}.")]


def _how_far(report: CleanupReport) -> str:
    state = report.cleanup.state
    people = counted(report.cleanup.subscribers, "subscriber")
    match state:
        case CleanupState.UNSUBSCRIBING:
            return f"{number(report.handled)} of {people} dealt with"
        case CleanupState.PROVING:
            confirmed = number(report.by_state.get(UnsubscribeState.CONFIRMED, 0))
            return f"{confirmed} of {people} confirmed unsubscribed so far"
        case CleanupState.STOPPED:
            return f"stopped, {number(report.handled)} of {people} dealt with"
        case _:
            return _CLEANUP_WORDS[state]


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
