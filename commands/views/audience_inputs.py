"""The inputs that the Verify and Schedule dialogs share: what to verify and where to post."""

from collections.abc import Iterable
from dataclasses import dataclass

from commands.views import blocks
from commands.views.blocks import Block
from commands.views.ids import Button, Field
from commands.views.inputs import (
    MOST_OPTIONS,
    field_input,
    multi_search,
    multi_select,
    option,
    radio,
    select,
)
from commands.views.wording import AUDIENCES, connection_name
from storage.records import Connection
from storage.states import AudienceKind


@dataclass(frozen=True, slots=True)
class Choice:
    """One tag or form to choose."""

    id: int
    name: str


#: What one choice of each kind is called, and how a person gets the first one.
_NOUNS = {AudienceKind.TAGS: "tags", AudienceKind.FORMS: "forms"}

_DESCRIPTIONS = {
    AudienceKind.SUBSCRIBERS: "Every active subscriber of the account",
    AudienceKind.TAGS: "Active subscribers with one or more tags",
    AudienceKind.FORMS: "Active subscribers who came through one or more forms",
}


def connection_inputs(connections: tuple[Connection, ...], chosen: Connection) -> list[Block]:
    """Build the choice of the connection; nothing to choose where there is only one."""
    if len(connections) < 2:
        return []
    # A drop-down holds 100 options; the chosen one must be among them.
    shown = connections[:MOST_OPTIONS]
    if chosen not in shown:
        shown = (chosen, *shown[1:])
    element = select(Field.CONNECTION, [_connection(c) for c in shown], _connection(chosen))
    add = blocks.button("Add another account", Button.CONNECTION_ADD, "new")
    return [field_input("ConvertKit account", element, dispatch=True), blocks.actions(add)]


def audience_inputs(
    chosen: Connection, kind: AudienceKind, choices: tuple[Choice, ...] | None
) -> list[Block]:
    """Build the choice of the audience, and of its tags or forms where it has them."""
    kinds = {k: option(AUDIENCES[k], k.value, _DESCRIPTIONS[k]) for k in AudienceKind}
    element = radio(Field.AUDIENCE, list(kinds.values()), kinds[kind])
    audience = field_input("Audience", element, dispatch=True)
    if kind is AudienceKind.SUBSCRIBERS:
        return [audience]
    return [audience, _choices_input(chosen, kind, choices)]


def channel_input(channel_id: str | None, label: str) -> Block:
    """Build the choice of the channel to post to; a direct message is not one."""
    element: Block = {
        "type": "conversations_select",
        "action_id": Field.CHANNEL.value,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if channel_id is not None and channel_id[:1] in {"C", "G"}:
        element["initial_conversation"] = channel_id
    else:
        element["default_to_current_conversation"] = True
    return field_input(label, element, hint="I must be a member of it: type /invite there first.")


def choice_options(choices: Iterable[Choice], typed: str) -> list[Block]:
    """Answer the search for tags or forms: at most 100 options that contain what was typed."""
    sought = typed.strip().casefold()
    found = [c for c in choices if sought in c.name.casefold()]
    # Names that begin with it come first; Python's sort keeps the order otherwise.
    found.sort(key=lambda c: not c.name.casefold().startswith(sought))
    return [_choice(c) for c in found[:MOST_OPTIONS]]


def _choices_input(
    chosen: Connection, kind: AudienceKind, choices: tuple[Choice, ...] | None
) -> Block:
    nouns = _NOUNS[kind]
    if choices is None:
        return blocks.section(f"Reading the {nouns} from ConvertKit...")
    if not choices:
        return blocks.section(
            f"This account has no {nouns}. Choose another audience, or make one in ConvertKit "
            "and open this dialog again."
        )
    if len(choices) > MOST_OPTIONS:
        element = multi_search(f"Type to search {len(choices):,} {nouns}")
    else:
        element = multi_select([_choice(c) for c in choices], f"Choose one or more {nouns}")
    # The ids of one account's tags mean nothing for another: start empty after a change.
    return field_input(nouns.capitalize(), element, suffix=f"{chosen.id}:{kind.value}")


def _connection(connection: Connection) -> Block:
    secret = f"Secret ends in ...{connection.last_four}"
    return option(connection_name(connection), connection.id, secret)


def _choice(choice: Choice) -> Block:
    return option(choice.name.strip() or "(no name)", choice.id)
