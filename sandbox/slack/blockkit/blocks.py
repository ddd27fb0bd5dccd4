"""Block Kit's blocks: what each may hold.

https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Iterable

from sandbox.slack.blockkit import limits
from sandbox.slack.blockkit.composition import SLACK_FILE, any_text, plain_text
from sandbox.slack.blockkit.elements import ELEMENTS, IMAGE, IN_ACTIONS, IN_INPUT, IN_SECTION
from sandbox.slack.blockkit.newer_blocks import NEWER_BLOCKS
from sandbox.slack.blockkit.rich_text import RICH_TEXT
from sandbox.slack.blockkit.rules import (
    Json,
    Report,
    Rule,
    array,
    at_least_one,
    boolean,
    by_type,
    exactly_one,
    integer,
    one_of,
    shape,
    string,
)

_BLOCK: dict[str, Rule] = {"block_id": string(limits.BLOCK_ID_MAX_LENGTH)}


def _elements(allowed: Iterable[str]) -> Rule:
    return by_type({name: ELEMENTS[name] for name in sorted(allowed)})


BLOCKS: dict[str, Rule] = {
    "section": shape(
        {},
        _BLOCK
        | {
            "text": any_text(limits.SECTION_TEXT_MAX_LENGTH),
            "fields": array(
                any_text(limits.SECTION_FIELDS_ITEM_MAX_LENGTH), limits.SECTION_FIELDS_MAX_ITEMS
            ),
            "accessory": _elements(IN_SECTION),
            "expand": boolean,
        },
        checks=(at_least_one("text", "fields"),),
    ),
    "header": shape(
        {"text": plain_text(limits.HEADER_TEXT_MAX_LENGTH)}, _BLOCK | {"level": integer(1, 4)}
    ),
    "divider": shape({}, _BLOCK),
    "context": shape(
        {
            "elements": array(
                by_type({"image": IMAGE, "plain_text": any_text(), "mrkdwn": any_text()}),
                limits.CONTEXT_ELEMENTS_MAX_ITEMS,
            )
        },
        _BLOCK,
    ),
    "actions": shape(
        {"elements": array(_elements(IN_ACTIONS), limits.ACTIONS_ELEMENTS_MAX_ITEMS)}, _BLOCK
    ),
    "input": shape(
        {"label": plain_text(limits.INPUT_LABEL_MAX_LENGTH), "element": _elements(IN_INPUT)},
        _BLOCK
        | {
            "hint": plain_text(limits.INPUT_HINT_MAX_LENGTH),
            "optional": boolean,
            "dispatch_action": boolean,
        },
    ),
    "image": shape(
        {"alt_text": string(limits.IMAGE_ALT_TEXT_MAX_LENGTH)},
        _BLOCK
        | {
            "image_url": string(limits.IMAGE_IMAGE_URL_MAX_LENGTH),
            "slack_file": SLACK_FILE,
            "title": plain_text(limits.IMAGE_TITLE_MAX_LENGTH),
        },
        checks=(exactly_one("image_url", "slack_file"),),
    ),
    "rich_text": RICH_TEXT,
    "markdown": shape({"text": string(limits.MARKDOWN_TEXT_MAX_LENGTH)}, _BLOCK),
    "file": shape({"external_id": string(), "source": one_of("remote")}, _BLOCK),
    "video": shape(
        {
            "alt_text": string(limits.VIDEO_ALT_TEXT_MAX_LENGTH, 0),
            "thumbnail_url": string(limits.VIDEO_THUMBNAIL_URL_MAX_LENGTH),
            "title": plain_text(limits.VIDEO_TITLE_MAX_LENGTH),
            "video_url": string(limits.VIDEO_VIDEO_URL_MAX_LENGTH),
        },
        _BLOCK
        | {
            "author_name": string(limits.VIDEO_AUTHOR_NAME_MAX_LENGTH),
            "description": plain_text(limits.VIDEO_DESCRIPTION_MAX_LENGTH),
            "provider_icon_url": string(limits.VIDEO_PROVIDER_ICON_URL_MAX_LENGTH),
            "provider_name": string(limits.VIDEO_PROVIDER_NAME_MAX_LENGTH),
            "title_url": string(limits.VIDEO_TITLE_URL_MAX_LENGTH),
        },
    ),
    **NEWER_BLOCKS,
}
_IN_CONTAINER = frozenset(
    {
        "actions",
        "context",
        "divider",
        "file",
        "header",
        "image",
        "input",
        "rich_text",
        "section",
        "table",
        "video",
    }
)


def _collapse(block: Json, report: Report) -> None:
    if block.get("default_collapsed") and not block.get("is_collapsible"):
        report.say("default_collapsed requires is_collapsible")
    if block.get("has_header_divider") and block.get("is_collapsible"):
        report.say("has_header_divider requires a container that is not collapsible")


BLOCKS["container"] = shape(
    {
        "child_blocks": array(
            by_type({name: BLOCKS[name] for name in sorted(_IN_CONTAINER)}),
            limits.CONTAINER_CHILD_BLOCKS_MAX_ITEMS,
            limits.CONTAINER_CHILD_BLOCKS_MIN_ITEMS,
        )
    },
    _BLOCK
    | {
        "title": plain_text(limits.CONTAINER_TITLE_MAX_LENGTH),
        "rich_text_title": RICH_TEXT,
        "subtitle": any_text(limits.CONTAINER_SUBTITLE_MAX_LENGTH),
        "width": one_of("narrow", "standard", "wide", "full"),
        "icon": by_type({"image": IMAGE}),
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
    checks=(at_least_one("title", "rich_text_title"), _collapse),
)
