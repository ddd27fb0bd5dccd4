"""Builders for the inputs of dialogs, their options, and the dialog around them."""

from collections.abc import Iterable, Sequence

from commands.views.blocks import Block, View, plain
from commands.views.ids import Dialog, Field
from commands.views.metadata import Metadata, pack

#: Limits of docs.slack.dev/reference/block-kit, in characters and items.
OPTION_LENGTH = 75
PLACEHOLDER_LENGTH = 150
TITLE_LENGTH = 24
MOST_OPTIONS = 100


def option(text: str, value: int | str, description: str | None = None) -> Block:
    """Build one choice of a select, radio or checkbox group."""
    choice: Block = {"text": plain(text, OPTION_LENGTH), "value": str(value)}
    if description is not None:
        choice["description"] = plain(description, OPTION_LENGTH)
    return choice


def field_input(
    label: str,
    element: Block,
    *,
    suffix: str = "",
    hint: str | None = None,
    optional: bool = False,
    dispatch: bool = False,
) -> Block:
    """Build a labelled input. Its block_id is the field's name, with `:suffix` when one is given.

    Slack keeps what a person typed while the block_id stays, so another suffix resets the input.
    """
    field = str(element["action_id"])
    block: Block = {
        "type": "input",
        "block_id": f"{field}:{suffix}" if suffix else field,
        "label": plain(label),
        "element": element,
        "optional": optional,
        "dispatch_action": dispatch,
    }
    return block if hint is None else {**block, "hint": plain(hint)}


def text_input(field: Field, *, placeholder: str, longest: int) -> Block:
    """Build a line to type in; it is never filled in beforehand."""
    return {
        "type": "plain_text_input",
        "action_id": field.value,
        "placeholder": plain(placeholder, PLACEHOLDER_LENGTH),
        "max_length": longest,
    }


def select(field: Field, options: Sequence[Block], chosen: Block | None = None) -> Block:
    """Build a drop-down of 1 to 100 options."""
    element: Block = {
        "type": "static_select",
        "action_id": field.value,
        "options": list(options),
    }
    return element if chosen is None else {**element, "initial_option": chosen}


def radio(field: Field, options: Sequence[Block], chosen: Block) -> Block:
    """Build a group of which one is chosen."""
    return {
        "type": "radio_buttons",
        "action_id": field.value,
        "options": list(options),
        "initial_option": chosen,
    }


def checkbox(field: Field, choice: Block, *, checked: bool) -> Block:
    """Build one box to tick."""
    element: Block = {"type": "checkboxes", "action_id": field.value, "options": [choice]}
    return {**element, "initial_options": [choice]} if checked else element


def multi_select(options: Sequence[Block], placeholder: str) -> Block:
    """Build a drop-down of 1 to 100 options of which several can be chosen."""
    return {
        "type": "multi_static_select",
        "action_id": Field.CHOICES.value,
        "placeholder": plain(placeholder, PLACEHOLDER_LENGTH),
        "options": list(options),
    }


def multi_search(placeholder: str) -> Block:
    """Build a list that is searched by typing; the listener answers with the options."""
    return {
        "type": "multi_external_select",
        "action_id": Field.CHOICES_SEARCH.value,
        "placeholder": plain(placeholder, PLACEHOLDER_LENGTH),
        "min_query_length": 0,
    }


def modal(
    dialog: Dialog,
    title: str,
    blocks: Iterable[Block],
    *,
    submit: str | None = None,
    close: str = "Close",
    metadata: Metadata | None = None,
    clear_on_close: bool = False,
) -> View:
    """Build a dialog; `clear_on_close` makes Close leave the dialogs under it as well."""
    view: View = {
        "type": "modal",
        "callback_id": dialog.value,
        "title": plain(title, TITLE_LENGTH),
        "close": plain(close, TITLE_LENGTH),
        "blocks": list(blocks),
        "private_metadata": pack(metadata or Metadata()),
        "clear_on_close": clear_on_close,
    }
    return view if submit is None else {**view, "submit": plain(submit, TITLE_LENGTH)}
