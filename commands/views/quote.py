"""The quote of a Run: what it would cost, and Start; or why it cannot start."""

from commands.views import blocks
from commands.views.blocks import Message
from commands.views.ids import Button
from commands.views.text import counted, escape, number
from commands.views.wording import asked_by, audience_of
from storage.records import RunReport


def quote_message(report: RunReport) -> Message:
    """Draw the price and Start; or why there is no Start."""
    cost, balance = report.run.cost, report.balance
    if report.run.subscribers == 0:
        return _nobody(report)
    figures = [
        ("Subscribers", number(report.run.subscribers)),
        ("Duplicates removed", number(report.run.duplicates)),
        *([("Verified lately, free", number(report.run.reused))] if report.run.reused else []),
        ("Cost", counted(cost, "credit")),
        ("Balance now", counted(balance, "credit")),
    ]
    if balance < cost:
        return _too_dear(report, figures)
    figures.append(("Balance after", counted(balance - cost, "credit")))
    text = (
        f"Verifying {_audience(report)} costs {counted(cost, 'credit')} for "
        f"{counted(report.run.subscribers, 'subscriber')}. Press Start to begin."
    )
    return Message(
        text,
        (
            blocks.header("Quote"),
            blocks.section(
                f"Verify {_audience(report)}? Each subscriber costs 1 credit. Nothing is charged "
                "before Start, and Unknown is free: its credits are given back."
            ),
            blocks.fields(figures),
            blocks.actions(
                blocks.button("Start", Button.RUN_START, report.run.id, style="primary"),
                blocks.button("Cancel", Button.RUN_CANCEL, report.run.id),
            ),
            blocks.context(asked_by(report.run)),
        ),
    )


def _nobody(report: RunReport) -> Message:
    text = (
        f"There are no active subscribers in {_audience(report)}: there is nothing to verify. "
        "Nothing was charged. Use `/verify` to choose another audience."
    )
    return Message(
        text,
        (
            blocks.section(text),
            blocks.actions(blocks.button("Cancel", Button.RUN_CANCEL, report.run.id)),
        ),
    )


def _too_dear(report: RunReport, figures: list[tuple[str, str]]) -> Message:
    missing = report.run.cost - report.balance
    figures = [*figures, ("Missing", counted(missing, "credit"))]
    text = (
        f"Not enough credits to verify {_audience(report)}: "
        f"{counted(missing, 'credit')} missing. Nothing was started or charged."
    )
    grant = f"python -m bot credits grant {escape(report.run.workspace_id)} {missing}"
    return Message(
        text,
        (
            blocks.header("Not enough credits"),
            blocks.section(text),
            blocks.fields(figures),
            blocks.section(
                "*To get more:* ask the person who hosts this bot to run the line below, then "
                f"press Check again. A smaller audience costs less.\n```{grant}```"
            ),
            blocks.actions(
                blocks.button("Check again", Button.RUN_REQUOTE, report.run.id, style="primary"),
                blocks.button("Cancel", Button.RUN_CANCEL, report.run.id),
            ),
            blocks.context(asked_by(report.run)),
        ),
    )


def _audience(report: RunReport) -> str:
    return audience_of(report.run.audience, report.connection)
