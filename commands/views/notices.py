"""Dialogs with nothing to fill in: loading, an error."""

from commands.views import blocks
from commands.views.blocks import View
from commands.views.ids import Dialog
from commands.views.inputs import modal
from commands.views.metadata import Metadata
from commands.views.text import as_sentence, escape


def loading_dialog(title: str, metadata: Metadata | None = None) -> View:
    """Build the dialog that opens within Slack's 3 seconds, while ConvertKit is asked."""
    return modal(Dialog.NOTICE, title, [blocks.section("Loading...")], metadata=metadata)


def error_dialog(text: str, reference: str | None = None) -> View:
    """Build the dialog of something that went wrong; `reference` finds it in the log."""
    lines = [blocks.section(as_sentence(text) or "Something went wrong. Nothing was changed.")]
    if reference is not None:
        lines.append(blocks.context(f"Reference for whoever hosts this bot: {escape(reference)}"))
    return modal(Dialog.NOTICE, "That did not work", lines)
