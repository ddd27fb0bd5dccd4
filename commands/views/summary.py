"""The message of a finished Run: the summary, or the digest of a scheduled one."""

from commands.views import blocks
from commands.views.blocks import Block, Message
from commands.views.ids import Button
from commands.views.text import (
    as_sentence,
    counted,
    duration,
    escape,
    moment,
    number,
    percent,
)
from commands.views.wording import asked_by, audience_of, joined, purged_words, shares
from storage.records import RunReport
from storage.states import StopReason
from verification import Category

#: Above this share of Invalid, something other than the list may be wrong.
_MANY_INVALID = 0.20


def finished_message(report: RunReport) -> Message:
    """Draw the result of a Run: counts, shares, Safe rate, credits, time and what to do next."""
    digest = report.run.schedule_id is not None
    audience = audience_of(report.run.audience, report.connection)
    title = "Digest" if digest else "Summary"
    rate = _safe_rate(report)
    return Message(
        f"{title} of {audience}, {counted(report.verified, 'subscriber')}. {rate}.",
        (
            blocks.header(title),
            blocks.section(f"{audience}, {counted(report.verified, 'subscriber')}.\n*{rate}*"),
            blocks.fields(shares(report.counts)),
            *(blocks.section(line) for line in _remarks(report)),
            *_buttons(report),
            blocks.context(_credits(report), _when(report)),
        ),
    )


def safe_share(report: RunReport) -> float:
    """Give the share of Safe among the verified, 0..1; 0 when nobody was verified."""
    return report.counts.get(Category.SAFE, 0) / report.verified if report.verified else 0.0


def _safe_rate(report: RunReport) -> str:
    share = escape(percent(report.counts.get(Category.SAFE, 0), report.verified))
    change = _change(report) if report.run.schedule_id is not None else ""
    return f"Safe rate: {share}{change}"


def _change(report: RunReport) -> str:
    before = report.previous_safe_share
    if before is None:
        return " (first digest of this audience)"
    points = round(100 * (safe_share(report) - before), 1)
    if points == 0:
        return " (unchanged since the run before)"
    return f" ({'up' if points > 0 else 'down'} {abs(points):.1f} points since the run before)"


def _remarks(report: RunReport) -> list[str]:
    lines = []
    if _all_safe(report):
        lines.append("Every address is Safe: there is nothing to clean up.")
    invalid = report.counts.get(Category.INVALID, 0)
    if report.verified and invalid / report.verified > _MANY_INVALID:
        lines.append(
            f":warning: *{escape(percent(invalid, report.verified))} of this list is Invalid, "
            "which is unusual.* Look at the CSV in the thread before anybody is unsubscribed."
        )
    if report.roles or report.typos:
        lines.append(_flags(report))
    if report.not_asked:
        lines.append(
            f"{counted(report.not_asked, 'address', 'addresses')} could not be checked any "
            "further, because this bot does not ask mail servers: it is not set up for that, "
            "port 25 is closed, or the run was dropped. They are Unknown, which is free and never "
            "bad. `make doctor` tells whoever hosts this bot what to do."
        )
    if report.blocked:
        verb = "is" if report.blocked == 1 else "are"
        lines.append(
            f"{counted(report.blocked, 'address', 'addresses')} {verb} Unknown because their mail "
            "servers block this bot's questions. That says nothing about the addresses; whoever "
            "hosts this bot can look with `make doctor`."
        )
    if report.run.reused:
        lines.append(
            f"{counted(report.run.reused, 'verdict')} taken over from earlier runs, free of charge."
        )
    if report.run.stop_reason is StopReason.FORGOTTEN:
        lines.append(
            "This run was stopped and nobody resumed it, so it has ended with what was done. "
            "Whoever had no verdict is Unknown, and the credits held for them are given back."
        )
    if note := as_sentence(report.run.note or ""):
        lines.append(note)
    return lines


def _flags(report: RunReport) -> str:
    parts = []
    if report.roles:
        parts.append(f"{counted(report.roles, 'role address', 'role addresses')} (such as info@)")
    if report.typos:
        parts.append(f"{counted(report.typos, 'likely typo')} (the CSV suggests a correction)")
    return f"Worth knowing: {joined(parts)}. They are counted in the categories above."


def _buttons(report: RunReport) -> list[Block]:
    if report.run.purged_at is not None:
        return [blocks.section(purged_words("run", report.run.purged_at))]
    full = blocks.button("Full CSV to me", Button.RUN_CSV, report.run.id)
    if _all_safe(report):
        return [blocks.actions(full)]
    return [
        blocks.actions(
            blocks.button("Clean up", Button.RUN_CLEAN_UP, report.run.id, style="primary"), full
        )
    ]


def _all_safe(report: RunReport) -> bool:
    return 0 < report.verified == report.counts.get(Category.SAFE, 0)


def _credits(report: RunReport) -> str:
    return (
        f"{counted(report.held, 'credit')} held: {number(report.charged)} charged, "
        f"{number(report.released)} given back (Unknown is free). "
        f"Balance: {counted(report.balance, 'credit')}."
    )


def _when(report: RunReport) -> str:
    run, line = report.run, asked_by(report.run)
    if run.finished_at is None:
        return line
    line = f"{line} Finished {moment(run.finished_at)}"
    if run.started_at is None:
        return f"{line}."
    return f"{line}, after {duration(run.finished_at - run.started_at)}."
