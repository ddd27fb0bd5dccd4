"""What the Verify and Schedule dialogs have in common when they are submitted."""

from typing import Any

from commands.views.forms import AudienceForm, block_id_of
from commands.views.ids import Field
from storage.records import Audience
from storage.states import AudienceKind

NONE_CHOSEN = "Choose at least one, or verify all Subscribers."


def audience_of(form: AudienceForm) -> Audience | None:
    """Read the Audience of a submitted dialog; None where tags or forms were not chosen."""
    if form.kind is AudienceKind.SUBSCRIBERS:
        return Audience(AudienceKind.SUBSCRIBERS)
    if not form.choices:
        return None
    return Audience(
        form.kind,
        tuple(choice.id for choice in form.choices),
        tuple(choice.name for choice in form.choices),
    )


def choices_block(values: dict[str, Any]) -> str:
    """Name the block that an error about tags or forms is shown at."""
    drawn = {action for block in values.values() for action in block}
    for field in (Field.CHOICES, Field.CHOICES_SEARCH):
        if field in drawn:
            return block_id_of(values, field)
    # An account without tags or forms draws a sentence in their place.
    return block_id_of(values, Field.AUDIENCE)
