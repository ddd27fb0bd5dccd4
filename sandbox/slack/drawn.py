"""What a person can see and press: finds the one control that is meant, or says what is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.slack.drawing import elements_of, inner_blocks
from sandbox.slack.errors import NotDrawn
from sandbox.slack.inputs import flat_options, holds_many, value_key
from sandbox.slack.mrkdwn import unescaped
from sandbox.slack.records import Json


@dataclass(frozen=True, slots=True)
class Control:
    """Point at one interactive element and the block it stands in."""

    block: Json
    element: Json

    @property
    def label(self) -> str:
        """Return what a person reads on or beside it."""
        own = self.element.get("text") or self.block.get("label") or {}
        return unescaped(str(own.get("text", "")))

    @property
    def dispatches(self) -> bool:
        """Tell whether using it sends block_actions at once."""
        return self.block["type"] != "input" or bool(self.block.get("dispatch_action"))


def controls(blocks: list[Json]) -> Iterator[Control]:
    """Yield every interactive element, in reading order."""
    for block in blocks:
        for element in elements_of(block):
            yield Control(block, element)
        yield from controls(inner_blocks(block))


def find_control(
    blocks: list[Json],
    *,
    action_id: str | None = None,
    label: str | None = None,
    block_id: str | None = None,
    kinds: frozenset[str] | None = None,
) -> Control:
    """Return the one control that fits everything given.

    Raises:
        NotDrawn: there is none, or more than one; the message lists what is drawn.
    """
    drawn = list(controls(blocks))
    fitting = [
        control
        for control in drawn
        if (action_id is None or control.element["action_id"] == action_id)
        and (label is None or control.label == label)
        and (block_id is None or control.block["block_id"] == block_id)
        and (kinds is None or control.element["type"] in kinds)
    ]
    if len(fitting) == 1:
        return fitting[0]
    wanted = ", ".join(
        f"{name}={value!r}"
        for name, value in (("action_id", action_id), ("label", label), ("block_id", block_id))
        if value is not None
    )
    there = "; ".join(f"{c.element['action_id']} ({c.label})" for c in drawn) or "nothing"
    how_many = "Nothing here is" if not fitting else "More than one control here is"
    raise NotDrawn(f"{how_many} {wanted or 'pressable'}. What is drawn: {there}.")


def find_option(element: Json, offered: list[Json], wanted: str) -> Json:
    """Return the option with this value or label.

    Raises:
        NotDrawn: it is not offered.
    """
    for option in offered:
        if wanted in (option["value"], unescaped(option["text"]["text"])):
            return {k: v for k, v in option.items() if k in ("text", "value", "description")}
    labels = ", ".join(option["text"]["text"] for option in offered) or "nothing"
    raise NotDrawn(f"{element['action_id']} does not offer {wanted!r}. It offers: {labels}.")


def option_value(element: Json, wanted: tuple[str, ...], offered: list[Json] | None = None) -> Any:
    """Return what choosing these values or labels puts into the state.

    Raises:
        NotDrawn: an option is not offered, or there are more than may be chosen.
    """
    if value_key(element) in ("selected_option", "selected_options"):
        options = flat_options(element) if offered is None else offered
        chosen: list[Any] = [find_option(element, options, one) for one in wanted]
    elif element["type"] == "datetimepicker":
        chosen = [int(one) for one in wanted]
    else:
        chosen = list(wanted)
    most = element.get("max_selected_items")
    if most is not None and len(chosen) > most:
        raise NotDrawn(f"{element['action_id']} takes at most {most} choices.")
    if holds_many(element):
        return chosen
    if len(chosen) > 1:
        raise NotDrawn(f"{element['action_id']} takes one choice.")
    return chosen[0] if chosen else None
