"""Short messages beside the big ones: a file in a thread, a private file, a shut channel."""

from commands.views import blocks
from commands.views.blocks import Message
from commands.views.text import counted, person
from storage.records import CleanupReport, RunReport
from storage.states import UnsubscribeState


def results_delivered(report: RunReport) -> Message:
    """Tell who asked that the verification is finished; goes with the file."""
    verified = counted(report.run.subscribers, "subscriber")
    return _message(
        f"{person(report.run.requested_by)} the verification of {verified} is finished. The file "
        "shows addresses masked; use the button above for the full ones."
    )


def proof_delivered(report: CleanupReport) -> Message:
    """Tell who asked and who approved that the cleanup is finished; goes with the file."""
    confirmed = report.by_state.get(UnsubscribeState.CONFIRMED, 0)
    people = {report.cleanup.requested_by, report.cleanup.decided_by} - {None}
    names = " ".join(person(each) for each in sorted(each for each in people if each))
    return _message(
        f"{names} the cleanup is finished: {counted(confirmed, 'unsubscribe')} confirmed. The file "
        "lists everybody on the list with a link to their page in ConvertKit."
    )


def private_file() -> Message:
    """Introduce a file with full addresses in a direct message."""
    return _message(
        "Here is the file with the full addresses. Only you see it here; share it with care."
    )


def cannot_show(why: str) -> Message:
    """Tell who asked that the channel is shut; the work goes on."""
    return _message(
        f"{why} What you asked for goes on all the same: /verify status shows how it stands."
    )


def _message(text: str) -> Message:
    return Message(text=text, blocks=(blocks.section(text),))
