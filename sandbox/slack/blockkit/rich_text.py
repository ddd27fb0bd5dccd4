"""Block Kit's rich text: sections, lists, quotes and preformatted lines.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from sandbox.slack.blockkit import limits
from sandbox.slack.blockkit.rules import (
    Rule,
    array,
    boolean,
    by_type,
    integer,
    one_of,
    shape,
    string,
)

_STYLE_WORDS = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight")
_STYLE = shape({}, dict.fromkeys((*_STYLE_WORDS, "unlink"), boolean), is_typed=False)
_STYLED: dict[str, Rule] = {"style": _STYLE}
_INLINE = by_type(
    {
        "text": shape({"text": string()}, _STYLED),
        "link": shape({"url": string()}, _STYLED | {"text": string(), "unsafe": boolean}),
        "emoji": shape({"name": string()}, {"unicode": string(), "skin_tone": integer(1, 6)}),
        "user": shape({"user_id": string()}, _STYLED),
        "usergroup": shape({"usergroup_id": string()}, _STYLED),
        "channel": shape({"channel_id": string()}, _STYLED),
        "broadcast": shape({"range": one_of("here", "channel", "everyone")}),
        "color": shape({"value": string()}),
        "date": shape(
            {"timestamp": integer(), "format": string()}, {"url": string(), "fallback": string()}
        ),
    }
)
_SECTION = shape({"elements": array(_INLINE, least=0)})
_INDENT = integer(limits.RICH_TEXT_LIST_INDENT_MIN, limits.RICH_TEXT_LIST_INDENT_MAX)
RICH_TEXT_ELEMENTS = by_type(
    {
        "rich_text_section": _SECTION,
        "rich_text_list": shape(
            {
                "style": one_of("bullet", "ordered"),
                "elements": array(by_type({"rich_text_section": _SECTION})),
            },
            {
                "indent": _INDENT,
                "offset": integer(limits.RICH_TEXT_LIST_OFFSET_MIN),
                "border": integer(
                    limits.RICH_TEXT_LIST_BORDER_MIN, limits.RICH_TEXT_LIST_BORDER_MAX
                ),
            },
        ),
        "rich_text_quote": shape(
            {"elements": array(_INLINE)},
            {
                "border": integer(
                    limits.RICH_TEXT_QUOTE_BORDER_MIN, limits.RICH_TEXT_QUOTE_BORDER_MAX
                )
            },
        ),
        "rich_text_preformatted": shape(
            {"elements": array(_INLINE)},
            {
                "border": integer(
                    limits.RICH_TEXT_PREFORMATTED_BORDER_MIN,
                    limits.RICH_TEXT_PREFORMATTED_BORDER_MAX,
                ),
                "language": string(),
            },
        ),
    }
)
#: A rich_text object wherever one may stand: a block, a table cell, a field's initial value.
RICH_TEXT = by_type(
    {
        "rich_text": shape(
            {"elements": array(RICH_TEXT_ELEMENTS)},
            {"block_id": string(limits.BLOCK_ID_MAX_LENGTH)},
        )
    }
)
