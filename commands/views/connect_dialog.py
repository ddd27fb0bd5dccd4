"""The dialogs around saving a secret: Connect ConvertKit, and the one that says it is saved."""

from commands.views import blocks
from commands.views.blocks import Block, Message, View
from commands.views.ids import Button, Dialog, Field
from commands.views.inputs import field_input, modal, text_input
from commands.views.metadata import Metadata
from commands.views.text import escape
from commands.views.wording import connection_name
from storage.records import Connection

#: Far longer than any secret; a whole pasted page is refused by Slack itself.
_SECRET_LENGTH = 200
_NAME_LENGTH = 60

WHERE_THE_SECRET_IS = (
    "In ConvertKit, open *Account Settings &gt; Advanced*. The *API Secret* stands below the API "
    "Key and is the longer of the two. A V4 API key, which starts with `kit_`, works as well."
)


def connect_dialog(replaces: Connection | None, channel_id: str | None) -> View:
    """Build the dialog that takes a secret: for a new connection, or a new one for an old one."""
    secret = field_input(
        "API Secret",
        text_input(Field.SECRET, placeholder="Paste it here", longest=_SECRET_LENGTH),
        hint="Visible while you type. It is tried with ConvertKit first, then stored encrypted; "
        "only its last four characters are ever shown again.",
    )
    name = field_input(
        "Name",
        text_input(
            Field.CONNECTION_NAME, placeholder="The account's own name", longest=_NAME_LENGTH
        ),
        optional=True,
    )
    return modal(
        Dialog.CONNECT,
        "Connect ConvertKit",
        [blocks.section(_introduction(replaces)), secret, *([] if replaces else [name])],
        submit="Save Connection",
        close="Cancel",
        metadata=Metadata(connection_id=replaces.id if replaces else None, channel_id=channel_id),
        clear_on_close=True,
    )


def connected_dialog(
    connection: Connection, channel_id: str | None = None, instead_of: Connection | None = None
) -> View:
    """Build the dialog that shows what was saved, and offers the next step.

    `instead_of` is the connection that should have got the secret, where it is another one.
    """
    return modal(
        Dialog.CONNECTED,
        "Saved",
        _saved(connection, instead_of),
        metadata=Metadata(connection_id=connection.id, channel_id=channel_id),
        clear_on_close=True,
    )


def connected_message(connection: Connection, instead_of: Connection | None = None) -> Message:
    """Tell the same in a message, for a person who closed the dialog meanwhile."""
    return Message(f"Saved: {_what(connection)}", tuple(_saved(connection, instead_of)))


def _saved(connection: Connection, instead_of: Connection | None) -> list[Block]:
    step = blocks.button("Verify a list", Button.VERIFY_OPEN, connection.id, style="primary")
    return [
        blocks.section(f"*Saved:* {_what(connection)}"),
        *([blocks.section(_another_account(instead_of))] if instead_of else []),
        blocks.section(
            f"It is called *{escape(connection_name(connection))}* here and uses "
            f"ConvertKit's {connection.api_version.value.upper()} API. Nothing was changed in "
            "ConvertKit."
        ),
        blocks.actions(step),
    ]


def _what(connection: Connection) -> str:
    account = escape(connection.account_name) or "your ConvertKit account"
    return f"{account}; the secret ends in ...{escape(connection.last_four)}."


def _another_account(old: Connection) -> str:
    return (
        ":warning: *This secret belongs to another account*, which is now connected as well. "
        f"*{escape(connection_name(old))}* is unchanged: its secret still ends in "
        f"...{escape(old.last_four)}. To resume what is stopped there, save a secret of that "
        "account. If its primary address was changed in ConvertKit, start a new verification "
        "instead."
    )


def _introduction(replaces: Connection | None) -> str:
    if replaces is None:
        return WHERE_THE_SECRET_IS
    return (
        f"Save a new secret for *{escape(connection_name(replaces))}*. The old one ends in "
        f"...{escape(replaces.last_four)} and is forgotten once the new one works.\n"
        f"{WHERE_THE_SECRET_IS}"
    )
