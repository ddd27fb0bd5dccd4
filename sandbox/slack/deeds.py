"""What comes of a person's deeds: replies, presses, confirmations, submissions."""

from dataclasses import dataclass

from sandbox.slack.records import Delivery, Json, Message, View


@dataclass(frozen=True, slots=True)
class Confirm:
    """Keep what a confirmation dialog asked."""

    title: str
    text: str
    confirm: str
    deny: str


@dataclass(frozen=True, slots=True)
class Press:
    """Tell what came of a click or choice.

    `delivery` is None when nothing was sent (the confirmation was denied, or an input only
    remembers its value); `confirm` is what was asked before, if anything.
    """

    delivery: Delivery | None
    confirm: Confirm | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """Tell what came of a slash command; `message` is the reply inside the ack, if any."""

    delivery: Delivery
    message: Message | None


@dataclass(frozen=True, slots=True)
class Submission:
    """Tell what came of submitting a dialog.

    `errors` are the sentences below fields, by block id; `view` is the dialog now in front of the
    person (None when all are closed); `is_closed` tells whether the submitted one is gone.
    """

    errors: dict[str, str]
    view: View | None
    is_closed: bool
    delivery: Delivery | None


def asked_first(element: Json) -> Confirm | None:
    """Return what an element asks before it does anything, or None when it asks nothing."""
    asked = element.get("confirm")
    if not asked:
        return None
    words = {name: asked[name]["text"] for name in ("title", "text", "confirm", "deny")}
    return Confirm(**words)
