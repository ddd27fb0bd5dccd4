"""Messages and dialogs as readable plain text: buttons as [Label], menus as <chosen>."""

from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import Any

from sandbox.slack.drawing import INTERACTIVE
from sandbox.slack.inputs import initial_value, value_key
from sandbox.slack.plain import plain
from sandbox.slack.records import Json, Message, Values, View

_TEXT_FIELDS = frozenset(
    {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}
)
_RULE = "─" * 40


def as_text(where: Message | View, names: Mapping[str, str] | None = None) -> str:
    """Return a message or dialog as a person reads it.

    `names` gives the handle for a user or channel id; without it mentions show the id.
    """
    page = _Page(names or {}, where.values if isinstance(where, View) else _one(where.values))
    if isinstance(where, View):
        return page.view(where)
    lines = page.blocks(where.blocks) if where.blocks else [plain(where.text, page.names)]
    for attachment in where.attachments:
        shown = attachment.get("text") or attachment.get("fallback") or ""
        lines += [f"│ {plain(str(shown), page.names)}", *page.blocks(attachment.get("blocks", []))]
    return "\n".join(line for line in lines if line)


def _one(values: Mapping[str, Values]) -> Values:
    """Return what the people looking at a message chose in it, the last one winning."""
    merged: Values = {}
    for own in values.values():
        merged |= own
    return merged


class _Page:
    """Draw blocks as lines, with the values filled in so far."""

    def __init__(self, names: Mapping[str, str], values: Values) -> None:
        self.names = names
        self._values = values
        self._errors: dict[str, str] = {}
        self._drawers: dict[str, Callable[[Json], list[str]]] = {
            "header": lambda block: [f"# {self.text(block['text'])}"],
            "section": self._section,
            "context": self._context,
            "divider": lambda _: [_RULE],
            "actions": lambda block: [self._controls(block)],
            "context_actions": lambda block: [self._controls(block)],
            "input": self._input,
            "image": lambda block: [f"(image: {block['alt_text']})"],
            "markdown": lambda block: [str(block["text"])],
            "rich_text": lambda block: ["".join(_rich(block["elements"], self.names))],
            "table": lambda block: self._table(block["rows"]),
            "data_table": lambda block: self._table(block["rows"]),
            "alert": lambda block: [f"! {self.text(block['text'])}"],
            "card": self._card,
            "container": lambda block: [
                self.text(block.get("title") or ""),
                *self.blocks(block["child_blocks"]),
            ],
            "carousel": lambda block: self.blocks(block["elements"]),
            "data_visualization": lambda block: [f"(chart: {block.get('title', '')})"],
        }

    def view(self, view: View) -> str:
        """Return a dialog or home tab with its title and buttons."""
        self._errors = view.errors
        lines = self.blocks(view.blocks)
        if view.is_home:
            return "\n".join(line for line in lines if line)
        close = self.text(view.content["close"] or {"text": "Cancel"})
        buttons = [f"[{close}]"]
        if view.content["submit"]:
            buttons.append(f"[{self.text(view.content['submit'])}]")
        body = "\n".join(f"  {line}" for part in lines if part for line in part.split("\n"))
        return f"╭ {view.title}\n{body}\n╰ {' '.join(buttons)}"

    def text(self, text: Any) -> str:
        """Return a text object, or a bare string, as plain text."""
        words = text.get("text", "") if isinstance(text, dict) else str(text)
        return plain(words, self.names)

    def blocks(self, blocks: list[Json]) -> list[str]:
        """Return blocks as lines."""
        lines: list[str] = []
        for block in blocks:
            drawer = self._drawers.get(block["type"])
            lines += drawer(block) if drawer else [f"({block['type']})"]
        return lines

    def _section(self, block: Json) -> list[str]:
        lines = [self.text(block["text"])] if block.get("text") else []
        lines += _columns([self.text(field) for field in block.get("fields") or []])
        if block.get("accessory"):
            control = self._element(block, block["accessory"])
            lines[-1:] = [f"{lines[-1]}  {control}"] if lines else [control]
        return lines

    def _context(self, block: Json) -> list[str]:
        parts = [self.text(e) if "text" in e else f"({e['alt_text']})" for e in block["elements"]]
        return [f"· {'  '.join(parts)}"]

    def _controls(self, block: Json) -> str:
        return " ".join(self._element(block, element) for element in block["elements"])

    def _card(self, block: Json) -> list[str]:
        lines = [
            self.text(block[n]) for n in ("title", "subtitle", "body", "subtext") if n in block
        ]
        return [*lines, " ".join(self._element(block, e) for e in block.get("actions", ()))]

    def _input(self, block: Json) -> list[str]:
        optional = " (optional)" if block.get("optional") else ""
        control = self._element(block, block["element"])
        lines = [f"{self.text(block['label'])}{optional}: {control}"]
        if block.get("hint"):
            lines.append(f"  ({self.text(block['hint'])})")
        if block["block_id"] in self._errors:
            lines.append(f"  ! {self._errors[block['block_id']]}")
        return lines

    def _element(self, block: Json, element: Json) -> str:
        kind = element["type"]
        if kind == "image":
            return f"(image: {element['alt_text']})"
        if kind == "overflow":
            return f"[… {' | '.join(self.text(o['text']) for o in element['options'])}]"
        if kind not in INTERACTIVE or value_key(element) is None:
            return f"[{self.text(element.get('text') or kind)}]"
        filled = self._values.get(block["block_id"], {}).get(element["action_id"])
        value = (filled or initial_value(element))[value_key(element) or ""]
        if kind in ("checkboxes", "radio_buttons"):
            return self._boxes(element, value)
        shown = ", ".join(
            self._shown(one) for one in (value if isinstance(value, list) else [value])
        )
        shown = shown or self.text(element.get("placeholder") or "")
        return f"[{shown}]" if kind in _TEXT_FIELDS else f"<{shown}>"

    def _boxes(self, element: Json, value: Any) -> str:
        chosen = {o["value"] for o in (value if isinstance(value, list) else [value]) if o}
        yes, no = ("[x]", "[ ]") if element["type"] == "checkboxes" else ("(•)", "( )")
        marks = [
            f"{yes if option['value'] in chosen else no} {self.text(option['text'])}"
            for option in element["options"]
        ]
        return "  ".join(marks)

    def _shown(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, dict):
            return self.text(value.get("text", ""))
        return self.names.get(str(value), str(value))

    def _table(self, rows: list[list[Json]]) -> list[str]:
        cells = [[_cell(cell, self.names) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip_longest(*cells, fillvalue="")]
        return [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
            for row in cells
        ]


def _columns(fields: list[str]) -> list[str]:
    """Set fields side by side, two to a row, each line of the left one padded."""
    lines: list[str] = []
    width = max((len(line) for field in fields[::2] for line in field.split("\n")), default=0)
    for left, right in zip_longest(fields[::2], fields[1::2], fillvalue=""):
        pairs = zip_longest(left.split("\n"), right.split("\n"), fillvalue="")
        lines += [f"{one.ljust(width)}   {two}".rstrip() for one, two in pairs]
    return lines


def _cell(cell: Json, names: Mapping[str, str]) -> str:
    if cell["type"] == "rich_text":
        return "".join(_rich(cell["elements"], names))
    return str(cell.get("text", cell.get("value", "")))


def _rich(elements: list[Json], names: Mapping[str, str]) -> list[str]:
    parts: list[str] = []
    for element in elements:
        kind = element["type"]
        if kind == "rich_text_list":
            parts += ["\n• " + "".join(_rich([item], names)) for item in element["elements"]]
        elif "elements" in element:
            parts += _rich(element["elements"], names)
        elif kind == "user":
            parts.append(f"@{names.get(element['user_id'], element['user_id'])}")
        elif kind == "channel":
            parts.append(f"#{names.get(element['channel_id'], element['channel_id'])}")
        else:
            parts.append(str(element.get("text") or element.get("url") or element.get("name", "")))
    return parts
