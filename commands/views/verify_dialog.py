"""The Verify dialog: which connection, which audience, which channel."""

from dataclasses import dataclass

from commands.views import blocks
from commands.views.audience_inputs import (
    Choice,
    audience_inputs,
    channel_input,
    connection_inputs,
)
from commands.views.blocks import View
from commands.views.ids import Button, Dialog, Field
from commands.views.inputs import checkbox, field_input, modal, option
from commands.views.metadata import Metadata
from commands.views.text import escape
from commands.views.wording import connection_name
from storage.records import Connection
from storage.states import AudienceKind

FRESH = "Check everybody again, also who was verified lately"


@dataclass(frozen=True, slots=True)
class VerifyDialog:
    """What the Verify dialog is drawn from."""

    connections: tuple[Connection, ...]
    chosen: Connection
    kind: AudienceKind
    #: The tags or forms of that kind; None while they are being read.
    choices: tuple[Choice, ...] | None
    channel_id: str | None
    #: Whether verdicts of earlier Runs are left aside.
    fresh: bool = False


def verify_dialog(dialog: VerifyDialog) -> View:
    """Build the dialog; after a change of connection or audience it is built again."""
    several = connection_inputs(dialog.connections, dialog.chosen)
    return modal(
        Dialog.VERIFY,
        "Verify a list",
        [
            *(several or _only(dialog.chosen)),
            *audience_inputs(dialog.chosen, dialog.kind, dialog.choices),
            field_input(
                "Verified lately",
                checkbox(Field.FRESH, option(FRESH, "fresh"), checked=dialog.fresh),
                optional=True,
            ),
            channel_input(dialog.channel_id, "Post the quote and the result to"),
            blocks.context(
                "Next comes a quote with the number of subscribers and the price. Nothing is "
                "charged before somebody presses Start there."
            ),
        ],
        submit="Get a quote",
        close="Cancel",
        metadata=Metadata(
            connection_id=dialog.chosen.id, channel_id=dialog.channel_id, kind=dialog.kind
        ),
    )


def _only(connection: Connection) -> list[blocks.Block]:
    add = blocks.button("Add another account", Button.CONNECTION_ADD, "new")
    return [blocks.section(f"ConvertKit account: *{escape(connection_name(connection))}*", add)]
