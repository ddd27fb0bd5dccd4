"""The one message of a Run, drawn anew for each state from the quote to the summary."""

from datetime import datetime, timedelta

from commands.views import blocks
from commands.views.blocks import Block, Message
from commands.views.ids import Button
from commands.views.quote import quote_message
from commands.views.summary import finished_message
from commands.views.text import (
    about,
    as_sentence,
    bar,
    counted,
    escape,
    moment,
    number,
    percent,
    person,
)
from commands.views.wording import asked_by, audience_of, shares, stop_words
from storage.records import RunReport
from storage.states import ConnectionStatus, RunState, StopReason

#: Fewer verdicts or less time than this say nothing about the time left.
_LEAST_VERDICTS = 20
_LEAST_TIME = timedelta(seconds=5)


def run_message(report: RunReport, *, now: datetime) -> Message:
    """Draw a Run as it stands. `now` is only needed for the time left."""
    match report.run.state:
        case RunState.FETCHING:
            return _fetching(report)
        case RunState.QUOTED:
            return quote_message(report)
        case RunState.VERIFYING:
            return _verifying(report, now)
        case RunState.STOPPED:
            return _stopped(report)
        case RunState.FINISHED:
            return finished_message(report)
        case RunState.CANCELLED:
            return _cancelled(report)
        case RunState.FAILED:
            return _failed(report)


def time_left(report: RunReport, now: datetime) -> str:
    """Say how long a Run will still take at the pace it has had so far."""
    left = report.run.subscribers - report.verified
    started = report.run.started_at
    if left <= 0 and report.waiting and report.retry_at is not None:
        return f"a second look is due {moment(report.retry_at)}"
    if left <= 0:
        return "finishing"
    checked = report.verified - report.run.reused
    if started is None or checked < _LEAST_VERDICTS or now - started < _LEAST_TIME:
        return "estimating the time left"
    return f"{about((now - started) * left / checked)} left"


def stop_button(run_id: int) -> Block:
    """Build the button that halts a Run, with its question."""
    ask = blocks.confirm(
        "Stop this run?",
        "The verdicts reached so far are kept. You can resume the run later, or drop it and get "
        "the credits of the rest back.",
        "Stop",
        "Go on",
        style="danger",
    )
    return blocks.button("Stop", Button.RUN_STOP, run_id, ask=ask)


def cancel_button(run_id: int) -> Block:
    """Build the button that ends a Run before it costs anything."""
    return blocks.button("Cancel", Button.RUN_CANCEL, run_id)


def resume_button(run_id: int) -> Block:
    """Build the button that goes on with a Run that is stopped or stuck."""
    return blocks.button("Resume", Button.RUN_RESUME, run_id, style="primary")


def _audience(report: RunReport) -> str:
    return audience_of(report.run.audience, report.connection)


def _fetching(report: RunReport) -> Message:
    text = f"Reading the list of {_audience(report)} from ConvertKit..."
    read = report.run.subscribers
    so_far = f"{counted(read, 'subscriber')} read so far." if read else "Nothing read yet."
    if report.in_line:
        so_far = (
            "Nothing read yet: another job is working with this account just now, and this one "
            "begins when that is done."
        )
    return Message(
        text,
        (
            blocks.section(f"{text}\n{so_far}"),
            *blocks.note(report.run.note),
            blocks.actions(cancel_button(report.run.id)),
            blocks.context(
                f"{asked_by(report.run)} The price comes next; nothing is charged before Start."
            ),
        ),
    )


def _progress(report: RunReport) -> str:
    done, whole = report.verified, report.run.subscribers
    return (
        f"{bar(done, whole)} {escape(percent(done, whole))}\n"
        f"{number(done)} of {counted(whole, 'subscriber')} verified"
    )


def _verifying(report: RunReport, now: datetime) -> Message:
    left = time_left(report, now)
    done, whole = report.verified, report.run.subscribers
    started = report.run.started_at
    since = f" {moment(started)}" if started else ""
    return Message(
        f"Verifying {_audience(report)}: {number(done)} of {number(whole)} done, {left}.",
        (
            blocks.header("Verifying"),
            blocks.section(f"{_audience(report)}\n{_progress(report)}, {left}.{_again(report)}"),
            blocks.fields(shares(report.counts)),
            blocks.actions(stop_button(report.run.id)),
            blocks.context(
                f"{asked_by(report.run)} Started{since}. "
                f"{counted(report.held, 'credit')} held; Unknown is free and given back."
            ),
        ),
    )


def _again(report: RunReport) -> str:
    if not report.waiting:
        return ""
    return (
        f"\n{number(report.waiting)} of the Unknown will be looked at again: their mail servers "
        "asked to come back later."
    )


def _stopped(report: RunReport) -> Message:
    run, left = report.run, max(report.run.subscribers - report.verified, 0)
    why = stop_words(run.stop_reason, person(run.decided_by))
    note = f" {as_sentence(run.note)}" if run.note else ""
    text = f"Stopped: verifying {_audience(report)}. {why}"
    replace = run.stop_reason is StopReason.CREDENTIAL
    return Message(
        text,
        (
            blocks.header("Stopped"),
            blocks.section(f"{_audience(report)}\n{why}{note}"),
            blocks.section(
                f"{_progress(report)}; these verdicts are kept. {number(left)} "
                f"{'has' if left == 1 else 'have'} no verdict yet. {_way_on(replace)}"
            ),
            blocks.fields(shares(report.counts)),
            blocks.actions(
                *_replace_buttons(report, needed=replace),
                resume_button(run.id),
                _drop_button(run.id, left),
            ),
        ),
    )


def _way_on(replace: bool) -> str:
    if replace:
        return "Replace the secret, then press Resume."
    return "Resume goes on from here; Drop ends the run with what is done."


def _drop_button(run_id: int, left: int) -> Block:
    ask = blocks.confirm(
        "Drop the rest of this run?",
        f"{counted(left, 'subscriber')} without a verdict will be counted as Unknown, and "
        f"{'its credit is' if left == 1 else 'their credits are'} given back. The verdicts "
        "reached so far are kept.",
        "Drop",
        style="danger",
    )
    return blocks.button("Drop", Button.RUN_DROP, run_id, ask=ask)


def _replace_buttons(report: RunReport, *, needed: bool) -> list[Block]:
    if not needed:
        return []
    return [blocks.button("Replace the secret", Button.CONNECTION_REPLACE, report.connection.id)]


def _cancelled(report: RunReport) -> Message:
    if report.run.stop_reason is StopReason.FORGOTTEN:
        what = f"Nobody pressed Start for {_audience(report)}, and the quote has ended"
    else:
        what = f"{person(report.run.decided_by)} cancelled the quote for {_audience(report)}"
    text = f"{what}. Nothing was verified and nothing was charged."
    return Message(text, (blocks.section(text),))


def _failed(report: RunReport) -> Message:
    run = report.run
    why = as_sentence(run.note or "The list could not be read")
    text = (
        f"There is no quote for {_audience(report)}. {why} "
        "Nothing was verified and nothing was charged."
    )
    refused = (
        run.stop_reason is StopReason.CREDENTIAL
        or report.connection.status is ConnectionStatus.REFUSED
    )
    again = "use `/verify` to try again or to choose another audience."
    advice = f"Replace the secret, then {again}" if refused else again.capitalize()
    replace = _replace_buttons(report, needed=refused)
    return Message(
        text,
        (
            blocks.header("No quote"),
            blocks.section(f"{text} {advice}"),
            *([blocks.actions(*replace)] if replace else []),
            blocks.context(asked_by(report.run)),
        ),
    )
